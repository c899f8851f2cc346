package inpaint

import (
	"image"
)

// regions returns the rectangles around the connected parts of a mask, by rows and columns and diagonals, from the top down.
func regions(mask []uint8, width, height int) []image.Rectangle {
	seen := make([]bool, len(mask))
	var list []image.Rectangle
	var open []int
	for start, v := range mask {
		if v == 0 || seen[start] {
			continue
		}
		seen[start] = true
		open = append(open[:0], start)
		around := image.Rectangle{}
		for len(open) > 0 {
			at := open[len(open)-1]
			open = open[:len(open)-1]
			x, y := at%width, at/width
			around = around.Union(image.Rect(x, y, x+1, y+1))
			for ny := max(y-1, 0); ny <= min(y+1, height-1); ny++ {
				for nx := max(x-1, 0); nx <= min(x+1, width-1); nx++ {
					if next := ny*width + nx; mask[next] != 0 && !seen[next] {
						seen[next] = true
						open = append(open, next)
					}
				}
			}
		}
		list = append(list, around)
	}
	return list
}

// shrink returns pixels made smaller, each new one the mean over its area.
func shrink(pixels []uint8, width, height, channels, toWidth, toHeight int) []uint8 {
	if width == toWidth && height == toHeight {
		return pixels
	}
	result := make([]uint8, toWidth*toHeight*channels)
	columns, rows := shares(width, toWidth), shares(height, toHeight)
	sums := make([]float64, channels)
	for y, row := range rows {
		for x, column := range columns {
			clear(sums)
			for i, down := range row.weights {
				for j, along := range column.weights {
					at := ((row.start+i)*width + column.start + j) * channels
					for c := range sums {
						sums[c] += down * along * float64(pixels[at+c])
					}
				}
			}
			for c, sum := range sums {
				result[(y*toWidth+x)*channels+c] = uint8(sum + 0.5)
			}
		}
	}
	return result
}

// shrinkHole returns a mask made smaller: hole where any of it is.
func shrinkHole(mask []uint8, width, height, toWidth, toHeight int) []uint8 {
	if width == toWidth && height == toHeight {
		return mask
	}
	result := make([]uint8, toWidth*toHeight)
	columns, rows := shares(width, toWidth), shares(height, toHeight)
	for y, row := range rows {
		for x, column := range columns {
			for i := range row.weights {
				for j := range column.weights {
					if mask[(row.start+i)*width+column.start+j] != 0 {
						result[y*toWidth+x] = 1
					}
				}
			}
		}
	}
	return result
}

// share says which pixels of a line a new one is made of.
type share struct {
	start   int
	weights []float64 // Of the pixels from start on; their sum is 1.
}

// shares returns what each of the new pixels of a shorter line is made of.
func shares(length, toLength int) []share {
	list := make([]share, toLength)
	scale := float64(length) / float64(toLength)
	for i := range list {
		low, high := float64(i)*scale, float64(i+1)*scale
		s := share{start: int(low)}
		for at := s.start; at < length && float64(at) < high-1e-9; at++ {
			s.weights = append(s.weights, (min(high, float64(at+1))-max(low, float64(at)))/scale)
		}
		list[i] = s
	}
	return list
}

// enlarge returns pixels made larger by linear interpolation between the middles of pixels.
func enlarge(pixels []uint8, width, height, channels, toWidth, toHeight int) []uint8 {
	if width == toWidth && height == toHeight {
		return pixels
	}
	result := make([]uint8, toWidth*toHeight*channels)
	for y := range toHeight {
		top, bottom, down := between(y, height, toHeight)
		for x := range toWidth {
			left, right, along := between(x, width, toWidth)
			for c := range channels {
				at := func(y, x int) float64 { return float64(pixels[(y*width+x)*channels+c]) }
				above := at(top, left)*(1-along) + at(top, right)*along
				below := at(bottom, left)*(1-along) + at(bottom, right)*along
				result[(y*toWidth+x)*channels+c] = uint8(above*(1-down) + below*down + 0.5)
			}
		}
	}
	return result
}

// between returns the two pixels of a line that a new pixel of a longer line lies between, and the second one's share.
func between(i, length, toLength int) (first, second int, share float64) {
	place := (float64(i)+0.5)*float64(length)/float64(toLength) - 0.5
	place = min(max(place, 0), float64(length-1))
	first = int(place)
	return first, min(first+1, length-1), place - float64(first)
}
