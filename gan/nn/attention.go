package nn

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// SelfAttentionBuilder configures self-attention. Create it with SelfAttention, and call Done.
type SelfAttentionBuilder struct {
	scope    *model.Scope
	x        *Node
	spectral bool
}

// SelfAttention prepares self-attention over the images x, shaped [batch, height, width, channels], with an even height
// and width: every pixel takes what it needs from all others, however far ("Self-Attention Generative Adversarial
// Networks", Zhang et al. 2018, https://arxiv.org/abs/1805.08318, section 3). Its result is shaped like x.
//
// With convolutions of one pixel and no bias θ and φ, to an eighth of the channels, g, to half of them, and o, back to
// all, it is
//
//	x + γ · o(softmax(θ(x)·φ(x)ᵀ)·g(x))
//
// where γ is learned and starts as zero, so that the layer starts as the identity. Following the paper's official code,
// φ and g are of the largest number among each 2×2 pixels, which quarters the work; the paper's equations do without.
// Dividing by the square root of the channels, as transformers do, came later and is not done.
func SelfAttention(scope *model.Scope, x *Node) *SelfAttentionBuilder {
	if x.Rank() != 4 || x.Shape().Dim(1)%2 != 0 || x.Shape().Dim(2)%2 != 0 {
		Panicf("nn: self-attention: x must be shaped [batch, height, width, channels] with an even height and width, got %s", x.Shape())
	}
	return &SelfAttentionBuilder{scope: scope, x: x}
}

// SpectralNorm sets whether the kernels are divided by their largest singular values, as SAGAN does in both players.
func (b *SelfAttentionBuilder) SpectralNorm(use bool) *SelfAttentionBuilder {
	b.spectral = use
	return b
}

// Done builds the layer and returns its result.
func (b *SelfAttentionBuilder) Done() *Node {
	scope, x := b.scope.In("self_attention"), b.x
	batch, height, width, channels := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2), x.Shape().Dim(3)
	pointwise := func(name string, x *Node, channels int) *Node {
		return Conv(scope.In("%s", name), x).Channels(channels).KernelSize(1).UseBias(false).SpectralNorm(b.spectral).Done()
	}
	keys, values := max(channels/8, 1), max(channels/2, 1)
	theta := Reshape(pointwise("theta", x, keys), batch, -1, keys)
	phi := Reshape(MaxPool2(pointwise("phi", x, keys)), batch, -1, keys)
	g := Reshape(MaxPool2(pointwise("g", x, values)), batch, -1, values)

	attention := Softmax(Einsum("bqc,bkc->bqk", theta, phi), -1) // [batch, pixels, pixels/4]
	taken := Reshape(Einsum("bqk,bkc->bqc", attention, g), batch, height, width, values)
	taken = pointwise("out", taken, channels)

	gamma := scope.WithInitializer(initializer.Zero).VariableWithShape("gamma", shapes.Make(x.DType())).SetTrainable(true)
	return Add(x, Mul(taken, gamma.NodeValue(x)))
}
