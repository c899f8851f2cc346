package cli

import (
	"image"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/display"
	"github.com/ganymede-ml/ganymede/internal/evaluate"
)

// previewPictures is how many pictures a training is looked at by.
const previewPictures = 12

// previewColumns is how many tiles stand in a row of a preview, about.
const previewColumns = 6

// firstPictures returns the first pictures of a set, uint8 [n, height, width, channels].
func firstPictures(set *datasets.Set, n int) *tensors.Tensor {
	numbers := make([]int, min(n, set.Len()))
	for i := range numbers {
		numbers[i] = i
	}
	return set.Select(numbers).Tensor()
}

// tileGroups draws pictures in groups: the first of each column side by side, then the second of each, and so on. A column
// may be grey where another is coloured; all have one size.
func tileGroups(columns ...*tensors.Tensor) (image.Image, error) {
	all, err := evaluate.SideBySide(columns...)
	if err != nil {
		return nil, err
	}
	return display.Grid(all, len(columns)*max(1, previewColumns/len(columns))), nil
}
