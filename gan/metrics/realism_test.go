package metrics_test

import (
	"math"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/metrics"
)

func TestRealism(t *testing.T) {
	// On a line: neighbours one apart, and two far out, whose wide balls do not count.
	real := []float32{0, 1, 2, 3, 100, 200}
	got, err := metrics.Realism([]float32{1.5, 5, 2, 150, -2}, real, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{2, 0.5, math.Inf(1), 1. / 147, 0.5} {
		if !(math.Abs(got[i]-want) < 1e-7) && got[i] != want {
			t.Errorf("sample %d: got %g, want %g", i, got[i], want)
		}
	}
	_, err = metrics.Realism([]float32{1}, real[:2], 1, 2)
	oneLine(t, err, "the real set holds 2 samples")
	_, err = metrics.Realism(nil, real, 1, 2)
	oneLine(t, err, "the fake set holds 0 values")
}

// Samples that are drawn like the real ones look more real than those with noise on them.
func TestRealismFallsWithNoise(t *testing.T) {
	real, like := gaussian(500, 8, 1, 0, 1), gaussian(100, 8, 1, 0, 2)
	last := math.Inf(1)
	for step := range 4 {
		noisy, noise := make([]float32, len(like)), gaussian(100, 8, float64(step), 0, 3)
		for i := range noisy {
			noisy[i] = like[i] + noise[i]
		}
		scores, err := metrics.Realism(noisy, real, 8, 3)
		if err != nil {
			t.Fatal(err)
		}
		var mean float64
		for _, score := range scores {
			mean += score / 100
		}
		if mean >= last {
			t.Errorf("noise of %d: realism %g, not below %g", step, mean, last)
		}
		last = mean
	}
}
