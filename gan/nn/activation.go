package nn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// LeakyReLU returns x where it is positive and slope·x elsewhere. Its derivative, of any order, is one multiplication,
// where GoMLX's takes two selections.
func LeakyReLU(x *Node, slope float64) *Node {
	g, dtype := x.Graph(), x.DType()
	factors := Where(GreaterThan(x, ScalarZero(g, dtype)), ScalarOne(g, dtype), Scalar(g, dtype, slope))
	return Mul(x, StopGradient(factors))
}

// ReLU returns x where it is positive and zero elsewhere.
func ReLU(x *Node) *Node { return LeakyReLU(x, 0) }
