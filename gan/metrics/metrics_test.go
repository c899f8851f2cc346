package metrics_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/metrics"
)

// Two of three modes are reached; one point lies between them.
func ExampleModes() {
	centres := [][2]float64{{0, 0}, {1, 0}, {0, 1}}
	points := []float32{0.01, 0, 0, -0.02, 0.01, 0.01, 1.02, 0.01, 0.5, 0.5}
	result, err := metrics.Modes(points, centres, 0.01)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d modes, %.0f %% of high quality, reverse KL %.3f\n", result.Modes, 100*result.HighQuality, result.ReverseKL)
	// Output: 2 modes, 80 % of high quality, reverse KL 0.536
}

// A generator that gives one picture over and over has no diversity.
func ExampleDiversity() {
	data := []float32{0, 0, 1, 1, 0, 1} // Three pictures of two pixels.
	collapsed := []float32{1, 0, 1, 0}
	diversity, err := metrics.Diversity(collapsed, data, 2)
	if err != nil {
		panic(err)
	}
	fmt.Println(diversity)
	// Output: 0
}

func within(t *testing.T, name string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: got %g, want %g ± %g", name, got, want, tolerance)
	}
}

func TestModes(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	centres := [][2]float64{{0, 0}, {1, 0}, {0, 1}, {1, 1}}
	for _, test := range []struct {
		name   string
		points []float32
		want   metrics.ModesResult
	}{
		{"all alike", []float32{0, 0, 1, 0, 0, 1, 1, 1}, metrics.ModesResult{Modes: 4, HighQuality: 1, ReverseKL: 0}},
		{"one mode", []float32{1, 1, 1, 1.2}, metrics.ModesResult{Modes: 1, HighQuality: 1, ReverseKL: math.Log(4)}},
		// 1/4 log(4/4) + 3/4 log(12/4), by hand.
		{"unequal", []float32{0, 0, 1, 0, 1, 0, 1, 0}, metrics.ModesResult{Modes: 2, HighQuality: 1, ReverseKL: 0.75 * math.Log(3)}},
		// Within 0.3: 0.29 below, 0.31 above, and 0.29 along both axes, which is 0.41 away.
		{"three deviations", []float32{0, -0.29, 1, 1.31, 0.29, 0.29}, metrics.ModesResult{Modes: 1, HighQuality: 1. / 3, ReverseKL: math.Log(4)}},
		{"none", []float32{5, 5}, metrics.ModesResult{ReverseKL: math.Log(4)}},
		{"diverged", []float32{nan, 0, inf, -inf, 0, 0, nan, nan}, metrics.ModesResult{Modes: 1, HighQuality: 0.25, ReverseKL: math.Log(4)}},
	} {
		got, err := metrics.Modes(test.points, centres, 0.1)
		if err != nil {
			t.Fatal(err)
		}
		if got.Modes != test.want.Modes {
			t.Errorf("%s: %d modes, want %d", test.name, got.Modes, test.want.Modes)
		}
		within(t, test.name+", high quality", got.HighQuality, test.want.HighQuality, 1e-15)
		within(t, test.name+", reverse KL", got.ReverseKL, test.want.ReverseKL, 1e-15)
	}
}

// The data themselves reach all modes, and lie within three deviations as often as a Gaussian in the plane does.
func TestModesOfTheData(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var centres [][2]float64
	for i := range 8 {
		sin, cos := math.Sincos(float64(i) * math.Pi / 4)
		centres = append(centres, [2]float64{cos, sin})
	}
	const n = 40 * metrics.PointSamples
	points := make([]float32, 0, 2*n)
	for range n {
		centre := centres[random.IntN(8)]
		points = append(points, float32(centre[0]+0.01*random.NormFloat64()), float32(centre[1]+0.01*random.NormFloat64()))
	}
	got, err := metrics.Modes(points, centres, 0.01)
	if err != nil {
		t.Fatal(err)
	}
	within(t, "modes", float64(got.Modes), 8, 0)
	within(t, "high quality", got.HighQuality, 1-math.Exp(-4.5), 0.0015)
	within(t, "reverse KL", got.ReverseKL, 7./(2*n), 1e-4) // Chance alone: (modes - 1) / (2 n).
}

func TestStackedModes(t *testing.T) {
	got, err := metrics.StackedModes([]int{3, 3, 3, 7}, 10)
	if err != nil {
		t.Fatal(err)
	}
	within(t, "modes", float64(got.Modes), 2, 0)
	within(t, "reverse KL", got.ReverseKL, 0.75*math.Log(7.5)+0.25*math.Log(2.5), 1e-15)

	random := rand.New(rand.NewPCG(1, 2))
	classes := make([]int, metrics.StackedSamples)
	for i := range classes {
		classes[i] = random.IntN(1000)
	}
	got, err = metrics.StackedModes(classes, 1000)
	if err != nil {
		t.Fatal(err)
	}
	within(t, "modes of a perfect generator", float64(got.Modes), 1000, 0)
	within(t, "reverse KL of a perfect generator", got.ReverseKL, 999./(2*metrics.StackedSamples), 0.004)
}

func gaussian(n, size int, deviation, mean float64, seed uint64) []float32 {
	random := rand.New(rand.NewPCG(seed, 0))
	values := make([]float32, n*size)
	for i := range values {
		values[i] = float32(mean + deviation*random.NormFloat64())
	}
	return values
}

func sliced(t *testing.T, a, b []float32, size, projections int, seed int64) float64 {
	t.Helper()
	distance, err := metrics.SlicedWasserstein(a, b, size, projections, seed)
	if err != nil {
		t.Fatal(err)
	}
	return distance
}

func TestSlicedWasserstein(t *testing.T) {
	// On a line the distance is that of the sorted values, or the area between steps.
	within(t, "equal numbers", sliced(t, []float32{3, 0, 1}, []float32{5, 8, 6}, 1, 3, 0), 5, 1e-14)
	within(t, "one and two", sliced(t, []float32{0}, []float32{1, 3}, 1, 1, 0), 2, 1e-14)
	within(t, "the same twice", sliced(t, []float32{0, 1}, []float32{1, 0, 1, 0}, 1, 1, 0), 0, 0)
	within(t, "two and three", sliced(t, []float32{0, 6}, []float32{0, 3, 6}, 1, 1, 0), 1, 1e-14) // 1/6 of 3 on either side.

	// Shifted by δ: the mean of |direction · δ|, 2/π |δ| in the plane and |δ| Γ(d/2) / (√π Γ((d+1)/2)) in d dimensions.
	a := gaussian(500, 2, 1, 0, 1)
	shifted := make([]float32, len(a))
	for i, v := range a {
		shifted[i] = v + []float32{3, -4}[i%2]
	}
	within(t, "a shift in the plane", sliced(t, a, shifted, 2, 10_000, 1), 5*2/math.Pi, 0.06)
	const d = 100
	high, low := gaussian(4000, d, 1, 0.5, 1), gaussian(4000, d, 1, -0.5, 2)
	above, _ := math.Lgamma(d / 2)
	below, _ := math.Lgamma((d + 1.) / 2)
	within(t, "two Gaussians in 100 dimensions", sliced(t, high, low, d, 512, 1), 10*math.Exp(above-below)/math.SqrtPi, 0.08)

	// N(0, 1) and N(0, 2²): along each direction the distance is E|z| = √(2/π). The sets have different numbers of samples.
	within(t, "another deviation", sliced(t, gaussian(20_000, 2, 1, 0, 1), gaussian(15_000, 2, 2, 0, 2), 2, 64, 1), math.Sqrt(2/math.Pi), 0.03)

	if sliced(t, a, shifted, 2, 8, 1) != sliced(t, a, shifted, 2, 8, 1) || sliced(t, a, shifted, 2, 8, 1) == sliced(t, a, shifted, 2, 8, 2) {
		t.Error("the seed does not determine the result")
	}
}

func TestPatchWasserstein(t *testing.T) {
	const n = 2000
	shape := [3]int{9, 8, 1}
	distance := func(a, b []float32) float64 {
		t.Helper()
		got, err := metrics.PatchWasserstein(a, b, shape, 4000, 128, 1)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	noise := gaussian(n, 72, 1, 0, 1)
	brighter := make([]float32, len(noise))
	flat := make([]float32, len(noise)) // Pictures of one value each.
	for i, v := range noise {
		brighter[i] = 3*v + 1
		flat[i] = noise[i/72]
	}
	within(t, "brightness and contrast", distance(noise, brighter), 0, 0.03)
	// Along a direction u, patches of noise are N(0, 1) and flat ones N(0, (Σu)²), which for 49 pixels is nearly a standard normal t:
	// the distance is E||t| - 1| √(2/π) = 0.5354 · 0.7979.
	within(t, "noise and flat pictures", distance(noise, flat), 0.4272, 0.05)
	if black := make([]float32, 72*2); distance(black, black) != 0 {
		t.Error("black pictures differ from themselves")
	}

	// Each channel by itself: one flat channel among three changes a third of the squares.
	shape = [3]int{7, 7, 3}
	colour := gaussian(n, 147, 1, 0, 3)
	scaled := make([]float32, len(colour))
	for i, v := range colour {
		scaled[i] = v*float32(1+i%3) - float32(i%3)
	}
	within(t, "channels of other scales", distance(colour, scaled), 0, 0.03)
}

func TestDiversity(t *testing.T) {
	diversity := func(samples, data []float32, size int) float64 {
		t.Helper()
		got, err := metrics.Diversity(samples, data, size)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	// Pairs are √(25/2), √(25/2) and 0 apart; the data's are √(1/2) apart.
	within(t, "by hand", diversity([]float32{0, 0, 3, 4, 0, 0}, []float32{0, 0, 0, 1}, 2), 10./3, 1e-14)
	within(t, "half the deviation", diversity(gaussian(300, 50, 0.5, 3, 1), gaussian(400, 50, 1, 0, 2), 50), 0.5, 0.01)
}

func TestMisuse(t *testing.T) {
	nan := float32(math.NaN())
	one := [][2]float64{{0, 0}}
	for _, test := range []struct {
		f    func() error
		want string
	}{
		{func() error { _, err := metrics.Modes(nil, one, 1); return err }, "0 values are no points"},
		{func() error { _, err := metrics.Modes(make([]float32, 3), one, 1); return err }, "3 values are no points"},
		{func() error { _, err := metrics.Modes(make([]float32, 2), nil, 1); return err }, "there are no modes to look for"},
		{func() error { _, err := metrics.Modes(make([]float32, 2), one, 0); return err }, "a standard deviation of 0"},
		{func() error { _, err := metrics.StackedModes(nil, 10); return err }, "0 samples of 10 classes"},
		{func() error { _, err := metrics.StackedModes([]int{3, 10}, 10); return err }, "sample 1 is of class 10, want one from 0 to 9"},
		{func() error {
			_, err := metrics.SlicedWasserstein(make([]float32, 4), make([]float32, 3), 2, 1, 0)
			return err
		}, "the second set holds 3 values"},
		{func() error {
			_, err := metrics.SlicedWasserstein([]float32{1, 2, 3, nan}, make([]float32, 4), 2, 1, 0)
			return err
		}, "sample 1 of the first set holds NaN"},
		{func() error {
			_, err := metrics.SlicedWasserstein(make([]float32, 4), make([]float32, 4), 0, 1, 0)
			return err
		}, "samples of size 0"},
		{func() error {
			_, err := metrics.SlicedWasserstein(make([]float32, 4), make([]float32, 4), 2, 0, 0)
			return err
		}, "at least 1 projection"},
		{func() error { _, err := metrics.PatchWasserstein(nil, nil, [3]int{6, 7, 1}, 9, 1, 0); return err }, "[6 7 1] have no patches"},
		{func() error { _, err := metrics.PatchWasserstein(nil, nil, [3]int{7, 7, 1}, 1, 1, 0); return err }, "1 patches"},
		{func() error { _, err := metrics.PatchWasserstein(nil, nil, [3]int{7, 7, 1}, 9, 1, 0); return err }, "the first set holds 0 values"},
		{func() error { _, err := metrics.Diversity(make([]float32, 2), make([]float32, 4), 2); return err }, "the set of samples holds 1 sample"},
		{func() error { _, err := metrics.Diversity(make([]float32, 4), make([]float32, 4), 2); return err }, "the data are all alike"},
	} {
		if err := test.f(); err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want one line with %q", err, test.want)
		}
	}
}
