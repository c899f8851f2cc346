package nn

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// DenseBuilder configures a dense layer. Create it with Dense, and call Done.
type DenseBuilder struct {
	scope    *model.Scope
	x        *Node
	channels int
	bias     bool
	spectral bool

	multiplier float64 // See Equalized; 0 means not equalized.
}

// Dense prepares a dense (fully connected) layer on x, shaped [batch, ...]: every number of an example has a weight to
// every channel of the result, which is shaped [batch, channels]. Channels must be set; the default is with a bias.
func Dense(scope *model.Scope, x *Node) *DenseBuilder {
	if x.Rank() < 2 {
		Panicf("nn: dense: x must be shaped [batch, ...], got %s", x.Shape())
	}
	return &DenseBuilder{scope: scope, x: x, bias: true}
}

// Channels sets the number of channels of the result. It must be set.
func (b *DenseBuilder) Channels(channels int) *DenseBuilder {
	b.channels = channels
	return b
}

// UseBias sets whether a learned value is added to each channel; the default is true.
func (b *DenseBuilder) UseBias(useBias bool) *DenseBuilder {
	b.bias = useBias
	return b
}

// SpectralNorm sets whether the weights are divided by their largest singular value, see the function of that name.
func (b *DenseBuilder) SpectralNorm(use bool) *DenseBuilder {
	b.spectral = use
	return b
}

// Done builds the layer and returns its result.
func (b *DenseBuilder) Done() *Node {
	if b.channels < 1 {
		Panicf("nn: dense: Channels must be positive, got %d", b.channels)
	}
	scope := b.scope.In("dense")
	x := Reshape(b.x, b.x.Shape().Dim(0), -1) // [batch, in]
	weights := equalizedWeight(scope, x, b.multiplier, x.Shape().Dim(1), x.Shape().Dim(1), b.channels)
	if b.spectral {
		weights = SpectralNorm(scope, weights)
	}
	y := Dot(x, weights).Product()
	if b.bias {
		y = addEqualizedBias(scope, y, b.multiplier)
	}
	return y
}
