package nn

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"

	"github.com/ganymede-ml/ganymede/gan/nn/conv"
)

// ConvBuilder configures a convolution layer. Create it with Conv, ConvTranspose or ConvResize, and call Done.
type ConvBuilder struct {
	scope    *model.Scope
	name     string
	x        *Node
	build    func(b *ConvBuilder, scope *model.Scope) *Node
	channels int
	kernel   [2]int
	geometry conv.Geometry
	padSame  bool
	scale    int
	pool     int
	bias     bool
	spectral bool

	multiplier float64 // See Equalized; 0 means not equalized.
	groups     int     // See Groups.
}

// Conv prepares a convolution layer on the images x, shaped [batch, height, width, channels]. Channels and KernelSize
// must be set; the defaults are stride 1, no padding and a bias. With PadSame its result has ceil(size/stride)
// positions per axis, without padding floor((size-kernel)/stride)+1.
func Conv(scope *model.Scope, x *Node) *ConvBuilder {
	return newConvBuilder(scope, "conv", x, (*ConvBuilder).convolve)
}

// ConvTranspose prepares a transposed convolution layer on the images x, shaped [batch, height, width, channels]: the
// layer that makes images larger by a learned kernel ("A guide to convolution arithmetic for deep learning", Dumoulin
// and Visin 2016, https://arxiv.org/abs/1603.07285, section 4). Channels and KernelSize must be set.
//
// With PadSame its result has size·stride positions per axis; without padding (size-1)·stride+kernel; and with
// Padding(p), as PyTorch's ConvTranspose2d, 2p less than that.
//
// Choose kernels divisible by the stride: others cover the result unevenly, which shows as a checkerboard
// (https://distill.pub/2016/deconv-checkerboard/).
func ConvTranspose(scope *model.Scope, x *Node) *ConvBuilder {
	return newConvBuilder(scope, "conv_transpose", x, (*ConvBuilder).convolveTransposed)
}

// ConvResize prepares a resize-convolution on the images x, shaped [batch, height, width, channels]: nearest-neighbour
// enlargement by Scale, 2 unless set, then a convolution. It is the layer that "Deconvolution and Checkerboard
// Artifacts" (Odena et al. 2016, https://distill.pub/2016/deconv-checkerboard/) advises instead of ConvTranspose.
func ConvResize(scope *model.Scope, x *Node) *ConvBuilder {
	return newConvBuilder(scope, "conv_resize", x, (*ConvBuilder).resizeAndConvolve)
}

func newConvBuilder(scope *model.Scope, name string, x *Node, build func(*ConvBuilder, *model.Scope) *Node) *ConvBuilder {
	if x.Rank() != 4 {
		Panicf("nn: %s: x must be shaped [batch, height, width, channels], got %s", name, x.Shape())
	}
	return &ConvBuilder{scope: scope, name: name, x: x, build: build, scale: 2, pool: 1, bias: true, groups: 1}
}

// Channels sets the number of channels of the result. It must be set.
func (b *ConvBuilder) Channels(channels int) *ConvBuilder {
	b.channels = channels
	return b
}

// KernelSize sets the height and width of the kernel. It must be set.
func (b *ConvBuilder) KernelSize(size int) *ConvBuilder { return b.KernelSizePerAxis(size, size) }

// KernelSizePerAxis sets the height and the width of the kernel.
func (b *ConvBuilder) KernelSizePerAxis(height, width int) *ConvBuilder {
	b.kernel = [2]int{height, width}
	return b
}

// Strides sets the stride along both axes; the default is 1.
func (b *ConvBuilder) Strides(strides int) *ConvBuilder { return b.StridePerAxis(strides, strides) }

// StridePerAxis sets the strides along the height and the width.
func (b *ConvBuilder) StridePerAxis(height, width int) *ConvBuilder {
	b.geometry.Strides = [2]int{height, width}
	return b
}

// Dilations sets the distance between neighbouring positions of the kernel; the default is 1.
func (b *ConvBuilder) Dilations(dilation int) *ConvBuilder {
	b.geometry.Dilations = [2]int{dilation, dilation}
	return b
}

// PadSame pads with zeros so that the result has ceil(size/stride) positions per axis; for ConvTranspose, size·stride.
func (b *ConvBuilder) PadSame() *ConvBuilder {
	b.padSame = true
	return b
}

// NoPadding pads with nothing. This is the default.
func (b *ConvBuilder) NoPadding() *ConvBuilder { return b.Padding(0) }

// Padding pads the larger image with as many zeros on each of its four sides, as PyTorch's padding argument.
func (b *ConvBuilder) Padding(zeros int) *ConvBuilder {
	return b.PaddingPerAxis([2]int{zeros, zeros}, [2]int{zeros, zeros})
}

// PaddingPerAxis pads the larger image with the zeros given, before and after it, along the height and the width.
func (b *ConvBuilder) PaddingPerAxis(height, width [2]int) *ConvBuilder {
	b.padSame = false
	b.geometry.Padding = [2][2]int{height, width}
	return b
}

// Scale sets by how much ConvResize enlarges; the default is 2. The other layers do not heed it.
func (b *ConvBuilder) Scale(scale int) *ConvBuilder {
	b.scale = scale
	return b
}

// UseBias sets whether a learned value is added to each channel; the default is true.
func (b *ConvBuilder) UseBias(useBias bool) *ConvBuilder {
	b.bias = useBias
	return b
}

// SpectralNorm sets whether the kernel is divided by its largest singular value, see the function of that name.
func (b *ConvBuilder) SpectralNorm(use bool) *ConvBuilder {
	b.spectral = use
	return b
}

// Done builds the layer and returns its result.
func (b *ConvBuilder) Done() *Node {
	if b.channels < 1 || b.kernel[0] < 1 || b.kernel[1] < 1 || b.scale < 1 {
		Panicf("nn: %s: Channels, KernelSize and Scale must be positive, got %d, %v and %d",
			b.name, b.channels, b.kernel, b.scale)
	}
	b.checkGroups()
	scope := b.scope.In("%s", b.name)
	y := b.build(b, scope)
	if b.bias {
		y = addEqualizedBias(scope, y, b.multiplier)
	}
	return y
}

func (b *ConvBuilder) convolve(scope *model.Scope) *Node {
	kernel := b.kernelOfConv(scope)
	geometry := b.geometry
	if b.padSame {
		size := [2]int{b.x.Shape().Dim(1), b.x.Shape().Dim(2)}
		geometry = conv.Same(size, b.kernel, geometry.Strides, geometry.Dilations)
	}
	if b.pool > 1 {
		kernel, geometry = b.pooled(kernel, geometry)
	}
	return convolution(b.x, kernel, geometry, b.groups)
}

// kernelOfConv returns the kernel of Conv and ConvResize.
func (b *ConvBuilder) kernelOfConv(scope *model.Scope) *Node {
	in := b.x.Shape().Dim(3) / b.groups
	kernel := equalizedWeight(scope, b.x, b.multiplier, b.kernel[0]*b.kernel[1]*in, b.kernel[0], b.kernel[1], in, b.channels)
	if b.spectral {
		kernel = SpectralNorm(scope, kernel)
	}
	return kernel
}

func (b *ConvBuilder) convolveTransposed(scope *model.Scope) *Node {
	// The kernel is the one of the convolution that is transposed: it takes the result's channels to x's.
	in := b.x.Shape().Dim(3)
	kernel := equalizedWeight(scope, b.x, b.multiplier, b.kernel[0]*b.kernel[1]*in, b.kernel[0], b.kernel[1], b.channels, in)
	if b.spectral {
		kernel = spectralNorm(scope, kernel, 2)
	}
	geometry := b.geometry
	var size [2]int
	for axis := range 2 {
		positions := b.x.Shape().Dim(axis + 1)
		stride, dilation := max(geometry.Strides[axis], 1), max(geometry.Dilations[axis], 1)
		if b.padSame {
			size[axis] = positions * stride
		} else {
			size[axis] = (positions-1)*stride + (b.kernel[axis]-1)*dilation + 1 -
				geometry.Padding[axis][0] - geometry.Padding[axis][1]
		}
	}
	if b.padSame {
		geometry = conv.Same(size, b.kernel, geometry.Strides, geometry.Dilations)
	}
	return conv.Transposed(b.x, kernel, geometry, size)
}
