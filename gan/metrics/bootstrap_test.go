package metrics_test

import (
	"math"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// Over sets of samples the interval holds the mean of the distances about 95 % of the time: they differ by their variance, and
// it does not claim to know their bias.
func TestFIDInterval(t *testing.T) {
	const n, size, trials = 200, 4, 60
	var intervals []*metrics.Interval
	var mean float64
	for trial := range uint64(trials) {
		fake, real := gaussian(n, size, 1, 0.5, 2*trial), gaussian(n, size, 1, 0, 2*trial+1)
		distance := frechet(t, fake, real, size)
		interval, err := metrics.FIDInterval(distance, fake, real, size, metrics.FIDResampling{Replicates: 100})
		if err != nil {
			t.Fatal(err)
		}
		if !(interval.Low < distance && distance < interval.High) {
			t.Errorf("%g outside of %v", distance, *interval)
		}
		intervals = append(intervals, interval)
		mean += distance / trials
	}
	held := 0
	for _, interval := range intervals {
		if interval.Low <= mean && mean <= interval.High {
			held++
		}
	}
	if share := float64(held) / trials; share < 0.85 {
		t.Errorf("held %g of the time", share)
	} else {
		t.Logf("held %g of the time", share)
	}
}

func TestFIDIntervalOfPart(t *testing.T) {
	const n, size = 400, 4
	fake, real := gaussian(n, size, 1, 2, 1), gaussian(n, size, 1, 0, 2)
	interval := func(resampling metrics.FIDResampling) *metrics.Interval {
		t.Helper()
		i, err := metrics.FIDInterval(16, fake, real, size, resampling)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	all := interval(metrics.FIDResampling{Replicates: 50, Seed: 3})
	part := interval(metrics.FIDResampling{Replicates: 50, Seed: 3, Of: 100 * n})
	within(t, "a tenth as wide", part.High-part.Low, (all.High-all.Low)/10, 1e-12)
	if fewer := interval(metrics.FIDResampling{Replicates: 50, Seed: 3, Of: n / 2}); *fewer != *all {
		t.Errorf("wider for fewer: %v, %v", *fewer, *all)
	}
	if other := interval(metrics.FIDResampling{Replicates: 50, Seed: 4}); *other == *all {
		t.Error("the seed does not matter")
	}
	if none := interval(metrics.FIDResampling{}); none != nil {
		t.Errorf("an interval without replicates: %v", *none)
	}
	near, err := metrics.FIDInterval(0, fake, fake, size, metrics.FIDResampling{Replicates: 20})
	if err != nil || near.Low != 0 || near.High <= 0 || math.IsNaN(near.High) {
		t.Errorf("of equal sets: %v, %v", near, err)
	}
}

func TestFIDIntervalMisuse(t *testing.T) {
	x := gaussian(9, 4, 1, 0, 1)
	two := metrics.FIDResampling{Replicates: 2}
	_, err := metrics.FIDInterval(1, x, x, 4, metrics.FIDResampling{Replicates: 1})
	oneLine(t, err, "1 replicates make no interval")
	_, err = metrics.FIDInterval(1, x, x[:16], 4, two)
	oneLine(t, err, "the real set holds 4 samples, and the Fréchet distance (FID) of 4 features takes at least 5")
	_, err = metrics.FIDInterval(1, x[:3], x, 4, two)
	oneLine(t, err, "the fake set holds 3 values")
}

func BenchmarkFIDInterval(b *testing.B) {
	const n, size = 10_000, 128
	fake, real := gantest.SeededUniform("a", n*size, -1, 1), gantest.SeededUniform("b", n*size, -1, 1)
	for b.Loop() {
		if _, err := metrics.FIDInterval(0, fake, real, size, metrics.FIDResampling{Replicates: 100}); err != nil {
			b.Fatal(err)
		}
	}
}
