package cli

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/preset"
)

// plan is what a call of train comes to.
type plan struct {
	config  gan.Config
	preset  string // What it started from; "" if that is not known.
	learned *trainData
	data    string // Its name, as the user gives it.
	batch   int
	request request
}

// planNew decides on a new run.
func (t *training) planNew() (*plan, error) {
	if t.dir != "" && gan.HoldsRun(t.dir) && !t.show {
		return nil, errors.Errorf("%s already holds a run: add --resume to go on with it, or choose another folder with --run", t.dir)
	}
	base, err := t.base()
	if err != nil {
		return nil, err
	}
	seed := t.seed()
	if t.size != 0 { // Before reading a thousand pictures.
		if config, err := t.edited(base, dataInfo{t.data, []int{t.size, t.size, 3}, 2}); err == nil {
			if err := checkSize(config, t.size); err != nil {
				return nil, err
			}
		}
	}
	p := &plan{preset: base.Name, data: t.data}
	if p.learned, err = t.openData(t.data, t.trainFlags, seed, nil); err != nil {
		return nil, err
	}
	if p.config, err = t.configure(base, p.learned.info(t.data)); err != nil {
		return nil, err
	}
	if p.batch, err = t.batchSize(base, p); err != nil {
		return nil, err
	}
	if t.dir == "" {
		t.dir = newRunFolder(t.data, time.Now())
	}
	p.config.Dir = t.dir
	p.request = t.newRequest(base.Name, base.Steps)
	p.request.OnCollapse, p.request.LookEvery = t.onCollapse, t.lookEvery
	p.request.Streamed, p.request.Memory = p.learned.stream != nil, int64(t.memory)
	return p, t.checkGoal(p.request, p.config.DecayTo)
}

// newRequest returns the request of a new run: of the steps of its preset, if no flag says how long it is.
func (t *training) newRequest(preset string, steps int) request {
	r := request{Data: absoluteData(t.data), SkipBroken: t.skipBroken, chosenData: t.chosen.absolute(), Preset: preset, Steps: steps}
	if t.flags.Changed("steps") {
		r.Steps = t.steps
	}
	if t.minutes > 0 {
		r.Steps, r.Minutes = 0, t.minutes
	}
	return r
}

// prolong notes in the request of a run that is resumed when it is to end now.
func (t *training) prolong(r *request) {
	switch {
	case t.flags.Changed("minutes"):
		r.Steps, r.Minutes = 0, t.minutes
	case t.flags.Changed("steps") || r.Steps == 0 && r.Minutes == 0:
		r.Steps, r.Minutes = t.steps, 0
	}
}

// base returns the preset to start from.
func (t *training) base() (preset.Preset, error) {
	name := t.preset
	if !t.flags.Changed("preset") && (t.flags.Changed("arch") || t.flags.Changed("loss") || t.flags.Changed("penalty")) {
		name = plainPreset
	}
	return preset.Named(name)
}

// seed returns the seed of a new run.
func (t *training) seed() int64 {
	if !t.flags.Changed("seed") {
		return defaultSeed
	}
	seed, err := t.flags.GetInt64("seed")
	must(err) // The table says that it is one.
	return seed
}

// configure returns the preset's configuration with what the flags change, checked.
func (t *training) configure(base preset.Preset, data dataInfo) (gan.Config, error) {
	config, err := t.edited(base, data)
	if err != nil {
		return config, inFlags(err)
	}
	if len(data.shape) == 3 {
		if err := checkSize(config, data.shape[0]); err != nil {
			return config, err
		}
	}
	if base.Name == plainPreset && !t.flags.Changed("norm") {
		config = withoutNorm(config)
	}
	return config, inFlags(config.Check())
}

// edited returns the preset's configuration with what the flags change. An error of the preset's is none as long as the
// flags may mend it.
func (t *training) edited(base preset.Preset, data dataInfo) (gan.Config, error) {
	config, err := base.Config(preset.Data{Shape: data.shape, Classes: data.classes})
	if err != nil && (config.Arch == nil || config.Check() == nil) {
		return config, err
	}
	if config, err = filled(config); err != nil {
		return config, err
	}
	config.Seed = t.seed()
	if !t.flags.Changed("decay-to") {
		t.stretchDecay(&config.DecayFrom, &config.DecayTo, base.Steps)
	}
	return config, ganEditor().edit(&config, t.flags, t.assign, data)
}

// stretchDecay fits learning rates that a preset lets fall to another length of the run; where that is not known before,
// they do not fall.
func (t *training) stretchDecay(from, to *int, steps int) {
	switch {
	case t.flags.Changed("minutes"):
		*from, *to = 0, 0
	case t.flags.Changed("steps") && *to > 0:
		*from = *from * t.steps / steps
		*to = max(*to*t.steps/steps, *from+1)
	}
}

// filled returns a configuration with its defaults filled in, as a record has them.
func filled[C any](config C) (C, error) {
	data, err := json.Marshal(config)
	if err != nil {
		return config, errors.WithStack(err)
	}
	err = json.Unmarshal(data, &config)
	return config, errors.WithStack(err)
}

// withoutNorm returns the configuration without normalization in the discriminator, if that is what is wrong with it.
func withoutNorm(config gan.Config) gan.Config {
	if config.Check() == nil || !slices.Contains(architecture.fields(&config), "discriminator_norm") {
		return config
	}
	changed := config
	if architecture.setField(&changed, "discriminator_norm", quoted(string(gan.NoNorm))) != nil || changed.Check() != nil {
		return config
	}
	return changed
}

// checkSize returns an error if the architecture cannot make pictures of that many pixels.
func checkSize(config gan.Config, size int) error {
	if config.Arch == nil || config.Arch.Check() == nil || !slices.Contains(architecture.fields(&config), "size") {
		return nil
	}
	var sizes []string
	for size := 4; size <= 256; size++ {
		text := strconv.Itoa(size)
		other := config
		if architecture.setField(&other, "size", json.RawMessage(text)) == nil && other.Arch.Check() == nil {
			sizes = append(sizes, text)
		}
	}
	if len(sizes) == 0 { // Something else is wrong with it.
		return nil
	}
	return errors.Errorf("%s cannot make pictures of %d×%d pixels: choose --size %s, or --arch %s",
		architecture.name(&config), size, size, either(sizes), either(architecture.having("shape")))
}

// batchSize returns how many examples a batch of a new run has.
func (t *training) batchSize(base preset.Preset, p *plan) (int, error) {
	pack := p.config.Pack
	if !t.flags.Changed("batch") {
		batch := min(base.Batch, p.learned.count())
		return max(batch-batch%pack, pack), nil
	}
	if rest := t.batch % pack; rest != 0 {
		var near []string
		if t.batch > pack {
			near = append(near, strconv.Itoa(t.batch-rest))
		}
		near = append(near, strconv.Itoa(t.batch-rest+pack))
		return 0, errors.Errorf("a batch of %d cannot be judged %d examples at a time: choose --batch %s, or another --pack",
			t.batch, pack, either(near))
	}
	return t.batch, nil
}

// checkGoal returns an error if steps are asked for in which nothing would be learned: those after the last one, if that is
// not 0.
func (t *training) checkGoal(r request, last int) error {
	if last != 0 && r.Steps > last {
		return errors.Errorf("the learning rates of the run in %s are at zero from step %d on, so that %d steps are too many; "+
			"start another run with these --steps", t.dir, last, r.Steps)
	}
	return nil
}

// planResumed takes data and settings from the run folder. Flags may say when to end; others may only agree.
func (t *training) planResumed() (*plan, error) {
	record, err := gan.ReadRecord(t.dir)
	if err != nil {
		return nil, err
	}
	if record.Config.Arch == nil {
		return nil, errors.Errorf("%s is damaged: it names no architecture", filepath.Join(t.dir, "run.json"))
	}
	p := &plan{config: record.Config, batch: record.Data.BatchSize}
	if p.request, err = readRequest(t.dir, record.Data); err != nil {
		return nil, err
	}
	there := trainFlags{data: p.request.Data, skipBroken: p.request.SkipBroken, chosen: p.request.chosenData, batch: p.batch, preset: p.request.Preset}
	shape := p.config.Arch.ExampleShape()
	if len(shape) == 3 {
		there.size, there.channels = shape[0], shape[2]
	}
	if there.data == "" { // It ended before it began, in another program.
		there.data = t.data
	}
	if there.batch == 0 {
		there.batch = t.batch
	}
	p.data, p.batch, p.preset = there.data, there.batch, there.preset
	info := dataInfo{there.data, shape, p.config.Condition.Classes}
	list := append(t.differences(t.flags, there), ganEditor().differences(t.flags, t.assign, p.config, info)...)
	if err := t.checkSame(list); err != nil {
		return nil, err
	}
	t.prolong(&p.request)
	if t.flags.Changed("on-collapse") || p.request.OnCollapse == "" {
		p.request.OnCollapse = t.onCollapse
	}
	if t.flags.Changed("look-every") {
		p.request.LookEvery = t.lookEvery
	}
	if err := t.checkGoal(p.request, p.config.DecayTo); err != nil {
		return nil, err
	}
	if t.flags.Changed("memory") || p.request.Memory == 0 {
		p.request.Memory = int64(t.memory)
	}
	there.memory = byteSize(p.request.Memory)
	if p.learned, err = t.openData(there.data, there, p.config.Seed, &p.request.Streamed); err != nil {
		return nil, err
	}
	if hash := record.Data.Hash; hash != "" && hash != p.learned.hash() {
		return nil, errors.Errorf("the data %s is not what the run in %s was trained on; bring that back, or start a run in another folder",
			there.data, t.dir)
	}
	return p, nil
}

// checkSame returns an error if there are differences from the run that is to be resumed.
func (t *training) checkSame(differences []string) error {
	if len(differences) == 0 {
		return nil
	}
	return errors.Errorf("the run in %s is another: %s; leave that out, or start a run in another folder", t.dir, strings.Join(differences, ", "))
}

// openData opens the data. How a run opened it, streamed or not, is known if it is resumed.
func (t *training) openData(name string, f trainFlags, seed int64, streamed *bool) (*trainData, error) {
	quiet := t.quiet || t.show
	options := f.chosen.into(datasets.Options{Size: f.size, Channels: f.channels, Seed: seed, SkipBroken: f.skipBroken})
	defer showReading(t.console, name, quiet, &options)()
	data, err := openTrainData(name, options, int64(f.memory), streamed)
	if err != nil {
		return nil, err
	}
	if skipped := data.skipped(); len(skipped) > 0 && !quiet {
		t.say("left out %d pictures that cannot be read, the first %s", len(skipped), skipped[0])
	}
	return data, nil
}

// fieldsAsFlags are the words of package gan for what a flag says.
var fieldsAsFlags = strings.NewReplacer(
	"Config.Condition.Classes", "--condition", "Condition.Generator Concatenation", "--condition-generator concat",
	"Condition.Generator", "--condition-generator", "Condition.Discriminator", "--condition", "Config.Condition", "--condition",
	"Config.DiscriminatorSteps", "--critic-steps", "Config.MicroBatches", "--micro-batches", "Config.Pack", "--pack",
	"Config.SaveEvery", "--save-every", "Config.DecayFrom", "--decay-from", "Config.DecayTo", "--decay-to", "DecayFrom", "--decay-from",
	"Config.EMA", "--ema", "Config.WarmUp", "--warm-up", "Config.Noise", "--noise", "Config.Arch", "--arch",
	"DiscriminatorNorm", "--norm", "NoNorm", string(gan.NoNorm), "BatchNorm", string(gan.BatchNorm),
	"LayerNorm", string(gan.LayerNorm), "SpectralNorm", string(gan.SpectralNorm),
	"Concatenation", string(gan.Concatenation), "Projection", string(gan.Projection), "Auxiliary", string(gan.Auxiliary),
)

// inFlags returns an error of package gan with its fields named as flags.
func inFlags(err error) error {
	if err == nil {
		return nil
	}
	var wrong misuse
	if errors.As(err, &wrong) {
		return err
	}
	return errors.New(fieldsAsFlags.Replace(err.Error()))
}
