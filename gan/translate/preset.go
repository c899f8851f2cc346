package translate

import (
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
)

// Defaults is what goes with the Config of a preset.
type Defaults struct {
	Summary    string   // A line.
	Paper      string   // Authors, title, year and address.
	Batch      int      // Pictures of a batch, of each kind.
	Steps      int      // Of a run here.
	Deviations []string // Where it differs from the paper, a sentence each.
}

// presets are the presets by name, in the order in which one might read about them.
var presets = []struct {
	name  string
	build func(size int) (Config, Defaults)
}{
	{"pix2pix", pix2pixPreset},
	{"cyclegan", cycleGANPreset},
}

// Presets returns the names of the presets.
func Presets() []string {
	names := make([]string, len(presets))
	for i, p := range presets {
		names[i] = p.name
	}
	return names
}

// Preset returns the configuration of that name for square pictures of the size and channels given: from 128 pixels on the
// paper's, and below one that a laptop trains in minutes.
func Preset(name string, size, channelsA, channelsB int) (Config, Defaults, error) {
	i := slices.Index(Presets(), name)
	if i < 0 {
		return Config{}, Defaults{}, errors.Errorf("translate: there is no preset %q; there are %s", name, strings.Join(Presets(), ", "))
	}
	config, defaults := presets[i].build(size)
	config.Size, config.ChannelsA, config.ChannelsB, config.Seed = size, channelsA, channelsB, 1
	config = config.defaults()
	return config, defaults, errors.WithMessagef(config.Check(), "preset %s", name)
}

// paperSize is the smallest size of pictures that presets play by the papers for.
const paperSize = 128

func pix2pixPreset(size int) (Config, Defaults) {
	d := Defaults{
		Summary: "pairs: a U-Net, a discriminator of patches that sees the input, too, and the L1 distance",
		Paper: "Isola, Zhu, Zhou, Efros: Image-to-Image Translation with Conditional Adversarial Networks, 2016, " +
			"https://arxiv.org/abs/1611.07004",
		Deviations: []string{
			"Both players learn from the weights before the step; in the authors' code the generator meets the updated discriminator.",
		},
	}
	if size >= paperSize {
		d.Batch, d.Steps = 1, 80_000
		d.Deviations = append(d.Deviations,
			"Instance normalization: what batch normalization does to a batch of one, but without a learned scale and offset.")
		return Config{Game: Pix2Pix{}, Jitter: PaperJitter, DecayFrom: d.Steps / 2, DecayTo: d.Steps}, d
	}
	d.Batch, d.Steps = 16, 1500
	d.Deviations = append(d.Deviations,
		"Batches of 16 pictures, the paper's of 1, with batch normalization in the generator and instance normalization in the discriminator.",
		"Learning rates for short runs: 2e-3 for the generator and 1e-4 for the discriminator, the paper's 2e-4 for both.",
		"The L1 distance has weight 300, the paper's 100: a discriminator that is heard more gives a short run noise instead of edges.",
		"Both networks are narrow, 32 channels where the paper has 64, and the discriminator judges patches of 34×34 pixels, the paper's 70×70.",
		"Pictures are mirrored but not cropped, as enlarging small ones blurs them.",
	)
	unet := unetFor(size)
	unet.Channels, unet.Norm = 32, gan.BatchNorm
	return Config{
		Game: Pix2Pix{L1: 300}, Generator: unet, Discriminator: PatchGAN{Layers: 2, Channels: 32}, Jitter: Jitter{Flip: true},
		GeneratorOptimizer:     gan.Adam{LearningRate: 2e-3, Beta1: 0.5, Beta2: 0.999},
		DiscriminatorOptimizer: gan.Adam{LearningRate: 1e-4, Beta1: 0.5, Beta2: 0.999},
		DecayFrom:              d.Steps / 2, DecayTo: d.Steps,
	}, d
}

func cycleGANPreset(size int) (Config, Defaults) {
	d := Defaults{
		Summary: "no pairs: two generators, each undoing what the other does, and two discriminators",
		Paper: "Zhu, Park, Isola, Efros: Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks, 2017, " +
			"https://arxiv.org/abs/1703.10593",
		Deviations: []string{
			"The identity's distance counts for all pictures, as in the authors' code; the paper has it for paintings alone.",
		},
	}
	if size >= paperSize {
		d.Batch, d.Steps = 1, 200_000
		return Config{Game: CycleGAN{}, Jitter: PaperJitter, DecayFrom: d.Steps / 2, DecayTo: d.Steps}, d
	}
	d.Batch, d.Steps = 4, 2000
	d.Deviations = append(d.Deviations,
		"Batches of 4 pictures of each kind, the paper's of 1.",
		"Batch normalization in the generators: the paper's instance normalization takes from small pictures on a plain ground their colours.",
		"Both networks are narrow, 32 channels where the paper has 64, and the discriminators judge patches of 34×34 pixels, the paper's 70×70.",
		"Pictures are mirrored but not cropped, as enlarging small ones blurs them.",
	)
	return Config{
		Game: CycleGAN{}, Generator: ResNet{Blocks: 6, Channels: 32, Norm: gan.BatchNorm}, Discriminator: PatchGAN{Layers: 2, Channels: 32},
		Jitter: Jitter{Flip: true}, DecayFrom: d.Steps / 2, DecayTo: d.Steps,
	}, d
}
