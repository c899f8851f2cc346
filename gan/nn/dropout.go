package nn

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// Dropout returns x with each number replaced by zero at the rate given, a probability in [0, 1), and the others
// divided by 1 - rate, so that the mean stays ("Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
// Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html, section 10). What is dropped is drawn by the
// store's generator, whether or not the graph trains.
func Dropout(scope *model.Scope, x *Node, rate float64) *Node {
	if !(rate >= 0 && rate < 1) {
		Panicf("nn: dropout: the rate must be in [0, 1), got %g", rate)
	}
	if rate == 0 {
		return x
	}
	g, dtype := x.Graph(), x.DType()
	kept := GreaterOrEqual(scope.RandomUniform(g, x.Shape()), Scalar(g, dtype, rate))
	return Mul(x, StopGradient(Where(kept, Scalar(g, dtype, 1/(1-rate)), ScalarZero(g, dtype))))
}
