package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

func init() { Penalties.Register("dragan", DRAGAN{}) }

// DRAGAN holds the discriminator's slope near 1 around the real examples: Lambda times the mean over the batch of
// (‖∇D(x)‖ - 1)², "On Convergence and Stability of GANs" (Kodali et al. 2017, https://arxiv.org/abs/1705.07215).
//
// The paper writes x as a real example with normal noise. What its authors' code does, and what is done here, is
//
//	x = real + α·Scale·σ·u
//
// with σ the standard deviation of all the numbers of the batch (divided by their count), u from U(0, 1) for every
// number of an example, and one α from U(0, 1) for the whole example. The noise thus only ever adds, and x lies between
// an example and its noisy copy as in GradientPenalty between a real example and a fake one.
type DRAGAN struct {
	Lambda float64 `json:"lambda,omitempty"` // Weight; 0 means 10, the paper's.
	Scale  float64 `json:"scale,omitempty"`  // Of the noise, in standard deviations of the batch; 0 means 0.5, the authors'.
	Every  int     `json:"every,omitempty"`  // Steps from one penalty to the next, with as many times the weight; 0 means 1, the paper's.
}

// Check returns an error if a field is out of range.
func (p DRAGAN) Check() error {
	if err := checkPositive("DRAGAN.Scale", p.Scale); err != nil {
		return err
	}
	return checkPenalty("DRAGAN", "Lambda", p.Lambda, p.Every)
}

// Graph returns the weighted penalty, a scalar.
func (p DRAGAN) Graph(scope *model.Scope, discriminator func(*Node) Judgement, real, _ Judged) *Node {
	noise := scope.RandomUniform(real.Examples.Graph(), real.Examples.Shape())
	x := p.around(real.Examples, noise, perExample(scope, real.Examples))
	return p.penaltyAt(Judged{x, discriminator(x)})
}

// Interval returns Every, at least 1.
func (p DRAGAN) Interval() int { return max(p.Every, 1) }

func (DRAGAN) onSlopes() bool { return true }

// around returns the points that the penalty is taken at, for given random numbers.
func (p DRAGAN) around(real, noise, alpha *Node) *Node {
	deviation := Sqrt(ReduceAllMean(Square(Sub(real, ReduceAllMean(real)))))
	return Add(real, Mul(Mul(noise, alpha), MulScalar(deviation, orElse(p.Scale, 0.5))))
}

// penaltyAt returns the weighted penalty at given points.
func (p DRAGAN) penaltyAt(x Judged) *Node {
	return GradientPenalty{Lambda: p.Lambda, Every: p.Every}.penaltyAt(x)
}
