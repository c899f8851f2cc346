package classical

import (
	"math"
	"slices"
)

// Biharmonic fills the hole with the solution u of ΔΔu = 0 that continues the known pixels: the smoothest surface through them, as
// "On Surface Completion and Image Inpainting by Biharmonic Functions: Numerical Aspects" (Damelin and Hoang 2018,
// https://doi.org/10.1155/2018/3950312) does. The Laplacian is that of the four neighbours, and at the border of the picture a
// neighbour that is missing is as the pixel itself. No pixel leaves the range of its channel's known ones.
//
// It returns what scikit-image's inpaint_biharmonic does, rounded. It is an error if the mask has another size than the
// picture, no hole, or nothing but hole. The equations of a hole are solved exactly: time and memory grow a little faster than
// its pixels.
func Biharmonic(pixels []uint8, shape [3]int, mask []uint8) ([]uint8, error) {
	if err := check(pixels, shape, mask); err != nil {
		return nil, err
	}
	channels := shape[2]
	surface := newSurface(shape[0], shape[1], mask)
	factor, err := factorize(surface.rows)
	if err != nil {
		return nil, err
	}
	filled := slices.Clone(pixels)
	for c := range channels {
		low, high := 255., 0.
		for i, hole := range mask {
			if hole == 0 {
				low, high = min(low, float64(pixels[i*channels+c])), max(high, float64(pixels[i*channels+c]))
			}
		}
		values := surface.right(func(i int) float64 { return float64(pixels[i*channels+c]) })
		factor.solve(values)
		for n, i := range surface.hole {
			filled[i*channels+c] = uint8(math.RoundToEven(min(max(values[n], low), high)))
		}
	}
	return filled, nil
}

// surface is the system of equations ΔΔu = 0 at the pixels of a hole. Its matrix is the square of the Laplacian's, restricted to
// the hole, and so symmetric and positive definite.
type surface struct {
	hole  []int    // The pixels, in the order of the unknowns.
	rows  []sparse // Of each unknown the coefficients of unknowns, those of the upper triangle left out.
	known []sparse // Of each unknown the coefficients of known pixels.
}

// sparse is a row of a matrix.
type sparse []entry

type entry struct {
	column int
	value  float64
}

func newSurface(height, width int, mask []uint8) *surface {
	s := &surface{hole: dissect(height, width, mask)}
	number := make([]int, len(mask)) // Of the unknown of each pixel, from 1.
	for n, i := range s.hole {
		number[i] = n + 1
	}
	s.rows, s.known = make([]sparse, len(s.hole)), make([]sparse, len(s.hole))
	for n, i := range s.hole {
		for _, e := range bilaplacian(height, width, i) {
			switch other := number[e.column] - 1; {
			case other < 0:
				s.known[n] = append(s.known[n], e)
			case other <= n:
				s.rows[n] = append(s.rows[n], entry{other, e.value})
			}
		}
		slices.SortFunc(s.rows[n], func(a, b entry) int { return a.column - b.column })
	}
	return s
}

// right returns the right side of the equations.
func (s *surface) right(pixel func(i int) float64) []float64 {
	values := make([]float64, len(s.hole))
	for n, row := range s.known {
		for _, e := range row {
			values[n] -= e.value * pixel(e.column)
		}
	}
	return values
}

// bilaplacian returns the coefficients of ΔΔu at a pixel.
func bilaplacian(height, width, i int) sparse {
	var row sparse
	for _, inner := range laplacian(height, width, i) {
		for _, outer := range laplacian(height, width, inner.column) {
			value := inner.value * outer.value
			if at := slices.IndexFunc(row, func(e entry) bool { return e.column == outer.column }); at >= 0 {
				row[at].value += value
			} else {
				row = append(row, entry{outer.column, value})
			}
		}
	}
	return row
}

// laplacian returns the coefficients of Δu at a pixel.
func laplacian(height, width, i int) sparse {
	y, x := i/width, i%width
	var row sparse
	for _, neighbour := range []struct {
		there bool
		index int
	}{{y > 0, i - width}, {x > 0, i - 1}, {x < width-1, i + 1}, {y < height-1, i + width}} {
		if neighbour.there {
			row = append(row, entry{neighbour.index, 1})
		}
	}
	return append(row, entry{i, -float64(len(row))})
}

// dissect returns the pixels of the hole in an order in which eliminating them one after another leaves few coefficients: by
// nested dissection, a strip of two pixels, across which no two are coupled, comes after both sides of it.
func dissect(height, width int, mask []uint8) []int {
	var order []int
	var add func(top, left, bottom, right int)
	all := func(top, left, bottom, right int) {
		for y := top; y < bottom; y++ {
			for x := left; x < right; x++ {
				if mask[y*width+x] != 0 {
					order = append(order, y*width+x)
				}
			}
		}
	}
	add = func(top, left, bottom, right int) {
		switch h, w := bottom-top, right-left; {
		case max(h, w) <= 6:
			all(top, left, bottom, right)
		case h >= w:
			middle := top + h/2 - 1
			add(top, left, middle, right)
			add(middle+2, left, bottom, right)
			all(middle, left, middle+2, right)
		default:
			middle := left + w/2 - 1
			add(top, left, bottom, middle)
			add(top, middle+2, bottom, right)
			all(top, middle, bottom, middle+2)
		}
	}
	add(0, 0, height, width)
	return order
}
