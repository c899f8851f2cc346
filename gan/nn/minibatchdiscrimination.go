package nn

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// MinibatchDiscrimination returns x, shaped [batch, ...], as [batch, features + kernels]: flat, and with kernels more
// numbers that say how close the example is to the others of its batch. It lets a discriminator notice that a generator
// repeats itself ("Improved Techniques for Training GANs", Salimans et al. 2016, https://arxiv.org/abs/1606.03498,
// section 3.2).
//
// With M = x·T, for a learned T, as a matrix of kernels rows and dimensions columns per example, number b of example i is
//
//	Σ_j exp(-‖M_i,b - M_j,b‖₁)
//
// over all examples j, itself included: between 1 and the size of the batch. The paper's T gives vectors of some 5
// dimensions to some 100 kernels; memory grows with batch² · kernels · dimensions.
func MinibatchDiscrimination(scope *model.Scope, x *Node, kernels, dimensions int) *Node {
	if x.Rank() < 2 || kernels < 1 || dimensions < 1 {
		Panicf("nn: minibatch discrimination: want x shaped [batch, ...] and at least one kernel and dimension, got %s, %d and %d",
			x.Shape(), kernels, dimensions)
	}
	batch := x.Shape().Dim(0)
	x = Reshape(x, batch, -1) // [batch, features]
	weights := weight(scope.In("minibatch_discrimination"), x, x.Shape().Dim(1), kernels*dimensions)
	m := Dot(x, weights).Product()
	differences := Sub(Reshape(m, batch, 1, kernels, dimensions), Reshape(m, 1, batch, kernels, dimensions))
	closeness := Exp(Neg(ReduceSum(Abs(differences), -1))) // [batch, batch, kernels]
	return Concatenate([]*Node{x, ReduceSum(closeness, 1)}, 1)
}
