// Package classical fills holes in pictures by methods that learn nothing: what a network that fills holes has to beat.
//
// Pictures are uint8 of a shape [height, width, channels] with any number of channels, each filled by itself. A mask has one
// byte for each pixel, row by row; what is not 0 is the hole. Every function returns a new picture that is equal to the given
// one outside of the hole, and takes from it nothing of what is inside.
//
// The results are those of well-known libraries, to compare with what is published: Telea and NavierStokes fill as OpenCV's
// inpaint does, Biharmonic as scikit-image's inpaint_biharmonic.
package classical

import (
	"slices"

	"github.com/pkg/errors"
)

// Method is one of the methods with its usual settings.
type Method struct {
	Name    string // Of one word, lower case.
	Title   string // For tables and figures.
	Summary string // One line.
	Fill    func(pixels []uint8, shape [3]int, mask []uint8) ([]uint8, error)
}

// Radius is what is usual of Telea and NavierStokes, in pixels.
const Radius = 3

// methods are all of them, from the plainest on.
var methods = []Method{
	{"mean", "mean", "the mean of the pixels around all holes", Mean},
	{"nearest", "nearest", "the nearest pixel that is known", Nearest},
	{"telea", "Telea", "fast marching from the rim of the hole inwards (Telea 2004)", withRadius(Telea)},
	{"navier-stokes", "Navier–Stokes", "along lines of equal brightness (Bertalmio et al. 2001)", withRadius(NavierStokes)},
	{"biharmonic", "biharmonic", "the smoothest surface through the rim (Damelin and Hoang 2018)", Biharmonic},
}

func withRadius(fill func([]uint8, [3]int, []uint8, int) ([]uint8, error)) func([]uint8, [3]int, []uint8) ([]uint8, error) {
	return func(pixels []uint8, shape [3]int, mask []uint8) ([]uint8, error) {
		return fill(pixels, shape, mask, Radius)
	}
}

// Methods returns all methods, from the plainest on.
func Methods() []Method { return slices.Clone(methods) }

// Mean fills the hole with the mean of all known pixels, rounded, by channel. It is an error if the mask has another size
// than the picture, no hole, or nothing but hole.
func Mean(pixels []uint8, shape [3]int, mask []uint8) ([]uint8, error) {
	if err := check(pixels, shape, mask); err != nil {
		return nil, err
	}
	channels := shape[2]
	sums, known := make([]int, channels), 0
	for i, hole := range mask {
		if hole == 0 {
			known++
			for c := range channels {
				sums[c] += int(pixels[i*channels+c])
			}
		}
	}
	filled := slices.Clone(pixels)
	for i, hole := range mask {
		if hole != 0 {
			for c := range channels {
				filled[i*channels+c] = uint8((2*sums[c] + known) / (2 * known))
			}
		}
	}
	return filled, nil
}

// Nearest fills each pixel of the hole with the known pixel that is nearest to it; of several, the first in the order of rows.
// It is an error if the mask has another size than the picture, no hole, or nothing but hole.
func Nearest(pixels []uint8, shape [3]int, mask []uint8) ([]uint8, error) {
	if err := check(pixels, shape, mask); err != nil {
		return nil, err
	}
	height, width, channels := shape[0], shape[1], shape[2]
	columns := nearestInColumn(height, width, mask)
	filled := slices.Clone(pixels)
	for i, hole := range mask {
		if hole == 0 {
			continue
		}
		y, x := i/width, i%width
		best, from := height*height+width*width+1, 0
		for other := range width {
			across := (other - x) * (other - x)
			if across > best {
				continue
			}
			for _, row := range columns[y*width+other] {
				if row < 0 {
					continue
				}
				distance, at := across+(row-y)*(row-y), row*width+other
				if distance < best || distance == best && at < from {
					best, from = distance, at
				}
			}
		}
		copy(filled[i*channels:(i+1)*channels], pixels[from*channels:(from+1)*channels])
	}
	return filled, nil
}

// nearestInColumn returns, for each pixel, the rows of the nearest known pixels of its column, above (or the pixel itself) and
// below; -1 where there is none.
func nearestInColumn(height, width int, mask []uint8) [][2]int {
	rows := make([][2]int, height*width)
	for x := range width {
		above, below := -1, -1
		for y := range height {
			if mask[y*width+x] == 0 {
				above = y
			}
			rows[y*width+x][0] = above
		}
		for y := height - 1; y >= 0; y-- {
			if mask[y*width+x] == 0 {
				below = y
			}
			rows[y*width+x][1] = below
		}
	}
	return rows
}

// check returns an error about a mask that does not belong to the picture or that leaves nothing to do.
func check(pixels []uint8, shape [3]int, mask []uint8) error {
	height, width, channels := shape[0], shape[1], shape[2]
	if height < 1 || width < 1 || channels < 1 || len(pixels) != height*width*channels {
		return errors.Errorf("classical: a picture [height, width, channels] %v has %d values, got %d", shape, height*width*channels, len(pixels))
	}
	if len(mask) != height*width {
		return errors.Errorf("classical: a mask of a picture of %d×%d pixels has %d values, got %d; give a mask of the picture's size", width, height, height*width, len(mask))
	}
	known := 0
	for _, hole := range mask {
		if hole == 0 {
			known++
		}
	}
	switch known {
	case len(mask):
		return errors.New("classical: the mask has no hole, so there is nothing to fill")
	case 0:
		return errors.New("classical: the mask is all hole, so there is nothing to fill it from")
	}
	return nil
}
