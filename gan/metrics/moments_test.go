package metrics_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// correlated returns samples with a mean far from 0 and neighbouring values that go together.
func correlated(n, size int, seed uint64) []float32 {
	values := gaussian(n*size, 1, 1, 0, seed)
	for i := range values {
		if i%size > 0 {
			values[i] += 0.5 * values[i-1]
		}
	}
	for i := range values {
		values[i] += float32(100 * (i % size % 3))
	}
	return values
}

// likeMoments reports where two statistics differ by more than tolerance, relative to the deviations of the values.
func likeMoments(t *testing.T, name string, got, want *metrics.Moments, tolerance float64) {
	t.Helper()
	if got.N() != want.N() || got.Size() != want.Size() {
		t.Fatalf("%s: %d samples of size %d, want %d of size %d", name, got.N(), got.Size(), want.N(), want.Size())
	}
	covariance, wanted := got.Covariance(), want.Covariance()
	for i, mean := range got.Mean() {
		within(t, name+", mean", mean, want.Mean()[i], tolerance*math.Abs(want.Mean()[i])+1e-15)
		for j := range got.Size() {
			within(t, name+", covariance", covariance.At(i, j), wanted.At(i, j), tolerance*math.Sqrt(wanted.At(i, i)*wanted.At(j, j)))
		}
	}
}

func TestMoments(t *testing.T) {
	const n, size = 1003, 70 // Some blocks and a part of one, two tiles and a part.
	values := correlated(n, size, 1)
	m := moments(t, values, size)
	wide := make([]float64, len(values))
	for i, v := range values {
		wide[i] = float64(v)
	}
	var want mat.SymDense
	stat.CovarianceMatrix(&want, mat.NewDense(n, size, wide), nil)
	of, err := metrics.MomentsOf(n, columnMeans(wide, size), &want)
	if err != nil {
		t.Fatal(err)
	}
	likeMoments(t, "by gonum's stat", m, of, 1e-10)

	batches := metrics.NewMoments(size)
	for rest, rows := values, 1; len(rest) > 0; rows *= 3 {
		batch := slices.Clone(rest[:min(rows*size, len(rest))])
		if err := batches.Add(batch); err != nil {
			t.Fatal(err)
		}
		clear(batch) // It must not matter.
		rest = rest[len(batch):]
	}
	likeMoments(t, "in batches", batches, m, 0)

	likeMoments(t, "in another order", moments(t, reordered(values, size), size), m, 1e-10)

	left, right := moments(t, values[:100*size], size), moments(t, values[100*size:], size)
	if err := left.Merge(right); err != nil {
		t.Fatal(err)
	}
	likeMoments(t, "merged", left, m, 1e-10)
	if err := left.Merge(metrics.NewMoments(size)); err != nil {
		t.Fatal(err)
	}
	likeMoments(t, "merged with none", left, m, 1e-10)

	half := moments(t, values[:500*size], size)
	cached, err := metrics.MomentsOf(half.N(), half.Mean(), half.Covariance())
	if err != nil {
		t.Fatal(err)
	}
	if err := cached.Add(values[500*size:]); err != nil {
		t.Fatal(err)
	}
	likeMoments(t, "half of it from a cache", cached, m, 1e-10)
}

// A mean that is a million times the deviation leaves the digits that float32 values have.
func TestMomentsFarFromZero(t *testing.T) {
	values := make([]float32, 4000)
	for i := range values {
		values[i] = float32(1<<20) + float32(i%2) // Half are one higher: a variance of n/4 / (n-1).
	}
	if got := moments(t, values, 1).Covariance().At(0, 0); math.Abs(got-1000./3999) > 1e-13 {
		t.Errorf("variance %g, want %g", got, 1000./3999)
	}
}

func columnMeans(values []float64, size int) []float64 {
	means := make([]float64, size)
	for i, v := range values {
		means[i%size] += v * float64(size) / float64(len(values))
	}
	return means
}

// reordered returns the samples in random order.
func reordered(values []float32, size int) []float32 {
	var shuffled []float32
	for _, i := range rand.New(rand.NewPCG(3, 4)).Perm(len(values) / size) {
		shuffled = append(shuffled, values[i*size:(i+1)*size]...)
	}
	return shuffled
}

func TestMomentsMisuse(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	m := moments(t, []float32{1, 2, 3, 4}, 2)
	for _, test := range []struct {
		f    func() error
		want string
	}{
		{func() error { return m.Add(nil) }, "0 values, which is no whole number of samples of size 2"},
		{func() error { return m.Add([]float32{1, 2, 3}) }, "3 values, which is no whole number"},
		{func() error { return m.Add([]float32{1, 2, 3, nan}) }, "sample 1 of the batch after 2 samples holds NaN"},
		{func() error { return m.Add([]float32{inf, 2}) }, "sample 0 of the batch after 2 samples holds -Inf"},
		{func() error { return m.Merge(metrics.NewMoments(3)) }, "sizes 2 and 3"},
		{func() error { _, err := metrics.MomentsOf(1, make([]float64, 2), mat.NewSymDense(2, nil)); return err }, "1 samples have no covariance"},
		{func() error { _, err := metrics.MomentsOf(9, make([]float64, 3), mat.NewSymDense(2, nil)); return err }, "a mean of 3 values"},
		{func() error { _, err := metrics.MomentsOf(9, make([]float64, 3), nil); return err }, "a mean of 3 values"},
		{func() error {
			_, err := metrics.MomentsOf(9, make([]float64, 2), mat.NewSymDense(2, []float64{1, 0, 0, math.NaN()}))
			return err
		}, "value 1 is not finite"},
	} {
		oneLine(t, test.f(), test.want)
	}
	likeMoments(t, "after the misuse", m, moments(t, []float32{1, 2, 3, 4}, 2), 0)
}

// oneLine reports an error that is not one line with the text.
func oneLine(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "metrics: ") {
		t.Errorf("got %v, want one line with %q", err, want)
	}
}

func BenchmarkMoments2048(b *testing.B) {
	values := gantest.SeededUniform("moments", 2048*2048, -1, 1)
	for b.Loop() {
		moments(b, values, 2048)
	}
	b.ReportMetric(float64(b.N)*2048/b.Elapsed().Seconds(), "samples/s")
}
