package augment

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// Color is the colour part of DiffAugment: it adds a number from U[-0.5, 0.5) to the image, then multiplies the
// distance of each pixel's channels from their mean by one from U[0, 2) (nothing to do with one channel), then the distance
// of all values from the image's mean by one from U[0.5, 1.5). Each image is changed with probability p; the paper
// changes all, p = 1.
func Color(scope *model.Scope, x *Node, p float64) *Node {
	checkImages("Color", x)
	if !(p >= 0 && p <= 1) {
		Panicf("Color: a probability is between 0 and 1, not %g", p)
	}
	d := newDraws(scope, x, 4, 0)
	keep := d.with(Scalar(x.Graph(), x.DType(), p))
	x = Brightness(x, keep(d.uniform(-0.5, 0.5), 0))
	x = Saturation(x, keep(d.uniform(0, 2), 1))
	return Contrast(x, keep(d.uniform(0.5, 1.5), 1))
}

// Translation is the second part of DiffAugment: it moves each image by a whole number of pixels along both axes, up to
// ratio times its size in either direction, all equally likely; the paper's ratio is 0.125. What moves in is zero, as in
// the paper: the grey in the middle of [-1, 1], not black.
func Translation(scope *model.Scope, x *Node, ratio float64) *Node {
	checkImages("Translation", x)
	checkRatio("Translation", ratio)
	d := newDraws(scope, x, 2, 0)
	shift := func(axis int) *Node {
		most := int(math.Round(ratio * float64(x.Shape().Dim(axis))))
		return AddScalar(d.below(2*most+1), -most)
	}
	return Translate(x, shift(1), shift(2))
}

// Cutout is the third part of DiffAugment: it sets a square of each image to zero, the grey in the middle of [-1, 1].
// Its side is ratio times the image's shorter one; the paper's ratio is 0.5. Its middle lies anywhere in the image,
// all places equally likely, so that it may reach over the edge.
func Cutout(scope *model.Scope, x *Node, ratio float64) *Node {
	checkImages("Cutout", x)
	checkRatio("Cutout", ratio)
	size := int(math.Round(ratio * float64(min(x.Shape().Dim(1), x.Shape().Dim(2)))))
	d := newDraws(scope, x, 2, 0)
	start := func(axis int) *Node {
		// The middle of a square of even size is a corner of pixels, of which there is one more along each axis.
		middle := d.below(x.Shape().Dim(axis) + 1 - size%2)
		return AddScalar(middle, -(size / 2))
	}
	return Erase(x, start(1), start(2), size)
}

// checkRatio panics unless ratio is a part of an image's size.
func checkRatio(name string, ratio float64) {
	if !(ratio >= 0 && ratio <= 1) {
		Panicf("%s: the ratio to the image's size is between 0 and 1, not %g", name, ratio)
	}
}
