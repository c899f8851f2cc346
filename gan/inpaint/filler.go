package inpaint

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/training"
)

// Filler fills holes by a trained network. Programs are compiled per size and number of pictures, and kept.
type Filler struct {
	config  Config
	program *training.Program
}

// Filler returns what fills holes by the weights as they are at each call: by their moving average if there is one.
func (t *Trainer) Filler() (*Filler, error) {
	f := &Filler{config: t.config}
	averaged := t.config.EMA > 0 && t.Steps() > 0
	var err error
	f.program, err = t.Program(func(scope *model.Scope, inputs []*Node) []*Node {
		if averaged {
			scope = scope.At(averageScope)
		}
		return f.build(scope.At(generatorScope), inputs[0], inputs[1])
	})
	return f, err
}

// Open returns what fills holes by the run in the folder, as its last checkpoint has it.
func Open(backend compute.Backend, dir string) (*Filler, error) {
	trainer, err := Load(backend, dir)
	if err != nil {
		return nil, err
	}
	if trainer.Steps() == 0 {
		return nil, errors.Errorf("inpaint: the run in %s has no checkpoint yet; train it first", dir)
	}
	return trainer.Filler()
}

// Size returns the height and width of the pictures that the network was trained with.
func (f *Filler) Size() int { return f.config.Size }

// Channels returns the number of channels of the pictures that it fills.
func (f *Filler) Channels() int { return f.config.Channels }

// build returns the pictures with their holes filled, and what the network has drawn, both as uint8.
func (f *Filler) build(scope *model.Scope, pixels, masks *Node) []*Node {
	pictures, hole := gan.ToFloat(pixels), holes(masks)
	guesses := f.config.guesses(scope, pictures, hole)
	drawn := gan.ToPixels(guesses[len(guesses)-1])
	inside := BroadcastToDims(GreaterThan(hole, ScalarZero(hole.Graph(), hole.DType())), drawn.Shape().Dimensions...)
	return []*Node{Where(inside, drawn, pixels), drawn}
}

// Batch returns the pictures, uint8 [batch, height, width, channels], with the holes filled that the masks, uint8
// [batch, height, width, 1], have where they are not 0. Known pixels stay as they are. Height and width need not be those of
// training, but are best near them: see Picture for others.
func (f *Filler) Batch(pictures, masks *tensors.Tensor) (*tensors.Tensor, error) {
	filled, drawn, err := f.draw(pictures, masks)
	if err != nil {
		return nil, err
	}
	drawn.MustFinalizeAll()
	return filled, nil
}

// BatchBlended is Batch, but what fills the holes is set into them by Blend.
func (f *Filler) BatchBlended(pictures, masks *tensors.Tensor) (*tensors.Tensor, error) {
	filled, drawn, err := f.draw(pictures, masks)
	if err != nil {
		return nil, err
	}
	defer drawn.MustFinalizeAll()
	defer filled.MustFinalizeAll()
	var flat [3][]uint8
	for i, tensor := range []*tensors.Tensor{pictures, drawn, masks} {
		if flat[i], err = tensors.CopyFlatData[uint8](tensor); err != nil {
			return nil, errors.WithMessage(err, "inpaint")
		}
	}
	shape := pictures.Shape()
	height, width, channels := shape.Dim(1), shape.Dim(2), shape.Dim(3)
	result := make([]uint8, 0, shape.Size())
	for i := range shape.Dim(0) {
		size, area := height*width*channels, height*width
		blended, err := Blend(flat[0][i*size:(i+1)*size], flat[1][i*size:(i+1)*size], [3]int{height, width, channels}, flat[2][i*area:(i+1)*area])
		if err != nil {
			return nil, err
		}
		result = append(result, blended...)
	}
	return tensors.FromFlatDataAndDimensions(result, shape.Dimensions...), nil
}

// draw returns what build does.
func (f *Filler) draw(pictures, masks *tensors.Tensor) (filled, drawn *tensors.Tensor, err error) {
	if err := f.check(pictures, masks); err != nil {
		return nil, nil, err
	}
	outputs, err := f.program.Call(pictures, masks)
	if err != nil {
		return nil, nil, err
	}
	return outputs[0], outputs[1], nil
}

// check returns an error if these are no pictures and masks for the network.
func (f *Filler) check(pictures, masks *tensors.Tensor) error {
	p, m := pictures.Shape(), masks.Shape()
	if p.DType != dtypes.Uint8 || p.Rank() != 4 {
		return errors.Errorf("inpaint: pictures must be uint8 [batch, height, width, %d], got %s", f.config.Channels, p)
	}
	if p.Dim(3) != f.config.Channels {
		return errors.Errorf("inpaint: the network was trained on pictures with %d channels, and these have %d; convert them, or train on such", f.config.Channels, p.Dim(3))
	}
	if m.DType != dtypes.Uint8 || m.Rank() != 4 || m.Dim(0) != p.Dim(0) || m.Dim(1) != p.Dim(1) || m.Dim(2) != p.Dim(2) || m.Dim(3) != 1 {
		return errors.Errorf("inpaint: masks for pictures shaped %s must be uint8 [%d, %d, %d, 1], got %s", p, p.Dim(0), p.Dim(1), p.Dim(2), m)
	}
	multiple := f.config.Game.Multiple(f.config.Size)
	for _, axis := range []int{1, 2} {
		if more := (multiple - p.Dim(axis)%multiple) % multiple; more >= p.Dim(axis) {
			return errors.Errorf("inpaint: a picture of %d×%d pixels is too small for this network, which takes %d×%d or more",
				p.Dim(1), p.Dim(2), multiple/2+1, multiple/2+1)
		}
	}
	return nil
}
