package classical

import "math"

// NavierStokes fills the hole from its edge inwards, each pixel with a weighted mean of the known ones within the radius, where
// those count for more that are near and that an isophote, a line of equal brightness, joins to it: the idea of "Navier-Stokes,
// Fluid Dynamics, and Image and Video Inpainting" (Bertalmio, Bertozzi and Sapiro 2001,
// https://doi.org/10.1109/CVPR.2001.990497).
//
// It returns what OpenCV's INPAINT_NS does, which solves no equation of fluids but marches like Telea; of the
// holes in 400 colour pictures of 32×32, one value in 40,000 differs, by 1 or 2. It is an error if the
// mask has another size than the picture, no hole, or nothing but hole, or if the radius is not between 1 and 100.
func NavierStokes(pixels []uint8, shape [3]int, mask []uint8, radius int) ([]uint8, error) {
	start := func(mask []uint8) *front { return newFront(shape[0], shape[1], mask) }
	return byChannel(pixels, shape, mask, radius, start, func(f *front, i int) float64 { return f.navierStokes(i, radius) })
}

// navierStokes returns what a pixel becomes.
func (f *front) navierStokes(i, radius int) float64 {
	var mean, total float32
	f.neighbours(i, radius, func(k, dy, dx int) {
		squared := float32(dy*dy + dx*dx)
		// The gradient turned by a right angle is the isophote's direction.
		vertical, horizontal := f.vertical(k), f.horizontal(k)
		isophoteX, isophoteY := -f.variation(k, f.stride, vertical, vertical.there), f.variation(k, 1, horizontal, horizontal.here)
		direction := float32(float32(dx)*isophoteX) + float32(float32(dy)*isophoteY) // Conversions keep products from being fused with sums.
		if abs(direction) <= 0.01 {
			direction = 0.000001
		} else {
			length := math.Sqrt(float64(squared * (float32(isophoteX*isophoteX) + float32(isophoteY*isophoteY))))
			direction = float32(math.Abs(float64(direction) / length))
		}
		weight := 1 / (squared*squared + 1) * direction
		mean += float32(weight * f.at(k))
		total += weight
	})
	return float64(mean) / float64(total)
}

// variation returns how much the picture changes at a known pixel along a line: the sum of its differences from the neighbours,
// so many indices away, before and after, or twice that of one from the pixel where the other is unknown.
func (f *front) variation(i, by int, l line, pixel float32) float32 {
	switch before, after := !f.unknown[i-by], !f.unknown[i+by]; {
	case before && after:
		return abs(l.after-l.there) + abs(l.there-l.before)
	case after:
		return 2 * abs(l.after-pixel)
	case before:
		return 2 * abs(pixel-l.before)
	}
	return 0
}
