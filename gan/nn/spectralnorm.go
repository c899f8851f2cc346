package nn

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// SpectralNorm returns the kernel, shaped [..., out], divided by an estimate of its largest singular value as a matrix
// of out columns ("Spectral Normalization for Generative Adversarial Networks", Miyato et al. 2018,
// https://arxiv.org/abs/1802.05957, equation 11 and algorithm 1).
//
// While the graph trains, each use takes one step of the power iteration from the vector u kept in the scope
// ("spectral_norm/u", not trainable), and keeps the vector it arrives at. The vectors are constants to the gradient,
// the singular value is not.
func SpectralNorm(scope *model.Scope, kernel *Node) *Node {
	return spectralNorm(scope, kernel, kernel.Rank()-1)
}

// spectralNorm takes the axis of the kernel that are the matrix's columns.
func spectralNorm(scope *model.Scope, kernel *Node, axis int) *Node {
	if kernel.Rank() < 2 {
		Panicf("nn: spectral norm: the kernel must be shaped [..., out], got %s", kernel.Shape())
	}
	matrix := kernel
	if axis != kernel.Rank()-1 {
		permutation := make([]int, 0, kernel.Rank())
		for i := range kernel.Rank() {
			if i != axis {
				permutation = append(permutation, i)
			}
		}
		matrix = TransposeAllAxes(kernel, append(permutation, axis)...)
	}
	out := kernel.Shape().Dim(axis)
	matrix = Reshape(matrix, -1, out) // [in, out]

	start := func(g *Graph, shape shapes.Shape) *Node {
		return unit(DrawNormal(scope, g, shape))
	}
	variable := scope.At("spectral_norm").WithInitializer(start).
		VariableWithShape("u", shapes.Make(kernel.DType(), out)).SetTrainable(false)

	u := variable.NodeValue(kernel)
	constant := StopGradient(matrix)
	v := unit(Dot(constant, u).Product()) // [in]
	if scope.Store().IsTraining(kernel.Graph()) {
		u = unit(Dot(v, constant).Product()) // [out]
		variable.SetNodeValue(u)
	}
	u, v = StopGradient(u), StopGradient(v)
	sigma := Dot(v, Dot(matrix, u).Product()).Product()
	return Div(kernel, sigma)
}

// unit returns the vector divided by its length.
func unit(x *Node) *Node {
	return Mul(x, Rsqrt(AddScalar(ReduceAllSum(Square(x)), 1e-12)))
}
