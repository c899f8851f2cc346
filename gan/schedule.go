package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/pkg/errors"
)

// WarmUp gives the discriminator more updates in some steps: at the start, and now and then later. The official code of
// "Wasserstein GAN" (Arjovsky et al. 2017, https://arxiv.org/abs/1701.07875) has 100 in the first 25 steps and in every
// 500th, so that the critic stays near its optimum. The zero value is none.
type WarmUp struct {
	Steps              int `json:"steps,omitempty"`               // The first so many steps are warm-up,
	Every              int `json:"every,omitempty"`               // and every so many-th; 0 means no later one.
	DiscriminatorSteps int `json:"discriminator_steps,omitempty"` // Updates of the discriminator in each of them.
}

func (w WarmUp) check() error {
	if w == (WarmUp{}) {
		return nil
	}
	if w.Steps < 0 || w.Every < 0 || w.DiscriminatorSteps < 1 || w.Steps+w.Every == 0 {
		return errors.Errorf("gan: Config.WarmUp needs steps or an interval, and at least 1 update in them, got %+v", w)
	}
	return nil
}

// discriminatorSteps returns the number of the discriminator's updates in a step, counted from 0.
func (c Config) discriminatorSteps(step int) int {
	w := c.WarmUp
	if w.DiscriminatorSteps > 0 && (step < w.Steps || w.Every > 0 && step%w.Every == 0) {
		return w.DiscriminatorSteps
	}
	return c.DiscriminatorSteps
}

// batchesBefore returns how many batches the steps before a step take.
func (c Config) batchesBefore(step int) int {
	count := 0
	for i := range step {
		count += c.discriminatorSteps(i)
	}
	return count * c.MicroBatches
}

// decayed returns what both learning rates are multiplied by at the step, nil if they never fall.
func (c Config) decayed(step *Node) *Node { return LinearDecay(step, c.DecayFrom, c.DecayTo) }

// LinearDecay returns what learning rates are multiplied by that fall in a straight line to zero between two steps: a scalar
// between 1 and 0 for the scalar step, the number of steps taken before. It returns nil, for 1, if to is 0.
func LinearDecay(step *Node, from, to int) *Node {
	if to == 0 {
		return nil
	}
	left := DivScalar(AddScalar(Neg(step), float64(to)), float64(to-from))
	return ClipScalar(left, 0, 1)
}
