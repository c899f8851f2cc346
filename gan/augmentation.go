package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Augmentation changes the pictures that the discriminator sees, real and fake alike, at random and in a way that lets
// the gradient through: with few pictures it keeps the discriminator from learning them by heart.
type Augmentation interface {
	// Check returns an error that names the field and what it may be, if a field is out of range.
	Check() error

	// Graph returns the images, shaped [batch, height, width, channels], each changed in its own way. Every operation
	// is applied to an image with the probability given, a scalar; augmentations that always apply look not at it.
	Graph(scope *model.Scope, images, probability *Node) *Node
}

// adaptive is an Augmentation whose probability follows from how sure the discriminator is of real examples.
type adaptive interface {
	Augmentation

	// adapt returns the probability after an update of the discriminator on a batch of real examples, given the one
	// before. State is the scope of what it must remember.
	adapt(state *model.Scope, probability, realLogits *Node, batch int) *Node
}
