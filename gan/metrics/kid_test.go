package metrics_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// All features of one set are 2, of the other 1. The kernel is (x·y/size + 1)³, so that the distance is 5³ + 2³ - 2·3³.
func ExampleKID() {
	fake, real := make([]float32, 50*4), make([]float32, 40*4)
	for i := range fake {
		fake[i] = 2
	}
	for i := range real {
		real[i] = 1
	}
	result, err := metrics.KID{Subsets: 10, SubsetSize: 20}.Distance(fake, real, 4)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.1f ± %.1f\n", result.Mean, result.Deviation)
	// Output: 79.0 ± 0.0
}

func kid(t *testing.T, k metrics.KID, fake, real []float32, size int) metrics.KIDResult {
	t.Helper()
	result, err := k.Distance(fake, real, size)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestKID(t *testing.T) {
	// By hand, one subset that is all: within 1 and 8, between 1, 1, 1 and 27, with the kernel (2xy + 1)³ of 0, 1 and 0, 1…
	k := metrics.KID{Subsets: 1, SubsetSize: 2, Gamma: 2}
	result := kid(t, k, []float32{0, 1}, []float32{0, 1}, 1)
	within(t, "by hand", result.Mean, 1+1-2*(1+1+1+27)/4., 1e-13)
	if result.Interval != nil {
		t.Errorf("an interval of one subset: %v", *result.Interval)
	}
	// A linear kernel's distance is that of the means, squared; coef0 does not matter.
	x, y := gaussian(4000, 3, 1, 0, 1), gaussian(3000, 3, 1, 1, 2)
	for _, coef0 := range []float64{1, 5} {
		result = kid(t, metrics.KID{Subsets: 20, Degree: 1, Gamma: 1, Coef0: coef0}, x, y, 3)
		within(t, "a linear kernel", result.Mean, 3, 0.3)
	}
	// Unbiased: 0 for one distribution, whatever the size of the subsets, but for twice its interval.
	for _, subset := range []int{10, 100, 1000} {
		result = kid(t, metrics.KID{SubsetSize: subset}, x, gaussian(4000, 3, 1, 0, 3), 3)
		within(t, fmt.Sprintf("alike, %d", subset), result.Mean, 0, result.Interval.High-result.Interval.Low)
	}
	if again := kid(t, metrics.KID{SubsetSize: 1000}, x, gaussian(4000, 3, 1, 0, 3), 3); again.Mean != result.Mean {
		t.Error("the seed does not determine the result")
	}
	if other := kid(t, metrics.KID{SubsetSize: 1000, Seed: 1}, x, gaussian(4000, 3, 1, 0, 3), 3); other.Mean == result.Mean {
		t.Error("the seed does not matter")
	}
}

// The interval holds the distance of the distributions about 95 % of the time.
func TestKIDInterval(t *testing.T) {
	k := metrics.KID{Subsets: 100, SubsetSize: 40, Degree: 1, Gamma: 1}
	held := 0
	const trials = 150
	for trial := range uint64(trials) {
		result := kid(t, k, gaussian(160, 2, 1, 0, 2*trial), gaussian(160, 2, 1, 1, 2*trial+1), 2)
		if result.Interval.Low <= 2 && 2 <= result.Interval.High {
			held++
		}
	}
	if share := float64(held) / trials; share < 0.88 || share > 0.99 {
		t.Errorf("held %g of the time", share)
	} else {
		t.Logf("held %g of the time", share)
	}
}

func TestKIDMisuse(t *testing.T) {
	x := gaussian(900, 2, 1, 0, 1)
	for _, test := range []struct {
		k          metrics.KID
		fake, real []float32
		want       string
	}{
		{metrics.KID{}, x, x[:800], "subsets of 1000 samples needs as many, and there are 900 fake and 400 real ones"},
		{metrics.KID{SubsetSize: 1}, x, x, "100 subsets of 1 samples"},
		{metrics.KID{Subsets: -1, SubsetSize: 2}, x, x, "-1 subsets"},
		{metrics.KID{SubsetSize: 2, Seed: -1}, x, x, "seed -1 cannot be"},
		{metrics.KID{}, x[:3], x, "the fake set holds 3 values"},
		{metrics.KID{}, x, []float32{1, float32(math.NaN())}, "sample 0 of the real set holds NaN"},
	} {
		_, err := test.k.Distance(test.fake, test.real, 2)
		oneLine(t, err, test.want)
	}
}

func BenchmarkKID(b *testing.B) {
	for _, size := range []int{128, 2048} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			fake, real := gantest.SeededUniform("a", 2000*size, -1, 1), gantest.SeededUniform("b", 2000*size, -1, 1)
			for b.Loop() {
				if _, err := (metrics.KID{}).Distance(fake, real, size); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
