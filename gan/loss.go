package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// Loss is what each player minimizes. Logits may have any shape: [batch, 1], or a patch discriminator's
// [batch, height, width, 1]; those of real and fake examples have the same. The results are scalars.
type Loss interface {
	// Discriminator returns the discriminator's loss.
	Discriminator(realLogits, fakeLogits *Node) *Node

	// Generator returns the generator's loss. Most losses look at the fake logits only, relativistic ones at both.
	Generator(realLogits, fakeLogits *Node) *Node
}

// NonSaturating is the loss of "Generative Adversarial Nets" (Goodfellow et al. 2014,
// https://arxiv.org/abs/1406.2661), with the generator maximizing log D(G(z)) as section 3 advises. Losses are in nats.
type NonSaturating struct{}

// Discriminator returns the mean of -log D(real) plus the mean of -log(1 - D(fake)).
func (NonSaturating) Discriminator(realLogits, fakeLogits *Node) *Node {
	return Add(ReduceAllMean(softplus(Neg(realLogits))), ReduceAllMean(softplus(fakeLogits)))
}

// Generator returns the mean of -log D(fake).
func (NonSaturating) Generator(_, fakeLogits *Node) *Node {
	return ReduceAllMean(softplus(Neg(fakeLogits)))
}

// RelativisticPaired is the loss of "The relativistic discriminator: a key element missing from standard GAN"
// (Jolicoeur-Martineau 2018, https://arxiv.org/abs/1807.00734, equations 9 and 10): the discriminator says which
// example of a pair, one real and one fake, is the more realistic. R3GAN (Huang et al. 2024,
// https://arxiv.org/abs/2501.05441, equation 2) shows that every fake is thereby held close to some real example, which
// keeps modes from being dropped. Losses are in nats.
type RelativisticPaired struct{}

// Discriminator returns the mean of -log sigmoid(real - fake).
func (RelativisticPaired) Discriminator(realLogits, fakeLogits *Node) *Node {
	return ReduceAllMean(softplus(Sub(fakeLogits, realLogits)))
}

// Generator returns the mean of -log sigmoid(fake - real).
func (RelativisticPaired) Generator(realLogits, fakeLogits *Node) *Node {
	return ReduceAllMean(softplus(Sub(realLogits, fakeLogits)))
}

// softplus returns log(1 + exp(x)), for x of any size without overflow.
func softplus(x *Node) *Node {
	return Add(Max(x, ScalarZero(x.Graph(), x.DType())), Log1P(Exp(Neg(Abs(x)))))
}
