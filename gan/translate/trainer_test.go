package translate_test

import (
	"context"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/nn"
	"github.com/ganymede-ml/ganymede/gan/training"
	"github.com/ganymede-ml/ganymede/gan/translate"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// pictures is endless data: pictures of A and of B in two tables.
type pictures struct {
	a, b  *tensors.Tensor
	batch int
	from  int
}

func (p *pictures) Name() string   { return "pictures" }
func (p *pictures) Kept() int      { return 2 }
func (p *pictures) Seek(batch int) { p.from = batch }
func (p *pictures) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		n := p.a.Shape().Dim(0)
		for i := p.from; ; i++ {
			indices := make([]int32, p.batch)
			for j := range indices {
				indices[j] = int32((i*p.batch + j) % n)
			}
			inputs := []*tensors.Tensor{p.a, p.b, tensors.FromValue(indices), tensors.FromValue(slices.Clone(indices))}
			if !yield(train.Batch{Inputs: inputs}, nil) {
				return
			}
		}
	}
}

// blots returns n pictures of coarse blots, and the pixels of change applied to them.
func blots(n, size, channels, batch int, change func(pixel []uint8) []uint8) *pictures {
	random := rand.New(rand.NewPCG(1, 2))
	var a, b []uint8
	for range n {
		coarse := make([]uint8, 4*4*channels)
		for i := range coarse {
			coarse[i] = uint8(random.IntN(256))
		}
		for row := range size {
			for column := range size {
				at := (row*4/size*4 + column*4/size) * channels
				pixel := coarse[at : at+channels]
				a = append(a, pixel...)
				b = append(b, change(pixel)...)
			}
		}
	}
	return &pictures{
		a: tensors.FromFlatDataAndDimensions(a, n, size, size, channels), batch: batch,
		b: tensors.FromFlatDataAndDimensions(b, n, size, size, len(b)/(n*size*size)),
	}
}

func inverted(pixel []uint8) []uint8 {
	result := make([]uint8, len(pixel))
	for i, v := range pixel {
		result[i] = 255 - v
	}
	return result
}

func same(pixel []uint8) []uint8 { return pixel }

// pixelwise is a generator of two convolutions of kernel 1, which learns a change of colours in a few steps.
type pixelwise struct{}

func init() { translate.Generators.Register("pixelwise", pixelwise{}) }

func (pixelwise) Check(int) error { return nil }
func (pixelwise) Multiple() int   { return 1 }
func (pixelwise) Noisy() bool     { return false }
func (pixelwise) Joins() bool     { return true }
func (pixelwise) Graph(scope *model.Scope, images *Node, channels int) *Node {
	scope = scope.WithInitializer(nn.He(scope))
	x := nn.LeakyReLU(nn.Conv(scope.In("in"), images).Channels(8).KernelSize(1).Done(), 0.2)
	return Tanh(nn.Conv(scope.In("out"), x).Channels(channels).KernelSize(1).Done())
}

// quick is a configuration that learns a change of colours in a few steps.
func quick(game translate.Game) translate.Config {
	return translate.Config{
		Game: game, Size: 8, ChannelsA: 1, ChannelsB: 1, Seed: 1,
		Generator: pixelwise{}, Discriminator: translate.PatchGAN{Pixel: true, Channels: 4},
		GeneratorOptimizer: gan.Adam{LearningRate: 2e-2, Beta1: 0.5},
	}
}

// tiny is a configuration that steps in milliseconds.
func tiny(game translate.Game) translate.Config {
	return translate.Config{
		Game: game, Size: 8, ChannelsA: 1, ChannelsB: 1, Seed: 1,
		Generator: translate.ResNet{Blocks: 1, Channels: 4}, Discriminator: translate.PatchGAN{Layers: 1, Channels: 4},
	}
}

func newTrainer(t *testing.T, backend compute.Backend, config translate.Config) *translate.Trainer {
	t.Helper()
	trainer, err := translate.New(backend, config)
	if err != nil {
		t.Fatal(err)
	}
	return trainer
}

func take(t *testing.T, trainer *translate.Trainer, data train.Dataset, n int) (steps []training.Step) {
	t.Helper()
	for step, err := range trainer.Train(context.Background(), data, n) {
		if err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	return steps
}

func TestPix2PixLearnsToInvert(t *testing.T) {
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		trainer := newTrainer(t, backend, quick(translate.Pix2Pix{}))
		data := blots(64, 8, 1, 8, inverted)
		steps := take(t, trainer, data, 60)
		first, last := steps[0], steps[len(steps)-1]
		if first, last := first.Value("l1_loss"), last.Value("l1_loss"); last > 0.08 || last > first/2 {
			t.Errorf("l1 from %g to %g", first, last)
		}
	})
}

// TestResume checks that going on gives the same checkpoint, byte for byte, as never having stopped: history of generated
// pictures, dropout, jitter and augmentation go on, too.
func TestResume(t *testing.T) {
	backend := gantest.Go()
	for _, game := range []translate.Game{translate.Pix2Pix{}, translate.CycleGAN{Pool: 3}} {
		config := tiny(game)
		config.Generator = translate.ResNet{Blocks: 1, Channels: 4, Dropout: 0.5}
		config.Jitter = translate.PaperJitter
		config.Augment = gan.DiffAugment{}
		config.DecayFrom, config.DecayTo = 2, 9
		whole, parts := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "parts")
		data := func() *pictures { return blots(8, 8, 1, 2, inverted) }
		for dir, n := range map[string]int{whole: 6, parts: 2} {
			config.Dir = dir
			trainer := newTrainer(t, backend, config)
			take(t, trainer, data(), n)
			if err := trainer.Close(); err != nil {
				t.Fatal(err)
			}
		}
		trainer, err := translate.Load(backend, parts)
		if err != nil {
			t.Fatal(err)
		}
		take(t, trainer, data(), 4)
		if err := trainer.Close(); err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{"checkpoints/00000006.safetensors", "log.jsonl"} {
			a, errA := os.ReadFile(filepath.Join(whole, file))
			b, errB := os.ReadFile(filepath.Join(parts, file))
			if errA != nil || errB != nil || string(a) != string(b) {
				t.Errorf("%T: %s differs (%v, %v)", game, file, errA, errB)
			}
		}
	}
}

func TestEveryLossAndAugmentation(t *testing.T) {
	data := blots(4, 8, 1, 2, inverted)
	for _, name := range gan.Losses.Names() {
		loss, err := gan.Losses.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, game := range []translate.Game{translate.Pix2Pix{}, translate.CycleGAN{}} {
			config := tiny(game)
			config.Loss = loss
			if name == "ns" {
				config.Augment = gan.PolicyAugment{Policy: "flip,rotate:10:p=0.5"}
			}
			steps := take(t, newTrainer(t, gantest.Go(), config), data, 2)
			if g := steps[1].Value("generator_gradient"); g == 0 || steps[1].Value("discriminator_gradient") == 0 {
				t.Errorf("%s, %T: %+v", name, game, steps[1])
			}
		}
	}
}

// TestCycleGANKeepsEqualDomains has A and B alike: what the generators make of their own kind comes near to it.
func TestCycleGANKeepsEqualDomains(t *testing.T) {
	steps := take(t, newTrainer(t, gantest.Go(), quick(translate.CycleGAN{})), blots(16, 8, 1, 2, same), 60)
	for _, name := range []string{"identity_loss", "cycle_loss"} {
		first, last := steps[0].Value(name), steps[len(steps)-1].Value(name)
		if !(last < 0.5*first) {
			t.Errorf("%s from %g to %g", name, first, last)
		}
	}
}

// TestDecay has learning rates fall to zero at the third step, from which on nothing changes.
func TestDecay(t *testing.T) {
	for _, game := range []translate.Game{translate.Pix2Pix{}, translate.CycleGAN{Pool: -1}} {
		config := quick(game)
		config.DecayFrom, config.DecayTo = 1, 3
		steps := take(t, newTrainer(t, gantest.Go(), config), blots(4, 8, 1, 4, inverted), 6)
		for _, name := range []string{"generator_loss", "discriminator_loss"} {
			for i := range steps[1:] {
				before, after := steps[i].Value(name), steps[i+1].Value(name)
				if learns := i < 3; learns != (before != after) {
					t.Errorf("%T: %s of step %d is %g, and then %g", game, name, i+1, before, after)
				}
			}
		}
	}
}
