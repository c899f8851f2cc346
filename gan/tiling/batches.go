package tiling

import (
	"sync"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

// worthFilling is how many times larger a batch may get by being filled up.
const worthFilling = 4

// FullBatches returns the network with batches that are not full filled up: a batch of fewer tiles than an earlier one of
// the same shape, though not of less than a quarter of them, gets its last tile again and again until it is of that size. So
// the rest of many pictures, or of a row of tiles, needs no program of its own, and with it no time to compile it.
func FullBatches(network Func) Func {
	var lock sync.Mutex
	seen := map[[3]int][]int{} // Sizes of batches by the shape of the tiles.
	return func(tiles *tensors.Tensor) (*tensors.Tensor, error) {
		dimensions := tiles.Shape().Dimensions
		if len(dimensions) != 4 || tiles.DType() != pixelType {
			return nil, errors.Errorf("tiling: tiles are %s, want uint8 [n, height, width, channels]", tiles.Shape())
		}
		shape, count := [3]int(dimensions[1:]), dimensions[0]
		lock.Lock()
		full := fuller(seen[shape], count)
		if full == 0 {
			seen[shape] = append(seen[shape], count)
		}
		lock.Unlock()
		if full == 0 || full == count {
			return network(tiles)
		}
		filled, err := fill(tiles, full)
		if err != nil {
			return nil, err
		}
		defer func() { _ = filled.FinalizeAll() }()
		made, err := network(filled)
		if err != nil {
			return nil, err
		}
		defer func() { _ = made.FinalizeAll() }()
		return first(made, count)
	}
}

// fuller returns the smallest of the sizes that a batch of count may be filled up to, or 0.
func fuller(sizes []int, count int) int {
	best := 0
	for _, size := range sizes {
		if size >= count && size <= worthFilling*count && (best == 0 || size < best) {
			best = size
		}
	}
	return best
}

// fill returns a batch of that size, which begins with the tiles.
func fill(tiles *tensors.Tensor, size int) (*tensors.Tensor, error) {
	dimensions := append([]int{size}, tiles.Shape().Dimensions[1:]...)
	one := dimensions[1] * dimensions[2] * dimensions[3]
	filled := make([]uint8, size*one)
	err := tensors.ConstFlatData(tiles, func(flat []uint8) {
		for at := copy(filled, flat); at < len(filled); at += one {
			copy(filled[at:], flat[len(flat)-one:])
		}
	})
	if err != nil {
		return nil, errors.WithMessage(err, "tiling: a batch")
	}
	return tensors.FromFlatDataAndDimensions(filled, dimensions...), nil
}

// first returns the first count of a batch.
func first(batch *tensors.Tensor, count int) (*tensors.Tensor, error) {
	dimensions := append([]int{count}, batch.Shape().Dimensions[1:]...)
	size := count * batch.Shape().Size() / batch.Shape().Dimensions[0]
	var kept *tensors.Tensor
	err := tensors.ConstFlatData(batch, func(flat []uint8) { kept = tensors.FromFlatDataAndDimensions(flat[:size], dimensions...) })
	return kept, errors.WithMessage(err, "tiling: a batch")
}
