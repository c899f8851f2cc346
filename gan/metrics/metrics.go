// Package metrics judges samples by numbers: how many modes of the data they reach, how far their distribution is from
// the data's, how much they differ from one another.
//
// Samples are float32, one after another, as tensors hold them; all that is computed is float64. Randomness comes from a
// seed, so that numbers repeat.
package metrics

import (
	"math"
	"runtime"
	"sync"

	"github.com/pkg/errors"
)

// checkSamples returns the number of samples of the given size that values hold, or an error if there is none, a part of one or
// something that is no finite number.
func checkSamples(name string, values []float32, size int) (int, error) {
	if size < 1 {
		return 0, errors.Errorf("metrics: samples of size %d cannot be; give the number of values of one sample", size)
	}
	if len(values) == 0 || len(values)%size != 0 {
		return 0, errors.Errorf("metrics: %s holds %d values, which is no whole number of samples of size %d", name, len(values), size)
	}
	for i, v := range values {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return 0, errors.Errorf("metrics: sample %d of %s holds %g; leave out samples that are not finite", i/size, name, v)
		}
	}
	return len(values) / size, nil
}

// parallel calls f with 0, 1, …, n - 1, on all processors.
func parallel(n int, f func(i int)) {
	var wait sync.WaitGroup
	next := make(chan int)
	for range min(n, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
}
