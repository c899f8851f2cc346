package health

import "math"

// pictures are uint8 pictures, one after another, row by row.
type pictures struct {
	pixels                  []uint8
	height, width, channels int
}

// saturated returns the share of values that are 0 or 255.
func (p pictures) saturated() float64 {
	count := 0
	for _, v := range p.pixels {
		if v == 0 || v == 255 {
			count++
		}
	}
	return float64(count) / float64(len(p.pixels))
}

// checkerboard returns the share of the energy of the pictures, their mean taken off, that is at the highest frequency of
// rows or of columns: the pattern of period two that strided transposed convolutions leave ("Deconvolution and
// Checkerboard Artifacts", Odena et al. 2016, https://distill.pub/2016/deconv-checkerboard/). White noise of n×n pixels
// has (2n-1)/(n²-1) of it. Of an odd number of rows or columns the last is left out; a constant picture has none.
func (p pictures) checkerboard() float64 {
	height, width := p.height&^1, p.width&^1
	if height == 0 || width == 0 {
		return 0
	}
	var high, all float64
	size := p.height * p.width * p.channels
	plane := make([]float64, height*width)
	for start := 0; start < len(p.pixels); start += size {
		for channel := range p.channels {
			for y := range height {
				for x := range width {
					plane[y*width+x] = float64(p.pixels[start+(y*p.width+x)*p.channels+channel])
				}
			}
			h, a := periodTwo(plane, width)
			high, all = high+h, all+a
		}
	}
	if all == 0 {
		return 0
	}
	return high / all
}

// periodTwo returns the energy of a plane at the highest frequency of rows or columns, and all its energy but the mean's.
// By Parseval's theorem the coefficients of the Fourier transform at one frequency of the rows, at all of the columns',
// have the energy of the rows' products with that wave.
func periodTwo(plane []float64, width int) (high, all float64) {
	height := len(plane) / width
	columns := make([]float64, width) // Σ over rows of (-1)^y · value.
	var mean, both float64
	for _, v := range plane {
		mean += v
	}
	mean /= float64(len(plane))
	for y := range height {
		var row float64 // Σ over columns of (-1)^x · value.
		for x := range width {
			v := plane[y*width+x] - mean
			all += v * v
			row += alternate(x) * v
			columns[x] += alternate(y) * v
		}
		high += row * row / float64(width)
		both += alternate(y) * row
	}
	for _, column := range columns {
		high += column * column / float64(height)
	}
	high -= both * both / float64(len(plane)) // At the highest of both: counted twice.
	return math.Max(high, 0), all
}

// alternate returns (-1)^i.
func alternate(i int) float64 { return float64(1 - 2*(i&1)) }
