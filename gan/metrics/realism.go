package metrics

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

// Realism returns how real each fake sample looks by itself: the largest, over real samples, of the radius of the ball about one that
// reaches to its k-th nearest neighbour, divided by the fake sample's distance from it. It is 1 or more for samples among the
// real ones. This is equation 3 of "Improved Precision and Recall Metric for Assessing Generative Models" (Kynkäänniemi et al.
// 2019, https://arxiv.org/abs/1904.06991), with k = 3; as there, the half of the real samples with the larger radii, those in
// thin regions, do not count. A sample that is one of the real ones has +Inf.
//
// It is an error if there are fewer than k + 1 real samples.
func Realism(fake, real []float32, size, k int) ([]float64, error) {
	n, err := checkSamples("the fake set", fake, size)
	if err != nil {
		return nil, err
	}
	reals, err := checkSamples("the real set", real, size)
	if err != nil {
		return nil, err
	}
	if k < 1 || reals < k+1 {
		return nil, errors.Errorf("metrics: the real set holds %d samples, and balls that reach to the %d-th neighbour take at least %d", reals, k, k+1)
	}
	fakes, all := newPRDCSet(fake, n, size), newPRDCSet(real, reals, size)
	prdcNumberEqual(fakes, all)
	radii := all.limits(k)
	median := slices.Sorted(slices.Values(radii))[(reals-1)/2]
	squares := make([]float64, n) // Of the ratios.
	parallel(fakes.blocks(), func(block int) {
		for other := range all.blocks() {
			fakes.eachDistance(block, all, other, false, func(i, j int, distances []float64) {
				for column, distance := range distances {
					radius := radii[j+column]
					switch {
					case radius > median:
					case distance == 0:
						squares[i] = math.Inf(1)
					default:
						squares[i] = max(squares[i], float64(radius)/distance)
					}
				}
			})
		}
	})
	for i, square := range squares {
		squares[i] = math.Sqrt(square)
	}
	return squares, nil
}
