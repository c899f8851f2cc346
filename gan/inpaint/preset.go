package inpaint

import (
	"slices"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/nearest"
)

// Defaults are what a preset says beside its configuration.
type Defaults struct {
	Summary    string   // A line.
	Batch      int      // Pictures of a batch.
	Steps      int      // Of a run here.
	Paper      string   // Authors, title, year and address.
	Deviations []string // Where it differs from the paper, a sentence each.
}

// Presets are the names of the presets.
var Presets = []string{"inpaint", "context-encoder"}

// Preset returns a configuration by name, for square pictures of the size with so many channels. The error for an unknown name
// says the nearest.
func Preset(name string, size, channels int) (Config, Defaults, error) {
	if !slices.Contains(Presets, name) {
		return Config{}, Defaults{}, errors.Errorf("inpaint: there is no preset %q%s; there are %q", name, nearest.Hint(name, Presets), Presets)
	}
	build := gatedPreset
	if name == "context-encoder" {
		build = contextEncoderPreset
	}
	config, defaults := build(size)
	config.Size, config.Channels, config.Seed = size, channels, 1
	config.Flip = channels == 3 // Grey data is often signs, which are others in the mirror.
	return config, defaults, errors.WithMessagef(config.Check(), "preset %s", name)
}

// gatedPreset is DeepFill v2, as in the paper from 256 pixels on, and narrow for smaller pictures.
func gatedPreset(size int) (Config, Defaults) {
	defaults := Defaults{
		Summary: "DeepFill v2: gated convolutions, contextual attention, a discriminator of patches with spectral normalization",
		Paper: "Yu, Lin, Yang, Shen, Lu, Huang: Free-Form Image Inpainting with Gated Convolution, 2019, " +
			"https://arxiv.org/abs/1806.03589",
		Batch: 16,
		Steps: 1500,
		Deviations: []string{
			"Kernels start at a size that keeps numbers of one order through the gates, and the last layer has no hyperbolic tangent.",
			"A moving average of the generator's weights fills the holes.",
			"Half of the pictures in colour are mirrored left to right.",
		},
	}
	adam := gan.Adam{LearningRate: 1e-4, Beta1: 0.5, Beta2: 0.999}
	config := Config{Game: Gated{}, GeneratorOptimizer: adam, DiscriminatorOptimizer: adam, EMA: 0.999}
	if size >= 256 {
		defaults.Steps = 100_000
		return config, defaults
	}
	width := 32
	if size >= 64 {
		width = 48
	}
	config.Game = Gated{Width: width, Discriminator: SNPatchGAN{Channels: 32}, Adversarial: 0.01, HoleWeight: 8, Extrapolate: true}
	adam.LearningRate = 1e-3
	config.GeneratorOptimizer, config.DiscriminatorOptimizer = adam, adam
	config.EMA = 0.99
	defaults.Deviations = append(defaults.Deviations,
		"Below 256 pixels the networks are small: a first layer of 32 kernels (48 from 64 pixels on, the paper's), a discriminator of 32 "+
			"to 128 channels and fewer layers; dilations that reach out of the picture are left out, and attention is at rate 1 below 128 pixels.",
		"Below 256 pixels, for runs of some minutes, the learning rate is 1e-3, the paper's 1e-4; a pixel in the hole counts 8 times a "+
			"known one, and the discriminator's judgement a hundredth of the paper's.",
		"Below 256 pixels the networks start from the hole filled smoothly from its rim, and draw what is to be added to that.",
	)
	return config, defaults
}

// contextEncoderPreset is the context encoder, with a shorter vector below the paper's 128 pixels.
func contextEncoderPreset(size int) (Config, Defaults) {
	defaults := Defaults{
		Summary: "the context encoder: a picture squeezed into a vector and drawn anew, with a discriminator",
		Paper: "Pathak, Krähenbühl, Donahue, Darrell, Efros: Context Encoders: Feature Learning by Inpainting, 2016, " +
			"https://arxiv.org/abs/1604.07379",
		Batch: 64,
		Steps: 1500,
		Deviations: []string{
			"It draws the whole picture for holes of any form, and the discriminator sees the picture with its hole filled.",
			"The paper's batches are not said here to be 64, but its networks are DCGAN's, whose batches, learning rate and moments are taken for both players.",
		},
	}
	adam := gan.Adam{LearningRate: 2e-4, Beta1: 0.5, Beta2: 0.999}
	config := Config{Game: ContextEncoder{}, GeneratorOptimizer: adam, DiscriminatorOptimizer: adam}
	if size < 128 {
		config.Game = ContextEncoder{Channels: 32, Bottleneck: 512}
		adam.LearningRate = 1e-3
		config.GeneratorOptimizer = adam
		defaults.Deviations = append(defaults.Deviations,
			"Below 128 pixels it has half of the paper's channels and a vector of 512 numbers, the paper's 4000, and its learning rate is 1e-3.")
	}
	return config, defaults
}
