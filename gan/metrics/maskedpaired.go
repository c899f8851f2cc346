package metrics

import (
	"math"

	"github.com/pkg/errors"
)

// HoleL1 returns what L1 does, of the pixels in the hole alone. Masks holds one of [height, width] for each pair, in which
// all but 0 is hole.
//
// This and what follows for holes is an error if a mask is missing or has no hole.
func HoleL1(a, b []uint8, shape [3]int, masks []uint8) ([]float64, error) {
	return perHole(a, b, shape, masks, func(a, b, mask []uint8) float64 {
		var sum float64
		n := eachInHole(mask, shape[2], func(i int) { sum += math.Abs(float64(a[i]) - float64(b[i])) })
		return sum / (255 * float64(n))
	})
}

// HolePSNR returns what PSNR does, of the pixels in the hole alone; see HoleL1.
func HolePSNR(a, b []uint8, shape [3]int, masks []uint8) ([]float64, error) {
	return perHole(a, b, shape, masks, func(a, b, mask []uint8) float64 {
		var squares float64
		n := eachInHole(mask, shape[2], func(i int) {
			difference := float64(a[i]) - float64(b[i])
			squares += difference * difference
		})
		return decibels(squares, n)
	})
}

// HoleSSIM returns the similarity of SSIM at the pixels of the hole, averaged over them; see HoleL1. The window around a pixel
// of the hole reaches into what is known. Where it reaches beyond the border, the picture goes on mirrored. It equals the mean
// over the hole of the map that structural_similarity of scikit-image returns with full=True and SSIM's settings.
func HoleSSIM(a, b []uint8, shape [3]int, masks []uint8) ([]float64, error) {
	if err := checkWindow(shape); err != nil {
		return nil, err
	}
	return perHole(a, b, shape, masks, func(a, b, mask []uint8) float64 {
		var sum float64
		n := 0
		for channel := range shape[2] {
			similarities, _ := newPlane(a, shape, channel).mirrored(ssimWindow / 2).similarities(newPlane(b, shape, channel).mirrored(ssimWindow / 2))
			n += eachInHole(mask, 1, func(i int) { sum += similarities[i] })
		}
		return sum / float64(n)
	})
}

// eachInHole calls f with the index of each value in the hole, and returns how many there are.
func eachInHole(mask []uint8, channels int, f func(i int)) int {
	n := 0
	for pixel, hole := range mask {
		if hole == 0 {
			continue
		}
		for i := pixel * channels; i < (pixel+1)*channels; i++ {
			f(i)
			n++
		}
	}
	return n
}

// mirrored returns the plane with a rim of so many pixels, in which it goes on as in a mirror at its border.
func (p plane) mirrored(rim int) plane {
	m := plane{p.height + 2*rim, p.width + 2*rim, nil}
	m.values = make([]float64, m.height*m.width)
	for y := range m.height {
		row := mirroredAt(y-rim, p.height) * p.width
		for x := range m.width {
			m.values[y*m.width+x] = p.values[row+mirroredAt(x-rim, p.width)]
		}
	}
	return m
}

// mirroredAt returns which of n pixels is seen at i, at most n away from them.
func mirroredAt(i, n int) int {
	switch {
	case i < 0:
		return -1 - i
	case i >= n:
		return 2*n - 1 - i
	}
	return i
}

// perHole returns the value of f for each pair with its mask.
func perHole(a, b []uint8, shape [3]int, masks []uint8, f func(a, b, mask []uint8) float64) ([]float64, error) {
	n, err := checkPairs(a, b, shape)
	if err != nil {
		return nil, err
	}
	area := shape[0] * shape[1]
	if len(masks) != n*area {
		return nil, errors.Errorf("metrics: the masks of %d pictures of %d×%d have %d values, got %d", n, shape[0], shape[1], n*area, len(masks))
	}
	for i := range n {
		if eachInHole(masks[i*area:(i+1)*area], 1, func(int) {}) == 0 {
			return nil, errors.Errorf("metrics: mask %d has no hole", i)
		}
	}
	size := area * shape[2]
	values := make([]float64, n)
	parallel(n, func(i int) {
		values[i] = f(a[i*size:(i+1)*size], b[i*size:(i+1)*size], masks[i*area:(i+1)*area])
	})
	return values, nil
}
