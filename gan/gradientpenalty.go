package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan/nn"
)

func init() { Penalties.Register("gp", GradientPenalty{}) }

// GradientPenalty holds the discriminator's slope near 1 between real and fake examples: Lambda times the mean over the
// batch of (‖∇D(x)‖ - 1)², "Improved Training of Wasserstein GANs" (WGAN-GP, Gulrajani et al. 2017,
// https://arxiv.org/abs/1704.00028, equation 3). Each x is ε·real + (1-ε)·fake, with an ε of its own drawn from U(0, 1)
// (algorithm 1). Under the root is added 1e-12, as its slope at 0 is infinite.
type GradientPenalty struct {
	Lambda   float64 `json:"lambda,omitempty"`    // Weight; 0 means 10, the paper's.
	OneSided bool    `json:"one_sided,omitempty"` // Penalizes slopes above 1 only, max(0, ‖∇D(x)‖ - 1)²: section 4.
	Every    int     `json:"every,omitempty"`     // Steps from one penalty to the next, with as many times the weight; 0 means 1, the paper's.
}

// Check returns an error if a field is out of range.
func (p GradientPenalty) Check() error {
	return checkPenalty("GradientPenalty", "Lambda", p.Lambda, p.Every)
}

// Graph returns the weighted penalty, a scalar.
func (p GradientPenalty) Graph(scope *model.Scope, discriminator func(*Node) Judgement, real, fake Judged) *Node {
	x := between(real.Examples, fake.Examples, perExample(scope, real.Examples))
	return p.penaltyAt(Judged{x, discriminator(x)})
}

// Interval returns Every, at least 1.
func (p GradientPenalty) Interval() int { return max(p.Every, 1) }

func (GradientPenalty) onSlopes() bool { return true }

// between returns epsilon·real + (1-epsilon)·fake.
func between(real, fake, epsilon *Node) *Node { return Add(fake, Mul(epsilon, Sub(real, fake))) }

// penaltyAt returns the weighted penalty at given points.
func (p GradientPenalty) penaltyAt(x Judged) *Node {
	excess := AddScalar(slopeNorms(x), -1) // [batch]
	if p.OneSided {
		excess = nn.ReLU(excess)
	}
	return MulScalar(ReduceAllMean(Square(excess)), orElse(p.Lambda, 10)*float64(p.Interval()))
}
