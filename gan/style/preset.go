package style

import (
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/nearest"
)

// Defaults is what a preset says beside its configuration.
type Defaults struct {
	Summary    string   // A line.
	Paper      string   // Authors, title, year and address.
	Batch      int      // Contents of a batch, and as many styles.
	Steps      int      // Of a run here.
	Deviations []string // Where it differs from the paper, a sentence each.
}

// Presets are the names of the configurations that Preset knows.
func Presets() []string { return []string{Task} }

// Preset returns the configuration of the name, "style", for pictures whose shorter side is the size given.
func Preset(name string, size int) (Config, Defaults, error) {
	if name != Task {
		return Config{}, Defaults{}, errors.Errorf("style: there is no preset %q%s; there is %q", name, nearest.Hint(name, Presets()), Task)
	}
	if size < least {
		return Config{}, Defaults{}, errors.Errorf("style: pictures of %d pixels are too small; %d is the least", size, least)
	}
	config := Config{
		Crop:           min(size/multiple*multiple, 256),
		StyleWeight:    3,
		IdentityWeight: 40,
		Optimizer:      gan.Adam{LearningRate: 1e-3, Beta1: 0.9, Beta2: 0.999}, Decay: 3e-4,
		Seed: 1,
	}
	return config, Defaults{
		Summary: "any content in any style: a decoder for features with the style's means and deviations",
		Batch:   4, Steps: 5000,
		Paper: "Huang, Belongie: Arbitrary Style Transfer in Real-time with Adaptive Instance Normalization, 2017, https://arxiv.org/abs/1703.06868",
		Deviations: []string{
			"The encoder is the small one that comes with the program, not VGG19, and its content layer is at a quarter of the size, not an eighth.",
			"The learning rate is 1e-3 and falls sooner, as there are 5,000 steps and not 160,000.",
			"A loss on what the decoder makes of contents' own features keeps colours and edges; the paper has none. The style loss counts 3, not 10.",
		},
	}, nil
}
