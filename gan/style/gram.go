package style

import (
	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// Gram returns the means over height and width of the products of each two channels, for features [batch, height, width,
// channels]: the matrices of equation 3 of "A Neural Algorithm of Artistic Style" (Gatys et al. 2015,
// https://arxiv.org/abs/1508.06576) divided by the number of pixels, so that pictures of different sizes compare. They are
// [batch, channels, channels].
func Gram(features *Node) *Node {
	if features.Rank() != 4 {
		Panicf("style.Gram: features must be shaped [batch, height, width, channels], got %s", features.Shape())
	}
	pixels := features.Shape().Dim(1) * features.Shape().Dim(2)
	return DivScalar(Einsum("bhwc,bhwd->bcd", features, features), float64(pixels))
}

// GramLoss returns the mean over the layers of what two lists of Gram matrices differ by, each Σ (G - A)² / 4N² for N
// channels, averaged over the batch: equations 4 and 5 of the paper, whose division by the pixels Gram has done, with equal weights of the
// layers.
//
// It panics unless there are as many of both.
func GramLoss(grams, wanted []*Node) *Node {
	if len(grams) == 0 || len(grams) != len(wanted) {
		Panicf("style.GramLoss: needs as many matrices of both, got %d and %d", len(grams), len(wanted))
	}
	var sum *Node
	for i := range grams {
		loss := ContentLoss(grams[i], wanted[i]) // Divides by N² already.
		if sum == nil {
			sum = loss
		} else {
			sum = Add(sum, loss)
		}
	}
	return DivScalar(sum, 4*float64(len(grams)))
}

// TotalVariation returns the mean absolute difference between neighbouring pixels of images, [batch, height, width, channels],
// along the height plus that along the width: what noise raises.
func TotalVariation(images *Node) *Node {
	height, width := images.Shape().Dim(1), images.Shape().Dim(2)
	down := Sub(SliceAxis(images, 1, AxisRange(1, height)), SliceAxis(images, 1, AxisRange(0, height-1)))
	right := Sub(SliceAxis(images, 2, AxisRange(1, width)), SliceAxis(images, 2, AxisRange(0, width-1)))
	return Add(ReduceAllMean(Abs(down)), ReduceAllMean(Abs(right)))
}
