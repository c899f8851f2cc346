package metrics_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/metrics"
)

// Two of four samples are copies of a real one, or nearly.
func ExampleNearest() {
	real := []float32{0, 0, 4, 0, 0, 3, 8, 8} // Points in the plane, as features of two values.
	fake := []float32{4, 0, 0.1, 3, 2, 2, 8, 5}
	result, err := metrics.Nearest(fake, real, 2)
	if err != nil {
		panic(err)
	}
	fmt.Println("nearest:", result.Index)
	fmt.Printf("distance %.1f, usual %.1f, copies %.0f %%\n", result.Distance, result.Usual, 100*result.Copies.Value)
	// Output:
	// nearest: [1 2 2 3]
	// distance [0.0 0.1 2.2 3.0], usual 3.5, copies 50 %
}

// Against loops over all pairs, for more samples than a block and with planted copies.
func TestNearest(t *testing.T) {
	const fakes, reals, size = 700, 900, 9
	fake, real := gaussian(fakes, size, 1, 100, 1), gaussian(reals, size, 1, 100, 2)
	row := func(values []float32, i int) []float32 { return values[i*size : (i+1)*size] }
	copy(row(real, 850), row(real, 17)) // Two equal real ones: the first counts.
	for i := range 70 {                 // A tenth are copies, half of them with a little noise.
		copy(row(fake, 10*i), row(real, 12*i+5))
		if i%2 == 1 {
			fake[10*i*size] += 0.05
		}
	}
	copy(row(fake, 3), row(real, 850))
	result, err := metrics.Nearest(fake, real, size)
	if err != nil {
		t.Fatal(err)
	}
	distance := func(a, b []float32) float64 {
		var squares float64
		for i := range a {
			squares += math.Pow(float64(a[i])-float64(b[i]), 2)
		}
		return math.Sqrt(squares)
	}
	nearest := func(a []float32, differing bool) (int, float64) {
		best, least := -1, math.Inf(1)
		for j := range reals {
			if d := distance(a, row(real, j)); d < least && (d > 0 || !differing) {
				best, least = j, d
			}
		}
		return best, least
	}
	copies := 0.
	var usual []float64
	for i := range reals {
		_, d := nearest(row(real, i), true)
		usual = append(usual, d)
	}
	slices.Sort(usual)
	within(t, "the usual distance", result.Usual, (usual[449]+usual[450])/2, 1e-12)
	for i := range fakes {
		j, d := nearest(row(fake, i), false)
		if result.Index[i] != j {
			t.Errorf("sample %d is nearest to %d, want %d", i, result.Index[i], j)
		}
		within(t, "distance", result.Distance[i], d, 1e-12)
		if d < metrics.CopyRatio*result.Usual {
			copies++
		}
	}
	if copies != 71 || result.Index[3] != 17 || result.Distance[3] != 0 {
		t.Errorf("%g copies, want the 71 planted ones; sample 3 copies %d at %g", copies, result.Index[3], result.Distance[3])
	}
	within(t, "copies", result.Copies.Value, copies/fakes, 1e-15)
	if low, high := result.Copies.Interval.Low, result.Copies.Interval.High; !(0.07 < low && low < 0.09 && 0.11 < high && high < 0.14) {
		t.Errorf("the interval of the copies is %g to %g", low, high)
	}
	// Nine in ten are new samples of the same distribution.
	within(t, "ratio", result.Ratio.Value, 1, 0.06)
	if low, high := result.Ratio.Interval.Low, result.Ratio.Interval.High; !(low < result.Ratio.Value && result.Ratio.Value < high && high-low < 0.1) {
		t.Errorf("the interval of the ratio %g is %g to %g", result.Ratio.Value, low, high)
	}
}

// Nothing but copies, and real samples that occur many times.
func TestNearestOfCopies(t *testing.T) {
	real := gaussian(3000, 4, 1, 0, 1)
	for i := 300; i < 3000; i++ { // Only 300 differ.
		copy(real[4*i:4*i+4], real[4*(i%300):])
	}
	result, err := metrics.Nearest(real, real, 4)
	if err != nil {
		t.Fatal(err)
	}
	for i, j := range result.Index {
		if j != i%300 || result.Distance[i] != 0 {
			t.Fatalf("sample %d is nearest to %d at %g, want %d at 0", i, j, result.Distance[i], i%300)
		}
	}
	if result.Copies.Value != 1 || result.Ratio.Value != 0 || !(result.Usual > 0.1) {
		t.Errorf("copies %g, ratio %g, usual distance %g", result.Copies.Value, result.Ratio.Value, result.Usual)
	}
	single, err := metrics.Nearest(real[:4], real, 4)
	if err != nil {
		t.Fatal(err)
	}
	if single.Ratio.Interval != nil || single.Copies.Value != 1 {
		t.Errorf("one sample: %+v", single)
	}
}

func TestNearestMisuse(t *testing.T) {
	nearest := func(fake, real []float32, size int) func() error {
		return func() error { _, err := metrics.Nearest(fake, real, size); return err }
	}
	misused(t, []misuse{
		{"no samples", nearest(nil, []float32{1, 2}, 2), "the fake set holds 0 values"},
		{"other sizes", nearest([]float32{1, 2}, []float32{1, 2, 3}, 2), "the real set holds 3 values"},
		{"alike", nearest([]float32{1, 2}, []float32{1, 2, 1, 2}, 2), "the real samples are all alike"},
		{"infinite", nearest([]float32{1, 2}, []float32{1, float32(math.Inf(1))}, 2), "sample 0 of the real set holds +Inf"},
	})
}
