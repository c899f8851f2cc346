package gan_test

import (
	"bytes"
	"context"
	"iter"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// small is a game that takes milliseconds a step on the pure Go backend, and has every kind of state: batch norm
// statistics, spectral norm's vectors, moments, an average, a lazy penalty.
func small(dir string) gan.Config {
	return gan.Config{
		Arch: gan.DCGAN{
			Size: 8, Channels: 1, Latent: 4, GeneratorChannels: 4, DiscriminatorChannels: 4, DiscriminatorNorm: gan.SpectralNorm,
		},
		Loss:    gan.RelativisticPaired{},
		Penalty: gan.R1{Gamma: 1, Every: 3},
		EMA:     0.9,
		Seed:    7,
		Dir:     dir,
	}
}

// pictures is a data set of batches of 8×8 pictures, each different from the others.
type pictures struct {
	batch, start int
	finite       int // Batches per pass; 0 means endless.
}

func (p *pictures) Name() string { return "pictures" }

func (p *pictures) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		for i := p.start; p.finite == 0 || i < p.finite; i++ {
			pixels := make([]uint8, p.batch*64)
			for j := range pixels {
				pixels[j] = uint8((i*31 + j*j*7) % 251)
			}
			input := tensors.FromFlatDataAndDimensions(pixels, p.batch, 8, 8, 1)
			if !yield(train.Batch{Inputs: []*tensors.Tensor{input}}, nil) {
				return
			}
		}
	}
}

// seekable is pictures with Seek.
type seekable struct{ pictures }

func (s *seekable) Seek(batch int) { s.start = batch }

// trainSteps takes n steps and returns them.
func trainSteps(t *testing.T, trainer *gan.Trainer, data train.Dataset, n int) []gan.Step {
	t.Helper()
	var steps []gan.Step
	for step, err := range trainer.Train(context.Background(), data, n) {
		if err != nil {
			t.Fatalf("%+v", err)
		}
		steps = append(steps, step)
	}
	return steps
}

func newTrainer(t *testing.T, backend compute.Backend, config gan.Config) *gan.Trainer {
	t.Helper()
	trainer, err := gan.NewTrainer(backend, config)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	t.Cleanup(func() { _ = trainer.Close() })
	return trainer
}

func load(t *testing.T, backend compute.Backend, dir string) *gan.Trainer {
	t.Helper()
	trainer, err := gan.Load(backend, dir)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	t.Cleanup(func() { _ = trainer.Close() })
	return trainer
}

// checkpoint returns the bytes of the last checkpoint.
func checkpoint(t *testing.T, dir string) []byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "checkpoints", "*.safetensors"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no checkpoint in %s: %v", dir, err)
	}
	data, err := os.ReadFile(files[len(files)-1])
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestResume stops at 5 of 10 steps and goes on in a trainer of its own: every variable must be the same, byte for
// byte, as without the stop, and so must the log.
func TestResume(t *testing.T) {
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		for name, data := range map[string]train.Dataset{
			"seek":   &seekable{pictures{batch: 6}},
			"replay": &pictures{batch: 6},
		} {
			t.Run(name, func(t *testing.T) {
				straight, stopped := t.TempDir()+"/run", t.TempDir()+"/run"
				trainSteps(t, newTrainer(t, backend, small(straight)), data, 10)

				trainSteps(t, newTrainer(t, backend, small(stopped)), data, 5)
				trainer := load(t, backend, stopped)
				if trainer.Steps() != 5 {
					t.Fatalf("loaded at step %d, want 5", trainer.Steps())
				}
				if _, err := trainer.Sample(3); err != nil { // Looking must not touch.
					t.Fatalf("%+v", err)
				}
				trainSteps(t, trainer, data, 5)

				if !bytes.Equal(checkpoint(t, straight), checkpoint(t, stopped)) {
					t.Error("the checkpoints differ")
				}
				want, err := gan.ReadLog(straight)
				if err != nil || len(want) != 10 {
					t.Fatalf("log of %d steps: %v", len(want), err)
				}
				got, err := gan.ReadLog(stopped)
				if err != nil || len(got) != 10 {
					t.Fatalf("log of %d steps: %v", len(got), err)
				}
				for i := range want {
					if got[i] != want[i] {
						t.Errorf("step %d: %+v, want %+v", i+1, got[i], want[i])
					}
				}
			})
		}
	})
}

// TestCrash loses what came after the last checkpoint: the run goes on from there and arrives at the same bytes.
func TestCrash(t *testing.T) {
	straight, crashed := t.TempDir()+"/run", t.TempDir()+"/run"
	data := &seekable{pictures{batch: 4}}
	trainSteps(t, newTrainer(t, gantest.Go(), small(straight)), data, 9)

	config := small(crashed)
	config.SaveEvery = 4
	trainer := newTrainer(t, gantest.Go(), config)
	next, stop := iter.Pull2(trainer.Train(context.Background(), data, 9))
	for range 6 {
		next()
	}
	// What a killed process leaves: the checkpoint of step 4, a log cut short in the middle of a line.
	kept := t.TempDir() + "/run"
	if err := os.CopyFS(kept, os.DirFS(crashed)); err != nil {
		t.Fatal(err)
	}
	stop()
	log := "{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n{\"step\":4}\n{\"step\":5}\n{\"step\":6,\"gen"
	if err := os.WriteFile(filepath.Join(kept, "log.jsonl"), []byte(log), 0o666); err != nil {
		t.Fatal(err)
	}

	trainer = load(t, gantest.Go(), kept)
	if trainer.Steps() != 4 {
		t.Fatalf("loaded at step %d, want 4", trainer.Steps())
	}
	trainSteps(t, trainer, data, 5)
	if !bytes.Equal(checkpoint(t, straight), checkpoint(t, kept)) {
		t.Error("the checkpoints differ")
	}
	steps, err := gan.ReadLog(kept)
	if err != nil {
		t.Fatal(err)
	}
	for i, step := range steps {
		if step.N != i+1 {
			t.Errorf("line %d of the log is of step %d", i+1, step.N)
		}
	}
	if len(steps) != 9 {
		t.Errorf("the log has %d steps, want 9", len(steps))
	}
}

// TestSeed checks that equal seeds give equal runs, that others do not, and that samples drawn on the way change nothing.
func TestSeed(t *testing.T) {
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		run := func(seed int64, look bool) gan.Step {
			config := small("")
			config.Seed = seed
			trainer := newTrainer(t, backend, config)
			data := &pictures{batch: 4}
			var last gan.Step
			for range 3 {
				if look {
					if _, err := trainer.Sample(5); err != nil {
						t.Fatalf("%+v", err)
					}
				}
				steps := trainSteps(t, trainer, data, 1)
				last = steps[0]
			}
			return last
		}
		first := run(1, false)
		if again := run(1, true); again != first {
			t.Errorf("the same seed: %+v, then %+v", first, again)
		}
		if other := run(2, false); other == first {
			t.Errorf("another seed gives the same step %+v", first)
		}
	})
}

func TestTrainEnds(t *testing.T) {
	trainer := newTrainer(t, gantest.Go(), small(t.TempDir()+"/run"))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for step, err := range trainer.Train(ctx, &pictures{batch: 4, finite: 2}, 100) {
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if step.N == 5 { // Data of two batches has started again twice by now.
			cancel()
		}
	}
	if trainer.Steps() != 5 {
		t.Errorf("the context ended at step 5, training at %d", trainer.Steps())
	}
	if again := load(t, gantest.Go(), trainer.Config().Dir); again.Steps() != 5 {
		t.Errorf("saved at step %d, want 5", again.Steps())
	}
	for step := range trainer.Train(context.Background(), &pictures{batch: 4}, 100) {
		if step.N == 7 {
			break
		}
	}
	if again := load(t, gantest.Go(), trainer.Config().Dir); again.Steps() != 7 {
		t.Errorf("saved at step %d, want 7", again.Steps())
	}
}

// TestDiscriminatorSteps takes three batches a step.
func TestDiscriminatorSteps(t *testing.T) {
	config := small("")
	config.DiscriminatorSteps = 3
	trainer := newTrainer(t, gantest.Go(), config)
	data := &counted{pictures: pictures{batch: 4}}
	trainSteps(t, trainer, data, 2)
	if data.given != 6 {
		t.Errorf("two steps took %d batches, want 6", data.given)
	}
}

type counted struct {
	pictures
	given int
}

func (c *counted) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		for batch, err := range c.pictures.Iter() {
			c.given++
			if !yield(batch, err) {
				return
			}
		}
	}
}

// TestLearnsPoint trains on a single point of the plane: the generator has to arrive there.
func TestLearnsPoint(t *testing.T) {
	trainer := newTrainer(t, gantest.Go(), gan.Config{
		Arch:          gan.MLP{Shape: []int{2}, GeneratorHidden: []int{16}, DiscriminatorHidden: []int{16, 16}},
		Penalty:       gan.R1{Gamma: 1},
		Generator:     gan.Adam{LearningRate: 5e-3, Beta2: 0.99},
		Discriminator: gan.Adam{LearningRate: 5e-3, Beta2: 0.99},
		EMA:           0.95,
		Seed:          3,
	})
	trainSteps(t, trainer, point{0.7, -1.2}, 400)
	sample, err := trainer.Sample(200)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	var mean [2]float64
	for i, value := range gantest.Float64s(t, sample) {
		mean[i%2] += value / 200
	}
	if math.Hypot(mean[0]-0.7, mean[1]+1.2) > 0.2 {
		t.Errorf("the samples' mean is %.2f, the point is (0.7, -1.2)", mean)
	}
}

// point is a data set of one point.
type point [2]float32

func (p point) Name() string { return "point" }

func (p point) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		for {
			values := make([]float32, 0, 2*16)
			for range 16 {
				values = append(values, p[:]...)
			}
			if !yield(train.Batch{Inputs: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(values, 16, 2)}}, nil) {
				return
			}
		}
	}
}
