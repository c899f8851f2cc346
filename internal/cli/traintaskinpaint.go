package cli

import (
	"encoding/json"
	"fmt"
	"image"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/inpaint"
)

// inpaintTask is the task inpaint: filling holes in pictures.
type inpaintTask struct {
	configured[inpaint.Config]
	data    *trainData
	opening taskOpening

	trainer  *inpaint.Trainer
	filler   *inpaint.Filler // Of the preview.
	pictures *tensors.Tensor
	masks    *tensors.Tensor
	holed    *tensors.Tensor // The pictures, their holes grey.
}

// The parts of its configuration.
var (
	inpaintGame          = &registered[inpaint.Config, inpaint.Game]{"game", inpaint.Games, func(c *inpaint.Config) *inpaint.Game { return &c.Game }}
	inpaintLoss          = &registered[inpaint.Config, gan.Loss]{"loss", gan.Losses, func(c *inpaint.Config) *gan.Loss { return &c.Loss }}
	inpaintOptimizer     = &registered[inpaint.Config, gan.Optimizer]{"optimizer", gan.Optimizers, func(c *inpaint.Config) *gan.Optimizer { return &c.GeneratorOptimizer }}
	inpaintDiscriminator = &registered[inpaint.Config, gan.Optimizer]{"optimizer", gan.Optimizers, func(c *inpaint.Config) *gan.Optimizer { return &c.DiscriminatorOptimizer }}
)

func newInpaintTask() *inpaintTask {
	t := &inpaintTask{}
	list := append(lossOf[inpaint.Config](inpaintLoss), learningOf[inpaint.Config](inpaintOptimizer, inpaintDiscriminator)...)
	list = append(list,
		wholeOf("decay-from", func(c *inpaint.Config) *int { return &c.DecayFrom }),
		wholeOf("decay-to", func(c *inpaint.Config) *int { return &c.DecayTo }),
		number(func(c *inpaint.Config) *float64 { return &c.EMA }, settingOf[inpaint.Config]{name: "ema"}),
		seedOf(func(c *inpaint.Config) *int64 { return &c.Seed }),
		wholeOf("save-every", func(c *inpaint.Config) *int { return &c.SaveEvery }),
		settingOf[inpaint.Config]{name: "masks", zero: "",
			get: func(c *inpaint.Config) string { return string(c.Masks.Kind) },
			set: func(c *inpaint.Config, _ dataInfo, value string) (err error) {
				c.Masks.Kind, err = maskKind(value)
				return err
			}},
	)
	t.editor = editor[inpaint.Config]{
		settings: list,
		parts: map[string]partOf[inpaint.Config]{
			"game": inpaintGame, "loss": inpaintLoss, "generator_optimizer": inpaintOptimizer, "discriminator_optimizer": inpaintDiscriminator,
		},
		groups: map[string]func(c *inpaint.Config) any{"masks": func(c *inpaint.Config) any { return &c.Masks }},
	}
	t.fields = func(c *inpaint.Config) taskCommon {
		return taskCommon{seed: &c.Seed, dir: &c.Dir, decayFrom: &c.DecayFrom, decay: &c.DecayTo}
	}
	return t
}

// freeMasks is what people call strokes, too.
const freeMasks = "free"

// maskNames returns what kinds of masks are called.
func maskNames() []string {
	var names []string
	for _, kind := range inpaint.MaskKinds {
		names = append(names, string(kind))
	}
	return append(names, freeMasks)
}

// maskKind returns the kind of masks of that name.
func maskKind(name string) (inpaint.MaskKind, error) {
	if name == freeMasks {
		return inpaint.StrokeMasks, nil
	}
	return inpaint.MaskKind(name), checkName("kind of masks", name, maskNames())
}

func (t *inpaintTask) name() string { return inpaint.Task }

func (t *inpaintTask) presets() []taskPreset {
	var list []taskPreset
	for _, name := range inpaint.Presets {
		_, d, err := inpaint.Preset(name, 32, 3)
		must(err) // Every preset takes such pictures.
		list = append(list, taskPreset{name, d.Summary})
	}
	return list
}

func (t *inpaintTask) standardData() string { return "" }

func (t *inpaintTask) open(o taskOpening) (taskData, error) {
	data, err := openTrainData(o.name, o.options, o.memory, o.streamed)
	if err != nil {
		return nil, err
	}
	if data.points() {
		return nil, errors.Errorf("%s fills holes in pictures, and %s holds points in the plane; choose digits, emoji or %sDIR", t.name(), o.name, folderPrefix)
	}
	t.data, t.opening = data, o
	t.info = data.info(o.name)
	return singleData{data}, nil
}

func (t *inpaintTask) configure(call *training, preset string) (taskDefaults, error) {
	shape := t.data.shape()
	config, d, err := inpaint.Preset(preset, shape[0], shape[2])
	if err == nil {
		t.config = config
		if err = t.edit(call, d.Steps); err == nil {
			err = t.config.Check()
		}
	}
	fits := func(size int) bool {
		config, _, err := inpaint.Preset(preset, size, shape[2])
		return err == nil && config.Check() == nil
	}
	return taskDefaults{batch: d.Batch, steps: d.Steps, paper: d.Paper, deviations: d.Deviations}, withSize(err, shape[0], fits)
}

func (t *inpaintTask) restore(config json.RawMessage) error {
	err := t.configured.restore(config)
	t.info = dataInfo{shape: []int{t.config.Size, t.config.Size, t.config.Channels}}
	return err
}

func (t *inpaintTask) shown() (config any, remarks []string) {
	return t.config, []string{fmt.Sprintf("holes: %s", t.config.Masks.Kind)}
}

func (t *inpaintTask) start(backend compute.Backend, from string) (taskTrainer, error) {
	var err error
	if t.trainer, err = inpaint.New(backend, t.config); err != nil {
		return nil, err
	}
	if from != "" {
		if err := t.trainer.TakeWeights(from, "generator", "discriminator"); err != nil {
			return nil, err
		}
	}
	return t.trainer, t.openPreview()
}

func (t *inpaintTask) resume(backend compute.Backend, dir string) (taskTrainer, error) {
	var err error
	if t.trainer, err = inpaint.Load(backend, dir); err != nil {
		return nil, err
	}
	return t.trainer, t.openPreview()
}

// openPreview gets ready what previews take.
func (t *inpaintTask) openPreview() (err error) {
	if t.pictures, err = previewSingles(t.data, t.opening); err != nil {
		return err
	}
	n, size := t.pictures.Shape().Dim(0), t.config.Size
	var masks []uint8
	for i := range n {
		masks = append(masks, t.config.Masks.Draw(size, size, uint64(i))...)
	}
	t.masks = tensors.FromFlatDataAndDimensions(masks, n, size, size, 1)
	pixels, err := tensors.CopyFlatData[uint8](t.pictures)
	if err != nil {
		return err
	}
	channels := t.pictures.Shape().Dim(3)
	for i, hole := range masks {
		if hole != 0 {
			for c := range channels {
				pixels[i*channels+c] = 128
			}
		}
	}
	t.holed = tensors.FromFlatDataAndDimensions(pixels, t.pictures.Shape().Dimensions...)
	return nil
}

// previewSingles returns a few pictures, which are not learned from where that can be.
func previewSingles(learned *trainData, o taskOpening) (*tensors.Tensor, error) {
	options, can := heldOut(o.options)
	if can && learned.stream == nil {
		if set, err := datasets.Open(o.name, options); err == nil && slices.Equal(set.Shape, learned.Shape) {
			return firstPictures(set, previewPictures), nil
		}
	}
	return learned.draw(previewPictures, 1)
}

// preview shows pictures with their holes, filled, and as they were.
func (t *inpaintTask) preview() (image.Image, error) {
	if t.filler == nil { // Not before the first step, which makes the averaged weights.
		var err error
		if t.filler, err = t.trainer.Filler(); err != nil {
			return nil, err
		}
	}
	filled, err := t.filler.Batch(t.pictures, t.masks)
	if err != nil {
		return nil, err
	}
	return tileGroups(t.holed, filled, t.pictures)
}

func (t *inpaintTask) next(dir string) [][]string {
	return [][]string{
		{"inpaint", "--run", dir, "--mask", "M.png", "IN.png", "OUT.png"},
		{"evaluate", "--run", dir, "--split", datasets.Test},
	}
}
