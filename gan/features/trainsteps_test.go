package features

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan/augment"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// Batches of so many steps run on into the next pass, and each pass has all pictures once.
func TestRowsOfSteps(t *testing.T) {
	batches, err := newTrainingBatches(Training{Steps: 9, Batch: 4, Seed: 1}, twoClasses(6, 1))
	if err != nil {
		t.Fatal(err)
	}
	var rows []int
	for range 9 {
		rows = append(rows, batches.rows()...)
	}
	for pass := range 6 {
		seen := slices.Sorted(slices.Values(rows[6*pass : 6*pass+6]))
		if !slices.Equal(seen, []int{0, 1, 2, 3, 4, 5}) {
			t.Errorf("pass %d has the pictures %v", pass, seen)
		}
	}
	if slices.Equal(rows[:6], rows[6:12]) && slices.Equal(rows[6:12], rows[12:18]) {
		t.Errorf("three passes go through the pictures in one order, %v", rows[:6])
	}
	batches, err = newTrainingBatches(Training{Epochs: 9, Batch: 4, Seed: 1}, twoClasses(6, 1))
	if err != nil {
		t.Fatal(err)
	}
	for range 9 {
		if rows := slices.Sorted(slices.Values(batches.rows())); len(slices.Compact(rows)) != 4 {
			t.Errorf("a batch of an epoch has the pictures %v", rows)
		}
	}
}

// A batch larger than the set, a policy, mixup and smoothing are learned with, as well as classes given as probabilities.
func TestTrainSteps(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains for long")
	}
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		policy, err := augment.ParsePolicy("translate:0.05,brightness:0.1")
		if err != nil {
			t.Fatal(err)
		}
		network := mustClassifier(t, 8, 1, 2)
		data := twoClasses(20, 4)
		soft := Labelled{Pictures: data.Pictures}
		for _, label := range data.Labels {
			soft.Soft = append(soft.Soft, 0.95-0.9*float32(label), 0.05+0.9*float32(label))
		}
		var reports []int
		training := Training{Steps: 100, Batch: 32, Policy: policy, Mixup: 0.2, Smoothing: 0.05, Seed: 3}
		weights, err := training.Train(context.Background(), backend, network, soft, func(done int, loss float64) {
			reports = append(reports, done)
			if !(loss > 0.1 && loss < 1) { // The entropy of the smooth targets alone is above 0.25.
				t.Errorf("the loss after %d steps is %g", done, loss)
			}
		})
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if !slices.Equal(reports, []int{50, 100}) {
			t.Errorf("reports after %v steps, want 50 and 100", reports)
		}
		extractor, err := New(backend, network, weights, "")
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if accuracy, err := extractor.Classify(twoClasses(100, 5)); err != nil || accuracy.Value < 0.95 {
			t.Errorf("accuracy is %+v, want 0.95 or more (%v)", accuracy, err)
		}
	})
}

// Trainings of one seed start from the same weights, whatever else they do: only so they are paired.
func TestFirstWeightsAreTheSeeds(t *testing.T) {
	policy, err := augment.ParsePolicy("translate:0.05,brightness:0.1")
	if err != nil {
		t.Fatal(err)
	}
	const rate = 1e-12 // Too low to learn by.
	kernel := func(training Training, n int) []float32 {
		training.Steps, training.Batch, training.LearningRate = 1, 4, rate
		weights, err := training.Train(context.Background(), gantest.Go(), mustClassifier(t, 8, 1, 2), twoClasses(n, 1), nil)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		return flat(t, weights[kernelName(classesName)])
	}
	want := kernel(Training{Seed: 5}, 6)
	for name, got := range map[string][]float32{
		"another set": kernel(Training{Seed: 5}, 9), "a policy and mixup": kernel(Training{Seed: 5, Policy: policy, Mixup: 0.2}, 6),
	} {
		for i := range want {
			if math.Abs(float64(got[i]-want[i])) > 1e-9 {
				t.Fatalf("with %s weight %d starts at %g, not %g", name, i, got[i], want[i])
			}
		}
	}
	if other := kernel(Training{Seed: 6}, 6); slices.Equal(other, want) {
		t.Error("another seed starts from the same weights")
	}
}

// What a policy makes of pictures reaches the network in 0 … 255, and no policy changes nothing.
func TestChangedPictures(t *testing.T) {
	policy, err := augment.ParsePolicy("brightness:0.9")
	if err != nil {
		t.Fatal(err)
	}
	pictures := floatsOf(t, twoClasses(50, 1).Pictures)
	changed := func(training Training) []float32 {
		store := model.NewStore()
		if err := store.SetRNGStateFromSeed(1); err != nil {
			t.Fatal(err)
		}
		exec, err := model.NewExec(gantest.Go(), store, training.changed)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		output, err := exec.Call1(pictures)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		return flat(t, output)
	}
	if !slices.Equal(changed(Training{}), flat(t, pictures)) {
		t.Error("without a policy pictures change")
	}
	got := changed(Training{Policy: policy})
	low, high := slices.Min(got), slices.Max(got)
	if low < 0 || high > 255 || high < 250 || slices.Equal(got, flat(t, pictures)) {
		t.Errorf("changed pictures reach from %g to %g", low, high)
	}
}
