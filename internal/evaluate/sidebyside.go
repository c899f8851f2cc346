package evaluate

import (
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/display"
)

// SideBySide returns pictures in groups: the first of each column, then the second of each, and so on, uint8 [n·columns,
// height, width, channels]. A column may be grey where another is coloured; all have one size and as many pictures.
func SideBySide(columns ...*tensors.Tensor) (*tensors.Tensor, error) {
	n, height, width := columns[0].Shape().Dim(0), columns[0].Shape().Dim(1), columns[0].Shape().Dim(2)
	channels := 1
	for _, column := range columns {
		channels = max(channels, column.Shape().Dim(3))
	}
	size := height * width * channels
	pixels := make([]uint8, n*len(columns)*size)
	for j, column := range columns {
		has := column.Shape().Dim(3)
		if column.Shape().Size() != n*height*width*has {
			return nil, errors.Errorf("pictures %s do not fit beside %s", column.Shape(), columns[0].Shape())
		}
		err := tensors.ConstFlatData(column, func(flat []uint8) {
			for i := range n {
				to := pixels[(i*len(columns)+j)*size:][:size]
				from := flat[i*height*width*has:][:height*width*has]
				for k := range to {
					to[k] = from[k/channels*has+min(k%channels, has-1)]
				}
			}
		})
		if err != nil {
			return nil, errors.WithMessage(err, "pictures")
		}
	}
	return tensors.FromFlatDataAndDimensions(pixels, n*len(columns), height, width, channels), nil
}

// shownMade is how many of the pictures that a task's run made are drawn.
const shownMade = 32

// draw draws what goes in, what comes out and what should.
func (j *judging) draw(c comparison) error {
	columns := []*datasets.Set{c.origin, c.made}
	if c.paired {
		columns = append(columns, c.truth)
	}
	var some []*tensors.Tensor
	for _, column := range columns {
		n := min(shownMade, c.origin.Len())
		some = append(some, column.Select(spread(n, n)).Tensor()) // The first ones.
	}
	pictures, err := SideBySide(some...)
	if err != nil {
		return err
	}
	name := "made" + strings.ReplaceAll(c.suffix, "_", "-") + ".png"
	j.result.drawn = append(j.result.drawn, drawnPicture{name, display.Grid(pictures, 2*len(columns))})
	return nil
}
