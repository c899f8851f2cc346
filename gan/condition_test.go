package gan_test

import (
	"context"
	"iter"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// corners is a data set of three classes of points: class 0 at (0, 0), 1 at (2, 0), 2 at (0, 2).
type corners struct{ batch int }

func (c corners) Name() string { return "corners" }

func (c corners) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		points, labels := make([]float32, 2*c.batch), make([]int32, c.batch)
		for i := range labels {
			labels[i] = int32(i % 3)
			if labels[i] > 0 {
				points[2*i+int(labels[i])-1] = 2
			}
		}
		for {
			batch := train.Batch{
				Inputs: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(points, c.batch, 2)},
				Labels: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(labels, c.batch)},
			}
			if !yield(batch, nil) {
				return
			}
		}
	}
}

// TestConditions trains each way to tell the class on three points, and asks for each of them.
func TestConditions(t *testing.T) {
	for name, test := range map[string]struct {
		condition gan.Condition
		pack      int
	}{
		"concatenation": {gan.Condition{Classes: 3}, 1},
		"packed":        {gan.Condition{Classes: 3, Discriminator: gan.Projection}, 3},
		"product":       {gan.Condition{Classes: 3, Generator: gan.Product, Discriminator: gan.Projection}, 1},
		"norm":          {gan.Condition{Classes: 3, Generator: gan.ByNorm, Discriminator: gan.Projection}, 1},
		"auxiliary":     {gan.Condition{Classes: 3, Discriminator: gan.Auxiliary}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			adam := gan.Adam{LearningRate: 5e-3, Beta2: 0.99}
			arch := gan.MLP{Shape: []int{2}, Latent: 8, GeneratorHidden: []int{16}, DiscriminatorHidden: []int{16, 16}}
			if test.condition.Generator == gan.ByNorm {
				arch.GeneratorNorm = gan.BatchNorm
			}
			trainer := newTrainer(t, gantest.Go(), gan.Config{
				Arch: arch, Condition: test.condition, Pack: test.pack, Penalty: gan.R1{Gamma: 1},
				Generator: adam, Discriminator: adam, EMA: 0.95, Seed: 3,
			})
			trainSteps(t, trainer, corners{24}, 400)
			for class, want := range [][2]float64{{0, 0}, {2, 0}, {0, 2}} {
				samples, err := trainer.Draw(gan.Draw{N: 100, Seed: 5, Classes: []int{class}})
				if err != nil {
					t.Fatalf("%+v", err)
				}
				var mean [2]float64
				for i, value := range gantest.Float64s(t, samples) {
					mean[i%2] += value / 100
				}
				if d := max(abs(mean[0]-want[0]), abs(mean[1]-want[1])); d > 0.5 {
					t.Errorf("asked for the class at %g it draws around %.2f", want, mean)
				}
			}
		})
	}
}

func abs(x float64) float64 { return max(x, -x) }

// TestSampleClasses checks which classes are drawn, and that the ends of a row between classes are those classes.
func TestSampleClasses(t *testing.T) {
	config := gan.Config{Arch: gan.MLP{Shape: []int{2}, GeneratorHidden: []int{8}}, Condition: gan.Condition{Classes: 3}, Seed: 2}
	trainer := newTrainer(t, gantest.Go(), config)
	trainSteps(t, trainer, corners{12}, 2)
	draw := func(d gan.Draw) []float64 {
		samples, err := trainer.Draw(d)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		return gantest.Float64s(t, samples)
	}
	inTurn := draw(gan.Draw{N: 7, Seed: 9})
	named := draw(gan.Draw{N: 7, Seed: 9, Classes: []int{0, 1, 2}})
	single := draw(gan.Draw{N: 7, Seed: 9, Classes: []int{1}})
	for i := range 7 {
		if inTurn[2*i] != named[2*i] {
			t.Errorf("sample %d is not of class %d", i, i%3)
		}
		if (single[2*i] == named[2*i]) != (i%3 == 1) {
			t.Errorf("sample %d: class 1 alone gives %g, in turn %g", i, single[2*i], named[2*i])
		}
	}
	rows, err := trainer.InterpolateClasses(2, 0, 2, 4, 9)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	strip, ends := gantest.Float64s(t, rows), draw(gan.Draw{N: 2, Seed: 9, Classes: []int{2}})
	for row := range 2 {
		if abs(strip[row*8]-ends[row*2]) > 1e-6 {
			t.Errorf("row %d begins at %g, class 2 is at %g", row, strip[row*8], ends[row*2])
		}
	}
	for name, d := range map[string]gan.Draw{"no class 3": {N: 1, Classes: []int{3}}, "truncation": {N: 1, Truncation: -1}} {
		if _, err := trainer.Draw(d); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want an error about %q", err, name)
		}
	}
}

// TestTruncation checks that no latent lies beyond the threshold, by a generator that shows its latents.
func TestTruncation(t *testing.T) {
	trainer := newTrainer(t, gantest.Go(), gan.Config{Arch: gan.MLP{Shape: []int{2}, GeneratorHidden: []int{8}}})
	whole, err := trainer.Draw(gan.Draw{N: 500, Seed: 1})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	narrow, err := trainer.Draw(gan.Draw{N: 500, Seed: 1, Truncation: 0.3})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	spread := func(values []float64) (sum float64) {
		for _, value := range values {
			sum += value * value
		}
		return sum
	}
	if a, b := spread(gantest.Float64s(t, narrow)), spread(gantest.Float64s(t, whole)); a > b/4 {
		t.Errorf("samples spread over %g with truncation, %g without", a, b)
	}
}

// TestResumeEverything stops and goes on in the middle of warm-up, micro-batches, adaptive augmentation, noise, packing
// and a condition.
func TestResumeEverything(t *testing.T) {
	config := func(dir string) gan.Config {
		c := small(dir)
		c.Condition = gan.Condition{Classes: 3, Generator: gan.ByNorm, Discriminator: gan.Projection}
		c.Augment = gan.ADA{Images: 50, Every: 2, Target: 0.01}
		c.Noise = gan.InstanceNoise{StdDev: 0.1, Until: 100}
		c.Pack, c.MicroBatches = 2, 2
		c.WarmUp = gan.WarmUp{Steps: 2, DiscriminatorSteps: 2}
		c.GeneratorTerm = gan.FeatureMatching{}
		c.Generator = gan.RMSProp{}
		c.Penalty = gan.R1R2{}
		return c
	}
	data := &labelled{pictures{batch: 4}}
	straight, stopped := t.TempDir()+"/run", t.TempDir()+"/run"
	want := trainSteps(t, newTrainer(t, gantest.Go(), config(straight)), data, 5)
	trainSteps(t, newTrainer(t, gantest.Go(), config(stopped)), data, 3)
	trainSteps(t, load(t, gantest.Go(), stopped), data, 2)
	if string(checkpoint(t, straight)) != string(checkpoint(t, stopped)) {
		t.Error("the checkpoints differ")
	}
	if last := want[4]; last.GeneratorTerm == 0 || last.Penalty == 0 {
		t.Errorf("a part is not at work in %+v", last)
	}
}

// labelled is pictures with a class each.
type labelled struct{ pictures }

func (l *labelled) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		for batch, err := range l.pictures.Iter() {
			labels := make([]int32, l.batch)
			for i := range labels {
				labels[i] = int32(i % 3)
			}
			batch.Labels = []*tensors.Tensor{tensors.FromFlatDataAndDimensions(labels, l.batch)}
			if !yield(batch, err) {
				return
			}
		}
	}
}

// TestBadCombinations checks that what cannot work together says why.
func TestBadCombinations(t *testing.T) {
	critic := gan.DCGAN{Size: 8, Channels: 1, DiscriminatorNorm: gan.BatchNorm}
	points := gan.MLP{Shape: []int{2}}
	for want, config := range map[string]gan.Config{
		"depends on the whole batch":       {Arch: critic, Penalty: gan.GradientPenalty{}},
		"use one of them":                  {Arch: gan.DCGAN{Size: 8, DiscriminatorNorm: gan.SpectralNorm}, Penalty: gan.WeightClipping{}},
		"have one each":                    {Arch: points, Pack: 2, Condition: gan.Condition{Classes: 2, Discriminator: gan.Auxiliary}},
		"no batch normalization to tell":   {Arch: points, Condition: gan.Condition{Classes: 2, Generator: gan.ByNorm}},
		"but not how many":                 {Arch: points, Condition: gan.Condition{Discriminator: gan.Projection}},
		"examples here are points":         {Arch: points, Augment: gan.DiffAugment{}},
		"Config.Pack":                      {Arch: points, Pack: -1},
		"Config.WarmUp":                    {Arch: points, WarmUp: gan.WarmUp{Steps: 3}},
		"Config.Noise":                     {Arch: points, Noise: gan.InstanceNoise{Until: 3}},
		"ADA needs":                        {Arch: critic, Augment: gan.ADA{Target: 2}},
		"Condition.Discriminator must be":  {Arch: points, Condition: gan.Condition{Classes: 2, Discriminator: gan.Product}},
		"discriminator's optimizer: RMSPr": {Arch: points, Discriminator: gan.RMSProp{Decay: 2}},
	} {
		if err := config.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error about %q", err, want)
		}
	}
}

// TestBadData checks what is said of data that does not fit the configuration.
func TestBadData(t *testing.T) {
	for want, test := range map[string]struct {
		config gan.Config
		data   train.Dataset
	}{
		"cannot be packed 2 at a time": {gan.Config{Arch: gan.MLP{Shape: []int{8, 8, 1}}, Pack: 2}, &pictures{batch: 5}},
		"it has no labels":             {gan.Config{Arch: gan.MLP{Shape: []int{8, 8, 1}}, Condition: gan.Condition{Classes: 2}}, &pictures{batch: 4}},
		"an example of class 2":        {gan.Config{Arch: gan.MLP{Shape: []int{2}}, Condition: gan.Condition{Classes: 2}}, corners{6}},
	} {
		trainer := newTrainer(t, gantest.Go(), test.config)
		var last error
		for _, err := range trainer.Train(context.Background(), test.data, 1) {
			last = err
		}
		if last == nil || !strings.Contains(last.Error(), want) {
			t.Errorf("got %v, want an error about %q", last, want)
		}
	}
}
