package translate

import (
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
)

// Direction is which kind of pictures becomes which.
type Direction string

// The directions.
const (
	AtoB Direction = "AtoB"
	BtoA Direction = "BtoA"
)

// Options says how to use a generator.
type Options struct {
	Direction Direction // "" means the one that was learned; of two, AtoB.

	// Noise, unless it is 0, is the seed of the dropout that is drawn while translating: pix2pix's noise. Other seeds give
	// other translations of a picture, as far as a generator heeds its noise. 0 means that nothing is dropped.
	Noise int64
}

// Translator turns pictures into others by a generator. Trainer.Translator and LoadTorch make one.
//
// Programs are compiled when pictures of a new size, or batches of a new size, come, and kept. It is not safe for concurrent use.
type Translator struct {
	generator Generator
	in, out   int
	exec      *model.Exec
	noise     *tensors.Tensor // The state that random numbers start from; nil without noise.
}

// newTranslator returns a translator by the generator whose weights lie under the scope named. The store's random state must
// be set if there is noise.
func newTranslator(backend compute.Backend, store *model.Store, scopePath string, generator Generator, in, out int, noise int64) (*Translator, error) {
	t := &Translator{generator: generator, in: in, out: out}
	if noise != 0 {
		if !generator.Noisy() {
			return nil, errors.New("translate: the generator has no dropout to draw noise with; leave the noise's seed 0")
		}
		var err error
		if t.noise, err = RNGStateFromSeed(noise); err != nil {
			return nil, errors.WithMessage(err, "translate: noise")
		}
	}
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, inputs []*Node) *Node {
		scope = scope.Store().Scope(scopePath)
		if t.noise == nil {
			return t.graph(scope, inputs[0])
		}
		// A training's random numbers go on afterwards as if none had been drawn.
		random := randomState(scope.Store())
		before := random.NodeValue(inputs[0])
		random.SetNodeValue(inputs[1])
		DrawNoise(scope, inputs[0].Graph())
		result := t.graph(scope, inputs[0])
		random.SetNodeValue(before)
		return result
	})
	if err != nil {
		return nil, errors.WithMessage(err, "translate")
	}
	t.exec = exec.SetMaxCache(-1)
	return t, nil
}

// graph returns the translation of uint8 pictures.
func (t *Translator) graph(scope *model.Scope, pictures *Node) *Node {
	return gan.ToPixels(Pass(scope, t.generator, t.out, gan.ToFloat(pictures))[0])
}

// In returns the number of channels of the pictures that Batch takes.
func (t *Translator) In() int { return t.in }

// Out returns the number of channels of the pictures that Batch returns.
func (t *Translator) Out() int { return t.out }

// Multiple returns what height and width of the pictures must be multiples of. Larger pictures than a training's are fine, as
// the networks are convolutions.
func (t *Translator) Multiple() int { return t.generator.Multiple() }

// Generator returns the network.
func (t *Translator) Generator() Generator { return t.generator }

// Close frees the compiled programs.
func (t *Translator) Close() { t.exec.Finalize() }

// Batch returns the translations, uint8 [n, height, width, Out], of pictures, uint8 [n, height, width, In]. A picture's does
// not depend on the others, unless noise is drawn, which goes by the place in the batch. It is an error if the pictures have
// other channels, or a size that Multiple does not divide.
func (t *Translator) Batch(pictures *tensors.Tensor) (*tensors.Tensor, error) {
	if err := t.check(pictures); err != nil {
		return nil, err
	}
	inputs := []any{pictures}
	if t.noise != nil {
		inputs = append(inputs, t.noise)
	}
	output, err := t.exec.Call1(inputs...)
	return output, errors.WithMessage(err, "translate")
}

// check returns an error unless the pictures are what Batch takes.
func (t *Translator) check(pictures *tensors.Tensor) error {
	shape := pictures.Shape()
	if shape.DType != dtypes.Uint8 || shape.Rank() != 4 {
		return errors.Errorf("translate: pictures must be uint8 [n, height, width, %d], got %s", t.in, shape)
	}
	height, width, channels := shape.Dim(1), shape.Dim(2), shape.Dim(3)
	if channels != t.in {
		return errors.Errorf("translate: the generator takes pictures with %s, got %d; convert them", channelCount(t.in), channels)
	}
	if m := t.Multiple(); height%m != 0 || width%m != 0 {
		return errors.Errorf("translate: height and width of pictures must be multiples of %d, got %d×%d; pad them, and crop the result",
			m, height, width)
	}
	return nil
}

// channelCount says how many channels pictures have, and what that usually means.
func channelCount(n int) string {
	switch n {
	case 1:
		return "1 channel (grey)"
	case 3:
		return "3 channels (red, green, blue)"
	}
	return fmt.Sprintf("%d channels", n)
}

// All returns the translations of any number of pictures, as Batch does, batchSize at a time. The last batch is filled up with
// black pictures, so that one program serves all.
func (t *Translator) All(pictures *tensors.Tensor, batchSize int) (*tensors.Tensor, error) {
	if err := t.check(pictures); err != nil {
		return nil, err
	}
	if batchSize < 1 {
		return nil, errors.Errorf("translate: batches must have at least 1 picture, got %d", batchSize)
	}
	n, height, width := pictures.Shape().Dim(0), pictures.Shape().Dim(1), pictures.Shape().Dim(2)
	pixels, err := tensors.CopyFlatData[uint8](pictures)
	if err != nil {
		return nil, errors.WithMessage(err, "translate")
	}
	results := make([]uint8, 0, n*height*width*t.out)
	size := height * width * t.in
	for start := 0; start < n; start += batchSize {
		some := make([]uint8, batchSize*size)
		copy(some, pixels[start*size:])
		translated, err := t.flatBatch(some, batchSize, height, width)
		if err != nil {
			return nil, err
		}
		results = append(results, translated[:min(batchSize, n-start)*height*width*t.out]...)
	}
	return tensors.FromFlatDataAndDimensions(results, n, height, width, t.out), nil
}

// flatBatch is Batch from pixels to pixels.
func (t *Translator) flatBatch(pixels []uint8, n, height, width int) ([]uint8, error) {
	batch := tensors.FromFlatDataAndDimensions(pixels, n, height, width, t.in)
	defer batch.MustFinalizeAll()
	output, err := t.Batch(batch)
	if err != nil {
		return nil, err
	}
	defer output.MustFinalizeAll()
	translated, err := tensors.CopyFlatData[uint8](output)
	return translated, errors.WithMessage(err, "translate")
}

// CycleError returns how far pictures are from what comes back when they are translated there and back again: the mean
// distance of their values, from 0 to 255. Both ways go through uint8, as files do, so that a generator cannot hide what it
// must recover in differences too small to be stored.
func CycleError(there, back *Translator, pictures *tensors.Tensor, batchSize int) (float64, error) {
	over, err := there.All(pictures, batchSize)
	if err != nil {
		return 0, err
	}
	defer over.MustFinalizeAll()
	again, err := back.All(over, batchSize)
	if err != nil {
		return 0, err
	}
	defer again.MustFinalizeAll()
	if !again.Shape().Equal(pictures.Shape()) {
		return 0, errors.Errorf("translate: pictures shaped %s come back shaped %s; give the translators of the two directions of one run",
			pictures.Shape(), again.Shape())
	}
	return meanDistance(pictures, again)
}

// meanDistance returns the mean of |x - y| over all values of pictures of one shape.
func meanDistance(x, y *tensors.Tensor) (float64, error) {
	a, err := tensors.CopyFlatData[uint8](x)
	if err != nil {
		return 0, errors.WithMessage(err, "translate")
	}
	b, err := tensors.CopyFlatData[uint8](y)
	if err != nil {
		return 0, errors.WithMessage(err, "translate")
	}
	sum := 0.0
	for i := range a {
		sum += math.Abs(float64(a[i]) - float64(b[i]))
	}
	return sum / float64(len(a)), nil
}
