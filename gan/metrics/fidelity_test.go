package metrics_test

import (
	"encoding/json"
	"math"
	"os"
	"sync"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// testdata/fidelity.json holds values of torch-fidelity 0.4.0 and prdc 0.2, made by bench/golden/make_golden_fidelity.py.
// Its head has the formulas of the features, which fidelityFeatures repeats.
type fidelityGolden struct {
	Permutation []int
	Choice      []int
	Distances   []fidelityDistance
	Scores      []fidelityScore
}

type fidelityDistance struct {
	Name, Kind         string
	Fakes, Reals, Size int
	Shift              float64
	Subsets            int
	SubsetSize         int `json:"subset_size"`
	FID, KID           float64
	FIDExact           float64 `json:"fid_exact"` // Or 0.
	KIDDeviation       float64 `json:"kid_deviation"`
	PRDC               []fidelityPRDC
}

type fidelityPRDC struct {
	K                                    int
	Precision, Recall, Density, Coverage float64
}

type fidelityScore struct {
	Name               string
	N, Classes, Splits int
	Shuffle            bool
	IS                 float64
	ISDeviation        float64 `json:"is_deviation"`
}

var readFidelity = sync.OnceValue(func() fidelityGolden {
	data, err := os.ReadFile("testdata/fidelity.json")
	if err != nil {
		panic(err)
	}
	var golden fidelityGolden
	if err := json.Unmarshal(data, &golden); err != nil {
		panic(err)
	}
	return golden
})

func (c fidelityDistance) fake() []float32 {
	return fidelityFeatures(c.Name+"/fake", c.Fakes, c.Size, c.Kind, c.Shift)
}

func (c fidelityDistance) real() []float32 {
	return fidelityFeatures(c.Name+"/real", c.Reals, c.Size, c.Kind, 0)
}

func fidelityFeatures(name string, n, size int, kind string, shift float64) []float32 {
	u := gantest.SeededUniform(name, n*size, -1, 1)
	values := make([]float32, n*size)
	for i := range n {
		u, x := u[i*size:(i+1)*size], values[i*size:(i+1)*size]
		for j := range x {
			mixed := float64(u[j]) + float64(u[(j+size-1)%size])/2 + float64(u[(j+size-2)%size])/4
			x[j] = float32(mixed/float64(int(1)<<(j%4)) + shift*float64(j%3))
			if kind == "relu" {
				x[j] = max(x[j], 0)
			}
			if j%4 == 1 && (kind == "dead" || kind == "dead_fake" && name == "dead_fake/fake") {
				x[j] = 0.25
			}
		}
		for j := size / 2; kind == "dependent" && j < size-1; j++ {
			x[j] = x[j-size/2] + x[j-size/2+1]
		}
	}
	return values
}

func moments(t testing.TB, values []float32, size int) *metrics.Moments {
	t.Helper()
	m := metrics.NewMoments(size)
	if err := m.Add(values); err != nil {
		t.Fatal(err)
	}
	return m
}

// relative reports a difference between got and want that is larger than tolerance, relative to want, and logs it otherwise.
func relative(t *testing.T, name string, got, want, tolerance float64) {
	t.Helper()
	difference := math.Abs(got-want) / math.Abs(want)
	if !(difference <= tolerance) {
		t.Errorf("%s: got %.12g, want %.12g, a relative difference of %.2g", name, got, want, difference)
		return
	}
	t.Logf("%s: %.8g, relative difference %.1g", name, got, difference)
}

func TestFIDAsReference(t *testing.T) {
	for _, c := range readFidelity().Distances {
		if testing.Short() && c.Size > 1000 {
			continue
		}
		got, err := metrics.FrechetDistance(moments(t, c.fake(), c.Size), moments(t, c.real(), c.Size))
		if err != nil {
			t.Fatal(err)
		}
		relative(t, c.Name, got, c.FID, 1e-6)
		if c.FIDExact > 0 { // Also where features depend on one another, which costs the reference half of its digits.
			relative(t, c.Name+", exactly", got, c.FIDExact, 1e-13)
		}
	}
}

func TestKIDAsReference(t *testing.T) {
	for _, c := range readFidelity().Distances {
		if testing.Short() && c.Size > 1000 {
			continue
		}
		got, err := metrics.KID{Subsets: c.Subsets, SubsetSize: c.SubsetSize}.Distance(c.fake(), c.real(), c.Size)
		if err != nil {
			t.Fatal(err)
		}
		relative(t, c.Name, got.Mean, c.KID, 1e-6)
		if c.KIDDeviation > 1e-12 { // Subsets that are all samples differ by rounding.
			relative(t, c.Name+", deviation", got.Deviation, c.KIDDeviation, 1e-6)
		}
	}
}

func TestInceptionScoreAsReference(t *testing.T) {
	for _, c := range readFidelity().Scores {
		score, err := metrics.NewInceptionScore(c.N, c.Classes, metrics.InceptionScoreOptions{Splits: c.Splits, Unshuffled: !c.Shuffle})
		if err != nil {
			t.Fatal(err)
		}
		logits := gantest.SeededUniform(c.Name, c.N*c.Classes, -1, 1)
		for i := range logits {
			logits[i] *= 8
		}
		for rows := 1; len(logits) > 0; rows += 7 { // Batches of 1, 8, 15, …
			batch := logits[:min(rows*c.Classes, len(logits))]
			if err := score.Add(batch); err != nil {
				t.Fatal(err)
			}
			logits = logits[len(batch):]
		}
		got, err := score.Result()
		if err != nil {
			t.Fatal(err)
		}
		relative(t, c.Name, got.Mean, c.IS, 1e-6)
		if c.Splits > 1 {
			relative(t, c.Name+", deviation", got.Deviation, c.ISDeviation, 1e-6)
		} else if got.Deviation != 0 {
			t.Errorf("%s: a deviation of %g of one part", c.Name, got.Deviation)
		}
	}
}

func TestPRDCAsReference(t *testing.T) {
	for _, c := range readFidelity().Distances {
		for _, want := range c.PRDC {
			got, err := metrics.PRDC(c.fake(), c.real(), c.Size, want.K)
			if err != nil {
				t.Fatal(err)
			}
			within(t, c.Name+", precision", got.Precision.Value, want.Precision, 0)
			within(t, c.Name+", recall", got.Recall.Value, want.Recall, 0)
			within(t, c.Name+", density", got.Density.Value, want.Density, 0)
			within(t, c.Name+", coverage", got.Coverage.Value, want.Coverage, 0)
		}
	}
}
