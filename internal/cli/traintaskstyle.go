package cli

import (
	"fmt"
	"image"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
	scaling "golang.org/x/image/draw"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/display"
	"github.com/ganymede-ml/ganymede/gan/style"
)

// styleTask is the task style: pictures drawn anew in the style of others. A are the contents and B the styles.
type styleTask struct {
	configured[style.Config]
	pairs   *datasets.Pairs
	opening taskOpening

	trainer          *style.Trainer
	stylizer         *style.Stylizer // Of previews.
	contents, styles []image.Image   // Likewise.
}

func newStyleTask() *styleTask {
	t := &styleTask{}
	optimizer := &registered[style.Config, gan.Optimizer]{"optimizer", gan.Optimizers, func(c *style.Config) *gan.Optimizer { return &c.Optimizer }}
	t.editor = editor[style.Config]{
		settings: append(learningOf[style.Config](optimizer),
			seedOf(func(c *style.Config) *int64 { return &c.Seed }),
			wholeOf("save-every", func(c *style.Config) *int { return &c.SaveEvery }),
			settingOf[style.Config]{name: "encoder", zero: "",
				get: func(c *style.Config) string { return c.Encoder },
				set: func(c *style.Config, _ dataInfo, value string) error {
					c.Encoder = value
					return nil
				}},
		),
		parts:  map[string]partOf[style.Config]{"optimizer": optimizer},
		groups: map[string]func(c *style.Config) any{},
	}
	t.fields = func(c *style.Config) taskCommon { return taskCommon{seed: &c.Seed, dir: &c.Dir} }
	return t
}

func (t *styleTask) name() string { return style.Task }

func (t *styleTask) presets() []taskPreset {
	return []taskPreset{{style.Task, "pictures in the style of others, any others, at once: AdaIN"}}
}

func (t *styleTask) standardData() string { return "emoji" }

func (t *styleTask) open(o taskOpening) (taskData, error) {
	pairs, err := openTaskPairs(o, false)
	if err != nil {
		return nil, err
	}
	t.pairs, t.opening = pairs, o
	t.info = dataInfo{name: o.name, shape: pairs.A.Shape}
	return pairsData{pairs}, nil
}

func (t *styleTask) configure(call *training, preset string) (taskDefaults, error) {
	size := min(t.pairs.A.Shape[0], t.pairs.B.Shape[0])
	config, d, err := style.Preset(preset, size)
	if err == nil {
		if t.config = config; config.Crop == size {
			t.config.Crop = 0 // All of them, which takes no cutting.
		}
		if err = t.edit(call, d.Steps); err == nil {
			err = t.config.Check()
		}
	}
	if crop := t.config.Crop; err == nil && crop > size {
		err = errors.Errorf("squares of %d pixels cannot be cut out of pictures of %d; choose --set crop=%d", crop, size, size/8*8)
	}
	return taskDefaults{batch: d.Batch, steps: d.Steps, paper: d.Paper, deviations: d.Deviations}, err
}

func (t *styleTask) shown() (config any, remarks []string) {
	return t.config, []string{fmt.Sprintf("A are the contents, B the styles; the encoder is %s", t.config.Encoder)}
}

func (t *styleTask) start(backend compute.Backend, from string) (taskTrainer, error) {
	var err error
	if t.trainer, err = style.New(backend, t.config); err != nil {
		return nil, err
	}
	if from != "" {
		if err := t.trainer.TakeWeights(from, "decoder"); err != nil {
			return nil, err
		}
	}
	return t.trainer, t.openPreview()
}

func (t *styleTask) resume(backend compute.Backend, dir string) (taskTrainer, error) {
	var err error
	if t.trainer, err = style.Load(backend, dir); err != nil {
		return nil, err
	}
	return t.trainer, t.openPreview()
}

// openPreview gets ready what previews take.
func (t *styleTask) openPreview() error {
	pairs := previewPairs(t.pairs, t.opening)
	n := min(previewPictures/2, pairs.Len())
	for _, side := range []struct {
		set  *datasets.Set
		into *[]image.Image
	}{{pairs.A, &t.contents}, {pairs.B, &t.styles}} {
		pictures, err := display.Images(firstPictures(side.set, n))
		if err != nil {
			return err
		}
		*side.into = pictures
	}
	return nil
}

// preview shows contents, styles, and the contents in the styles.
func (t *styleTask) preview() (image.Image, error) {
	if t.stylizer == nil { // There is none before the first step.
		var err error
		if t.stylizer, err = t.trainer.Stylizer(); err != nil {
			return nil, err
		}
	}
	side := t.contents[0].Bounds().Dx()
	columns := make([][]image.Image, 3)
	for i, content := range t.contents {
		drawn, err := t.stylizer.Stylize(content, []style.Style{{Image: t.styles[i]}}, style.Options{})
		if err != nil {
			return nil, err
		}
		for j, picture := range []image.Image{content, t.styles[i], drawn} {
			columns[j] = append(columns[j], picture)
		}
	}
	var list []*tensors.Tensor
	for _, column := range columns {
		list = append(list, pixelsOf(column, side))
	}
	return tileGroups(list...)
}

// pixelsOf returns pictures as uint8 [n, side, side, 3], resized.
func pixelsOf(pictures []image.Image, side int) *tensors.Tensor {
	pixels := make([]uint8, 0, len(pictures)*side*side*3)
	for _, picture := range pictures {
		square := image.NewRGBA(image.Rect(0, 0, side, side))
		scaling.ApproxBiLinear.Scale(square, square.Rect, picture, picture.Bounds(), scaling.Src, nil)
		for i := 0; i < len(square.Pix); i += 4 {
			pixels = append(pixels, square.Pix[i:i+3]...)
		}
	}
	return tensors.FromFlatDataAndDimensions(pixels, len(pictures), side, side, 3)
}

func (t *styleTask) next(dir string) [][]string {
	return [][]string{{"style", "--run", dir, "--content", "A.png", "--style", "B.png", "--out", "OUT.png"}}
}
