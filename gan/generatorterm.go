package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// GeneratorTerm is added to the generator's loss.
//
// A GeneratorTerm that has a range to check implements Check() error.
type GeneratorTerm interface {
	// Graph returns the term, a scalar, already weighted.
	Graph(round GeneratorRound) *Node

	// Interval returns k when the term is lazy, taken in every k-th step only; it is at least 1.
	Interval() int
}

// GeneratorRound is what a GeneratorTerm can see of the generator's turn.
type GeneratorRound struct {
	Scope      *model.Scope              // For random numbers, and variables of the term's own, which must not be trainable.
	Latents    *Node                     // Of this batch's fakes, [batch, LatentSize].
	Styles     func(latents *Node) *Node // Returns the latents themselves where the architecture is not StyleBased.
	Synthesis  func(styles *Node) *Node  // Returns examples. With Styles it is the generator.
	Real, Fake Judged                    // By the discriminator as it is after its own turn.
}
