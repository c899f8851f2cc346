package gan

import (
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// drawNormal returns numbers from N(0, 1) drawn from the store's generator, by Box and Muller's method. Unlike GoMLX's
// own it never takes the logarithm of zero, which once in 2³² draws gives an infinite latent.
func drawNormal(scope *model.Scope, g *Graph, shape shapes.Shape) *Node {
	radius := Sqrt(MulScalar(Log(OneMinus(scope.RandomUniform(g, shape))), -2)) // 1 - [0, 1) is never 0.
	return Mul(radius, Cos(MulScalar(scope.RandomUniform(g, shape), 2*math.Pi)))
}

// normalInitializer starts variables with numbers from N(mean, deviation²).
func normalInitializer(scope *model.Scope, mean, deviation float64) model.VariableInitializer {
	return func(g *Graph, shape shapes.Shape) *Node {
		return AddScalar(MulScalar(drawNormal(scope, g, shape), deviation), mean)
	}
}

// Latents returns n latents of the given length from N(0, 1), shaped [n, size], float32. The same seed gives the same
// latents on every backend, and the first latents of a longer list are those of a shorter one.
func Latents(n, size int, seed int64) *tensors.Tensor {
	random := rand.New(rand.NewPCG(uint64(seed), 0x6c6174656e7473)) // "latents"
	values := make([]float32, n*size)
	for i := range values {
		values[i] = float32(random.NormFloat64())
	}
	return tensors.FromFlatDataAndDimensions(values, n, size)
}
