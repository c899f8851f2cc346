package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/pkg/errors"
)

func init() { Losses.Register("ns", NonSaturating{}) }

// Loss is what each player minimizes. Logits may have any shape: [batch, 1], or a patch discriminator's
// [batch, height, width, 1]; those of real and fake examples have the same. The results are scalars.
//
// A Loss that has a range to check implements Check() error.
type Loss interface {
	// Discriminator returns the discriminator's loss.
	Discriminator(realLogits, fakeLogits *Node) *Node

	// Generator returns the generator's loss. Most losses look at the fake logits only, relativistic ones at both.
	Generator(realLogits, fakeLogits *Node) *Node
}

// NonSaturating is the loss of "Generative Adversarial Nets" (Goodfellow et al. 2014,
// https://arxiv.org/abs/1406.2661), with the generator maximizing log D(G(z)) as section 3 advises. Losses are in nats.
type NonSaturating struct {
	// Smoothing is how far the discriminator's target for real examples lies below 1, in [0, 0.5): the one-sided label
	// smoothing of "Improved Techniques for Training GANs" (Salimans et al. 2016, https://arxiv.org/abs/1606.03498,
	// section 3.4), where 0.1 makes the target 0.9. 0 means none.
	Smoothing float64 `json:"smoothing,omitempty"`
}

// Check returns an error if Smoothing is out of range.
func (l NonSaturating) Check() error { return checkSmoothing("NonSaturating", l.Smoothing) }

// Discriminator returns the mean of -log D(real) plus the mean of -log(1 - D(fake)); with Smoothing s, the former is
// the mean of -(1-s) log D(real) - s log(1 - D(real)).
func (l NonSaturating) Discriminator(realLogits, fakeLogits *Node) *Node {
	return crossEntropy(realLogits, fakeLogits, l.Smoothing)
}

// Generator returns the mean of -log D(fake).
func (NonSaturating) Generator(_, fakeLogits *Node) *Node {
	return ReduceAllMean(softplus(Neg(fakeLogits)))
}

// crossEntropy returns what it costs the discriminator to have said D = sigmoid(logits), when the truth is that real
// examples are real with probability 1 - smoothing, and fake ones are fake.
func crossEntropy(realLogits, fakeLogits *Node, smoothing float64) *Node {
	real := ReduceAllMean(softplus(Neg(realLogits)))
	if smoothing != 0 { // (1-s) softplus(-x) + s softplus(x), as softplus(x) = softplus(-x) + x.
		real = Add(real, MulScalar(ReduceAllMean(realLogits), smoothing))
	}
	return Add(real, ReduceAllMean(softplus(fakeLogits)))
}

// checkSmoothing returns an error if half or more of the target for real examples would be smoothed away.
func checkSmoothing(loss string, smoothing float64) error {
	if !(smoothing >= 0 && smoothing < 0.5) {
		return errors.Errorf("gan: %s.Smoothing must be in [0, 0.5), got %g; 0.1 makes the target for real examples 0.9", loss, smoothing)
	}
	return nil
}

// softplus returns log(1 + exp(x)), for x of any size without overflow.
func softplus(x *Node) *Node {
	return Add(Max(x, ScalarZero(x.Graph(), x.DType())), Log1P(Exp(Neg(Abs(x)))))
}
