package cli

import (
	"encoding/json"
	"fmt"
	"image"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/display"
	"github.com/ganymede-ml/ganymede/gan/translate"
)

// Presets of translate.
const (
	presetPix2Pix  = "pix2pix"
	presetCycleGAN = "cyclegan"
)

// translateTask is the task translate: pictures of one kind into those of another.
type translateTask struct {
	configured[translate.Config]
	pairs   *datasets.Pairs
	opening taskOpening

	trainer        *translate.Trainer
	shownA, shownB *tensors.Tensor // In previews.
}

// The parts of its configuration.
var (
	translateGame          = &registered[translate.Config, translate.Game]{"game", translate.Games, func(c *translate.Config) *translate.Game { return &c.Game }}
	translateGenerator     = &registered[translate.Config, translate.Generator]{"generator", translate.Generators, func(c *translate.Config) *translate.Generator { return &c.Generator }}
	translateLoss          = &registered[translate.Config, gan.Loss]{"loss", gan.Losses, func(c *translate.Config) *gan.Loss { return &c.Loss }}
	translateAugment       = &registered[translate.Config, gan.Augmentation]{"augmentation", gan.Augmentations, func(c *translate.Config) *gan.Augmentation { return &c.Augment }}
	translateOptimizer     = &registered[translate.Config, gan.Optimizer]{"optimizer", gan.Optimizers, func(c *translate.Config) *gan.Optimizer { return &c.GeneratorOptimizer }}
	translateDiscriminator = &registered[translate.Config, gan.Optimizer]{"optimizer", gan.Optimizers, func(c *translate.Config) *gan.Optimizer { return &c.DiscriminatorOptimizer }}
)

func newTranslateTask() *translateTask {
	t := &translateTask{}
	list := append(lossOf[translate.Config](translateLoss), augmentOf[translate.Config](translateAugment)...)
	list = append(list, learningOf[translate.Config](translateOptimizer, translateDiscriminator)...)
	list = append(list,
		wholeOf("decay-from", func(c *translate.Config) *int { return &c.DecayFrom }),
		wholeOf("decay-to", func(c *translate.Config) *int { return &c.DecayTo }),
		seedOf(func(c *translate.Config) *int64 { return &c.Seed }),
		wholeOf("save-every", func(c *translate.Config) *int { return &c.SaveEvery }),
		settingOf[translate.Config]{name: "direction", zero: "", get: getDirection, set: setDirection},
	)
	t.editor = editor[translate.Config]{
		settings: list,
		parts: map[string]partOf[translate.Config]{
			"game": translateGame, "generator": translateGenerator, "loss": translateLoss, "augment": translateAugment,
			"generator_optimizer": translateOptimizer, "discriminator_optimizer": translateDiscriminator,
		},
		groups: map[string]func(c *translate.Config) any{
			"discriminator": func(c *translate.Config) any { return &c.Discriminator },
			"jitter":        func(c *translate.Config) any { return &c.Jitter },
		},
	}
	t.fields = func(c *translate.Config) taskCommon {
		return taskCommon{seed: &c.Seed, dir: &c.Dir, decayFrom: &c.DecayFrom, decay: &c.DecayTo}
	}
	return t
}

func getDirection(c *translate.Config) string {
	if c.Reverse {
		return string(translate.BtoA)
	}
	return string(translate.AtoB)
}

func setDirection(c *translate.Config, _ dataInfo, value string) error {
	if err := checkName("direction", value, directionNames); err != nil {
		return err
	}
	if !needsPairs(c) {
		return misusef("--direction is for pix2pix, which learns one direction; cyclegan learns both")
	}
	c.Reverse = value == string(translate.BtoA)
	return nil
}

// needsPairs tells whether the game learns from pairs.
func needsPairs(c *translate.Config) bool {
	_, both := c.Game.(translate.CycleGAN)
	return !both
}

func (t *translateTask) name() string { return translate.Task }

func (t *translateTask) presets() []taskPreset {
	var list []taskPreset
	for _, name := range translate.Presets() {
		_, d, err := translate.Preset(name, 32, 3, 3)
		must(err) // Every preset takes such pictures.
		list = append(list, taskPreset{name, d.Summary})
	}
	return list
}

func (t *translateTask) standardData() string { return "emoji" }

func (t *translateTask) open(o taskOpening) (taskData, error) {
	pairs, err := openTaskPairs(o, o.preset == presetPix2Pix || o.preset == "" && needsPairs(&t.config))
	if err != nil {
		return nil, err
	}
	t.pairs, t.opening = pairs, o
	t.info = dataInfo{name: o.name, shape: pairs.A.Shape}
	return pairsData{pairs}, nil
}

// openTaskPairs opens pairs, or pictures without partners: those of the emoji where they are what is asked for.
func openTaskPairs(o taskOpening, paired bool) (*datasets.Pairs, error) {
	name := o.name
	if !paired && (name == "emoji" || name == pairsPrefix+"emoji") {
		name = unpairedPrefix + "emoji"
	}
	pairs, err := datasets.OpenPairs(name, o.options)
	if err != nil {
		return nil, errors.WithMessagef(err, "preset %s", o.preset)
	}
	if paired && !pairs.Paired {
		return nil, errors.Errorf("pix2pix learns from pairs, and the pictures of %s have no partners; give pairs (--data %sDIR), or learn without: --preset %s",
			o.name, pairsPrefix, presetCycleGAN)
	}
	pairs.Paired = paired // CycleGAN learns without partners where there are such, too.
	return pairs, nil
}

func (t *translateTask) configure(call *training, preset string) (taskDefaults, error) {
	a, b := t.pairs.A.Shape, t.pairs.B.Shape
	config, d, err := translate.Preset(preset, a[0], a[2], b[2])
	if err == nil {
		t.config = config
		if err = t.edit(call, d.Steps); err == nil {
			err = t.config.Check()
		}
	}
	fits := func(size int) bool {
		config, _, err := translate.Preset(preset, size, a[2], b[2])
		return err == nil && config.Check() == nil
	}
	if fits(a[0]) { // It is something else that is wrong.
		fits = nil
	}
	return taskDefaults{batch: d.Batch, steps: d.Steps, paper: d.Paper, deviations: d.Deviations}, withSize(err, a[0], fits)
}

func (t *translateTask) shown() (config any, remarks []string) {
	field := t.config.Discriminator.ReceptiveField()
	return t.config, []string{fmt.Sprintf("the discriminator judges patches of %d×%d pixels", field, field)}
}

func (t *translateTask) start(backend compute.Backend, from string) (taskTrainer, error) {
	t.config.From = from
	var err error
	if t.trainer, err = translate.New(backend, t.config); err != nil {
		return nil, err
	}
	t.openPreview()
	return t.trainer, nil
}

func (t *translateTask) resume(backend compute.Backend, dir string) (taskTrainer, error) {
	var err error
	if t.trainer, err = translate.Load(backend, dir); err != nil {
		return nil, err
	}
	t.openPreview()
	return t.trainer, nil
}

// openPreview gets ready what previews take.
func (t *translateTask) openPreview() {
	pairs := previewPairs(t.pairs, t.opening)
	n := min(previewPictures, pairs.Len())
	t.shownA, t.shownB = firstPictures(pairs.A, n), firstPictures(pairs.B, n)
}

// previewPairs returns pairs that are not learned from, if there are such.
func previewPairs(learned *datasets.Pairs, o taskOpening) *datasets.Pairs {
	options, can := heldOut(o.options)
	if !can {
		return learned
	}
	name := o.name
	if !learned.Paired && name == "emoji" {
		name = unpairedPrefix + name
	}
	pairs, err := datasets.OpenPairs(name, options)
	if err != nil || pairs.A.Shape[2] != learned.A.Shape[2] || pairs.B.Shape[2] != learned.B.Shape[2] || pairs.A.Shape[0] != learned.A.Shape[0] {
		return learned
	}
	return pairs
}

// preview shows of pix2pix what goes in, what comes out, and what it should be; of CycleGAN, for each side, what goes in, what
// comes out, and what comes back.
func (t *translateTask) preview() (image.Image, error) {
	pictures, err := t.trainer.Preview(t.shownA, t.shownB)
	if err != nil {
		return nil, err
	}
	columns := t.trainer.PreviewColumns()
	if 2*columns <= previewColumns {
		columns *= 2
	}
	return display.Grid(pictures, columns), nil
}

func (t *translateTask) next(dir string) [][]string {
	return [][]string{
		{"translate", "--run", dir, "IN.png", "OUT.png"},
		{"evaluate", "--run", dir, "--split", datasets.Test},
	}
}

func (t *translateTask) restore(config json.RawMessage) error {
	if err := t.configured.restore(config); err != nil {
		return err
	}
	t.info = dataInfo{shape: []int{t.config.Size, t.config.Size, t.config.ChannelsA}}
	return nil
}
