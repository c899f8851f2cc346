package preset

import (
	"github.com/ganymede-ml/ganymede/gan"
)

// The presets here play by residual networks.

const narrowResNet = "The networks are narrow: 32 channels where the paper has 256 in the generator and 128 in the discriminator; " +
	"--width 256 --width-d 128 gives the paper's."

func residual(data Data) gan.ResNet {
	return gan.ResNet{
		Size: data.Shape[0], Channels: data.Shape[2], Latent: 128, GeneratorChannels: 32, DiscriminatorChannels: 32,
		DiscriminatorNorm: gan.SpectralNorm,
	}
}

var sngan = Preset{
	Name:    "sngan",
	Summary: "spectral normalization of the discriminator, hinge loss, residual networks",
	Paper: "Miyato, Kataoka, Koyama, Yoshida: Spectral Normalization for Generative Adversarial Networks, 2018, " +
		"https://arxiv.org/abs/1802.05957",
	Batch:      64,
	Steps:      1000,
	Deviations: []string{narrowResNet, noDecay, "The generator learns from the discriminator's last batch of 64; in the official program from one of 128."},
	build: func(data Data) (gan.Config, error) {
		if err := data.wantsPictures(); err != nil {
			return gan.Config{}, err
		}
		adam := gan.Adam{LearningRate: 2e-4, Beta1: 0, Beta2: 0.9}
		return gan.Config{
			Arch: residual(data), Loss: gan.Hinge{}, Generator: adam, Discriminator: adam, DiscriminatorSteps: 5, Seed: 1,
		}, nil
	},
}

var projection = Preset{
	Name:    "projection",
	Summary: "SNGAN that is told the class: by batch normalization in the generator, by a projection in the discriminator",
	Paper:   "Miyato, Koyama: cGANs with Projection Discriminator, 2018, https://arxiv.org/abs/1802.05637",
	Batch:   64,
	Steps:   1000,
	Deviations: []string{
		narrowResNet, noDecay,
		"Fakes have the classes of the real examples of their batch; the paper draws them evenly.",
	},
	build: func(data Data) (gan.Config, error) {
		if err := data.wantsPictures(); err != nil {
			return gan.Config{}, err
		}
		if err := data.wantsClasses(); err != nil {
			return gan.Config{}, err
		}
		adam := gan.Adam{LearningRate: 2e-4, Beta1: 0, Beta2: 0.9}
		return gan.Config{
			Arch: residual(data), Loss: gan.Hinge{},
			Condition: gan.Condition{Classes: data.Classes, Generator: gan.ByNorm, Discriminator: gan.Projection},
			Generator: adam, Discriminator: adam, DiscriminatorSteps: 5, Seed: 1,
		}, nil
	},
}

var sagan = Preset{
	Name:    "sagan",
	Summary: "self-attention and spectral normalization in both players, a faster discriminator",
	Paper: "Zhang, Goodfellow, Metaxas, Odena: Self-Attention Generative Adversarial Networks, 2018, " +
		"https://arxiv.org/abs/1805.08318",
	Batch: 64,
	Steps: 2000,
	Deviations: []string{
		narrowResNet,
		"Attention is on maps half as wide as the picture; the paper's is on 32 or 64 pixels of 128.",
		"No classes, which the paper tells by projection; --condition projection --condition-generator batch-norm does.",
	},
	build: func(data Data) (gan.Config, error) {
		if err := data.wantsPictures(); err != nil {
			return gan.Config{}, err
		}
		arch := residual(data)
		arch.Attention, arch.GeneratorSpectralNorm = true, true
		return gan.Config{
			Arch: arch, Loss: gan.Hinge{},
			Generator:     gan.Adam{LearningRate: 1e-4, Beta1: 0, Beta2: 0.9},
			Discriminator: gan.Adam{LearningRate: 4e-4, Beta1: 0, Beta2: 0.9}, Seed: 1,
		}, nil
	},
}
