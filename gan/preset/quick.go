package preset

import (
	"github.com/ganymede-ml/ganymede/gan"
)

var quick = Preset{
	Name:    "quick",
	Summary: "the default: what was found to learn the most in a minute on two processor cores",
	Batch:   64,
	Steps:   3000,
	build: func(data Data) (gan.Config, error) {
		adam := gan.Adam{LearningRate: 2e-3, Beta1: 0, Beta2: 0.99}
		config := gan.Config{
			Loss: gan.RelativisticPaired{}, Penalty: gan.R1{Gamma: 0.3, Every: 8},
			Generator: adam, Discriminator: adam, EMA: 0.998, Seed: 1,
		}
		if data.isPoints() {
			config.Arch = gan.MLP{Shape: data.Shape}
			return config, nil
		}
		config.Arch = gan.DCGAN{
			Size: data.Shape[0], Channels: data.Shape[2], Latent: 32, GeneratorChannels: 32, DiscriminatorChannels: 32,
			DiscriminatorNorm: gan.NoNorm, MinibatchStdDev: true,
		}
		return config, nil
	},
}

var plain = Preset{
	Name:    "plain",
	Summary: "every part at its paper's values, the zero values of the library: what --arch, --loss and --penalty start from",
	Batch:   64,
	Steps:   3000,
	build: func(data Data) (gan.Config, error) {
		config := gan.Config{Loss: gan.NonSaturating{}, Generator: gan.Adam{}, Discriminator: gan.Adam{}, Seed: 1}
		if data.isPoints() {
			config.Arch = gan.MLP{Shape: data.Shape}
			return config, nil
		}
		norm := gan.BatchNorm
		if data.Shape[0] == 28 {
			norm = gan.NoNorm // The small network for 28 pixels has none.
		}
		config.Arch = gan.DCGAN{Size: data.Shape[0], Channels: data.Shape[2], DiscriminatorNorm: norm}
		return config, nil
	},
}
