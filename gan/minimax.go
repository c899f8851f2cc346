package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
)

func init() { Losses.Register("minimax", Minimax{}) }

// Minimax is the game of "Generative Adversarial Nets" (Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661,
// equation 1) as it stands: the generator minimizes what the discriminator maximizes, and has little to learn from where
// the discriminator is sure that its examples are fake. NonSaturating mends that. Losses are in nats.
type Minimax struct {
	Smoothing float64 `json:"smoothing,omitempty"` // Of the target for real examples, as in NonSaturating; 0 means none.
}

// Check returns an error if Smoothing is out of range.
func (l Minimax) Check() error { return checkSmoothing("Minimax", l.Smoothing) }

// Discriminator returns what NonSaturating's does.
func (l Minimax) Discriminator(realLogits, fakeLogits *Node) *Node {
	return crossEntropy(realLogits, fakeLogits, l.Smoothing)
}

// Generator returns the mean of log(1 - D(fake)), which is never above zero.
func (Minimax) Generator(_, fakeLogits *Node) *Node {
	return Neg(ReduceAllMean(softplus(fakeLogits)))
}
