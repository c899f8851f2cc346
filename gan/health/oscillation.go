package health

import (
	"fmt"
	"math"
)

const (
	swingPoints = 128 // Means over blocks of steps that a series is judged by.
	swingBlock  = 4   // Steps of a block at least, so that single batches do not count.

	swingCycles = 3   // Swings must be so many in the series at least, and
	swingMost   = 16  // so many at most; faster ones are noise.
	swingShare  = 0.6 // Of the variance about the trend that is at the strongest frequency and its neighbours.
	swingNoise  = 2   // Times the variance that the noise within blocks leaves in their means.
	swingKeeps  = 0.7 // The swings of the second half, relative to those of the first.
)

// oscillation finds slow regular swings of a series, one number for each step from the one numbered first on, that do not shrink:
// players that go round each other. It looks at the later half, once that is long enough. Nil means that there are none.
func oscillation(series []float64, first int) *Finding {
	offset := len(series) / 2
	series = series[offset:]
	block := len(series) / swingPoints
	if block < swingBlock {
		return nil
	}
	series = series[len(series)-block*swingPoints:]
	means, within := blockMeans(series, block)
	detrend(means)
	variance := meanSquare(means)
	if variance < swingNoise*within/float64(block) {
		return nil
	}
	cycles, share := strongest(means, variance)
	before, after := meanSquare(means[:swingPoints/2]), meanSquare(means[swingPoints/2:])
	if share < swingShare || after < swingKeeps*swingKeeps*before {
		return nil
	}
	period := len(series) / cycles
	return &Finding{Oscillation, Note, first + offset, fmt.Sprintf(
		"real and fake logits swing by ±%.3g about their trend about every %d steps and do not settle; "+
			"try a lower learning rate, less momentum (Beta1 0), or a moving average of the generator", math.Sqrt(2*variance), period)}
}

// blockMeans returns the means of blocks, and the mean variance within them.
func blockMeans(series []float64, block int) (means []float64, within float64) {
	means = make([]float64, len(series)/block)
	for i := range means {
		var sum, squares float64
		for _, v := range series[i*block : (i+1)*block] {
			sum += v
			squares += v * v
		}
		means[i] = sum / float64(block)
		within += math.Max(0, squares/float64(block)-means[i]*means[i]) / float64(len(means))
	}
	return means, within
}

// detrend takes the straight line of least squares off.
func detrend(values []float64) {
	n := float64(len(values))
	middle := (n - 1) / 2
	var mean, slope float64
	for i, v := range values {
		mean += v / n
		slope += v * (float64(i) - middle)
	}
	slope /= n * (n*n - 1) / 12
	for i := range values {
		values[i] -= mean + slope*(float64(i)-middle)
	}
}

func meanSquare(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += v * v
	}
	return sum / float64(len(values))
}

// strongest returns the number of cycles of the strongest frequency, and the share of the variance at it and the two beside it.
func strongest(values []float64, variance float64) (cycles int, share float64) {
	power := make([]float64, swingMost+2)
	for k := range power {
		var re, im float64
		for i, v := range values {
			sin, cos := math.Sincos(2 * math.Pi * float64(k*i) / float64(len(values)))
			re, im = re+v*cos, im+v*sin
		}
		power[k] = 2 * (re*re + im*im) / float64(len(values)*len(values))
	}
	for k := swingCycles; k <= swingMost; k++ {
		if s := (power[k-1] + power[k] + power[k+1]) / variance; s > share {
			cycles, share = k, s
		}
	}
	return cycles, share
}
