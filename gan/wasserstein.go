package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
)

func init() { Losses.Register("wasserstein", Wasserstein{}) }

// Wasserstein is the loss of "Wasserstein GAN" (Arjovsky et al. 2017, https://arxiv.org/abs/1701.07875, algorithm 1).
// The discriminator is a critic, whose scores have no bound. The negative of its loss estimates the distance between
// real and fake examples, up to a factor, as long as something holds its slope: GradientPenalty, WeightClipping, or
// spectral normalization.
type Wasserstein struct{}

// Discriminator returns the mean score of fake examples less that of real ones.
func (Wasserstein) Discriminator(realScores, fakeScores *Node) *Node {
	return Sub(ReduceAllMean(fakeScores), ReduceAllMean(realScores))
}

// Generator returns the negative of the mean score of fake examples.
func (Wasserstein) Generator(_, fakeScores *Node) *Node { return Neg(ReduceAllMean(fakeScores)) }
