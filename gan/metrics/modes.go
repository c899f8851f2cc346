package metrics

import (
	"math"

	"github.com/pkg/errors"
)

// ModesResult says which modes of a mixture the samples reach.
type ModesResult struct {
	Modes       int     `json:"modes"`        // That have at least one high-quality sample.
	HighQuality float64 `json:"high_quality"` // The fraction of all samples that are.
	ReverseKL   float64 `json:"reverse_kl"`   // In nats, from 0 to the logarithm of the number of modes.
}

// PointSamples is how many points the authors of PacGAN draw from a generator to judge it by Modes.
const PointSamples = 2_500

// Modes judges points in the plane, x before y, drawn from a generator that learned an equal mixture of round Gaussians with
// the given centres and standard deviation, as section 4.1 of "PacGAN: The power of two samples in generative adversarial
// networks" (Lin et al. 2018, https://arxiv.org/abs/1712.04086) does with PointSamples points. A point is of high
// quality if it is less than three standard deviations away from the nearest centre. A mode is reached if at least one
// high-quality point is nearest to it. The reverse Kullback-Leibler divergence is that of the histogram of the high-quality
// points over the modes, as the authors' code counts them, from the data's, which is uniform: Σ q log(q / (1/modes)).
// Without any high-quality point it has its largest value, as if all were at one mode.
//
// Points of the data themselves are of high quality with probability 1 - exp(-9/2) = 0.9889. Points that are not finite count
// as points of low quality. It is an error if there are no points, no centres or no deviation.
func Modes(points []float32, centres [][2]float64, sigma float64) (ModesResult, error) {
	switch {
	case len(points) == 0 || len(points)%2 != 0:
		return ModesResult{}, errors.Errorf("metrics: %d values are no points in the plane, which have two each", len(points))
	case len(centres) == 0:
		return ModesResult{}, errors.New("metrics: there are no modes to look for; only the toys, rings and grid, have known ones")
	case !(sigma > 0):
		return ModesResult{}, errors.Errorf("metrics: modes with a standard deviation of %g cannot be; it is larger than 0", sigma)
	}
	counts := make([]int, len(centres))
	for i := 0; i < len(points); i += 2 {
		nearest, distance := 0, math.Inf(1)
		for mode, centre := range centres {
			if d := math.Hypot(float64(points[i])-centre[0], float64(points[i+1])-centre[1]); d < distance {
				nearest, distance = mode, d
			}
		}
		if distance < 3*sigma {
			counts[nearest]++
		}
	}
	reached, high, kl := histogram(counts)
	return ModesResult{Modes: reached, HighQuality: float64(high) / float64(len(points)/2), ReverseKL: kl}, nil
}

// StackedResult says which classes the samples reach.
type StackedResult struct {
	Modes     int     `json:"modes"`      // The classes that at least one sample belongs to.
	ReverseKL float64 `json:"reverse_kl"` // In nats, from 0 to the logarithm of the number of classes.
}

// StackedSamples is how many pictures the authors of PacGAN draw from a generator to judge it by StackedModes; Metz et
// al. draw 25,600.
const StackedSamples = 26_000

// StackedModes judges pictures by the classes that a classifier puts them into: the number of classes among them, and the
// Kullback-Leibler divergence of their histogram from the uniform distribution over numClasses classes, as for the 1,000
// classes of stacked digits in "Unrolled Generative Adversarial Networks" (Metz et al. 2016,
// https://arxiv.org/abs/1611.02163) and section 4.2 of PacGAN. Chance alone makes the divergence of a perfect generator about
// (numClasses - 1) / (2 · samples), 0.019 for 1,000 classes and StackedSamples; unequally frequent
// digits add a little, so that the data set "stacked" itself has 0.026.
//
// It is an error if there are no samples or a class is not in [0, numClasses).
func StackedModes(classes []int, numClasses int) (StackedResult, error) {
	if len(classes) == 0 || numClasses < 1 {
		return StackedResult{}, errors.Errorf("metrics: %d samples of %d classes cannot be judged; it takes at least 1 of each", len(classes), numClasses)
	}
	counts := make([]int, numClasses)
	for i, class := range classes {
		if class < 0 || class >= numClasses {
			return StackedResult{}, errors.Errorf("metrics: sample %d is of class %d, want one from 0 to %d", i, class, numClasses-1)
		}
		counts[class]++
	}
	reached, _, kl := histogram(counts)
	return StackedResult{Modes: reached, ReverseKL: kl}, nil
}

// histogram returns how many counts are not 0, their sum, and the divergence of their distribution from the uniform one.
func histogram(counts []int) (reached, total int, kl float64) {
	for _, count := range counts {
		total += count
	}
	if total == 0 {
		return 0, 0, math.Log(float64(len(counts)))
	}
	for _, count := range counts {
		if count > 0 {
			reached++
			q := float64(count) / float64(total)
			kl += q * math.Log(q*float64(len(counts)))
		}
	}
	return reached, total, max(kl, 0) // Rounding must not make it negative.
}
