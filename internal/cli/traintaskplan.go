package cli

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pkg/errors"
	"github.com/spf13/pflag"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	engine "github.com/ganymede-ml/ganymede/gan/training"
)

// taskFlags are the flags of train that only tasks take. All are texts, and "" means that they are not given.
var taskFlags = []struct{ name, usage string }{
	{"direction", "which way pix2pix learns: AtoB or BtoA (default `AtoB`)"},
	{"masks", "what holes inpaint and context-encoder learn to fill: `KIND` box, free or mixed (default by the preset)"},
	{"encoder", "what style sees pictures by: `small`, or vgg19:FILE (default small)"},
	{"from", "fine-tune: start from the weights of an earlier run `DIR` of the same kind"},
}

// watchFlags are about the health monitor, which watches samples drawn from latents.
var watchFlags = []string{"on-collapse", "look-every"}

// checkTaskFlags returns an error about flags that a GAN that draws from latents does not take.
func (t *training) checkTaskFlags() error {
	for _, flag := range taskFlags {
		if t.flags.Changed(flag.name) {
			return misusef("--%s is for pictures made from pictures: choose --preset %s", flag.name, either(presetNamesOf(newTasks(), flag.name)))
		}
	}
	return nil
}

// presetNamesOf returns the presets of the tasks that take a flag.
func presetNamesOf(tasks []task, flag string) []string {
	var names []string
	for _, one := range tasks {
		if flag == "from" || one.takes(flag) {
			for _, p := range one.presets() {
				names = append(names, p.name)
			}
		}
	}
	return names
}

// checkFlags returns an error about flags that mean nothing to the task.
func (t *taskTraining) checkFlags() (err error) {
	what := "the preset " + t.training.preset
	if t.resume {
		what = "a run of " + t.task.name()
	}
	t.flags.Visit(func(flag *pflag.Flag) {
		switch name := flag.Name; {
		case err != nil || t.task.takes(name):
		case slices.Contains(watchFlags, name):
			err = misusef("--%s is about samples drawn from latents, and has no meaning for %s; leave it out", name, what)
		case name == "memory" && t.task.standardData() != "":
			err = misusef("--memory is for folders of single pictures, and %s learns from two kinds, which are decoded at the start", what)
		case isSetting(name) || isTaskFlag(name):
			err = misusef("--%s has no meaning for %s; --show prints what can be set", name, what)
		}
	})
	if err == nil && t.resume && t.flags.Changed("from") {
		err = misusef("--from is where a new run starts from; leave it out with --resume")
	}
	return err
}

// isSetting tells whether a flag says something about an ordinary GAN's configuration.
func isSetting(name string) bool {
	return slices.ContainsFunc(settings, func(s setting) bool { return s.name == name })
}

// isTaskFlag tells whether a flag is for some of the tasks only.
func isTaskFlag(name string) bool {
	return name != "from" && slices.ContainsFunc(taskFlags, func(f struct{ name, usage string }) bool { return f.name == name })
}

// planNew decides on a new run. Of the data it takes the training split, if no flag says another.
func (t *taskTraining) planNew() (err error) {
	if t.dir != "" && gan.HoldsRun(t.dir) && !t.show {
		return errors.Errorf("%s already holds a run: add --resume to go on with it, or choose another folder with --run", t.dir)
	}
	if err := t.checkFrom(); err != nil {
		return err
	}
	if !t.flags.Changed("split") {
		t.chosen.Split = datasets.Train
	}
	t.preset = t.training.preset
	if standard := t.task.standardData(); standard != "" && !t.flags.Changed("data") {
		t.training.data = standard
	}
	t.dataName = t.training.data
	if err := t.openData(t.trainFlags, t.seed(), nil); err != nil {
		return err
	}
	if t.defaults, err = t.task.configure(t.training, t.preset); err != nil {
		return inFlags(err)
	}
	if t.batch = t.training.batch; !t.flags.Changed("batch") {
		t.batch = min(t.defaults.batch, t.data.examples())
	}
	t.request = t.newRequest(t.preset, t.defaults.steps)
	t.request.Streamed, t.request.Memory, t.request.From = t.data.isStream(), int64(t.memory), t.from
	t.request.Size, t.request.Channels = t.data.shown().Shape[0], t.channels
	if t.dir == "" {
		t.dir = newRunFolder(t.dataName, time.Now())
	}
	common := t.task.common()
	*common.dir = t.dir
	return t.checkGoal(t.request, common.lastStep())
}

// checkFrom returns an error if the run that weights are to come from is none, or of another task.
func (t *taskTraining) checkFrom() error {
	if t.from == "" {
		if t.flags.Changed("from") {
			return misusef("--from needs the folder of a run")
		}
		return nil
	}
	record, err := engine.ReadRecord(t.from)
	switch {
	case err != nil:
		return errors.WithMessage(err, "--from")
	case record.Task == "":
		return errors.Errorf("--from: the run in %s draws from latents, and its weights are of no use to %s", t.from, t.training.preset)
	case record.Task != t.task.name():
		return errors.Errorf("--from: the run in %s is one of %s, and its weights are of no use to %s", t.from, record.Task, t.training.preset)
	}
	return nil
}

// planResumed takes data and settings from the run folder. Flags may say when to end; others may only agree.
func (t *taskTraining) planResumed() error {
	record, err := engine.ReadRecord(t.dir)
	if err != nil {
		return err
	}
	if err := t.task.restore(record.Config); err != nil {
		return errors.WithMessagef(err, "%s is damaged", filepath.Join(t.dir, "run.json"))
	}
	if t.request, err = readRequest(t.dir, record.Data); err != nil {
		return err
	}
	r := t.request
	there := trainFlags{data: r.Data, skipBroken: r.SkipBroken, chosen: r.chosenData, batch: record.Data.BatchSize, preset: r.Preset,
		size: r.Size, channels: r.Channels, memory: byteSize(r.Memory)}
	if there.data == "" { // It ended before it began, in another program.
		there.data = t.training.data
	}
	if there.batch == 0 {
		there.batch = t.training.batch
	}
	t.dataName, t.batch, t.preset = there.data, there.batch, there.preset
	differences := append(t.differences(t.flags, there), t.task.differences(t.flags, t.assign)...)
	if err := t.checkSame(differences); err != nil {
		return err
	}
	t.prolong(&t.request)
	common := t.task.common()
	*common.dir = t.dir
	if err := t.checkGoal(t.request, common.lastStep()); err != nil {
		return err
	}
	return t.openData(there, *common.seed, &r.Streamed)
}

// openData opens the data of the flags.
func (t *taskTraining) openData(f trainFlags, seed int64, streamed *bool) (err error) {
	quiet := t.quiet || t.show
	o := taskOpening{preset: t.preset, name: f.data, memory: int64(f.memory), streamed: streamed}
	o.options = f.chosen.into(datasets.Options{Size: f.size, Channels: f.channels, Seed: seed, SkipBroken: f.skipBroken})
	defer showReading(t.console, f.data, quiet, &o.options)()
	if t.data, err = t.task.open(o); err != nil {
		return err
	}
	if skipped := t.data.skippedFiles(); len(skipped) > 0 && !quiet {
		t.say("left out %d pictures that cannot be read, the first %s", len(skipped), skipped[0])
	}
	return nil
}

// showPlan prints what would be trained.
func (t *taskTraining) showPlan() error {
	config, remarks := t.task.shown()
	shown := shownPlan[any]{Data: t.data.shown(), Batch: t.batch, Steps: t.request.Steps, Minutes: t.request.Minutes, Config: config}
	shown.Data.Name, shown.Data.Streamed = t.dataName, t.data.isStream()
	shown.Preset, shown.Paper, shown.Deviations = t.preset, t.defaults.paper, t.defaults.deviations
	for _, p := range t.task.presets() {
		if p.name == t.preset {
			shown.Summary = p.summary
		}
	}
	var given []string
	t.flags.Visit(func(flag *pflag.Flag) {
		if t.task.takes(flag.Name) {
			given = append(given, "--"+flag.Name+" "+flag.Value.String())
		}
	})
	for _, assignment := range t.assign {
		given = append(given, "--set "+assignment)
	}
	return printPlan(t.console, shown, strings.Join(given, " "), remarks, t.json)
}
