package inpaint

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

// Blend sets what was drawn into the hole of a picture without a seam: by "Poisson Image Editing" (Pérez, Gangnet and Blake
// 2003, https://doi.org/10.1145/882262.882269, equation 7), the hole gets the differences between neighbouring pixels that
// were drawn there, and at its rim the picture's own values. So a drawing that is too dark or of another tint all over is
// corrected; what it shows is kept.
//
// Picture and drawn, which shows more than the hole at its rim, are [height, width, channels], the mask is
// [height, width], not 0 in the hole. Known pixels stay as they are. A hole that reaches the picture's edge has no rim there.
// It is an error if sizes differ, or if there is nothing but hole.
func Blend(picture, drawn []uint8, shape [3]int, mask []uint8) ([]uint8, error) {
	height, width, channels := shape[0], shape[1], shape[2]
	if height < 1 || width < 1 || channels < 1 || len(picture) != height*width*channels || len(drawn) != len(picture) || len(mask) != height*width {
		return nil, errors.Errorf("inpaint: blending %d×%d pixels with %d channels takes %d values twice and %d of a mask, got %d, %d and %d",
			height, width, channels, height*width*channels, height*width, len(picture), len(drawn), len(mask))
	}
	if !slices.Contains(mask, 0) {
		return nil, errors.New("inpaint: the mask covers the whole picture; leave some of it to blend into")
	}
	result := slices.Clone(picture)
	correction := make([]float64, height*width)
	for channel := range channels {
		// The correction, picture less drawing, is known outside the hole, and harmonic in it.
		for i := range correction {
			correction[i] = 0
			if mask[i] == 0 {
				correction[i] = float64(picture[i*channels+channel]) - float64(drawn[i*channels+channel])
			}
		}
		harmonic(correction, mask, height, width)
		for i, hidden := range mask {
			if hidden != 0 {
				at := i*channels + channel
				result[at] = uint8(min(max(math.Round(float64(drawn[at])+correction[i]), 0), 255))
			}
		}
	}
	return result, nil
}

// harmonic gives the values in the hole, of a picture of which the others are known, such that each is the mean of its
// neighbours. What it solves of a picture half as large is where it starts from, so that large holes take no longer per pixel.
func harmonic(values []float64, mask []uint8, height, width int) {
	hole := newHole(mask, height, width)
	start := make([]float64, len(hole.pixels))
	if len(hole.pixels) > 256 {
		halfHeight, halfWidth := (height+1)/2, (width+1)/2
		half, halfMask := halved(values, mask, height, width)
		harmonic(half, halfMask, halfHeight, halfWidth)
		for i, at := range hole.pixels {
			start[i] = half[int(at)/width/2*halfWidth+int(at)%width/2]
		}
	}
	sums := make([]float64, len(hole.pixels))
	for i, rim := range hole.rim {
		for _, neighbour := range rim {
			sums[i] += values[neighbour]
		}
	}
	hole.solve(start, sums)
	for i, at := range hole.pixels {
		values[at] = start[i]
	}
}

// halved returns values and mask for squares of 2×2 pixels: the mean of the known ones, and hole where none is.
func halved(values []float64, mask []uint8, height, width int) ([]float64, []uint8) {
	halfHeight, halfWidth := (height+1)/2, (width+1)/2
	half, halfMask := make([]float64, halfHeight*halfWidth), make([]uint8, halfHeight*halfWidth)
	counts := make([]float64, len(half))
	for i, v := range values {
		if mask[i] == 0 {
			at := i/width/2*halfWidth + i%width/2
			half[at] += v
			counts[at]++
		}
	}
	for i, count := range counts {
		if count == 0 {
			halfMask[i] = 1
		} else {
			half[i] /= count
		}
	}
	return half, halfMask
}

// hole is the pixels of a hole as a graph.
type hole struct {
	pixels []int32    // Their places in the picture, row by row.
	inner  [][4]int32 // The neighbours of each in the hole, as indices of pixels; -1 for none.
	rim    [][]int32  // Its known neighbours, as places in the picture.
}

// newHole returns the hole of a mask, which has a known pixel, so that every part of the hole has a rim.
func newHole(mask []uint8, height, width int) hole {
	var h hole
	index := make([]int32, len(mask))
	for at, v := range mask {
		index[at] = -1
		if v != 0 {
			index[at] = int32(len(h.pixels))
			h.pixels = append(h.pixels, int32(at))
		}
	}
	h.inner, h.rim = make([][4]int32, len(h.pixels)), make([][]int32, len(h.pixels))
	for i, at := range h.pixels {
		y, x := int(at)/width, int(at)%width
		for j, step := range [4][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
			h.inner[i][j] = -1
			ny, nx := y+step[0], x+step[1]
			if ny < 0 || ny >= height || nx < 0 || nx >= width {
				continue
			}
			neighbour := ny*width + nx
			if index[neighbour] >= 0 {
				h.inner[i][j] = index[neighbour]
			} else {
				h.rim[i] = append(h.rim[i], int32(neighbour))
			}
		}
	}
	return h
}

// apply sets y to the Laplacian's negative of x: for each pixel, the number of its neighbours times its value, less the
// values of those in the hole.
func (h hole) apply(x, y []float64) {
	for i, neighbours := range h.inner {
		count := len(h.rim[i])
		var sum float64
		for _, j := range neighbours {
			if j >= 0 {
				count++
				sum += x[j]
			}
		}
		y[i] = float64(count)*x[i] - sum
	}
}

// solve moves x to the values in the hole each of which is the mean of its neighbours, where sums are those of each one's
// known neighbours. It is by conjugate gradients, until what is left to correct is far below a step of uint8.
func (h hole) solve(x, sums []float64) {
	n := len(x)
	residual, product := make([]float64, n), make([]float64, n)
	h.apply(x, residual)
	for i, sum := range sums {
		residual[i] = sum - residual[i]
	}
	direction := slices.Clone(residual)
	square := dot(residual, residual)
	enough := 1e-12 * (dot(sums, sums) + 1e-9)
	for range 4*n + 100 {
		if square <= enough {
			return
		}
		h.apply(direction, product)
		step := square / dot(direction, product)
		for i := range x {
			x[i] += step * direction[i]
			residual[i] -= step * product[i]
		}
		next := dot(residual, residual)
		for i := range direction {
			direction[i] = residual[i] + next/square*direction[i]
		}
		square = next
	}
}

func dot(a, b []float64) float64 {
	var sum float64
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
