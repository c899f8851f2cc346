package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
)

func init() { Losses.Register("ls", LeastSquares{}) }

// LeastSquares is the loss of "Least Squares Generative Adversarial Networks" (Mao et al. 2016,
// https://arxiv.org/abs/1611.04076, equation 9): scores, which no sigmoid bounds, are drawn to 1 for real examples and
// to 0 for fake ones, so that fakes far on the right side of the boundary still have something to learn.
type LeastSquares struct {
	// Smoothing makes the discriminator's target for real examples 1 - Smoothing, as in NonSaturating. The generator's
	// target stays 1. 0 means none.
	Smoothing float64 `json:"smoothing,omitempty"`
}

// Check returns an error if Smoothing is out of range.
func (l LeastSquares) Check() error { return checkSmoothing("LeastSquares", l.Smoothing) }

// Discriminator returns half the mean of (D(real) - 1)², plus half the mean of D(fake)².
func (l LeastSquares) Discriminator(realScores, fakeScores *Node) *Node {
	real := ReduceAllMean(Square(AddScalar(realScores, l.Smoothing-1)))
	return MulScalar(Add(real, ReduceAllMean(Square(fakeScores))), 0.5)
}

// Generator returns half the mean of (D(fake) - 1)².
func (LeastSquares) Generator(_, fakeScores *Node) *Node {
	return MulScalar(ReduceAllMean(Square(AddScalar(fakeScores, -1))), 0.5)
}
