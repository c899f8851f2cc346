package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

func init() { Penalties.Register("clip", WeightClipping{}) }

// WeightClipping holds every weight of the discriminator in [-Limit, Limit], and so its slope, "Wasserstein GAN"
// (Arjovsky et al. 2017, https://arxiv.org/abs/1701.07875, algorithm 1). It is a Constraint: the penalty is zero, and
// weights are clipped after every update of the discriminator.
type WeightClipping struct {
	Limit float64 `json:"limit,omitempty"` // 0 means 0.01, the paper's.
}

// Check returns an error if the limit is out of range.
func (w WeightClipping) Check() error { return checkPositive("WeightClipping.Limit", w.Limit) }

// Graph returns zero.
func (WeightClipping) Graph(_ *model.Scope, _ func(*Node) Judgement, real, _ Judged) *Node {
	return ScalarZero(real.Logits.Graph(), real.Logits.DType())
}

// Interval returns 1.
func (WeightClipping) Interval() int { return 1 }

// Constrain returns the weights, those beyond the limit moved to it.
func (w WeightClipping) Constrain(weights *Node) *Node {
	limit := orElse(w.Limit, 0.01)
	return ClipScalar(weights, -limit, limit)
}
