package gan_test

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// logits returns what the discriminator says of examples.
func logits(t *testing.T, trainer *gan.Trainer, examples, classes *tensors.Tensor) []float64 {
	t.Helper()
	opinions, err := trainer.Discriminate(examples, classes)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if opinions.Shape().Rank() != 1 || opinions.Shape().Dim(0) != examples.Shape().Dim(0) {
		t.Fatalf("logits of %s are %s", examples.Shape(), opinions.Shape())
	}
	return gantest.Float64s(t, opinions)
}

// smallPoints is a game in the plane.
func smallPoints() gan.Config {
	return gan.Config{Arch: gan.MLP{Shape: []int{2}, GeneratorHidden: []int{8}, DiscriminatorHidden: []int{16, 16}}, Seed: 3,
		Generator: gan.Adam{LearningRate: 1e-2}, Discriminator: gan.Adam{LearningRate: 1e-2}}
}

// TestDiscriminateIsTheStepsLogit has the opinion before a step be what that step reports.
func TestDiscriminateIsTheStepsLogit(t *testing.T) {
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		trainer := newTrainer(t, backend, smallPoints())
		data := point{0.7, -1.2}
		trainSteps(t, trainer, data, 20)
		before := logits(t, trainer, tensors.FromValue([][]float32{{0.7, -1.2}}), nil)[0]
		step := trainSteps(t, trainer, data, 1)[0]
		if math.Abs(step.RealLogit-before) > 1e-5 || before == 0 {
			t.Errorf("the logit is %g, the step says %g", before, step.RealLogit)
		}
	})
}

func TestSlopesAreDifferences(t *testing.T) {
	trainer := newTrainer(t, gantest.Go(), smallPoints())
	trainSteps(t, trainer, point{0.7, -1.2}, 30)
	slopes, err := trainer.Slopes(tensors.FromValue([][]float32{{0.4, 0.3}, {-1.3, 0.8}}), nil)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	const h = 1e-3
	around := logits(t, trainer, tensors.FromValue([][]float32{
		{0.4 + h, 0.3}, {0.4 - h, 0.3}, {0.4, 0.3 + h}, {0.4, 0.3 - h}, {-1.3 + h, 0.8}, {-1.3 - h, 0.8}, {-1.3, 0.8 + h}, {-1.3, 0.8 - h},
	}), nil)
	for i, slope := range gantest.Float64s(t, slopes) {
		want := (around[2*i] - around[2*i+1]) / (2 * h)
		if math.Abs(slope-want) > 0.01*math.Abs(want)+1e-3 {
			t.Errorf("slope %d is %g, the difference quotient %g", i, slope, want)
		}
	}
}

// TestDiscriminateAlone checks that an opinion depends on its example and class alone, that pixels count as [-1, 1], and that
// looking before the first step changes nothing.
func TestDiscriminateAlone(t *testing.T) {
	for name, config := range map[string]gan.Config{
		"spectral norm": small(""),
		"batch norm, conditional": {Arch: gan.DCGAN{Size: 8, Channels: 1, Latent: 4, GeneratorChannels: 4, DiscriminatorChannels: 4},
			Condition: gan.Condition{Classes: 3, Discriminator: gan.Projection}, Seed: 7},
	} {
		t.Run(name, func(t *testing.T) {
			pixels := make([]uint8, 205*64)
			scaled := make([]float32, len(pixels))
			for i := range pixels {
				pixels[i] = uint8(i * i % 253)
				scaled[i] = float32(pixels[i])/127.5 - 1
			}
			many := tensors.FromFlatDataAndDimensions(pixels, 205, 8, 8, 1)
			last := tensors.FromFlatDataAndDimensions(scaled[202*64:], 3, 8, 8, 1)
			trainer := newTrainer(t, gantest.Go(), config)
			logits(t, trainer, many, nil)
			untouched := newTrainer(t, gantest.Go(), config)
			if config.Condition.Classes == 0 {
				first, second := trainSteps(t, trainer, &pictures{batch: 4}, 1), trainSteps(t, untouched, &pictures{batch: 4}, 1)
				if first[0] != second[0] {
					t.Errorf("after a look the first step is %+v, without %+v", first[0], second[0])
				}
			}
			var classes *tensors.Tensor // Of examples 202 to 204, every class in turn.
			if config.Condition.Classes > 0 {
				classes = tensors.FromValue([][]float32{{0, 1, 0}, {0, 0, 1}, {1, 0, 0}})
			}
			want, got := logits(t, trainer, last, classes), logits(t, trainer, many, nil)[202:]
			for i := range want {
				if math.Abs(got[i]-want[i]) > 1e-5 {
					t.Errorf("logit %d is %g among many, %g among few", i, got[i], want[i])
				}
			}
			if want[0] == want[1] {
				t.Error("all logits are alike")
			}
			slopes, err := trainer.Slopes(many, nil)
			if err != nil {
				t.Fatalf("%+v", err)
			}
			if !slopes.Shape().EqualDimensions(many.Shape()) {
				t.Errorf("slopes of %s are %s", many.Shape(), slopes.Shape())
			}
		})
	}
}

func TestBadOpinions(t *testing.T) {
	trainer := newTrainer(t, gantest.Go(), smallPoints())
	one := tensors.FromValue([][]float32{{1, 2}})
	for name, bad := range map[string][2]*tensors.Tensor{
		"three numbers": {tensors.FromValue([][]float32{{1, 2, 3}}), nil},
		"bytes":         {tensors.FromValue([][]uint8{{1, 2}}), nil},
		"classes":       {one, tensors.FromValue([][]float32{{1, 0}})},
	} {
		if _, err := trainer.Discriminate(bad[0], bad[1]); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	packed := smallPoints()
	packed.Pack = 2
	if _, err := newTrainer(t, gantest.Go(), packed).Slopes(one, nil); err == nil {
		t.Error("packs: no error")
	}
}
