package preset

import (
	"github.com/ganymede-ml/ganymede/gan"
)

var r3gan = Preset{
	Name:    "r3gan",
	Summary: "the relativistic game with R1 and R2, and networks without normalization or tricks",
	Paper: "Huang, Gokaslan, Kuleshov, Tompkin: The GAN is dead; long live the GAN! A Modern GAN Baseline, 2024, " +
		"https://arxiv.org/abs/2501.05441",
	Batch: 32,
	Steps: 1500,
	Deviations: []string{
		"The networks are small: 16 channels at the size of the picture, doubling with every halving, where the paper has 768 at all " +
			"sizes; one block for each, the paper two; batches of 32, the paper's of 512.",
		"The penalties' weight stays at 0.05, where the paper's falls from 0.05 to 0.005 on CIFAR-10 (2 to 0.2 at 64 pixels), and " +
			"the second moment's decay stays at 0.99, where the paper's rises from 0.9.",
		"The learning rate is 1e-3 and stays there, for short runs; the paper's falls from 2e-4 to 5e-5.",
		"No augmentation; --augment ada has the probability adapt, where the paper's rises to 0.55.",
	},
	build: func(data Data) (gan.Config, error) {
		if err := data.wantsPictures(); err != nil {
			return gan.Config{}, err
		}
		adam := gan.Adam{LearningRate: 1e-3, Beta1: 0, Beta2: 0.99}
		return gan.Config{
			Arch: gan.R3GAN{
				Size: data.Shape[0], Channels: data.Shape[2], Latent: 64, GeneratorChannels: 16, DiscriminatorChannels: 16,
				Blocks: 1,
			},
			Loss: gan.RelativisticPaired{}, Penalty: gan.R1R2{Gamma: 0.05},
			Generator: adam, Discriminator: adam, EMA: 0.998, Seed: 1,
		}, nil
	},
}

var stylegan2 = Preset{
	Name:    "stylegan2",
	Summary: "styles: a mapping network, modulated convolutions, noise, style mixing, lazy R1 and path length",
	Paper: "Karras, Laine, Aittala, Hellsten, Lehtinen, Aila: Analyzing and Improving the Image Quality of StyleGAN, 2019, " +
		"https://arxiv.org/abs/1912.04958",
	Batch: 32,
	Steps: 2000,
	Deviations: []string{
		"The networks are small: 16 channels at the size of the picture, latents and styles of 64 numbers, 4 mapping layers; the " +
			"paper has 32 to 512 channels, 512 numbers and 8 layers.",
		"The weight of R1 follows the rule 2e-4·size²/batch of Training Generative Adversarial Networks with Limited Data " +
			"(Karras et al. 2020, https://arxiv.org/abs/2006.06676), where the paper has 10.",
		"The learning rate is not scaled for lazy penalties; batches of 32.",
	},
	build: func(data Data) (gan.Config, error) {
		if err := data.wantsPictures(); err != nil {
			return gan.Config{}, err
		}
		size := float64(data.Shape[0])
		adam := gan.Adam{LearningRate: 2.5e-3, Beta1: 0, Beta2: 0.99}
		return gan.Config{
			Arch: gan.StyleGAN2{
				Size: data.Shape[0], Channels: data.Shape[2], Latent: 64, GeneratorChannels: 16, DiscriminatorChannels: 16,
			},
			Loss: gan.NonSaturating{}, Penalty: gan.R1{Gamma: 2e-4 * size * size / 32, Every: 16},
			GeneratorTerm: gan.PathLength{Weight: 2, Every: 8},
			Generator:     adam, Discriminator: adam, EMA: 0.998, Seed: 1,
		}, nil
	},
}
