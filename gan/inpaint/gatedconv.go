package inpaint

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan/nn"
)

// keepingGain² is what the variance of kernels, times their fan in, must be so that the mean square of what a gated
// convolution returns is that of what it takes: 1 / (E[ELU(n)²]·E[σ(n)²]) for n from N(0, 1), which is 1 / (0.6449·0.2934).
const keepingGain = 2.299

// GatedConvBuilder configures a gated convolution. Create it with GatedConv, and call Done.
type GatedConvBuilder struct {
	scope                              *model.Scope
	x                                  *Node
	channels, kernel, stride, dilation int
	gain                               float64
	rectified                          bool
}

// GatedConv prepares a gated convolution of the images x, shaped [batch, height, width, channels]: equation 3 of "Free-Form
// Image Inpainting with Gated Convolution" (Yu et al. 2019, https://arxiv.org/abs/1806.03589),
//
//	ELU(features) ⊙ σ(gates)
//
// where both come from one convolution with a bias, the features from the first half of its channels, the gates from the
// other one. Gates learn where the picture is to be believed: at its known pixels, at the hole, or at what a layer before has
// drawn. Zeros pad the images, so that the result has ceil(size/stride) positions per axis. Channels must be set; the kernel
// is 3 and the stride 1 unless set.
//
// Kernels start from N(0, gain²/fan in), with a gain of 2.299, which keeps numbers of one size through many layers.
func GatedConv(scope *model.Scope, x *Node) *GatedConvBuilder {
	return &GatedConvBuilder{scope: scope, x: x, kernel: 3, stride: 1, dilation: 1, gain: keepingGain}
}

// Channels sets the channels of the result, half of the kernels. It must be set.
func (b *GatedConvBuilder) Channels(channels int) *GatedConvBuilder {
	b.channels = channels
	return b
}

// KernelSize sets the height and width of the kernel; the default is 3.
func (b *GatedConvBuilder) KernelSize(size int) *GatedConvBuilder {
	b.kernel = size
	return b
}

// Strides sets the stride along both axes; the default is 1.
func (b *GatedConvBuilder) Strides(strides int) *GatedConvBuilder {
	b.stride = strides
	return b
}

// Dilations sets the distance between neighbouring positions of the kernel; the default is 1.
func (b *GatedConvBuilder) Dilations(dilation int) *GatedConvBuilder {
	b.dilation = dilation
	return b
}

// Gain sets the gain of the kernels at the start, 1 for a layer that takes pictures; the default is 2.299.
func (b *GatedConvBuilder) Gain(gain float64) *GatedConvBuilder {
	b.gain = gain
	return b
}

// Rectified makes max(0, ·) take the place of ELU, as before attention, which compares directions of what it gets.
func (b *GatedConvBuilder) Rectified() *GatedConvBuilder {
	b.rectified = true
	return b
}

// Done builds the layer and returns its result.
func (b *GatedConvBuilder) Done() *Node {
	scope := b.scope.In("gated_conv")
	fanIn := float64(b.kernel * b.kernel * b.x.Shape().Dim(3))
	scope = scope.WithInitializer(nn.Normal(scope, 0, b.gain/math.Sqrt(fanIn)))
	both := nn.Conv(scope, b.x).Channels(2 * b.channels).KernelSize(b.kernel).Strides(b.stride).Dilations(b.dilation).PadSame().Done()
	features := SliceAxis(both, 3, AxisRange(0, b.channels))
	gates := SliceAxis(both, 3, AxisRange(b.channels))
	if b.rectified {
		return Mul(nn.ReLU(features), Sigmoid(gates))
	}
	return Mul(elu(features), Sigmoid(gates))
}

// elu returns x where it is positive and exp(x) - 1 elsewhere ("Fast and Accurate Deep Network Learning by Exponential Linear
// Units", Clevert et al. 2015, https://arxiv.org/abs/1511.07289, with α = 1).
func elu(x *Node) *Node {
	zero := ScalarZero(x.Graph(), x.DType())
	return Add(Max(x, zero), MinusOne(Exp(Min(x, zero))))
}
