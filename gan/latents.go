package gan

import (
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"
)

// Latents returns n latents of the given length from N(0, 1), shaped [n, size], float32. The same seed gives the same
// latents on every backend, and the first latents of a longer list are those of a shorter one.
func Latents(n, size int, seed int64) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(drawLatents(n*size, seed, 0), n, size)
}

// drawLatents returns numbers from N(0, 1); those beyond ±threshold are drawn again, if it is not 0.
func drawLatents(count int, seed int64, threshold float64) []float32 {
	random := rand.New(rand.NewPCG(uint64(seed), 0x6c6174656e7473)) // "latents"
	values := make([]float32, count)
	for i := range values {
		value := random.NormFloat64()
		for threshold > 0 && math.Abs(value) > threshold {
			value = random.NormFloat64()
		}
		values[i] = float32(value)
	}
	return values
}
