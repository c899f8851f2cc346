package nn

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// The filters of this file are separable binomial ones, along the height and then along the width. The images end in a
// repetition of their outermost pixels, so that a constant image stays what it is.

// Blur returns the images x, shaped [batch, height, width, channels], smoothed by the filter [1, 2, 1]/4 along both
// axes: StyleGAN's low-pass filter ("A Style-Based Generator Architecture for Generative Adversarial Networks", Karras
// et al. 2018, https://arxiv.org/abs/1812.04948, section 2, after "Making Convolutional Networks Shift-Invariant
// Again", Zhang 2019, https://arxiv.org/abs/1904.11486). It is its own adjoint.
func Blur(x *Node) *Node {
	checkImages("Blur", x)
	for axis := 1; axis <= 2; axis++ {
		neighbours := Add(shifted(x, axis, 1), shifted(x, axis, -1))
		x = Add(weighted(x, axis, 0.5, 0.75, 0.75), MulScalar(neighbours, 0.25))
	}
	return x
}

// BlurUp returns the images x, shaped [batch, height, width, channels], at twice the height and width: each pixel
// doubled along both axes, then smoothed as by Blur. That is the filter [1, 3, 3, 1]/4 between zeros, bilinear
// interpolation with centred pixels.
func BlurUp(x *Node) *Node {
	checkImages("BlurUp", x)
	for axis := 1; axis <= 2; axis++ {
		first := Add(weighted(x, axis, 0.75, 1, 0.75), MulScalar(shifted(x, axis, 1), 0.25))
		second := Add(weighted(x, axis, 0.75, 0.75, 1), MulScalar(shifted(x, axis, -1), 0.25))
		x = weave(first, second, axis)
	}
	return x
}

// BlurDown returns the images x, shaped [batch, height, width, channels], at half the height and width: smoothed as by
// Blur, then the mean of each pair of pixels along both axes. That is the filter [1, 3, 3, 1]/8 at every other pixel,
// and BlurUp's adjoint divided by 4. Height and width must be even.
func BlurDown(x *Node) *Node {
	checkImages("BlurDown", x)
	for axis := 1; axis <= 2; axis++ {
		if x.Shape().Dim(axis)%2 != 0 {
			Panicf("nn: BlurDown: height and width must be even, got %s", x.Shape())
		}
		first, second := unweave(x, axis)
		near := Add(weighted(first, axis, 0.375, 0.5, 0.375), weighted(second, axis, 0.375, 0.375, 0.5))
		far := Add(shifted(second, axis, 1), shifted(first, axis, -1)) // Of the pair before, and of the pair after.
		x = Add(near, MulScalar(far, 0.125))
	}
	return x
}

// shifted returns x moved one position on along the axis, or one back, with zeros where nothing comes from. XLA makes
// one loop over the image of several of these and of their derivatives.
func shifted(x *Node, axis, by int) *Node {
	padding := make([]PadAxis, x.Rank())
	padding[axis] = PadAxis{Start: 1, End: 1}
	padded := Pad(x, ScalarZero(x.Graph(), x.DType()), padding...)
	return along(padded, axis, 1-by, 1-by+x.Shape().Dim(axis))
}

// weighted returns x times a weight, which is another one at the first and at the last position of the axis: there a
// filter meets the same pixel again. With one position both differences count.
func weighted(x *Node, axis int, inner, first, last float64) *Node {
	n := x.Shape().Dim(axis)
	weights := make([]float64, n)
	for i := range weights {
		weights[i] = inner
	}
	weights[0] += first - inner
	weights[n-1] += last - inner
	dimensions := []int{1, 1, 1, 1}
	dimensions[axis] = n
	return Mul(x, Reshape(ConstAsDType(x.Graph(), x.DType(), weights), dimensions...))
}

// along returns the positions from one to before another of an axis.
func along(x *Node, axis, from, to int) *Node {
	ranges := make([]SliceAxisSpec, x.Rank())
	for i := range ranges {
		ranges[i] = AxisRange()
	}
	ranges[axis] = AxisRange(from, to)
	return Slice(x, ranges...)
}

// weave returns the positions of both nodes along the axis by turns, beginning with the first's.
func weave(first, second *Node, axis int) *Node {
	woven := slices.Clone(first.Shape().Dimensions)
	pairs := slices.Insert(slices.Clone(woven), axis+1, 1)
	woven[axis] *= 2
	x := Concatenate([]*Node{Reshape(first, pairs...), Reshape(second, pairs...)}, axis+1)
	return Reshape(x, woven...)
}

// unweave returns what weave was given.
func unweave(x *Node, axis int) (first, second *Node) {
	half := slices.Clone(x.Shape().Dimensions)
	half[axis] /= 2
	x = Reshape(x, slices.Insert(slices.Clone(half), axis+1, 2)...)
	return Reshape(along(x, axis+1, 0, 1), half...), Reshape(along(x, axis+1, 1, 2), half...)
}

func checkImages(name string, x *Node) {
	if x.Rank() != 4 {
		Panicf("nn: %s: x must be shaped [batch, height, width, channels], got %s", name, x.Shape())
	}
}
