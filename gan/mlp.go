package gan

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/nn"
)

// MLP is a pair of fully connected networks, the kind of "Generative Adversarial Nets" (Goodfellow et al. 2014,
// https://arxiv.org/abs/1406.2661): for points of the plane, and to see what convolutions are worth on images. Hidden
// layers are leaky rectifiers of slope 0.2, where the paper has rectifiers and maxout; images come out of a hyperbolic
// tangent, points as they are. Weights start by He's rule.
type MLP struct {
	Shape               []int `json:"shape"`                          // Of one example: [height, width, channels], or [2] for points.
	Latent              int   `json:"latent,omitempty"`               // Length of the latent; 0 means 100, for points 2.
	GeneratorHidden     []int `json:"generator_hidden,omitempty"`     // Hidden layers; none means 256, 512, 1024, for points 128, 128, 128.
	DiscriminatorHidden []int `json:"discriminator_hidden,omitempty"` // Likewise; none means 512, 256, for points 128, 128, 128.
}

// Check returns an error if the shape is neither an image's nor a point's, or a size is not positive.
func (m MLP) Check() error {
	if len(m.Shape) != 1 && len(m.Shape) != 3 || slices.Min(append([]int{1}, m.Shape...)) < 1 {
		return errors.Errorf("gan: MLP.Shape must be [height, width, channels] or [2], got %v", m.Shape)
	}
	sizes := append(append([]int{1}, m.GeneratorHidden...), m.DiscriminatorHidden...)
	if m.Latent < 0 || slices.Min(sizes) < 1 {
		return errors.Errorf("gan: MLP: sizes of layers must be positive, got latent %d, generator %v, discriminator %v",
			m.Latent, m.GeneratorHidden, m.DiscriminatorHidden)
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

// Generator returns examples for latents shaped [batch, LatentSize].
func (m MLP) Generator(scope *model.Scope, latents *Node) *Node {
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
	x := m.layers(scope, latents, hidden, size)
	if m.isImage() {
		x = Tanh(x)
	}
	return Reshape(x, append([]int{x.Shape().Dim(0)}, m.Shape...)...)
}

// Discriminator returns logits shaped [batch, 1].
func (m MLP) Discriminator(scope *model.Scope, examples *Node) *Node {
	hidden := m.DiscriminatorHidden
	if len(hidden) == 0 {
		hidden = []int{128, 128, 128}
		if m.isImage() {
			hidden = []int{512, 256}
		}
	}
	return m.layers(scope, examples, hidden, 1)
}

func (m MLP) isImage() bool { return len(m.Shape) == 3 }

// layers returns x after the hidden layers and a linear one of the size given.
func (m MLP) layers(scope *model.Scope, x *Node, hidden []int, size int) *Node {
	scope = scope.WithInitializer(initializer.HeFn(scope))
	for i, channels := range hidden {
		x = nn.Dense(scope.In("layer_%d", i), x).Channels(channels).Done()
		x = nn.LeakyReLU(x, 0.2)
	}
	return nn.Dense(scope.In("out"), x).Channels(size).Done()
}
