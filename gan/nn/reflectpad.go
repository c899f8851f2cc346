package nn

import (
	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// ReflectPad returns the images x, shaped [batch, height, width, channels], with as many more pixels on each of their
// four sides, mirrored at the outermost pixel, which is not repeated: row -1 is row 1. It is PyTorch's
// ReflectionPad2d, which CycleGAN's generator has before its convolutions in place of zeros.
//
// It panics if the images are not larger than the padding.
func ReflectPad(x *Node, pixels int) *Node {
	if x.Rank() != 4 {
		Panicf("nn: reflect pad: x must be shaped [batch, height, width, channels], got %s", x.Shape())
	}
	if pixels < 0 || min(x.Shape().Dim(1), x.Shape().Dim(2)) <= pixels {
		Panicf("nn: reflect pad: images of %d×%d pixels cannot be mirrored by %d", x.Shape().Dim(1), x.Shape().Dim(2), pixels)
	}
	if pixels == 0 {
		return x
	}
	for _, axis := range []int{1, 2} {
		size := x.Shape().Dim(axis)
		before := Reverse(along(x, axis, 1, 1+pixels), axis)
		after := Reverse(along(x, axis, size-1-pixels, size-1), axis)
		x = Concatenate([]*Node{before, x, after}, axis)
	}
	return x
}
