// Package nn adds layers that generative adversarial networks need and GoMLX does not have: convolutions and
// transposed convolutions that can be differentiated any number of times, normalizations that stay differentiable
// under a penalty on the discriminator's slope, and spectral normalization.
//
// Every layer takes and returns images shaped [batch, height, width, channels], keeps their dtype, and creates its
// variables in a sub-scope named after itself, with the scope's initializer for kernels and zeros for biases. Layers
// panic when misused, as GoMLX's graph building functions do.
//
// The operations beneath the layers are in package conv.
package nn

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
)

// weight returns the trainable kernel of a layer, made by the scope's initializer.
func weight(scope *model.Scope, x *Node, dimensions ...int) *Node {
	return scope.VariableWithShape("weights", shapes.Make(x.DType(), dimensions...)).SetTrainable(true).NodeValue(x)
}

// addBias adds a trainable value per channel, the last axis, which starts as zero.
func addBias(scope *model.Scope, x *Node) *Node {
	shape := shapes.Make(x.DType(), x.Shape().Dim(-1))
	bias := scope.WithInitializer(initializer.Zero).VariableWithShape("biases", shape).SetTrainable(true)
	return Add(x, perChannel(bias.NodeValue(x), x))
}

// perChannel reshapes a vector of one value per channel so that it broadcasts over x.
func perChannel(values, x *Node) *Node {
	dimensions := make([]int, x.Rank())
	for i := range dimensions {
		dimensions[i] = 1
	}
	dimensions[x.Rank()-1] = values.Shape().Size()
	return Reshape(values, dimensions...)
}

// axesButLast returns the axes of x but the last one, from the given one on.
func axesButLast(x *Node, from int) []int {
	var axes []int
	for axis := from; axis < x.Rank()-1; axis++ {
		axes = append(axes, axis)
	}
	return axes
}
