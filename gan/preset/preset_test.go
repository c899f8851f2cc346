package preset_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/preset"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

var (
	digits = preset.Data{Shape: []int{28, 28, 1}, Classes: 10}
	points = preset.Data{Shape: []int{2}, Classes: 8}
)

func ExampleNamed() {
	p, err := preset.Named("wgan-gp")
	if err != nil {
		panic(err)
	}
	config, err := p.Config(preset.Data{Shape: []int{28, 28, 1}})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%T, %T, %d updates of the critic, batches of %d\n", config.Loss, config.Penalty, config.DiscriminatorSteps, p.Batch)
	// Output:
	// gan.Wasserstein, gan.GradientPenalty, 5 updates of the critic, batches of 50
}

// narrow returns the architecture with few channels, for tests.
func narrow(t *testing.T, arch gan.Architecture) gan.Architecture {
	switch arch := arch.(type) {
	case gan.DCGAN:
		arch.GeneratorChannels, arch.DiscriminatorChannels = 8, 8
		return arch
	case gan.R3GAN:
		arch.GeneratorChannels, arch.DiscriminatorChannels = 8, 8
		return arch
	case gan.StyleGAN2:
		arch.GeneratorChannels, arch.DiscriminatorChannels = 8, 8
		return arch
	case gan.ResNet:
		arch.GeneratorChannels, arch.DiscriminatorChannels = 8, 8
		return arch
	}
	t.Fatalf("%T is not narrowed here", arch)
	return nil
}

// TestPresetsTrain plays 200 steps of every preset on the digits, by narrow networks, and checks that both players learn:
// the discriminator tells real from fake, and the generator's pictures, grey at first, become as dark as digits are.
func TestPresetsTrain(t *testing.T) {
	if testing.Short() {
		t.Skip("trains every preset")
	}
	backend := gantest.XLA()
	if backend == nil {
		t.Skip("no XLA plugin is installed, and the pure Go backend takes too long; `ganymede doctor --install` gets one")
	}
	set, err := datasets.Open("digits", datasets.Options{})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	dark := mean(set.Pixels)
	for _, p := range preset.All() {
		t.Run(p.Name, func(t *testing.T) {
			config, err := p.Config(digits)
			if err != nil {
				t.Fatalf("%+v", err)
			}
			config.Arch = narrow(t, config.Arch)
			batches, err := set.Batches(16, 1)
			if err != nil {
				t.Fatalf("%+v", err)
			}
			trainer, err := gan.NewTrainer(backend, config)
			if err != nil {
				t.Fatalf("%+v", err)
			}
			before := brightness(t, trainer)
			told := 0
			for step, err := range trainer.Train(context.Background(), batches, 200) {
				if err != nil {
					t.Fatalf("%+v", err)
				}
				if step.RealLogit > step.FakeLogit {
					told++
				}
			}
			if told < 150 {
				t.Errorf("the discriminator told real from fake in %d of 200 steps", told)
			}
			after := brightness(t, trainer)
			least := 0.3
			if p.Name == "wgan" {
				least = 0.05 // Its learning rate is small.
			}
			if moved := (before - after) / (before - dark); moved < least {
				t.Errorf("the pictures' mean went from %.0f to %.0f, the digits' is %.0f", before, after, dark)
			}
		})
	}
}

// brightness returns the mean of 100 samples' pixels.
func brightness(t *testing.T, trainer *gan.Trainer) float64 {
	t.Helper()
	samples, err := trainer.Sample(100)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return mean(tensors.MustCopyFlatData[uint8](samples))
}

func mean(pixels []uint8) float64 {
	sum := 0
	for _, pixel := range pixels {
		sum += int(pixel)
	}
	return float64(sum) / float64(len(pixels))
}

// TestPresets checks that every preset fits digits, colour and larger pictures, says its paper, and that those on points
// train.
func TestPresets(t *testing.T) {
	for _, p := range preset.All() {
		for _, data := range []preset.Data{digits, {Shape: []int{64, 64, 3}, Classes: 3}} {
			if _, err := p.Config(data); err != nil {
				t.Errorf("%v: %v", data, err)
			}
		}
		if p.Summary == "" || p.Batch < 1 || p.Steps < 1 {
			t.Errorf("%s is incomplete", p.Name)
		}
		if p.Name != "quick" && p.Name != "plain" && (!strings.Contains(p.Paper, "https://arxiv.org/abs/") || len(p.Deviations) == 0) {
			t.Errorf("%s does not say its paper and where it differs", p.Name)
		}
		config, err := p.Config(points)
		if err != nil {
			if !strings.Contains(err.Error(), "preset "+p.Name) {
				t.Errorf("%s on points: %v", p.Name, err)
			}
			continue
		}
		if shape := config.Arch.ExampleShape(); len(shape) != 1 {
			t.Errorf("%s makes %v, not points", p.Name, shape)
		}
	}
}

func TestImpossiblePresets(t *testing.T) {
	for _, test := range []struct {
		name, want string
		data       preset.Data
	}{
		{"wgan-pg", "wgan-gp", digits},
		{"dcgan", "the examples are points", points},
		{"projection", "the data has no classes", preset.Data{Shape: []int{28, 28, 1}}},
		{"acgan", "the data has no classes", preset.Data{Shape: []int{28, 28, 1}}},
		{"sngan", "Size must be 28", preset.Data{Shape: []int{30, 30, 1}}},
	} {
		p, err := preset.Named(test.name)
		if err == nil {
			_, err = p.Config(test.data)
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error about %q", test.name, err, test.want)
		}
	}
}
