package nn

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"

	"github.com/ganymede-ml/ganymede/gan/nn/conv"
)

// ModulatedConvBuilder configures a modulated convolution. Create it with ModulatedConv, and call Done.
type ModulatedConvBuilder struct {
	scope      *model.Scope
	x, styles  *Node
	channels   int
	kernel     int
	demodulate bool
	up         bool
	bias       bool
}

// ModulatedConv prepares a convolution of the images x, shaped [batch, height, width, channels], whose kernel each
// image's style, a row of styles, shaped [batch, style size], scales per input channel, and which is then divided per
// output channel by its length ("Analyzing and Improving the Image Quality of StyleGAN", Karras et al. 2019,
// https://arxiv.org/abs/1912.04958, equations 1 to 3):
//
//	s    = 1 + affine(style)                          a scale per input channel
//	w'   = s w,   w'' = w' / √(Σ w'² + 1e-8)          the sum is over input channels and positions
//
// So an image has a style without its numbers being normalized. A kernel per image is never built: x is scaled before
// one convolution for all, and the result after it, which is the same.
//
// Channels and KernelSize, which must be odd, must be set. The result has the size of x, padded with zeros; the defaults
// are demodulation and a bias. Learning rates are equalized, see ConvBuilder.Equalized.
func ModulatedConv(scope *model.Scope, x, styles *Node) *ModulatedConvBuilder {
	if x.Rank() != 4 || styles.Rank() != 2 || x.Shape().Dim(0) != styles.Shape().Dim(0) {
		Panicf("nn: modulated conv: want x shaped [batch, height, width, channels] and styles shaped [batch, size], got %s and %s",
			x.Shape(), styles.Shape())
	}
	return &ModulatedConvBuilder{scope: scope, x: x, styles: styles, demodulate: true, bias: true}
}

// Channels sets the number of channels of the result. It must be set.
func (b *ModulatedConvBuilder) Channels(channels int) *ModulatedConvBuilder {
	b.channels = channels
	return b
}

// KernelSize sets the height and width of the kernel. It must be set.
func (b *ModulatedConvBuilder) KernelSize(size int) *ModulatedConvBuilder {
	b.kernel = size
	return b
}

// Demodulate sets whether the kernel is divided by its length, equation 3; the default is true. StyleGAN2's layers that
// make colours are without.
func (b *ModulatedConvBuilder) Demodulate(demodulate bool) *ModulatedConvBuilder {
	b.demodulate = demodulate
	return b
}

// Upsample makes the result twice as high and wide as x: the same as the convolution of Enlarge(x, 2), smoothed by Blur,
// at less than half the multiplications. The kernel must be of size 3.
func (b *ModulatedConvBuilder) Upsample(up bool) *ModulatedConvBuilder {
	b.up = up
	return b
}

// UseBias sets whether a learned value is added to each channel; the default is true.
func (b *ModulatedConvBuilder) UseBias(useBias bool) *ModulatedConvBuilder {
	b.bias = useBias
	return b
}

// Done builds the layer and returns its result.
func (b *ModulatedConvBuilder) Done() *Node {
	if b.channels < 1 || b.kernel < 1 || b.kernel%2 == 0 || b.up && b.kernel != 3 {
		Panicf("nn: modulated conv: Channels must be positive and KernelSize odd, 3 to upsample; got %d and %d",
			b.channels, b.kernel)
	}
	scope := b.scope.In("modulated_conv")
	batch, in := b.x.Shape().Dim(0), b.x.Shape().Dim(3)
	scales := OnePlus(Dense(scope.In("style"), b.styles).Channels(in).Equalized(1).Done()) // [batch, in]
	kernel := equalizedWeight(scope, b.x, 1, b.kernel*b.kernel*in, b.kernel, b.kernel, in, b.channels)

	x := Mul(b.x, Reshape(scales, batch, 1, 1, in))
	if b.up {
		// The filter comes before the scales, which change nothing about it: XLA on a CPU takes ten times as long otherwise.
		x = Blur(convolveEnlarged(x, kernel, 2))
	} else {
		pad := b.kernel / 2
		x = ungrouped(x, kernel, conv.Geometry{Padding: [2][2]int{{pad, pad}, {pad, pad}}})
	}
	if b.demodulate {
		squares := Dot(Square(scales), ReduceSum(Square(kernel), 0, 1)).Product() // [batch, channels]
		x = Mul(x, Reshape(Rsqrt(AddScalar(squares, 1e-8)), batch, 1, 1, b.channels))
	}
	if b.bias {
		x = addBias(scope, x)
	}
	return x
}
