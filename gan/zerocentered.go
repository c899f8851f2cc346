package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

func init() {
	Penalties.Register("r1", R1{})
	Penalties.Register("r2", R2{})
	Penalties.Register("r1r2", R1R2{})
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

// R2 is R1 at fake examples: equation 10 of the same paper.
type R2 struct {
	Gamma float64 `json:"gamma,omitempty"` // Weight; 0 means 10, the paper's.
	Every int     `json:"every,omitempty"` // Steps from one penalty to the next; 0 means 1, the paper's.
}

// R1R2 is the sum of R1 and R2, which "The GAN is dead; long live the GAN! A Modern GAN Baseline" (R3GAN, Huang et al.
// 2024, https://arxiv.org/abs/2501.05441, section 2) needs to converge on real data.
type R1R2 struct {
	Gamma float64 `json:"gamma,omitempty"` // Weight of each of the two; 0 means 10, that of R1 and R2. R3GAN's depends on the data.
	Every int     `json:"every,omitempty"` // Steps from one penalty to the next; 0 means 1, the paper's.
}

// Check returns an error if a field is out of range.
func (r R1) Check() error { return checkPenalty("R1", "Gamma", r.Gamma, r.Every) }

// Check returns an error if a field is out of range.
func (r R2) Check() error { return checkPenalty("R2", "Gamma", r.Gamma, r.Every) }

// Check returns an error if a field is out of range.
func (r R1R2) Check() error { return checkPenalty("R1R2", "Gamma", r.Gamma, r.Every) }

// Graph returns the weighted penalty, a scalar.
func (r R1) Graph(_ *model.Scope, _ func(*Node) Judgement, real, _ Judged) *Node {
	return zeroCentered(real, r.Gamma, r.Interval())
}

// Graph returns the weighted penalty, a scalar.
func (r R2) Graph(_ *model.Scope, _ func(*Node) Judgement, _, fake Judged) *Node {
	return zeroCentered(fake, r.Gamma, r.Interval())
}

// Graph returns the weighted penalty, a scalar.
func (r R1R2) Graph(_ *model.Scope, _ func(*Node) Judgement, real, fake Judged) *Node {
	return Add(zeroCentered(real, r.Gamma, r.Interval()), zeroCentered(fake, r.Gamma, r.Interval()))
}

// Interval returns Every, at least 1.
func (r R1) Interval() int { return max(r.Every, 1) }

// Interval returns Every, at least 1.
func (r R2) Interval() int { return max(r.Every, 1) }

// Interval returns Every, at least 1.
func (r R1R2) Interval() int { return max(r.Every, 1) }

func (R1) onSlopes() bool   { return true }
func (R2) onSlopes() bool   { return true }
func (R1R2) onSlopes() bool { return true }

// zeroCentered returns gamma/2 times the mean over the batch of ‖∇D(x)‖², as often as it stands for.
func zeroCentered(x Judged, gamma float64, interval int) *Node {
	return MulScalar(ReduceAllMean(squaredSlopes(x)), orElse(gamma, 10)/2*float64(interval))
}
