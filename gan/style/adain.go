package style

import (
	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// epsilon is added to variances, as in the official code of AdaIN.
const epsilon = 1e-5

// Statistics returns the mean and the standard deviation of each channel of each example over height and width, for features
// shaped [batch, height, width, channels]: μ and σ of equations 5 and 6 of "Arbitrary Style Transfer in Real-time with
// Adaptive Instance Normalization" (Huang and Belongie 2017, https://arxiv.org/abs/1703.06868), with ε = 1e-5. Both are shaped
// [batch, 1, 1, channels].
//
// The variance divides by the number of pixels, as the paper has it; the well-known port to PyTorch divides by one less.
func Statistics(features *Node) (mean, deviation *Node) {
	if features.Rank() != 4 {
		Panicf("style.Statistics: features must be shaped [batch, height, width, channels], got %s", features.Shape())
	}
	mean = ReduceAndKeep(features, ReduceMean, 1, 2)
	variance := ReduceAndKeep(Square(Sub(features, mean)), ReduceMean, 1, 2)
	return mean, Sqrt(AddScalar(variance, epsilon))
}

// AdaIN returns the features of a content with the statistics of those of a style, equation 8 of the paper:
//
//	σ(style) · (content - μ(content)) / σ(content) + μ(style)
//
// Both are shaped [batch, height, width, channels]; heights and widths may differ, and either batch may be 1.
func AdaIN(content, style *Node) *Node {
	mean, deviation := Statistics(style)
	from, spread := Statistics(content)
	return Add(Mul(Div(Sub(content, from), spread), deviation), mean)
}

// Blend returns the features α of the way from the content's to the target's: the argument of the decoder in equation 14.
func Blend(content, target *Node, alpha float64) *Node {
	return Add(MulScalar(content, 1-alpha), MulScalar(target, alpha))
}

// ContentLoss returns the mean squared difference of features: equation 12 of the paper, where the target is what AdaIN
// returned, but for the scale, as the paper has the Euclidean norm and its official code this mean.
func ContentLoss(features, target *Node) *Node {
	return ReduceAllMean(Square(Sub(features, target)))
}

// Loss returns the style loss, the sum over the layers of the mean squared difference of the means plus that of the standard deviations:
// equation 13 of the paper, with the same remark on scale.
//
// It panics unless there are as many layers of both.
func Loss(layers, style []*Node) *Node {
	if len(layers) == 0 || len(layers) != len(style) {
		Panicf("style.Loss: needs as many layers of both, got %d and %d", len(layers), len(style))
	}
	var sum *Node
	for i := range layers {
		mean, deviation := Statistics(layers[i])
		wantMean, wantDeviation := Statistics(style[i])
		loss := Add(ContentLoss(mean, wantMean), ContentLoss(deviation, wantDeviation))
		if sum == nil {
			sum = loss
		} else {
			sum = Add(sum, loss)
		}
	}
	return sum
}
