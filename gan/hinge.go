package gan

import (
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/ganymede-ml/ganymede/gan/nn"
)

func init() { Losses.Register("hinge", Hinge{}) }

// Hinge is the loss of "Geometric GAN" (Lim and Ye 2017, https://arxiv.org/abs/1705.02894), which "Spectral
// Normalization for Generative Adversarial Networks" (Miyato et al. 2018, https://arxiv.org/abs/1802.05957) and its
// successors train with: the discriminator separates real from fake scores by a margin, from -1 to 1, and learns nothing
// from examples beyond it.
type Hinge struct{}

// Discriminator returns the mean of max(0, 1 - D(real)) plus the mean of max(0, 1 + D(fake)).
func (Hinge) Discriminator(realScores, fakeScores *Node) *Node {
	return Add(ReduceAllMean(nn.ReLU(OneMinus(realScores))), ReduceAllMean(nn.ReLU(OnePlus(fakeScores))))
}

// Generator returns the negative of the mean score of fake examples.
func (Hinge) Generator(_, fakeScores *Node) *Node { return Neg(ReduceAllMean(fakeScores)) }
