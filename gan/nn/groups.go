package nn

import (
	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"

	"github.com/ganymede-ml/ganymede/gan/nn/conv"
)

// Groups splits the channels into as many groups, convolved apart: each group of channels of the result sees one group
// of x's ("Aggregated Residual Transformations for Deep Neural Networks", Xie et al. 2016,
// https://arxiv.org/abs/1611.05431, section 3.3). The default is 1. Both numbers of channels must be divisible by it.
// ConvTranspose does not have it.
func (b *ConvBuilder) Groups(groups int) *ConvBuilder {
	b.groups = groups
	return b
}

// checkGroups panics if the channels cannot be split.
func (b *ConvBuilder) checkGroups() {
	in := b.x.Shape().Dim(3)
	if b.groups < 1 || in%b.groups != 0 || b.channels%b.groups != 0 {
		Panicf("nn: %s: Groups(%d) must divide the channels, which are %d and %d", b.name, b.groups, in, b.channels)
	}
	if b.groups > 1 && b.name == "conv_transpose" {
		Panicf("nn: %s: Groups(%d): a transposed convolution has no groups", b.name, b.groups)
	}
}

// joinedChannels is up to how many channels of x groups are convolved together, by a kernel that is zero between them:
// a convolution of so few channels costs next to nothing more, and each convolution by itself something.
const joinedChannels = 32

// convolution returns the convolution of x, shaped [batch, height, width, in], with a kernel shaped
// [kernelHeight, kernelWidth, in/groups, out]: a group of x's channels for each group of the result's.
func convolution(x, kernel *Node, geometry conv.Geometry, groups int) *Node {
	in, out := kernel.Shape().Dim(2), kernel.Shape().Dim(3)/groups
	joined := groups
	for groups%joined != 0 || joined > 1 && joined*in > joinedChannels {
		joined--
	}
	if joined == groups {
		return ungrouped(x, between(kernel, groups), geometry)
	}
	parts := make([]*Node, groups/joined)
	for i := range parts {
		part := along(x, 3, i*joined*in, (i+1)*joined*in)
		weights := along(kernel, 3, i*joined*out, (i+1)*joined*out)
		parts[i] = ungrouped(part, between(weights, joined), geometry)
	}
	return Concatenate(parts, 3)
}

// between returns the kernel shaped [kernelHeight, kernelWidth, in, out] that does the same without groups as the one
// given, shaped [kernelHeight, kernelWidth, in/groups, out], does with them: zero between the groups.
func between(kernel *Node, groups int) *Node {
	if groups == 1 {
		return kernel
	}
	height, width, in, out := kernel.Shape().Dim(0), kernel.Shape().Dim(1), kernel.Shape().Dim(2), kernel.Shape().Dim(3)/groups
	same := ConvertDType(Diagonal(kernel.Graph(), groups), kernel.DType())
	kernel = Mul(Reshape(kernel, height, width, 1, in, groups, out), Reshape(same, 1, 1, groups, 1, groups, 1))
	return Reshape(kernel, height, width, groups*in, groups*out)
}

// ungrouped returns the convolution. One with a kernel of a single position is a matrix product, whose derivatives are
// several times faster on a CPU.
func ungrouped(x, kernel *Node, geometry conv.Geometry) *Node {
	if kernel.Shape().Dim(0) != 1 || kernel.Shape().Dim(1) != 1 || geometry.Padding != [2][2]int{} ||
		max(geometry.Strides[0], geometry.Strides[1]) > 1 {
		return conv.Conv(x, kernel, geometry)
	}
	batch, height, width, in, out := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2), x.Shape().Dim(3), kernel.Shape().Dim(3)
	y := Dot(Reshape(x, batch*height*width, in), Reshape(kernel, in, out)).Product()
	return Reshape(y, batch, height, width, out)
}
