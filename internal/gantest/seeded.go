package gantest

import (
	"hash/fnv"
	"math"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
)

// seededBits, like what follows, makes the same numbers as bench/golden/seeded.py, which says how.
func seededBits(name string) func(i int) uint64 {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(name)) // It cannot fail.
	start := hash.Sum64()
	return func(i int) uint64 {
		z := start + uint64(i) + 0x9E3779B97F4A7C15
		z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
		z = (z ^ z>>27) * 0x94D049BB133111EB
		return z ^ z>>31
	}
}

// SeededUniform returns n numbers from low to high that the name decides.
func SeededUniform(name string, n int, low, high float64) []float32 {
	bits := seededBits(name)
	values := make([]float32, n)
	for i := range values {
		unit := float64(bits(i)>>40) / (1 << 24)
		values[i] = float32(low + float64((high-low)*unit)) // The conversion keeps the product from being fused with the sum.
	}
	return values
}

// SeededPictures returns pictures, uint8, of squares of 8×8 pixels with noise, that the name decides.
func SeededPictures(name string, shape ...int) *tensors.Tensor {
	height, width, channels := shape[1], shape[2], shape[3]
	rows, columns := height/8+1, width/8+1
	coarse, fine := seededBits(name+"/coarse"), seededBits(name+"/fine")
	pixels := make([]uint8, sizeOf(shape))
	for i := range pixels {
		c, x, y, n := i%channels, i/channels%width, i/channels/width%height, i/channels/width/height
		square := ((n*rows+y/8)*columns+x/8)*channels + c
		pixels[i] = uint8((3*(coarse(square)>>56) + fine(i)>>56) / 4)
	}
	return tensors.FromFlatDataAndDimensions(pixels, shape...)
}

// SeededWeights returns weights of the shapes given by name, of such a size that activations stay of order 1.
func SeededWeights(shapes map[string][]int) map[string]*tensors.Tensor {
	weights := make(map[string]*tensors.Tensor, len(shapes))
	for name, shape := range shapes {
		low, high := -0.1, 0.1
		if len(shape) >= 2 {
			high = math.Sqrt(6 / float64(sizeOf(shape[1:])))
			low = -high
		} else if strings.HasSuffix(name, "running_var") || strings.HasSuffix(name, "weight") {
			low, high = 0.5, 1.5
		}
		weights[name] = tensors.FromFlatDataAndDimensions(SeededUniform(name, sizeOf(shape), low, high), shape...)
	}
	return weights
}

func sizeOf(shape []int) int {
	size := 1
	for _, d := range shape {
		size *= d
	}
	return size
}
