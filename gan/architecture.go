package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Architecture is the pair of networks that play.
//
// Both methods that build graphs are called several times per program, with scopes that share variables, and must build
// the same layers every time. They panic when misused; Check says beforehand, as an error, what cannot be built.
type Architecture interface {
	// Check returns an error that names the field and what it may be, if the architecture cannot be built.
	Check() error

	// LatentSize returns the length of the generator's input, the latent.
	LatentSize() int

	// ExampleShape returns the shape of one example: [height, width, channels], or [2] for points of the plane.
	ExampleShape() []int

	// Generator returns examples shaped [batch, ...ExampleShape] for latents shaped [batch, LatentSize]; images are
	// in [-1, 1].
	Generator(scope *model.Scope, latents *Node) *Node

	// Discriminator returns logits, shaped [batch, 1], for examples shaped [batch, ...ExampleShape]: how sure it is
	// that they are real.
	Discriminator(scope *model.Scope, examples *Node) *Node
}
