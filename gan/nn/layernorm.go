package nn

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// LayerNorm returns x, shaped [batch, ..., channels], with zero mean and unit variance over all numbers of each example,
// followed by a learned scale and offset per channel, which start as one and zero ("Layer Normalization", Ba et al. 2016,
// https://arxiv.org/abs/1607.06450). Epsilon is 1e-5.
//
// It is what a critic under a penalty on its slope may use in place of batch normalization ("Improved Training of
// Wasserstein GANs", Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028, section 4): no example's result depends on
// the others. As in that paper's official code the scale is of a channel, not of every number.
func LayerNorm(scope *model.Scope, x *Node) *Node {
	if x.Rank() < 2 {
		Panicf("nn: layer norm: x must be shaped [batch, ..., channels], got %s", x.Shape())
	}
	scope = scope.In("layer_norm")
	shape := shapes.Make(x.DType(), x.Shape().Dim(-1))
	scale := scope.WithInitializer(initializer.One).VariableWithShape("scale", shape).SetTrainable(true)
	offset := scope.WithInitializer(initializer.Zero).VariableWithShape("offset", shape).SetTrainable(true)
	normalized, _, _ := normalize(x, append(axesButLast(x, 1), x.Rank()-1), 1e-5)
	return Add(Mul(normalized, perChannel(scale.NodeValue(x), x)), perChannel(offset.NodeValue(x), x))
}
