package datasets

import (
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"
)

// Draw returns n different examples of the set, or all of them if there are fewer, drawn at random by the seed: uint8 [n,
// height, width, channels], or float32 [n, 2] for points. It panics if n is below 1.
func (s *Set) Draw(n int, seed int64) *tensors.Tensor {
	n = min(n, s.Len())
	order := rand.New(rand.NewPCG(uint64(seed), 0)).Perm(s.Len())[:n]
	dimensions := append([]int{n}, s.Shape...)
	if s.Points != nil {
		return tensors.FromFlatDataAndDimensions(gather(s.Points, s.exampleSize(), order), dimensions...)
	}
	return tensors.FromFlatDataAndDimensions(gather(s.Pixels, s.exampleSize(), order), dimensions...)
}

// gather returns the examples of the size at the indices.
func gather[T uint8 | float32](values []T, size int, indices []int) []T {
	gathered := make([]T, 0, len(indices)*size)
	for _, i := range indices {
		gathered = append(gathered, values[i*size:(i+1)*size]...)
	}
	return gathered
}
