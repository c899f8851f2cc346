package nn

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// InstanceNorm returns the images x, shaped [batch, height, width, channels], with zero mean and unit variance over
// the pixels of each channel of each image, whatever the other images of the batch ("Instance Normalization: The
// Missing Ingredient for Fast Stylization", Ulyanov et al. 2016, https://arxiv.org/abs/1607.08022). Epsilon is 1e-5.
// It has nothing to learn: the form CycleGAN and pix2pix use.
func InstanceNorm(x *Node) *Node {
	if x.Rank() != 4 {
		Panicf("nn: instance norm: x must be shaped [batch, height, width, channels], got %s", x.Shape())
	}
	normalized, _, _ := normalize(x, axesButLast(x, 1), 1e-5)
	return normalized
}

// InstanceNormAffine is InstanceNorm followed by a learned scale and offset per channel, which start as one and zero.
func InstanceNormAffine(scope *model.Scope, x *Node) *Node {
	normalized := InstanceNorm(x)
	scope = scope.In("instance_norm")
	shape := shapes.Make(x.DType(), x.Shape().Dim(-1))
	scale := scope.WithInitializer(initializer.One).VariableWithShape("scale", shape).SetTrainable(true)
	offset := scope.WithInitializer(initializer.Zero).VariableWithShape("offset", shape).SetTrainable(true)
	return Add(Mul(normalized, perChannel(scale.NodeValue(x), x)), perChannel(offset.NodeValue(x), x))
}
