package metrics_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/metrics"
)

// misuse is a call that must return an error of one line.
type misuse struct {
	name string
	call func() error
	want string
}

func misused(t *testing.T, calls []misuse) {
	t.Helper()
	for _, m := range calls {
		if err := m.call(); err == nil || !strings.Contains(err.Error(), m.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line with %q", m.name, err, m.want)
		}
	}
}

// One of four classes is lost, and another is twice as frequent as it should be.
func ExampleClasses() {
	result, err := metrics.Classes([]int{250, 500, 0, 250}, []int{1000, 1000, 1000, 1000}, 0)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d of %d classes, divergence %.2f, shares %v\n", result.Reached, result.Of, result.KL.Value, result.Shares)
	// Output: 3 of 4 classes, divergence 0.34, shares [0.25 0.5 0 0.25]
}

func TestClasses(t *testing.T) {
	for _, test := range []struct {
		name               string
		samples, reference []int
		kl                 float64
		reached, of        int
	}{
		{"equal", []int{10, 20, 30}, []int{10, 20, 30}, 0, 3, 3},
		{"equal shares of a uniform reference", []int{10, 10}, []int{1000, 1000}, 0, 2, 2},
		// (10.5, .5)/11 and (10.5, 10.5)/21, by hand.
		{"one lost", []int{10, 0}, []int{10, 10}, 10.5/11*math.Log(21./11) + .5/11*math.Log(1./11), 1, 2},
		// A class that the reference lacks is none to reach.
		{"one too many", []int{10, 10}, []int{10, 0}, .5*math.Log(11./21) + .5*math.Log(11), 1, 1},
		// A tenth of 1/2 is 1/20.
		{"a tenth of the share", []int{95, 5}, []int{50, 50}, 95.5/101*math.Log(191./101) + 5.5/101*math.Log(11./101), 2, 2},
		{"less than a tenth", []int{96, 4}, []int{50, 50}, 96.5/101*math.Log(193./101) + 4.5/101*math.Log(9./101), 1, 2},
		{"a single class", []int{7}, []int{3}, 0, 1, 1},
	} {
		got, err := metrics.Classes(test.samples, test.reference, 1)
		if err != nil {
			t.Fatal(err)
		}
		within(t, test.name, got.KL.Value, test.kl, 1e-14)
		if got.Reached != test.reached || got.Of != test.of {
			t.Errorf("%s: %d of %d classes, want %d of %d", test.name, got.Reached, got.Of, test.reached, test.of)
		}
		if low, high := got.KL.Interval.Low, got.KL.Interval.High; !(0 <= low && low <= high && low <= got.KL.Value+1e-12) {
			t.Errorf("%s: the interval of %g is %g to %g", test.name, got.KL.Value, low, high)
		}
	}
	got, err := metrics.Classes([]int{1, 3}, []int{3, 1}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Shares, []float64{0.25, 0.75}) || !slices.Equal(got.Reference, []float64{0.75, 0.25}) {
		t.Errorf("shares %v and %v", got.Shares, got.Reference)
	}
	again, err := metrics.Classes([]int{1, 3}, []int{3, 1}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if *again.KL.Interval != *got.KL.Interval {
		t.Error("the interval of the same numbers differs")
	}
}

// The interval holds the divergence of the distribution that the samples come from about 95 % of the time.
func TestClassesInterval(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	reference := []int{2000, 2000, 2000, 2000, 2000}
	shares := []float64{0.4, 0.3, 0.15, 0.1, 0.05}
	var truth float64
	for _, share := range shares {
		truth += share * math.Log(5*share)
	}
	const trials = 200
	held := 0
	for range trials {
		counts := make([]int, 5)
		for range 500 {
			u, class := random.Float64(), 0
			for u >= shares[class] && class < 4 {
				u -= shares[class]
				class++
			}
			counts[class]++
		}
		result, err := metrics.Classes(counts, reference, random.Int64())
		if err != nil {
			t.Fatal(err)
		}
		if result.KL.Interval.Low <= truth && truth <= result.KL.Interval.High {
			held++
		}
	}
	if held < 0.89*trials || held == trials {
		t.Errorf("the interval held the truth %d times of %d, want about 95 %%", held, trials)
	}
}

func TestClassCounts(t *testing.T) {
	got, err := metrics.ClassCounts([]float32{1, 2, 0 /**/, 5, 5, 5 /**/, -3, -2, -1 /**/, 0, 9, 8}, 3)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, []int{1, 2, 1}) {
		t.Errorf("got %v, want [1 2 1]", got)
	}
}

func TestClassesMisuse(t *testing.T) {
	classes := func(samples, reference []int) func() error {
		return func() error { _, err := metrics.Classes(samples, reference, 0); return err }
	}
	misused(t, []misuse{
		{"lengths", classes([]int{1}, []int{1, 2}), "1 classes of samples and 2 of the reference"},
		{"no samples", classes([]int{0, 0}, []int{1, 2}), "the set of samples holds no example of any of 2 classes"},
		{"no reference", classes([]int{1, 0}, []int{0, 0}), "the reference holds no example"},
		{"no classes", classes(nil, nil), "of any of 0 classes"},
		{"a negative number", classes([]int{1, -1}, []int{1, 2}), "class 1 of the set of samples has -1 examples"},
		{"a part of a sample", func() error { _, err := metrics.ClassCounts(make([]float32, 5), 3); return err }, "the set of logits holds 5 values"},
		{"NaN", func() error { _, err := metrics.ClassCounts([]float32{1, float32(math.NaN())}, 2); return err }, "sample 0 of the set of logits holds NaN"},
	})
}
