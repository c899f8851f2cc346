package augment

import (
	"image"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mathext"
)

// Mixup mixes each example of a batch with the one before it, and the first with the last: "mixup: Beyond Empirical Risk
// Minimization" (Zhang et al. 2018, https://arxiv.org/abs/1710.09412, equation 1). Of images and labels it returns
//
//	weight · own + (1 - weight) · partner's.
//
// images are shaped [batch, ...]; labels, [batch, classes], are probabilities, one-hot ones say; weights, [batch], come from
// MixupWeights. Batches must be in random order, as those of a training are: the paper draws the partner.
func Mixup(images, labels, weights *Node) (mixedImages, mixedLabels *Node) {
	return mixWithPrevious(images, weights), mixWithPrevious(labels, weights)
}

func mixWithPrevious(x, weights *Node) *Node {
	batch := x.Shape().Dim(0)
	if weights.Rank() != 1 || weights.Shape().Dim(0) != batch {
		Panicf("Mixup: want one weight for each of the %d examples, got %s", batch, weights.Shape())
	}
	indices := make([][]int32, batch)
	for i := range indices {
		indices[i] = []int32{int32((i + batch - 1) % batch)}
	}
	partners := Gather(x, Const(x.Graph(), indices))
	dims := make([]int, x.Rank())
	for i := range dims {
		dims[i] = 1
	}
	dims[0] = batch
	weights = Reshape(ConvertDType(weights, x.DType()), dims...)
	return Add(Mul(x, weights), Mul(partners, OneMinus(weights)))
}

// MixupWeights returns weights for the examples of images, [batch], from the distribution Beta(alpha, alpha), drawn by the
// generator of the scope's store. The paper's alpha is from 0.1 to 0.4: most pictures hardly mixed; 1 makes all weights
// equally likely.
func MixupWeights(scope *model.Scope, images *Node, alpha float64) *Node {
	quantiles, err := betaQuantiles(alpha)
	if err != nil {
		Panicf("MixupWeights: %v", err)
	}
	g, dtype := images.Graph(), images.DType()
	place := MulScalar(scope.RandomUniform(g, shapes.Make(dtype, images.Shape().Dim(0))), float64(len(quantiles)-1))
	below := MinScalar(Floor(place), float64(len(quantiles)-2))
	table := ConvertDType(Const(g, quantiles), dtype)
	at := func(i *Node) *Node { return Gather(table, Reshape(ConvertDType(i, dtypes.Int32), -1, 1)) }
	part := Sub(place, below)
	return Add(Mul(at(below), OneMinus(part)), Mul(at(OnePlus(below)), part))
}

// MixupWeight returns the weight from Beta(alpha, alpha) that a number u from [0, 1) stands for.
func MixupWeight(alpha, u float64) (float64, error) {
	quantiles, err := betaQuantiles(alpha)
	if err != nil {
		return 0, err
	}
	place := u * float64(len(quantiles)-1)
	below := min(int(place), len(quantiles)-2)
	return quantiles[below] + (quantiles[below+1]-quantiles[below])*(place-float64(below)), nil
}

// betaQuantiles returns the quantiles of Beta(alpha, alpha) at 0, 1/1024, …, 1.
func betaQuantiles(alpha float64) ([]float64, error) {
	if !(alpha >= 0.01 && alpha <= 100) {
		return nil, errors.Errorf("augment: the alpha of mixup is from 0.01 to 100, not %g", alpha)
	}
	quantiles := make([]float64, 1025)
	last := len(quantiles) - 1
	for i := range last/2 + 1 {
		q := mathext.InvRegIncBeta(alpha, alpha, float64(i)/float64(last))
		quantiles[i], quantiles[last-i] = q, 1-q
	}
	return quantiles, nil
}

// MixupPictures returns weight · a + (1 - weight) · b, pixel by pixel, of two images of equal size, and the same of their
// labels, which are probabilities of the classes. The image is an *image.Gray if both are, else an *image.NRGBA; what is
// transparent counts as black.
func MixupPictures(a, b image.Image, labelsA, labelsB []float64, weight float64) (image.Image, []float64, error) {
	first, second := NewPicture(a), NewPicture(b)
	switch {
	case first.Height != second.Height || first.Width != second.Width:
		return nil, nil, errors.Errorf("augment: mixup needs pictures of one size, got %d×%d and %d×%d", first.Width, first.Height, second.Width, second.Height)
	case len(labelsA) != len(labelsB):
		return nil, nil, errors.Errorf("augment: mixup needs labels of the same classes, got %d and %d", len(labelsA), len(labelsB))
	case !(weight >= 0 && weight <= 1):
		return nil, nil, errors.Errorf("augment: the weight of mixup is from 0 to 1, not %g", weight)
	}
	channels := max(first.Channels, second.Channels)
	mixed := &Picture{Height: first.Height, Width: first.Width, Channels: channels, Values: make([]float32, first.Height*first.Width*channels)}
	for i := range mixed.Values {
		pixel, c := i/channels, i%channels
		mixed.Values[i] = float32(weight*first.opaque(pixel, c) + (1-weight)*second.opaque(pixel, c))
	}
	labels := make([]float64, len(labelsA))
	for i := range labels {
		labels[i] = weight*labelsA[i] + (1-weight)*labelsB[i]
	}
	return mixed.Image(), labels, nil
}

// opaque returns a channel of a pixel in front of black; a grey picture has its grey in all.
func (p *Picture) opaque(pixel, channel int) float64 {
	value := float64(p.Values[pixel*p.Channels+min(channel, p.Channels-1)])
	if p.Alpha != nil {
		value = (value+1)*float64(p.Alpha[pixel]) - 1
	}
	return value
}
