package metrics_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/metrics"
)

// Two features, of which the fake ones have the mean 1 higher and twice the deviation: 1² + (2 - 1)² for one, 1² for the
// other.
func ExampleFrechetDistance() {
	real, fake := metrics.NewMoments(2), metrics.NewMoments(2)
	for _, v := range [][2]float32{{-1, -1}, {-1, 1}, {1, -1}, {1, 1}} {
		if err := real.Add([]float32{v[0], v[1]}); err != nil {
			panic(err)
		}
		if err := fake.Add([]float32{2*v[0] + 1, v[1] + 1}); err != nil {
			panic(err)
		}
	}
	distance, err := metrics.FrechetDistance(fake, real)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f\n", distance) // 2 + 4/3, as a covariance of 4 samples is divided by 3.
	// Output: 3.333
}

func frechet(t testing.TB, a, b []float32, size int) float64 {
	t.Helper()
	distance, err := metrics.FrechetDistance(moments(t, a, size), moments(t, b, size))
	if err != nil {
		t.Fatal(err)
	}
	return distance
}

func TestFrechetDistanceOfItself(t *testing.T) {
	const n, size = 400, 64
	for _, kind := range []string{"plain", "relu", "dead", "dependent"} {
		x := fidelityFeatures("itself", n, size, kind, 1)
		within(t, kind, frechet(t, x, x, size), 0, 1e-9)
		within(t, kind+", in another order", frechet(t, x, reordered(x, size), size), 0, 1e-9)
	}
	constant := make([]float32, n*size)
	for i := range constant {
		constant[i] = float32(i % size)
	}
	_, err := metrics.FrechetDistance(moments(t, constant, size), moments(t, constant, size))
	oneLine(t, err, "no feature varies in either set")

	// Against constant features the covariance's trace and the mean's distance remain.
	var want float64
	x := gaussian(n, size, 1, 0, 1)
	m := moments(t, x, size)
	for i, mean := range m.Mean() {
		want += m.Covariance().At(i, i) + (mean-float64(i))*(mean-float64(i))
	}
	within(t, "from constant features", frechet(t, x, constant, size), want, 1e-9*want)
}

func TestFrechetDistanceOfGaussians(t *testing.T) {
	const n, size = 20_000, 16
	x := gaussian(n, size, 1, 0, 1)
	shifted := make([]float32, len(x))
	for i, v := range x {
		shifted[i] = v + float32(i%size)/4
	}
	want := float64(size-1) * size * (2*size - 1) / 6 / 16 // Σ (i/4)².
	within(t, "a shift", frechet(t, x, shifted, size), want, 1e-5)
	if a, b := frechet(t, x, shifted, size), frechet(t, shifted, x, size); math.Abs(a-b) > 1e-9 {
		t.Errorf("%g one way, %g the other", a, b)
	}

	// Independent values with deviations 1 and s: Σ (s - 1)².
	y := gaussian(n, size, 1, 0, 2)
	want = 0
	for i := range y {
		y[i] *= 1 + float32(i%size)/8
	}
	for i := range size {
		want += float64(i*i) / 64
	}
	within(t, "other deviations", frechet(t, x, y, size), want, 0.03*want)
}

func TestFrechetDistanceMisuse(t *testing.T) {
	few, enough := moments(t, gaussian(8, 8, 1, 0, 1), 8), moments(t, gaussian(9, 8, 1, 0, 1), 8)
	_, err := metrics.FrechetDistance(enough, few)
	oneLine(t, err, "the second set holds 8 samples, and the Fréchet distance (FID) of 8 features takes at least 9; draw more, or use KID")
	_, err = metrics.FrechetDistance(few, enough)
	oneLine(t, err, "the first set holds 8 samples")
	_, err = metrics.FrechetDistance(enough, moments(t, gaussian(9, 7, 1, 0, 1), 7))
	oneLine(t, err, "sizes 8 and 7")
	if _, err = metrics.FrechetDistance(enough, enough); err != nil {
		t.Error(err)
	}
}

func BenchmarkFrechetDistance2048(b *testing.B) {
	const size = 2048
	fake := moments(b, fidelityFeatures("a", 2200, size, "relu", 0.0625), size)
	real := moments(b, fidelityFeatures("b", 2200, size, "relu", 0), size)
	for b.Loop() {
		if _, err := metrics.FrechetDistance(fake, real); err != nil {
			b.Fatal(err)
		}
	}
}
