package gan

import (
	"cmp"
	"math"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/nn"
)

// MLP is a pair of fully connected networks, the kind of "Generative Adversarial Nets" (Goodfellow et al. 2014,
// https://arxiv.org/abs/1406.2661): for points of the plane, and to see what convolutions are worth on images. Hidden
// layers are leaky rectifiers of slope 0.2, where the paper has rectifiers and, in the discriminator, maxout, which a field
// turns on; images come out of a hyperbolic tangent, points as they are. Weights start by He's rule unless Init says otherwise.
type MLP struct {
	Shape               []int `json:"shape"`                          // Of one example: [height, width, channels], or [2] for points.
	Latent              int   `json:"latent,omitempty"`               // Length of the latent; 0 means 100, for points 2.
	GeneratorHidden     []int `json:"generator_hidden,omitempty"`     // Hidden layers; none means 256, 512, 1024, for points 128, 128, 128.
	DiscriminatorHidden []int `json:"discriminator_hidden,omitempty"` // Likewise; none means 512, 256, for points 128, 128, 128.
	GeneratorNorm       Norm  `json:"generator_norm,omitempty"`       // BatchNorm after its hidden layers; "" means NoNorm.
	DiscriminatorNorm   Norm  `json:"discriminator_norm,omitempty"`   // SpectralNorm or LayerNorm; "" means NoNorm.
	Maxout              int   `json:"maxout,omitempty"`               // Linear pieces of the discriminator's maxout units; 0 means leaky rectifiers.

	Init Initialization `json:"init,omitempty"` // Of the weights; "" means HeInit.
}

func init() { Architectures.Register("mlp", MLP{}) }

// Check returns an error if the shape is neither an image's nor a point's, or a size is not positive.
func (m MLP) Check() error {
	if len(m.Shape) != 1 && len(m.Shape) != 3 || slices.Min(append([]int{1}, m.Shape...)) < 1 {
		return errors.Errorf("gan: MLP.Shape must be [height, width, channels] or [2], got %v", m.Shape)
	}
	layers := append(append([]int{1}, m.GeneratorHidden...), m.DiscriminatorHidden...)
	if m.Latent < 0 || m.Maxout < 0 || slices.Min(layers) < 1 {
		return errors.Errorf("gan: MLP: sizes of layers must be positive, got latent %d, generator %v, discriminator %v, maxout %d",
			m.Latent, m.GeneratorHidden, m.DiscriminatorHidden, m.Maxout)
	}
	if err := m.Init.check("MLP"); err != nil {
		return err
	}
	if !slices.Contains([]Norm{"", NoNorm, BatchNorm}, m.GeneratorNorm) {
		return errors.Errorf("gan: MLP.GeneratorNorm must be %q or %q, got %q", NoNorm, BatchNorm, m.GeneratorNorm)
	}
	if !slices.Contains([]Norm{"", NoNorm, LayerNorm, SpectralNorm}, m.DiscriminatorNorm) {
		return errors.Errorf("gan: MLP.DiscriminatorNorm must be %q, %q or %q, got %q", NoNorm, LayerNorm, SpectralNorm, m.DiscriminatorNorm)
	}
	return nil
}

// LatentSize returns the length of the latent.
func (m MLP) LatentSize() int {
	switch {
	case m.Latent != 0:
		return m.Latent
	case m.isImage():
		return 100
	default:
		return 2
	}
}

// ExampleShape returns Shape.
func (m MLP) ExampleShape() []int { return slices.Clone(m.Shape) }

// GeneratorNormalization returns GeneratorNorm, or NoNorm in place of "".
func (m MLP) GeneratorNormalization() Norm { return cmp.Or(m.GeneratorNorm, NoNorm) }

// DiscriminatorNormalization returns DiscriminatorNorm, or NoNorm in place of "".
func (m MLP) DiscriminatorNormalization() Norm { return cmp.Or(m.DiscriminatorNorm, NoNorm) }

// Generator returns examples for latents; batch normalizations follow the classes, if there are any.
func (m MLP) Generator(scope *model.Scope, latents, classes *Node) *Node {
	hidden := m.GeneratorHidden
	if len(hidden) == 0 {
		hidden = []int{128, 128, 128}
		if m.isImage() {
			hidden = []int{256, 512, 1024}
		}
	}
	size := 1
	for _, dimension := range m.Shape {
		size *= dimension
	}
	scope = scope.WithInitializer(m.init(scope))
	x := latents
	for i, channels := range hidden {
		layer := scope.In("layer_%d", i)
		x = nn.Dense(layer, x).Channels(channels).Done()
		if m.GeneratorNormalization() == BatchNorm {
			x = nn.BatchNorm(layer, x).Classes(classes).Done()
		}
		x = nn.LeakyReLU(x, 0.2)
	}
	x = nn.Dense(scope.In("out"), x).Channels(size).Done()
	if m.isImage() {
		x = Tanh(x)
	}
	return Reshape(x, append([]int{x.Shape().Dim(0)}, m.Shape...)...)
}

// Discriminator returns its judgement of examples.
func (m MLP) Discriminator(scope *model.Scope, examples *Node) Judgement {
	hidden := m.DiscriminatorHidden
	if len(hidden) == 0 {
		hidden = []int{128, 128, 128}
		if m.isImage() {
			hidden = []int{512, 256}
		}
	}
	scope = scope.WithInitializer(m.init(scope))
	norm := m.DiscriminatorNormalization()
	pieces := orDefault(m.Maxout, 1)
	x := examples
	for i, channels := range hidden {
		layer := scope.In("layer_%d", i)
		x = nn.Dense(layer, x).Channels(channels * pieces).SpectralNorm(norm == SpectralNorm).Done()
		if norm == LayerNorm {
			x = nn.LayerNorm(layer, x)
		}
		if m.Maxout > 0 {
			x = ReduceMax(Reshape(x, -1, channels, pieces), -1) // "Maxout Networks", Goodfellow et al. 2013, equation 1.
		} else {
			x = nn.LeakyReLU(x, 0.2)
		}
	}
	features := Reshape(x, x.Shape().Dim(0), -1)
	logits := nn.Dense(scope.In("out"), features).Channels(1).SpectralNorm(norm == SpectralNorm).Done()
	return Judgement{Logits: logits, Features: features}
}

// init returns what starts the weights.
func (m MLP) init(scope *model.Scope) model.VariableInitializer {
	return cmp.Or(m.Init, HeInit).initializer(scope, math.Sqrt2)
}

func (m MLP) isImage() bool { return len(m.Shape) == 3 }
