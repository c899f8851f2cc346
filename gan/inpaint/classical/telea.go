package classical

import (
	"math"
)

// Telea fills the hole from its edge inwards, each pixel with a weighted mean of what the known pixels within the radius lead
// to expect, as "An Image Inpainting Technique Based on the Fast Marching Method" (Telea 2004,
// https://doi.org/10.1080/10867651.2004.10487596) does: a pixel counts for more if it is near, lies along the march's
// direction, and is about as far from the edge. The paper and everybody else take a radius of 3.
//
// It returns what OpenCV's INPAINT_TELEA does, which differs from the paper in how gradients enter: their sums along each axis
// are divided by their common length, so that they move a pixel by a step or so and no more, and a half is added before the
// result is rounded. It is an error if the mask has another size than the picture, no hole, or nothing but hole, or if the
// radius is not between 1 and 100.
func Telea(pixels []uint8, shape [3]int, mask []uint8, radius int) ([]uint8, error) {
	start := func(mask []uint8) *front {
		f := newFront(shape[0], shape[1], mask)
		f.distancesAround(mask, radius)
		return f
	}
	return byChannel(pixels, shape, mask, radius, start, func(f *front, i int) float64 { return float64(f.telea(i, radius)) })
}

// distancesAround sets the distances of known pixels in the square of the radius around those of the hole: how far they are
// from the edge, below 0.
func (f *front) distancesAround(mask []uint8, radius int) {
	outward := newFront(f.height, f.width, mask)
	for y := range f.height {
		for x := range f.width {
			i := f.index(y, x)
			outward.unknown[i] = !f.unknown[i] && f.distance[i] != 0 && f.holeWithin(y, x, radius)
		}
	}
	var reached []int
	outward.march(func(i int) { reached = append(reached, i) })
	for _, i := range reached {
		f.distance[i] = -outward.distance[i]
	}
}

// holeWithin tells whether the square of the radius around a pixel has one of the hole.
func (f *front) holeWithin(y, x, radius int) bool {
	for row := max(y-radius, 0); row <= min(y+radius, f.height-1); row++ {
		for column := max(x-radius, 0); column <= min(x+radius, f.width-1); column++ {
			if f.unknown[f.index(row, column)] {
				return true
			}
		}
	}
	return false
}

// telea returns what a pixel becomes.
func (f *front) telea(i, radius int) float32 {
	slopeY, slopeX := f.slope(i, f.stride), f.slope(i, 1)
	var mean, total, alongY, alongX float32
	f.neighbours(i, radius, func(k, dy, dx int) {
		squared := float32(dy*dy + dx*dx)
		near := float32(1 / (float64(squared) * math.Sqrt(float64(squared))))
		level := float32(1 / (1 + float64(abs(f.distance[k]-f.distance[i]))))
		direction := -float32(float32(dy)*slopeY) - float32(float32(dx)*slopeX) // Conversions keep products from being fused with sums.
		if abs(direction) <= 0.01 {
			direction = 0.000001
		}
		weight := abs(near * level * direction)
		vertical, horizontal := f.vertical(k), f.horizontal(k)
		mean += float32(weight * f.at(k))
		alongY += float32(weight * (f.gradient(k, f.stride, vertical) * float32(dy)))
		alongX += float32(weight * (f.gradient(k, 1, horizontal) * float32(dx)))
		total += weight
	})
	length := float32(math.Sqrt(float64(float32(alongX*alongX) + float32(alongY*alongY))))
	return mean/total + (alongX+alongY)/(length+1e-20) + 0.5
}

// slope returns the change of the distance at a pixel from one neighbour, so many indices away, to the other, or to the pixel
// itself where one is unknown.
func (f *front) slope(i, by int) float32 {
	switch before, after := !f.unknown[i-by], !f.unknown[i+by]; {
	case before && after:
		return (f.distance[i+by] - f.distance[i-by]) / 2
	case after:
		return f.distance[i+by] - f.distance[i]
	case before:
		return f.distance[i] - f.distance[i-by]
	}
	return 0
}

// gradient returns the change of the picture at a known pixel along a line from one neighbour, so many indices away, to the
// other. Where both are known it is twice their difference, four times what one would expect: so does OpenCV.
func (f *front) gradient(i, by int, l line) float32 {
	switch before, after := !f.unknown[i-by], !f.unknown[i+by]; {
	case before && after:
		return 2 * (l.after - l.before)
	case after:
		return l.after - l.here
	case before:
		return l.there - l.before
	}
	return 0
}

func abs(x float32) float32 { return max(x, -x) }
