package health

import (
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
)

// wonMargin is how near to the least it can be the discriminator's loss is when it has won, as a share of the way from
// there to that of a discriminator that cannot tell real from fake.
const wonMargin = 0.05

// lossScale is what values of a discriminator's loss mean.
type lossScale struct {
	least, undecided float64
	bounded          bool // False for critics, whose loss can be less than any number.
}

// fooledMargin is how much above that of an undecided discriminator the loss is when it is fooled, on the same scale.
const fooledMargin = 0.2

// newLossScale tries the loss on pairs of a real and a fake logit. So it need not know the losses there are.
func newLossScale(backend compute.Backend, loss gan.Loss) (lossScale, error) {
	scale := lossScale{least: math.Inf(1), undecided: math.Inf(1)}
	exec, err := graph.NewExec(backend, func(real, fake *graph.Node) *graph.Node { return loss.Discriminator(real, fake) })
	if err != nil {
		return scale, errors.WithMessage(err, "health: loss")
	}
	defer exec.Finalize()
	nearLeast := math.Inf(1) // Of logits half as large.
	logits := []float32{-32, -16, -4, -1, -0.5, 0, 0.5, 1, 4, 16, 32}
	for _, real := range logits {
		for _, fake := range logits {
			output, err := exec.Call1([][]float32{{real}}, [][]float32{{fake}})
			if err != nil {
				return scale, errors.WithMessage(err, "health: loss")
			}
			value := float64(tensors.ToScalar[float32](output))
			output.MustFinalizeAll()
			scale.least = min(scale.least, value)
			if real == fake {
				scale.undecided = min(scale.undecided, value)
			}
			if max(real, fake, -real, -fake) <= 16 {
				nearLeast = min(nearLeast, value)
			}
		}
	}
	scale.bounded = nearLeast-scale.least < 1e-3 && scale.undecided-scale.least > 1e-3
	return scale, nil
}

// fooled tells whether a discriminator of that loss does worse than by saying the same of everything.
func (s lossScale) fooled(loss float64) bool {
	if !s.bounded {
		return loss > s.undecided
	}
	return loss > s.undecided+fooledMargin*(s.undecided-s.least)
}

// won tells whether a discriminator of that loss has nothing left to win.
func (s lossScale) won(loss float64) bool {
	return s.bounded && loss < s.least+wonMargin*(s.undecided-s.least)
}
