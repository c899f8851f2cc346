package nn

import (
	"math"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// Equalized gives the layer an equalized learning rate, see ConvBuilder.Equalized.
func (b *DenseBuilder) Equalized(multiplier float64) *DenseBuilder {
	b.multiplier = checkMultiplier(multiplier)
	return b
}

// Equalized gives the layer an equalized learning rate ("Progressive Growing of GANs for Improved Quality, Stability,
// and Variation", Karras et al. 2017, https://arxiv.org/abs/1710.10196, section 4.1): weights are kept at the scale of
// N(0, 1) and multiplied by 1/√(fan in) where they are used, so that an optimizer such as Adam, whose steps do not
// depend on the scale of a weight, moves those of all layers at the same speed. The scope's initializer is not used.
//
// The multiplier is that speed, 1 in most layers: weights start from N(0, 1/multiplier²), and both they and the biases
// are multiplied by it where they are used. StyleGAN's mapping network has 0.01.
//
// He's gain of √2 is left to the activation that follows, as in StyleGAN2.
func (b *ConvBuilder) Equalized(multiplier float64) *ConvBuilder {
	b.multiplier = checkMultiplier(multiplier)
	return b
}

func checkMultiplier(multiplier float64) float64 {
	if !(multiplier > 0) {
		Panicf("nn: Equalized: the multiplier must be positive, got %g", multiplier)
	}
	return multiplier
}

// equalizedWeight returns the trainable kernel of a layer as it is used: by the scope's initializer if the multiplier is
// 0, otherwise with an equalized learning rate.
func equalizedWeight(scope *model.Scope, x *Node, multiplier float64, fanIn int, dimensions ...int) *Node {
	if multiplier == 0 {
		return weight(scope, x, dimensions...)
	}
	scope = scope.WithInitializer(Normal(scope, 0, 1/multiplier))
	return MulScalar(weight(scope, x, dimensions...), multiplier/math.Sqrt(float64(fanIn)))
}

// addEqualizedBias adds a trainable value per channel, the last axis, times the multiplier if that is not 0.
func addEqualizedBias(scope *model.Scope, x *Node, multiplier float64) *Node {
	if multiplier == 0 || multiplier == 1 {
		return addBias(scope, x)
	}
	shape := shapes.Make(x.DType(), x.Shape().Dim(-1))
	bias := scope.WithInitializer(initializer.Zero).VariableWithShape("biases", shape).SetTrainable(true).NodeValue(x)
	return Add(x, perChannel(MulScalar(bias, multiplier), x))
}
