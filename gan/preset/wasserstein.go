package preset

import (
	"github.com/ganymede-ml/ganymede/gan"
)

var wgan = Preset{
	Name:    "wgan",
	Summary: "the Wasserstein distance by a critic whose weights are clipped",
	Paper:   "Arjovsky, Chintala, Bottou: Wasserstein GAN, 2017, https://arxiv.org/abs/1701.07875",
	Batch:   64,
	Steps:   1000,
	Deviations: []string{
		narrow,
		noBias,
		"RMSProp corrects its mean of squares for the start at zero.",
	},
	build: func(data Data) (gan.Config, error) {
		return gan.Config{
			Arch: hosted(data, 32, 100, gan.BatchNorm), Loss: gan.Wasserstein{}, Penalty: gan.WeightClipping{Limit: 0.01},
			Generator: gan.RMSProp{LearningRate: 5e-5}, Discriminator: gan.RMSProp{LearningRate: 5e-5},
			DiscriminatorSteps: 5, WarmUp: gan.WarmUp{Steps: 25, Every: 500, DiscriminatorSteps: 100}, Seed: 1,
		}, nil
	},
}

var wganGP = Preset{
	Name:    "wgan-gp",
	Summary: "the Wasserstein distance by a critic whose slope is held near 1",
	Paper: "Gulrajani, Ahmed, Arjovsky, Dumoulin, Courville: Improved Training of Wasserstein GANs, 2017, " +
		"https://arxiv.org/abs/1704.00028",
	Batch: 50,
	Steps: 1000,
	Deviations: []string{
		"The networks are DCGAN's with kernels of 4 and 32 channels, the paper's program for MNIST has kernels of 5 and 64; " +
			"--width 64 gives its width.",
	},
	build: func(data Data) (gan.Config, error) {
		adam := gan.Adam{LearningRate: 1e-4, Beta1: 0.5, Beta2: 0.9}
		config := gan.Config{
			Arch: hosted(data, 32, 128, gan.NoNorm), Loss: gan.Wasserstein{}, Penalty: gan.GradientPenalty{Lambda: 10},
			Generator: adam, Discriminator: adam, DiscriminatorSteps: 5, Seed: 1,
		}
		if data.isPoints() {
			// The paper's toy: three layers of 512, lambda 0.1.
			config.Arch = gan.MLP{Shape: data.Shape, GeneratorHidden: []int{512, 512, 512}, DiscriminatorHidden: []int{512, 512, 512}}
			config.Penalty = gan.GradientPenalty{Lambda: 0.1}
		}
		return config, nil
	},
}

var dragan = Preset{
	Name:    "dragan",
	Summary: "a gradient penalty around the real examples only, against sharp slopes there",
	Paper:   "Kodali, Abernethy, Hays, Kira: On Convergence and Stability of GANs, 2017, https://arxiv.org/abs/1705.07215",
	Batch:   64,
	Steps:   3000,
	Deviations: []string{
		narrow,
		"The discriminator has no batch normalization, under which the slope at an example depends on the whole batch.",
	},
	build: func(data Data) (gan.Config, error) {
		adam := gan.Adam{LearningRate: 2e-4, Beta1: 0.5, Beta2: 0.999}
		return gan.Config{
			Arch: hosted(data, 32, 100, gan.NoNorm), Loss: gan.NonSaturating{}, Penalty: gan.DRAGAN{},
			Generator: adam, Discriminator: adam, Seed: 1,
		}, nil
	},
}
