package cli

import "github.com/ganymede-ml/ganymede/gan"

// Names of architectures, losses and penalties, as package gan has them.
const (
	dcgan  = "dcgan"
	mlp    = "mlp"
	noName = "none" // No penalty.
)

// dcganWidth is what gan.DCGAN takes for a width of 0.
const dcganWidth = 64

// settings are what the flags of train say; a field is a flag.
type settings struct {
	data           string
	size, channels int // Of the pictures; 0 means as the data has them.
	skipBroken     bool

	arch, loss, penalty string
	gamma               float64
	every               int
	latent              int // 0 means the architecture's own.
	width, widthD       int // Of the networks; 0 means the architecture's own, and that of the generator.
	norm                string
	minibatchStdDev     bool

	lr, lrD      float64 // 0 for the discriminator means as the generator.
	beta1, beta2 float64
	decayFrom    int
	decayTo      int // 0 means that the learning rates do not fall.
	ema          float64

	batch     int
	seed      int64
	saveEvery int
	steps     int
	minutes   float64 // Instead of steps, where it is not 0.
}

// defaultSettings returns the settings for examples of the shape given, where no flag says otherwise. Pictures and points
// are told apart by the length of the shape.
//
// Learning rates that fall at a step of the defaults do so only in runs of the default length: see training.planNew.
//
// Plain settings are those of the papers that the parts come from. The others are what was found to learn the most in a
// minute on two processor cores.
func defaultSettings(shape []int, plain bool) settings {
	s := settings{
		data: "digits", arch: dcgan, loss: "rp", penalty: "r1", gamma: 0.3, every: 8,
		latent: 32, width: 32, norm: string(gan.NoNorm), minibatchStdDev: true,
		lr: 2e-3, beta1: 0, beta2: 0.99, ema: 0.998,
		batch: 64, seed: 1, saveEvery: 500, steps: 3000,
	}
	if len(shape) == 1 {
		s.arch, s.latent, s.width, s.minibatchStdDev = mlp, 0, 0, false
		s.steps = 5000
	}
	if plain {
		s.loss, s.penalty, s.gamma, s.every = "ns", noName, 10, 1
		s.latent, s.width, s.minibatchStdDev = 0, 0, false
		s.lr, s.beta1, s.beta2, s.ema = 2e-4, 0.5, 0.999, 0
	}
	return s
}

// plainNorm returns the normalization in the discriminator where the settings are plain and no flag says it: the paper's
// batch normalization, but none with a penalty on the slope, which wants none, or in the small network for 28 pixels.
func plainNorm(s settings, shape []int) string {
	if s.penalty != noName || shape[0] == 28 {
		return string(gan.NoNorm)
	}
	return string(gan.BatchNorm)
}
