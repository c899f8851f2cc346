package nn

import (
	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// AveragePool2 returns the images x, shaped [batch, height, width, channels], at half the height and width: the means of
// squares of 2×2 pixels. Height and width must be even.
func AveragePool2(x *Node) *Node {
	corners := corners("AveragePool2", x)
	return MulScalar(Add(Add(corners[0], corners[1]), Add(corners[2], corners[3])), 0.25)
}

// MaxPool2 returns the images x, shaped [batch, height, width, channels], at half the height and width: the largest
// numbers of squares of 2×2 pixels. Height and width must be even. Where several are largest, one takes the gradient.
func MaxPool2(x *Node) *Node {
	corners := corners("MaxPool2", x)
	return Max(Max(corners[0], corners[1]), Max(corners[2], corners[3]))
}

// corners returns the upper left, upper right, lower left and lower right pixels of the squares of 2×2 pixels.
func corners(name string, x *Node) [4]*Node {
	if x.Rank() != 4 || x.Shape().Dim(1)%2 != 0 || x.Shape().Dim(2)%2 != 0 {
		Panicf("nn: %s: x must be shaped [batch, height, width, channels] with an even height and width, got %s", name, x.Shape())
	}
	var corners [4]*Node
	for i := range corners {
		corners[i] = Slice(x, AxisRange(), AxisRange(i/2).Stride(2), AxisRange(i%2).Stride(2), AxisRange())
	}
	return corners
}
