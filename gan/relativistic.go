package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
)

func init() {
	Losses.Register("rp", RelativisticPaired{})
	Losses.Register("ra", RelativisticAverage{})
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

// RelativisticAverage is the RaSGAN loss of the paper of RelativisticPaired: the discriminator says whether an example
// is more realistic than the average of those of the other kind, so that no pairs are formed. ESRGAN (Wang et al. 2018,
// https://arxiv.org/abs/1809.00219, section 3.2) uses it. Losses are in nats, and as in the paper the sum of two means;
// some code takes half of it.
type RelativisticAverage struct{}

// Discriminator returns the mean of -log sigmoid(real - mean fake) plus the mean of -log(1 - sigmoid(fake - mean real)).
func (RelativisticAverage) Discriminator(realLogits, fakeLogits *Node) *Node {
	real := Sub(realLogits, ReduceAllMean(fakeLogits))
	fake := Sub(fakeLogits, ReduceAllMean(realLogits))
	return Add(ReduceAllMean(softplus(Neg(real))), ReduceAllMean(softplus(fake)))
}

// Generator returns the discriminator's loss with real and fake exchanged.
func (l RelativisticAverage) Generator(realLogits, fakeLogits *Node) *Node {
	return l.Discriminator(fakeLogits, realLogits)
}
