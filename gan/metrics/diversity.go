package metrics

import (
	"math"

	"github.com/pkg/errors"
)

// Diversity returns how much samples differ from one another, relative to the data: the mean, over all pairs of samples, of
// the root of the mean squared difference of their values, divided by the same of the data. It is 1 if samples are as
// diverse as the data, 0 if they are all alike: a generator that has collapsed. Samples have size values each.
//
// The time grows with the square of the number of samples; 1,000 of 784 values take well under a second. It is an error
// if there are fewer than two of either, or if the data are all alike.
func Diversity(samples, data []float32, size int) (float64, error) {
	of, err := meanDistance("the set of samples", samples, size)
	if err != nil {
		return 0, err
	}
	relativeTo, err := meanDistance("the data", data, size)
	if err != nil {
		return 0, err
	}
	if relativeTo == 0 {
		return 0, errors.New("metrics: the data are all alike, so that no samples can be called more or less diverse")
	}
	return of / relativeTo, nil
}

// meanDistance returns the mean root-mean-square distance between two different samples.
func meanDistance(name string, values []float32, size int) (float64, error) {
	n, err := checkSamples(name, values, size)
	if err != nil {
		return 0, err
	}
	if n < 2 {
		return 0, errors.Errorf("metrics: %s holds 1 sample; diversity takes at least 2", name)
	}
	sums := make([]float64, n) // Of the distances from sample i to those after it.
	parallel(n, func(i int) {
		one := values[i*size : (i+1)*size]
		for j := i + 1; j < n; j++ {
			other := values[j*size : (j+1)*size]
			var squares float64
			for k, v := range one {
				difference := float64(v) - float64(other[k])
				squares += difference * difference
			}
			sums[i] += math.Sqrt(squares / float64(size))
		}
	})
	var sum float64
	for _, s := range sums {
		sum += s
	}
	return sum / (float64(n) * float64(n-1) / 2), nil
}
