package preset

import (
	"github.com/ganymede-ml/ganymede/gan"
)

// The presets here play by DCGAN's networks, or on points by small fully connected ones.

const (
	noBias  = "Kernels of the transposed convolutions are 4, where the paper's 5 leave a checkerboard; pictures of 28 start from 7×7."
	narrow  = "The networks are narrow: 32 channels where the paper has 64; --width 64 gives the paper's."
	noDecay = "The learning rate does not fall, as runs here are short; --decay-to N has it fall to zero at step N."
)

// hosted returns the configuration's networks: DCGAN of the width, or an MLP for points.
func hosted(data Data, width, latent int, norm gan.Norm) gan.Architecture {
	if data.isPoints() {
		if norm == gan.BatchNorm {
			norm = gan.NoNorm
		}
		return gan.MLP{Shape: data.Shape, DiscriminatorNorm: norm}
	}
	return gan.DCGAN{
		Size: data.Shape[0], Channels: data.Shape[2], Latent: latent,
		GeneratorChannels: width, DiscriminatorChannels: width, DiscriminatorNorm: norm,
	}
}

var dcgan = Preset{
	Name:    "dcgan",
	Summary: "DCGAN: convolutions, batch normalization in both players, the non-saturating loss",
	Paper: "Radford, Metz, Chintala: Unsupervised Representation Learning with Deep Convolutional Generative Adversarial " +
		"Networks, 2015, https://arxiv.org/abs/1511.06434",
	Batch: 128,
	Steps: 3000,
	Deviations: []string{
		noBias,
		"Channels double from 64 to at most 512; at 64 pixels --width 128 gives the paper's first map of 4×4×1024.",
		"Latents are from N(0, 1), the paper's from a uniform distribution.",
	},
	build: func(data Data) (gan.Config, error) {
		if err := data.wantsPictures(); err != nil {
			return gan.Config{}, err
		}
		adam := gan.Adam{LearningRate: 2e-4, Beta1: 0.5, Beta2: 0.999}
		return gan.Config{
			Arch: hosted(data, 64, 100, gan.BatchNorm), Loss: gan.NonSaturating{}, Generator: adam, Discriminator: adam, Seed: 1,
		}, nil
	},
}

var lsgan = Preset{
	Name:    "lsgan",
	Summary: "least squares in place of the cross-entropy: fakes far on the right side are still drawn to the real ones",
	Paper: "Mao, Li, Xie, Lau, Wang, Smolley: Least Squares Generative Adversarial Networks, 2016, " +
		"https://arxiv.org/abs/1611.04076",
	Batch: 64,
	Steps: 3000,
	Deviations: []string{
		"The networks are DCGAN's at the size of the pictures, with 64 channels; the paper's are for 112 pixels.",
		"Latents have length 100, the paper's 1024.",
	},
	build: func(data Data) (gan.Config, error) {
		adam := gan.Adam{LearningRate: 2e-4, Beta1: 0.5, Beta2: 0.999}
		return gan.Config{
			Arch: hosted(data, 64, 100, gan.BatchNorm), Loss: gan.LeastSquares{}, Generator: adam, Discriminator: adam, Seed: 1,
		}, nil
	},
}

var cgan = Preset{
	Name:    "cgan",
	Summary: "the class put beside latent and picture: ask for the digit you want",
	Paper:   "Mirza, Osindero: Conditional Generative Adversarial Nets, 2014, https://arxiv.org/abs/1411.1784",
	Batch:   64,
	Steps:   3000,
	Deviations: []string{
		"The networks are DCGAN's with 32 channels, and none of the paper's fully connected ones with maxout and dropout.",
		"Adam, where the paper has momentum with a falling learning rate; a moving average of the generator.",
		"The discriminator has no normalization and an R1 penalty, lazily every 8 steps: conditions of 10 more channels need it.",
	},
	build: func(data Data) (gan.Config, error) {
		if err := data.wantsClasses(); err != nil {
			return gan.Config{}, err
		}
		adam := gan.Adam{LearningRate: 2e-3, Beta1: 0, Beta2: 0.99}
		return gan.Config{
			Arch: hosted(data, 32, 32, gan.NoNorm), Loss: gan.NonSaturating{}, Penalty: gan.R1{Gamma: 0.3, Every: 8},
			Condition: gan.Condition{Classes: data.Classes}, Generator: adam, Discriminator: adam, EMA: 0.998, Seed: 1,
		}, nil
	},
}

var acgan = Preset{
	Name:    "acgan",
	Summary: "an auxiliary classifier in the discriminator: both players gain if the class can be told",
	Paper: "Odena, Olah, Shlens: Conditional Image Synthesis With Auxiliary Classifier GANs, 2016, " +
		"https://arxiv.org/abs/1610.09585",
	Batch: 100,
	Steps: 2500,
	Deviations: []string{
		"The networks are DCGAN's with 32 channels, without normalization in the discriminator; the paper's discriminator has six " +
			"layers, dropout and batch normalization.",
		"The learning rate is 1e-3, the paper's 2e-4, for runs as short as here.",
		"The latent is multiplied by an embedding of the class, as most programs do; the paper puts the class beside it.",
		"The classifier learns from real examples only: one that learns from fakes, too, as the paper's, excuses their mistakes (on " +
			"the digits, 69 % of samples were then of the class asked for).",
		"The cross-entropy is taken of logits, once; popular code takes the softmax twice.",
		"A moving average of the generator.",
	},
	build: func(data Data) (gan.Config, error) {
		if err := data.wantsClasses(); err != nil {
			return gan.Config{}, err
		}
		adam := gan.Adam{LearningRate: 1e-3, Beta1: 0.5, Beta2: 0.999}
		return gan.Config{
			Arch: hosted(data, 32, 100, gan.NoNorm), Loss: gan.NonSaturating{},
			Condition: gan.Condition{Classes: data.Classes, Generator: gan.Product, Discriminator: gan.Auxiliary, RealOnly: true},
			Generator: adam, Discriminator: adam, EMA: 0.998, Seed: 1,
		}, nil
	},
}

var pacgan2 = Preset{
	Name:    "pacgan2",
	Summary: "the discriminator judges two examples at a time, and sees that they are alike",
	Paper: "Lin, Khetan, Fanti, Oh: PacGAN: The power of two samples in generative adversarial networks, 2018, " +
		"https://arxiv.org/abs/1712.04086",
	Batch: 200,
	Steps: 6000,
	Deviations: []string{
		"A step has 100 packs of two, as the paper's, but takes one update of the discriminator and then one of the generator; " +
			"the paper's code updates both at once.",
		"A run has 6,000 steps, the paper's 400,000, at ten times its learning rate, which falls to zero over the second half.",
		"On points the networks are narrower: 128 in place of 400 in the generator's layers, 64 in place of 200 in the " +
			"discriminator's. On pictures they are DCGAN's with 32 channels.",
	},
	build: func(data Data) (gan.Config, error) {
		adam := gan.Adam{LearningRate: 1e-3, Beta1: 0.8, Beta2: 0.999}
		config := gan.Config{Loss: gan.NonSaturating{}, Generator: adam, Discriminator: adam, Pack: 2, Seed: 1, DecayFrom: 3000, DecayTo: 6000}
		config.Arch = hosted(data, 32, 100, gan.NoNorm)
		if data.isPoints() {
			config.Arch = gan.MLP{
				Shape: data.Shape, GeneratorHidden: []int{128, 128, 128, 128}, GeneratorNorm: gan.BatchNorm,
				DiscriminatorHidden: []int{64, 64, 64}, Maxout: 5, Init: gan.NormalInit,
			}
		}
		return config, nil
	},
}
