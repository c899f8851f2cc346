package nn

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"

	"github.com/ganymede-ml/ganymede/gan/nn/conv"
)

// MeanPool makes Conv average its result over squares of size×size pixels, which must fill it: the step down of residual
// discriminators. The stride must be 1. Convolution and mean are one convolution by a kernel larger by size-1, at that
// stride, which is less than half the work.
func (b *ConvBuilder) MeanPool(size int) *ConvBuilder {
	if size < 1 || b.name != "conv" {
		Panicf("nn: %s: MeanPool(%d): only Conv has it, by at least 1", b.name, size)
	}
	b.pool = size
	return b
}

// pooled returns the kernel and the geometry of the convolution by the given ones followed by a mean of pool×pool pixels.
func (b *ConvBuilder) pooled(kernel *Node, geometry conv.Geometry) (*Node, conv.Geometry) {
	if !b.plain() {
		Panicf("nn: conv: MeanPool needs stride 1 and no dilation, got %s", geometry)
	}
	size := [2]int{b.x.Shape().Dim(1), b.x.Shape().Dim(2)}
	output := geometry.OutputSize(size, b.kernel)
	if output[0]%b.pool != 0 || output[1]%b.pool != 0 {
		Panicf("nn: conv: MeanPool(%d) cannot divide %d×%d pixels", b.pool, output[0], output[1])
	}
	geometry.Strides = [2]int{b.pool, b.pool}
	return MulScalar(smear(kernel, b.pool), 1/float64(b.pool*b.pool)), geometry
}

// plain says whether stride and dilation are 1.
func (b *ConvBuilder) plain() bool {
	return max(b.geometry.Strides[0], b.geometry.Strides[1], b.geometry.Dilations[0], b.geometry.Dilations[1]) <= 1
}

// resizeAndConvolve repeats pixels and convolves. Where the result is as large as the repeated image, the two are one
// transposed convolution by a kernel larger by scale-1, at that stride: of all the products of a kernel's position with a
// pixel that the two have, those with the same pixel are taken once.
func (b *ConvBuilder) resizeAndConvolve(scope *model.Scope) *Node {
	if b.scale == 1 || !b.padSame || !b.plain() || b.groups != 1 {
		b.x = Enlarge(b.x, b.scale)
		return b.convolve(scope)
	}
	return convolveEnlarged(b.x, b.kernelOfConv(scope), b.scale)
}

// convolveEnlarged returns the convolution of Enlarge(x, scale), padded to keep its size, as one transposed convolution.
func convolveEnlarged(x, kernel *Node, scale int) *Node {
	size := [2]int{x.Shape().Dim(1) * scale, x.Shape().Dim(2) * scale}
	same := conv.Same(size, [2]int{kernel.Shape().Dim(0), kernel.Shape().Dim(1)}, [2]int{}, [2]int{})
	// Of the transposed convolution the kernel is turned round, and so is the padding.
	kernel = smear(Reverse(TransposeAllAxes(kernel, 0, 1, 3, 2), 0, 1), scale)
	geometry := conv.Geometry{Strides: [2]int{scale, scale}}
	for axis, padding := range same.Padding {
		geometry.Padding[axis] = [2]int{padding[1], padding[0]}
	}
	return conv.Transposed(x, kernel, geometry, size)
}

// smear returns the kernel convolved with a square of size×size ones.
func smear(kernel *Node, size int) *Node {
	zero := ScalarZero(kernel.Graph(), kernel.DType())
	for axis := range 2 {
		var sum *Node
		for i := range size {
			padding := make([]PadAxis, 2)
			padding[axis] = PadAxis{Start: i, End: size - 1 - i}
			shifted := Pad(kernel, zero, padding...)
			if sum == nil {
				sum = shifted
			} else {
				sum = Add(sum, shifted)
			}
		}
		kernel = sum
	}
	return kernel
}

// Enlarge returns the images x, shaped [batch, height, width, channels], with every pixel repeated scale times along
// both axes: nearest-neighbour interpolation, shaped [batch, scale·height, scale·width, channels].
func Enlarge(x *Node, scale int) *Node {
	if scale == 1 {
		return x
	}
	batch, height, width, channels := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2), x.Shape().Dim(3)
	x = Reshape(x, batch, height, 1, width, 1, channels)
	x = BroadcastToDims(x, batch, height, scale, width, scale, channels)
	return Reshape(x, batch, height*scale, width*scale, channels)
}
