package torchfile

import (
	"maps"
	"slices"

	"github.com/pkg/errors"
)

// view is a tensor of the pickle: part of a storage.
type view struct {
	storage        storage
	offset         int
	shape, strides []int
}

// load returns the tensors that the views are, reading each storage once. Read reads the bytes of a storage of the given
// length.
func load(views map[string]view, read func(key string, length int64) ([]byte, error)) (map[string]Tensor, error) {
	tensors := make(map[string]Tensor, len(views))
	storages := make(map[string][]float32)
	total := 0
	for _, name := range slices.Sorted(maps.Keys(views)) {
		v := views[name]
		count, err := v.check()
		if err != nil {
			return nil, errors.WithMessage(err, name)
		}
		if total += count; total > maxElements {
			return nil, errors.Errorf("there are more than %d numbers in its tensors", maxElements)
		}
		values, ok := storages[v.storage.key]
		if !ok {
			data, err := read(v.storage.key, int64(v.storage.count)*int64(v.storage.element.size))
			if err != nil {
				return nil, errors.WithMessage(err, name)
			}
			values = v.storage.element.convert(data)
			storages[v.storage.key] = values
		}
		tensors[name] = Tensor{v.shape, v.take(values, count)}
	}
	return tensors, nil
}

// check returns the number of numbers in the view. It is an error if they are not floating point or not all in the storage.
func (v view) check() (count int, err error) {
	if v.storage.element.convert == nil {
		return 0, errors.Errorf("its numbers are %s, not floating point", v.storage.element.name)
	}
	if v.storage.count > maxElements {
		return 0, errors.Errorf("a storage of %d numbers is too much", v.storage.count)
	}
	count = 1
	for _, dim := range v.shape {
		if dim < 0 || dim > maxElements || count*dim > v.storage.count { // The product is at most maxElements squared.
			return 0, errors.Errorf("shape %v does not fit its storage of %d", v.shape, v.storage.count)
		}
		count *= dim
	}
	if count == 0 {
		return 0, nil
	}
	last := v.offset
	for axis, dim := range v.shape {
		if v.strides[axis] < 0 || v.strides[axis] > v.storage.count {
			return 0, errors.Errorf("strides %v do not fit its storage of %d", v.strides, v.storage.count)
		}
		last += (dim - 1) * v.strides[axis]
	}
	if v.offset < 0 || v.offset > v.storage.count || last >= v.storage.count {
		return 0, errors.Errorf("it reaches beyond its storage of %d", v.storage.count)
	}
	return count, nil
}

// take returns the view's numbers out of its storage's; they are the storage's own where they lie together.
func (v view) take(values []float32, count int) []float32 {
	together, stride := true, 1
	for axis := len(v.shape) - 1; axis >= 0; axis-- {
		together = together && (v.shape[axis] == 1 || v.strides[axis] == stride)
		stride *= v.shape[axis]
	}
	if together || count == 0 {
		return values[min(v.offset, len(values)):][:count:count]
	}
	taken := make([]float32, count)
	index := make([]int, len(v.shape))
	for i := range taken {
		at := v.offset
		for axis, j := range index {
			at += j * v.strides[axis]
		}
		taken[i] = values[at]
		for axis := len(index) - 1; axis >= 0; axis-- {
			if index[axis]++; index[axis] < v.shape[axis] {
				break
			}
			index[axis] = 0
		}
	}
	return taken
}
