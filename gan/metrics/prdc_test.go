package metrics_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// Real samples at 0, 1, 2, 10, 11 and 12; the generator knows the first three only, and makes one that is not real.
func ExamplePRDC() {
	real := []float32{0, 1, 2, 10, 11, 12}
	fake := []float32{0.5, 0.75, 1.25, 5}
	result, err := metrics.PRDC(fake, real, 1, 1)
	if err != nil {
		panic(err)
	}
	fmt.Println("precision", result.Precision.Value, "recall", result.Recall.Value)
	fmt.Println("density", result.Density.Value, "coverage", result.Coverage.Value)
	// Output:
	// precision 0.75 recall 0.3333333333333333
	// density 1.5 coverage 0.5
}

func prdc(t testing.TB, fake, real []float32, size, k int) metrics.PRDCResult {
	t.Helper()
	result, err := metrics.PRDC(fake, real, size, k)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestPRDCOfOneDistribution(t *testing.T) {
	const n, size, k = 2000, 8, 5
	result := prdc(t, gaussian(n, size, 1, 0, 1), gaussian(n, size, 1, 0, 2), size, k)
	// A fake sample is among the k nearest of a real one as often as another real one; density is 1, coverage 1 - 2^-k (Naeem et al., section 3).
	within(t, "density", result.Density.Value, 1, 0.06)
	within(t, "coverage", result.Coverage.Value, 1-math.Pow(2, -k), 0.02)
	within(t, "precision and recall", result.Precision.Value, result.Recall.Value, 0.04)
	for name, e := range map[string]metrics.Estimate{"precision": result.Precision, "recall": result.Recall, "density": result.Density, "coverage": result.Coverage} {
		if !(e.Interval.Low < e.Value && e.Value < e.Interval.High) {
			t.Errorf("%s: %g in %v", name, e.Value, *e.Interval)
		}
	}
	// The interval of a share: 2 · 1.96 √(p (1 - p) / n) wide.
	p := result.Precision
	within(t, "width", p.Interval.High-p.Interval.Low, 3.92*math.Sqrt(p.Value*(1-p.Value)/n), 0.003)

	// The order of samples does not matter, nor do the features' unit and where 0 is.
	fake, real := gaussian(n, size, 1, 0, 1), gaussian(n, size, 1, 0, 2)
	for i := range fake {
		fake[i] = float32(math.Round(float64(fake[i])*1024))/64 + 64
		real[i] = float32(math.Round(float64(real[i])*1024))/64 + 64
	}
	result = prdc(t, fake, real, size, k)
	other := prdc(t, reordered(fake, size), reordered(real, size), size, k)
	for i := range fake {
		fake[i] = (fake[i] - 64) * 4
		real[i] = (real[i] - 64) * 4
	}
	moved := prdc(t, fake, real, size, k)
	for _, other := range []metrics.PRDCResult{other, moved} {
		within(t, "precision", other.Precision.Value, result.Precision.Value, 0)
		within(t, "recall", other.Recall.Value, result.Recall.Value, 0)
		within(t, "density", other.Density.Value, result.Density.Value, 1e-12)
		within(t, "coverage", other.Coverage.Value, result.Coverage.Value, 0)
	}
}

func TestPRDCOfFailures(t *testing.T) {
	const n, size = 1000, 8
	real := gaussian(n, size, 1, 0, 1)
	share := func(name string, e metrics.Estimate, low, high float64) {
		t.Helper()
		if !(low <= e.Value && e.Value <= high) {
			t.Errorf("%s: %g, want %g to %g", name, e.Value, low, high)
		}
	}
	collapsed := prdc(t, gaussian(n, size, 0.05, 0, 2), real, size, 5)
	share("precision of a collapsed set", collapsed.Precision, 1, 1)
	share("recall of a collapsed set", collapsed.Recall, 0, 0)
	share("coverage of a collapsed set", collapsed.Coverage, 0.001, 0.2)

	wild := prdc(t, gaussian(n, size, 5, 0, 2), real, size, 5)
	share("precision of a wild set", wild.Precision, 0, 0.1)
	share("recall of a wild set", wild.Recall, 0.6, 1)
	share("density of a wild set", wild.Density, 0, 0.05)

	far := prdc(t, gaussian(n, size, 1, 100, 2), real, size, 5)
	share("precision of a far set", far.Precision, 0, 0)
	share("coverage of a far set", far.Coverage, 0, 0)
	if *far.Precision.Interval != (metrics.Interval{}) {
		t.Errorf("an interval of %v where all are alike", *far.Precision.Interval)
	}

	// The same picture over and over, and one of the real ones: balls of radius 0 hold nothing, not even it.
	same := make([]float32, n*size)
	for i := range same {
		same[i] = real[i%size]
	}
	all := prdc(t, same, real, size, 5)
	share("precision of one picture", all.Precision, 1, 1)
	share("recall of one picture", all.Recall, 0, 0)
	within(t, "precision of the data themselves", prdc(t, real, real, size, 5).Precision.Value, 1, 0)

	// Differences that the inner products have no digits for: 2⁻¹³ beside 1024.
	for i := range real {
		real[i] = 1024 + float32(math.Round(float64(real[i])*4))/8192
	}
	near := prdc(t, reordered(real, size), real, size, 5)
	within(t, "density beside a large mean", near.Density.Value, prdc(t, scaledFrom(real, 1024), scaledFrom(real, 1024), size, 5).Density.Value, 1e-12)
}

// scaledFrom returns 8192 (v - zero).
func scaledFrom(values []float32, zero float32) []float32 {
	scaled := make([]float32, len(values))
	for i, v := range values {
		scaled[i] = 8192 * (v - zero)
	}
	return scaled
}

func TestPRDCMisuse(t *testing.T) {
	x := gaussian(9, 2, 1, 0, 1)
	for _, test := range []struct {
		fake, real []float32
		k          int
		want       string
	}{
		{x, x, 0, "the 0-th neighbour cannot be; 3 neighbours are common"},
		{x, x[:10], 5, "the real set holds 5 samples, and balls that reach to the 5-th neighbour take at least 6"},
		{x[:10], x, 5, "the fake set holds 5 samples"},
		{x, make([]float32, 12), 1, "the samples of the real set are all alike"},
		{x[:3], x, 1, "the fake set holds 3 values"},
		{x, []float32{1, 2, float32(math.Inf(1)), 1}, 1, "sample 1 of the real set holds +Inf"},
	} {
		_, err := metrics.PRDC(test.fake, test.real, 2, test.k)
		oneLine(t, err, test.want)
	}
}

func BenchmarkPRDC(b *testing.B) {
	const n, size = 10_000, 128
	fake, real := gantest.SeededUniform("a", n*size, -1, 1), gantest.SeededUniform("b", n*size, -1, 1)
	for b.Loop() {
		prdc(b, fake, real, size, 5)
	}
}
