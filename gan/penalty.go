package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// Judged are examples together with the discriminator's logits for them.
type Judged struct {
	Examples *Node // [batch, ...]
	Logits   *Node // [batch, 1]
}

// Penalty is added to the discriminator's loss to keep the discriminator from becoming too steep.
type Penalty interface {
	// Graph returns the penalty, a scalar, already weighted. It may call the discriminator on examples of its own.
	Graph(discriminator func(examples *Node) *Node, real, fake Judged) *Node

	// Interval returns k when the penalty is lazy, taken in every k-th step only; it is at least 1.
	Interval() int
}

// R1 penalizes the discriminator's slope at real examples: Gamma/2 times the mean over the batch of ‖∇D(x)‖²,
// "Which Training Methods for GANs do actually Converge?" (Mescheder et al. 2018, https://arxiv.org/abs/1801.04406,
// equation 9).
//
// With Every greater than 1 it is taken every so many steps with as many times the weight: the lazy regularization of
// StyleGAN2 (Karras et al. 2020, https://arxiv.org/abs/1912.04958, section 3.1).
type R1 struct {
	Gamma float64 `json:"gamma,omitempty"` // Weight; 0 means 10, the paper's.
	Every int     `json:"every,omitempty"` // Steps from one penalty to the next; 0 means 1, the paper's.
}

// Graph returns the weighted penalty, a scalar.
func (r R1) Graph(_ func(*Node) *Node, real, _ Judged) *Node {
	gamma := r.Gamma
	if gamma == 0 {
		gamma = 10
	}
	return MulScalar(meanSquaredSlope(real), gamma/2*float64(r.Interval()))
}

// Interval returns Every, at least 1.
func (r R1) Interval() int { return max(r.Every, 1) }

// meanSquaredSlope returns the mean over the batch of ‖∇D(x)‖², a scalar.
func meanSquaredSlope(x Judged) *Node {
	if x.Examples.Rank() < 2 {
		Panicf("gan: a penalty on the slope needs examples shaped [batch, ...], got %s", x.Examples.Shape())
	}
	slopes := Gradient(ReduceAllSum(x.Logits), x.Examples)[0]
	return DivScalar(ReduceAllSum(Square(slopes)), float64(x.Examples.Shape().Dim(0)))
}
