package nn

import (
	"math"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// DrawNormal returns numbers from N(0, 1) drawn from the store's generator, by Box and Muller's method. Unlike GoMLX's
// own it never takes the logarithm of zero, which once in 2³² draws gives an infinite number.
func DrawNormal(scope *model.Scope, g *Graph, shape shapes.Shape) *Node {
	radius := Sqrt(MulScalar(Log(OneMinus(scope.RandomUniform(g, shape))), -2)) // 1 - [0, 1) is never 0.
	return Mul(radius, Cos(MulScalar(scope.RandomUniform(g, shape), 2*math.Pi)))
}

// Normal starts variables with numbers from N(mean, deviation²): DCGAN's kernels from N(0, 0.02²).
func Normal(scope *model.Scope, mean, deviation float64) model.VariableInitializer {
	return func(g *Graph, shape shapes.Shape) *Node {
		return AddScalar(MulScalar(DrawNormal(scope, g, shape), deviation), mean)
	}
}

// Xavier starts kernels, shaped [..., in, out], with numbers drawn evenly from ±gain·√(6 / (fan in + fan out)), where a
// fan is the number of channels times the positions of the kernel ("Understanding the difficulty of training deep
// feedforward neural networks", Glorot and Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html, equation 16):
// PyTorch's xavier_uniform_. Gain √2 suits layers before a rectifier.
func Xavier(scope *model.Scope, gain float64) model.VariableInitializer {
	return func(g *Graph, shape shapes.Shape) *Node {
		in, out := fans("Xavier", shape)
		limit := gain * math.Sqrt(6/float64(in+out))
		return MulScalar(AddScalar(MulScalar(scope.RandomUniform(g, shape), 2), -1), limit)
	}
}

// He starts kernels, shaped [..., in, out], with numbers from N(0, 2 / fan in), which keeps the size of what passes
// through rectifiers ("Delving Deep into Rectifiers", He et al. 2015, https://arxiv.org/abs/1502.01852, equation 10):
// PyTorch's kaiming_normal_.
func He(scope *model.Scope) model.VariableInitializer {
	return func(g *Graph, shape shapes.Shape) *Node {
		in, _ := fans("He", shape)
		return MulScalar(DrawNormal(scope, g, shape), math.Sqrt(2/float64(in)))
	}
}

// fans returns the numbers of inputs and outputs of a kernel shaped [..., in, out].
func fans(name string, shape shapes.Shape) (in, out int) {
	if shape.Rank() < 2 {
		Panicf("nn: %s initializes kernels shaped [..., in, out], got %s", name, shape)
	}
	last := shape.Dim(-1)
	return shape.Size() / last, shape.Size() / shape.Dim(-2)
}

// Orthogonal starts kernels, shaped [..., out], with a random orthogonal matrix of out columns times the gain: its
// columns, or its rows where they are fewer, are at right angles and of length gain ("Exact solutions to the nonlinear
// dynamics of learning in deep linear neural networks", Saxe et al. 2013, https://arxiv.org/abs/1312.6120).
//
// As PyTorch's orthogonal_ it draws evenly from all such matrices; but it takes the orthogonal factor of a normal matrix
// from the polar decomposition, which needs only matrix products, instead of the QR decomposition.
func Orthogonal(scope *model.Scope, gain float64) model.VariableInitializer {
	return func(g *Graph, shape shapes.Shape) *Node {
		if shape.Rank() < 2 {
			Panicf("nn: Orthogonal initializes kernels shaped [..., out], got %s", shape)
		}
		rows, columns := shape.Size()/shape.Dim(-1), shape.Dim(-1)
		a := DrawNormal(scope, g, shapes.Make(shape.DType, max(rows, columns), min(rows, columns)))
		a = orthogonalize(a)
		if rows < columns {
			a = Transpose(a, 0, 1)
		}
		return MulScalar(Reshape(a, shape.Dimensions...), gain)
	}
}

// orthogonalize returns the orthogonal factor of the polar decomposition of a random normal matrix with at least as many
// rows as columns, by Newton and Schulz's iteration: odd polynomials of the matrix, which move its singular values, and
// nothing else, to one.
func orthogonalize(a *Node) *Node {
	rows, columns := float64(a.Shape().Dim(0)), float64(a.Shape().Dim(1))
	// No singular value is above 1 now. The smallest expected is near (1 - √(columns/rows)) / √columns; a square matrix
	// has a smaller one only once in a million.
	a = Mul(a, Rsqrt(ReduceAllSum(Square(a))))
	smallest := max(1-math.Sqrt(columns/rows), 1e-6/math.Sqrt(columns)) / math.Sqrt(columns)
	// These coefficients make small singular values 3.4 times larger, and leave all within 0.68 and 1.14
	// (https://kellerjordan.github.io/posts/muon/).
	growths := 1 + max(0, int(math.Ceil(math.Log(0.5/smallest)/math.Log(3.4))))
	a = iterate(a, growths, 3.4445, -4.7750, 2.0315)
	// These converge to the third order: an error of 0.32 becomes 0.1, 3e-3, 5e-8.
	return iterate(a, 5, 15.0/8, -10.0/8, 3.0/8)
}

// iterate replaces the matrix a, as often as said, by c1·a + c3·a·(aᵀa) + c5·a·(aᵀa)². It is a loop of the program, as
// many matrix products one by one take long to compile.
func iterate(a *Node, steps int, c1, c3, c5 float64) *Node {
	shape := a.Shape()
	state := func(g *Graph) (count, a *Node) {
		return Parameter(g, "count", shapes.Scalar[int32]()), Parameter(g, "a", shape)
	}
	unfinished := NewClosure(a.Graph(), func(g *Graph) []*Node {
		count, _ := state(g)
		return []*Node{LessThan(count, Const(g, int32(steps)))}
	})
	step := NewClosure(a.Graph(), func(g *Graph) []*Node {
		// MulScalar would share its constants with other loops of the program, which may not be.
		times := func(x *Node, c float64) *Node { return Mul(x, ConstAsDType(g, shape.DType, c)) }
		count, a := state(g)
		gram := Dot(Transpose(a, 0, 1), a).Product() // [columns, columns]
		polynomial := Add(times(gram, c3), times(Dot(gram, gram).Product(), c5))
		return []*Node{Add(count, Const(g, int32(1))), Add(times(a, c1), Dot(a, polynomial).Product())}
	})
	return While(unfinished, step, Const(a.Graph(), int32(0)), a)[1]
}
