package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Architecture is the pair of networks that play.
//
// The methods that build graphs are called several times per program, with scopes that share variables, and must build
// the same layers every time. They panic when misused; Check says beforehand, as an error, what cannot be built.
type Architecture interface {
	// Check returns an error that names the field and what it may be, if the architecture cannot be built.
	Check() error

	// LatentSize returns the length of the generator's input, the latent.
	LatentSize() int

	// ExampleShape returns the shape of one example: [height, width, channels], or [2] for points of the plane.
	ExampleShape() []int

	// Generator returns examples shaped [batch, ...ExampleShape] for latents shaped [batch, length]; images are in
	// [-1, 1]. The length is LatentSize, or more where a Condition has put a class beside the latent.
	//
	// Classes is nil, or shaped [batch, number of classes]: how much of each class the example is to have, one-hot in
	// training. Normalizations by class follow it; architectures without them need not look at it.
	Generator(scope *model.Scope, latents, classes *Node) *Node

	// Discriminator returns its judgement of examples shaped [batch, ...ExampleShape]: how sure it is that they are
	// real. Their last axis is longer where examples are packed (Config.Pack) or carry a class (Condition).
	Discriminator(scope *model.Scope, examples *Node) Judgement
}

// Judgement is what a discriminator says of examples.
type Judgement struct {
	Logits   *Node // [batch, 1]
	Features *Node // [batch, features]: its last hidden layer, of which the logits are a linear function.
	Classes  *Node // [batch, number of classes]: logits of an auxiliary classifier; nil without. Architectures leave it nil.
}

// Norm is a normalization within a network.
type Norm string

// The normalizations. Penalties on the slope, such as R1 and the gradient penalty, want NoNorm or LayerNorm: batch
// normalization makes the logits of one example depend on the others.
const (
	NoNorm       Norm = "none"
	BatchNorm    Norm = "batch"
	LayerNorm    Norm = "layer"
	SpectralNorm Norm = "spectral" // Of all the kernels, instead of a layer between them.
)

// An Architecture may say which normalizations it uses, so that combinations that cannot work are found before training.
type (
	// discriminatorNormalized is an Architecture that tells the normalization in its discriminator.
	discriminatorNormalized interface{ DiscriminatorNormalization() Norm }

	// generatorNormalized is an Architecture that tells the normalization in its generator: with BatchNorm it obeys the
	// classes given to Generator.
	generatorNormalized interface{ GeneratorNormalization() Norm }
)

// normOf returns the discriminator's normalization, "" where the architecture does not tell.
func normOf(arch Architecture) Norm {
	if tells, ok := arch.(discriminatorNormalized); ok {
		return tells.DiscriminatorNormalization()
	}
	return ""
}

// StyleBased is an Architecture whose generator works in two parts: a mapping network turns latents into styles, and a
// synthesis network draws what the styles say ("A Style-Based Generator Architecture for Generative Adversarial
// Networks", Karras et al. 2018, https://arxiv.org/abs/1812.04948, section 2). Generator is one after the other.
type StyleBased interface {
	Architecture

	// Styles returns the styles, shaped [batch, style size], of latents.
	Styles(scope *model.Scope, latents, classes *Node) *Node

	// Synthesis returns the examples of styles, shaped [batch, style size], or [batch, layers, style size] with a style
	// for each layer. Scopes are those of Generator.
	Synthesis(scope *model.Scope, styles *Node) *Node

	// StyleLayers returns how many styles, one for each layer, Synthesis takes.
	StyleLayers() int

	// Truncate draws the styles towards their mean: mean + psi·(styles - mean), for a scalar psi.
	Truncate(scope *model.Scope, styles, psi *Node) *Node
}
