package gan

import (
	"cmp"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/nn"
)

// Condition tells both players the class of every example, so that the generator can be asked for one: "Conditional
// Generative Adversarial Nets" (Mirza and Osindero 2014, https://arxiv.org/abs/1411.1784). It goes with any Architecture.
// In training, fakes have the classes of the real examples of their batch.
//
// The zero value conditions nothing.
type Condition struct {
	Classes       int   `json:"classes,omitempty"`       // Their number; 0 means that labels are not used.
	Generator     Means `json:"generator,omitempty"`     // Concatenation, Product or ByNorm; "" means Concatenation.
	Discriminator Means `json:"discriminator,omitempty"` // Concatenation, Projection or Auxiliary; "" means Concatenation.
	Embedding     int   `json:"embedding,omitempty"`     // Numbers that stand for a class where it is concatenated; 0 means 10.

	// RealOnly has the auxiliary classifier learn from real examples only. The paper has it learn from fakes, too: then it
	// learns to recognise the generator's mistakes as the class that they were to be, and the generator learns nothing of
	// them.
	RealOnly bool `json:"real_only,omitempty"`

	// Weights of the auxiliary classifier's cross-entropy in the losses of the two; 0 means 1, the paper's.
	DiscriminatorWeight float64 `json:"discriminator_weight,omitempty"`
	GeneratorWeight     float64 `json:"generator_weight,omitempty"`
}

// Means is a way to tell a network the class.
type Means string

const (
	// Concatenation puts a learned embedding of the class beside the latent, or as further channels beside the example
	// (Mirza and Osindero 2014, section 3.2).
	Concatenation Means = "concat"

	// Product multiplies the latent by an embedding of the class, as implementations of AC-GAN do.
	Product Means = "product"

	// ByNorm gives each class scales and offsets of its own in the generator's batch normalizations ("A Learned
	// Representation For Artistic Style", Dumoulin et al. 2016, https://arxiv.org/abs/1610.07629, equation 5).
	ByNorm Means = "batch-norm"

	// Projection adds to the logit the inner product of the discriminator's features and an embedding of the class
	// ("cGANs with Projection Discriminator", Miyato and Koyama 2018, https://arxiv.org/abs/1802.05637, equation 3).
	Projection Means = "projection"

	// Auxiliary lets the discriminator tell the class, for which both players are rewarded ("Conditional Image Synthesis
	// with Auxiliary Classifier GANs", Odena et al. 2016, https://arxiv.org/abs/1610.09585, equations 2 and 3).
	Auxiliary Means = "auxiliary"
)

var (
	generatorMeans     = []Means{Concatenation, Product, ByNorm}
	discriminatorMeans = []Means{Concatenation, Projection, Auxiliary}
)

// Scopes of the variables that conditions add to the networks.
const (
	embeddingScope  = "class_embedding"
	classifierScope = "class_logits"
)

// classEmbedder is an Architecture whose generator embeds the classes given to it by itself, in a way of its own.
type classEmbedder interface{ EmbedsClasses() bool }

func (c Condition) generator() Means     { return cmp.Or(c.Generator, Concatenation) }
func (c Condition) discriminator() Means { return cmp.Or(c.Discriminator, Concatenation) }
func (c Condition) active() bool         { return c.Classes > 0 }

// check returns an error if the condition contradicts itself or the rest of the configuration.
func (c Condition) check(arch Architecture, pack int) error {
	switch {
	case c.Classes < 0 || c.Embedding < 0 || c.DiscriminatorWeight < 0 || c.GeneratorWeight < 0:
		return errors.New("gan: numbers in Config.Condition must not be negative")
	case c == Condition{}:
		return nil
	case !c.active():
		return errors.New("gan: Config.Condition says how to tell the class, but not how many there are; set Classes")
	case c.Classes == 1:
		return errors.New("gan: Config.Condition.Classes must be at least 2, or 0 for no condition; one class says nothing")
	case !slices.Contains(generatorMeans, c.generator()):
		return errors.Errorf("gan: Condition.Generator must be one of %q, got %q", generatorMeans, c.Generator)
	case !slices.Contains(discriminatorMeans, c.discriminator()):
		return errors.Errorf("gan: Condition.Discriminator must be one of %q, got %q", discriminatorMeans, c.Discriminator)
	case c.discriminator() == Auxiliary && pack > 1:
		return errors.New("gan: an auxiliary classifier cannot tell the class of packed examples, which have one each; " +
			"use Projection or Concatenation, or no packing")
	}
	if c.generator() == ByNorm {
		tells, ok := arch.(generatorNormalized)
		if !ok || tells.GeneratorNormalization() != BatchNorm {
			return errors.Errorf("gan: the generator of %s has no batch normalization to tell it the class by; "+
				"use Condition.Generator Concatenation", Architectures.NameOf(arch))
		}
	}
	return nil
}

// classes returns the labels, int32 [batch], one-hot: [batch, Classes].
func (c Condition) classes(labels *Node) *Node {
	return OneHot(labels, c.Classes, dtypes.Float32)
}

// embed returns the embeddings of classes, shaped [batch, n]: [batch, size].
func embed(scope *model.Scope, classes *Node, size int, deviation float64) *Node {
	scope = scope.At(embeddingScope).WithInitializer(nn.Normal(scope, 0, deviation))
	shape := shapes.Make(classes.DType(), classes.Shape().Dim(1), size)
	return Dot(classes, scope.VariableWithShape("table", shape).SetTrainable(true).NodeValue(classes)).Product()
}

// generate returns the architecture's examples for latents of the classes, which are nil without a condition.
func (c Config) generate(scope *model.Scope, latents, classes *Node) *Node {
	latents, classes = c.Condition.latents(scope, c.Arch, latents, classes)
	return c.Arch.Generator(scope, latents, classes)
}

// latents returns what the architecture's generator is given for latents of the classes.
func (c Condition) latents(scope *model.Scope, arch Architecture, latents, classes *Node) (_, _ *Node) {
	if !c.active() {
		return latents, nil
	}
	switch c.generator() {
	case ByNorm:
		return latents, classes
	case Product:
		return Mul(latents, embed(scope, classes, latents.Shape().Dim(1), 1)), nil
	}
	if own, ok := arch.(classEmbedder); ok && own.EmbedsClasses() {
		return latents, classes
	}
	return Concatenate([]*Node{latents, embed(scope, classes, orDefault(c.Embedding, 10), 1)}, 1), nil
}

// judge returns the architecture's judgement of examples of the classes, which are nil without a condition.
func (c Config) judge(scope *model.Scope, examples, classes *Node) Judgement {
	condition := c.Condition
	if condition.active() && condition.discriminator() == Concatenation {
		examples = condition.beside(scope, examples, classes)
	}
	judgement := c.Arch.Discriminator(scope, examples)
	if !condition.active() {
		return judgement
	}
	spectral := normOf(c.Arch) == SpectralNorm
	features := judgement.Features
	size := features.Shape().Dim(1)
	switch condition.discriminator() {
	case Projection:
		scope := scope.At(embeddingScope).WithInitializer(nn.Normal(scope, 0, 0.02))
		shape := shapes.Make(features.DType(), classes.Shape().Dim(1), size)
		table := scope.VariableWithShape("table", shape).SetTrainable(true).NodeValue(features)
		if spectral {
			table = nn.SpectralNorm(scope, table)
		}
		projected := ReduceSum(Mul(Dot(classes, table).Product(), features), -1) // [batch]
		judgement.Logits = Add(judgement.Logits, Reshape(projected, -1, 1))
	case Auxiliary:
		scope := scope.At(classifierScope).WithInitializer(nn.Normal(scope, 0, 0.02))
		judgement.Classes = nn.Dense(scope, features).Channels(condition.Classes).SpectralNorm(spectral).Done()
	}
	return judgement
}

// beside returns the examples with the embedding of their class as further channels, the same for all pixels.
func (c Condition) beside(scope *model.Scope, examples, classes *Node) *Node {
	embedding := embed(scope, classes, orDefault(c.Embedding, 10), 1)
	dimensions := slices.Clone(examples.Shape().Dimensions)
	last := len(dimensions) - 1
	dimensions[last] = embedding.Shape().Dim(1)
	ones := make([]int, len(dimensions))
	for i := range ones {
		ones[i] = 1
	}
	ones[0], ones[last] = dimensions[0], dimensions[last]
	return Concatenate([]*Node{examples, BroadcastToDims(Reshape(embedding, ones...), dimensions...)}, last)
}

// classLoss returns the mean cross-entropy, in nats, of the auxiliary classifier's logits to the classes.
func classLoss(logits, classes *Node) *Node {
	return Neg(ReduceAllMean(ReduceSum(Mul(classes, LogSoftmax(logits)), -1)))
}

// classWeights returns the weights of the auxiliary classifier's loss for either player.
func (c Condition) classWeights() (discriminator, generator float64) {
	return cmp.Or(c.DiscriminatorWeight, 1), cmp.Or(c.GeneratorWeight, 1)
}
