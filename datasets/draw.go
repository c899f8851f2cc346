package datasets

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

// Draw returns n different examples of the set, or all of them if there are fewer, drawn at random by the seed: uint8 [n,
// height, width, channels], or float32 [n, 2] for points. It panics if n is below 1.
func (s *Set) Draw(n int, seed int64) *tensors.Tensor {
	return s.Select(drawNumbers(s.Len(), n, seed)).Tensor()
}

// Tensor returns all examples: uint8 [n, height, width, channels], or float32 [n, 2] for points. They are copied.
func (s *Set) Tensor() *tensors.Tensor {
	dimensions := append([]int{s.Len()}, s.Shape...)
	if s.Points != nil {
		return tensors.FromFlatDataAndDimensions(slices.Clone(s.Points), dimensions...)
	}
	return tensors.FromFlatDataAndDimensions(slices.Clone(s.Pixels), dimensions...)
}

// FromTensor returns the set of that name of all examples in the tensor, which must be as Tensor returns it. They are copied.
func FromTensor(name string, examples *tensors.Tensor) (*Set, error) {
	shape := examples.Shape()
	s := &Set{Name: name}
	if shape.Rank() > 1 {
		s.Shape = slices.Clone(shape.Dimensions[1:])
	}
	var err error
	switch shape.DType {
	case dtypes.Uint8:
		s.Pixels, err = tensors.CopyFlatData[uint8](examples)
	case dtypes.Float32:
		s.Points, err = tensors.CopyFlatData[float32](examples)
	default:
		err = errors.Errorf("examples are uint8 pixels or float32 points, not %s", shape)
	}
	if err != nil {
		return nil, errors.WithMessagef(err, "datasets: %s", name)
	}
	return s, s.check()
}

// Select returns a set of the examples with these numbers, in their order, and their labels and names. It panics, as indexing a slice
// does, if there is no such example.
func (s *Set) Select(numbers []int) *Set {
	selected := *s
	selected.Pixels, selected.Points, selected.Labels, selected.Names, selected.keys = nil, nil, nil, nil, nil
	size := s.exampleSize()
	if s.Points != nil {
		selected.Points = gather(s.Points, size, numbers)
	} else {
		selected.Pixels = gather(s.Pixels, size, numbers)
	}
	if s.Labels != nil {
		selected.Labels = gather(s.Labels, 1, numbers)
	}
	if s.Names != nil {
		selected.Names = gather(s.Names, 1, numbers)
	}
	if s.keys != nil {
		selected.keys = gather(s.keys, 1, numbers)
	}
	return &selected
}

// gather returns the examples of the size with the numbers.
func gather[T uint8 | float32 | int32 | string | key](values []T, size int, numbers []int) []T {
	gathered := make([]T, 0, len(numbers)*size)
	for _, i := range numbers {
		gathered = append(gathered, values[i*size:(i+1)*size]...)
	}
	return gathered
}
