package translate

import (
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

// Preview returns pictures to look at, uint8 [n·PreviewColumns, height, width, channels], of n examples of A and of B, uint8.
// Row after row it is, for each example:
//
//   - of Pix2Pix, the input, its translation, and the true one;
//   - of CycleGAN, A, what becomes of it as B, and of that as A again; then B, as A, and as B again.
//
// Where some are in colour, grey ones are too, as grey.
func (t *Trainer) Preview(a, b *tensors.Tensor) (*tensors.Tensor, error) {
	p := &preview{a: a, b: b}
	if err := p.checkSizes(); err != nil {
		return nil, err
	}
	t.config.Game.preview(t, p)
	return p.grid, p.err
}

// PreviewColumns returns how many pictures a row of Preview has: 3 under Pix2Pix, 6 under CycleGAN.
func (t *Trainer) PreviewColumns() int { return t.config.Game.columns() }

// preview is a Preview being made. What is done after an error does nothing.
type preview struct {
	a, b *tensors.Tensor
	grid *tensors.Tensor
	err  error
}

func (p *preview) checkSizes() error {
	a, b := p.a.Shape(), p.b.Shape()
	if a.Rank() != 4 || b.Rank() != 4 || a.Dim(0) != b.Dim(0) || a.Dim(1) != b.Dim(1) || a.Dim(2) != b.Dim(2) {
		return errors.Errorf("translate: a preview wants as many pictures of A as of B, uint8 [n, height, width, channels] of one size, got %s and %s", a, b)
	}
	return nil
}

// translated returns the translation of pictures.
func (p *preview) translated(t *Trainer, direction Direction, pictures *tensors.Tensor) *tensors.Tensor {
	if p.err != nil {
		return nil
	}
	o := Options{Direction: direction}
	translator := t.translators[o]
	if translator == nil {
		if translator, p.err = t.Translator(o); p.err != nil {
			return nil
		}
		t.translators[o] = translator
	}
	var result *tensors.Tensor
	result, p.err = translator.Batch(pictures)
	return result
}

// show makes the grid of columns of pictures.
func (p *preview) show(columns ...*tensors.Tensor) {
	if p.err != nil {
		return
	}
	channels := 0
	for _, column := range columns {
		channels = max(channels, column.Shape().Dim(3))
	}
	n, height, width := p.a.Shape().Dim(0), p.a.Shape().Dim(1), p.a.Shape().Dim(2)
	size := height * width * channels
	pixels := make([]uint8, n*len(columns)*size)
	for c, column := range columns {
		values, err := tensors.CopyFlatData[uint8](column)
		if err != nil {
			p.err = errors.WithMessage(err, "translate: preview")
			return
		}
		own := column.Shape().Dim(3)
		for i := range n {
			place := pixels[(i*len(columns)+c)*size:]
			for at := range height * width {
				for k := range channels {
					place[at*channels+k] = values[(i*height*width+at)*own+min(k, own-1)]
				}
			}
		}
	}
	p.grid = tensors.FromFlatDataAndDimensions(pixels, n*len(columns), height, width, channels)
}
