package metrics_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/metrics"
)

// A classifier is sure of each sample, and four of five classes occur equally often.
func ExampleInceptionScore() {
	score, err := metrics.NewInceptionScore(400, 5, metrics.InceptionScoreOptions{Splits: 1})
	if err != nil {
		panic(err)
	}
	for i := range 400 {
		logits := make([]float32, 5)
		logits[i%4] = 100
		if err := score.Add(logits); err != nil {
			panic(err)
		}
	}
	result, err := score.Result()
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f\n", result.Mean)
	// Output: 4.000
}

func inceptionScore(t *testing.T, logits []float32, classes, batch int, options metrics.InceptionScoreOptions) metrics.InceptionScoreResult {
	t.Helper()
	score, err := metrics.NewInceptionScore(len(logits)/classes, classes, options)
	if err != nil {
		t.Fatal(err)
	}
	for len(logits) > 0 {
		n := min(batch*classes, len(logits))
		if err := score.Add(logits[:n]); err != nil {
			t.Fatal(err)
		}
		logits = logits[n:]
	}
	result, err := score.Result()
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestInceptionScore(t *testing.T) {
	const n, classes = 2000, 10
	logits := gaussian(n, classes, 3, 0, 1)
	one := inceptionScore(t, logits, classes, n, metrics.InceptionScoreOptions{})
	batches := inceptionScore(t, logits, classes, 77, metrics.InceptionScoreOptions{})
	if one.Mean != batches.Mean || one.Deviation != batches.Deviation || *one.Interval != *batches.Interval {
		t.Errorf("%+v in one batch, %+v in several", one, batches)
	}
	moved := make([]float32, len(logits)) // Logits have no zero; large ones do not overflow.
	for i, v := range logits {
		moved[i] = v + float32(1024*(i/classes%3))
	}
	within(t, "moved logits", inceptionScore(t, moved, classes, n, metrics.InceptionScoreOptions{}).Mean, one.Mean, 1e-3)
	within(t, "one class", inceptionScore(t, moved[:10*classes], classes, 3, metrics.InceptionScoreOptions{Splits: 10}).Mean, 1, 1e-12) // Of one sample each.
	if none := inceptionScore(t, logits, classes, n, metrics.InceptionScoreOptions{Replicates: -1}); none.Interval != nil || none.Mean != one.Mean {
		t.Errorf("without replicates: %+v", none)
	}
}

// The interval is as wide as the score's spread over sets of samples.
func TestInceptionScoreInterval(t *testing.T) {
	const n, classes, trials = 1000, 5, 60
	var sum, squares, width float64
	for trial := range uint64(trials) {
		result := inceptionScore(t, gaussian(n, classes, 2, 0, trial), classes, n, metrics.InceptionScoreOptions{})
		sum += result.Mean
		squares += result.Mean * result.Mean
		width += (result.Interval.High - result.Interval.Low) / trials
		if result.Interval.Low > result.Mean || result.Interval.High < result.Mean {
			t.Errorf("%g outside of %v", result.Mean, *result.Interval)
		}
	}
	deviation := math.Sqrt(squares/trials - sum*sum/trials/trials)
	within(t, "width in deviations", width/deviation, 3.92, 0.9)
}

func TestInceptionScoreMisuse(t *testing.T) {
	for _, test := range []struct {
		n, classes int
		options    metrics.InceptionScoreOptions
		want       string
	}{
		{9, 10, metrics.InceptionScoreOptions{}, "9 samples in 10 parts"},
		{9, 10, metrics.InceptionScoreOptions{Splits: -1}, "in -1 parts"},
		{90, 1, metrics.InceptionScoreOptions{}, "at least 2 classes, not 1"},
		{90, 2, metrics.InceptionScoreOptions{Replicates: 1}, "1 replicate"},
		{90, 2, metrics.InceptionScoreOptions{Seed: -1}, "seed -1"},
	} {
		_, err := metrics.NewInceptionScore(test.n, test.classes, test.options)
		oneLine(t, err, test.want)
	}
	score, err := metrics.NewInceptionScore(10, 2, metrics.InceptionScoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	oneLine(t, score.Add(make([]float32, 3)), "3 values, which is no whole number")
	oneLine(t, score.Add([]float32{1, 1, float32(math.NaN()), 0}), "sample 1 of the batch after 0 samples holds NaN")
	oneLine(t, score.Add(make([]float32, 22)), "was to be of 10 samples, and there are 11 by now")
	if err := score.Add(make([]float32, 18)); err != nil {
		t.Fatal(err)
	}
	_, err = score.Result()
	oneLine(t, err, "was to be of 10 samples, and there are 9")
}
