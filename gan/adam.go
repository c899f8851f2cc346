package gan

import (
	"encoding/json"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/pkg/errors"
)

// Adam is the optimizer of one player ("Adam: A Method for Stochastic Optimization", Kingma and Ba 2014,
// https://arxiv.org/abs/1412.6980, algorithm 1; epsilon is 1e-8). The zero value is DCGAN's (Radford et al. 2015,
// section 4): learning rate 2e-4 and moments 0.5 and 0.999.
type Adam struct {
	LearningRate float64 `json:"learning_rate"` // 0 means 2e-4.
	Beta1        float64 `json:"beta1"`         // Decay of the mean of the gradients, in [0, 1). See Beta2.
	Beta2        float64 `json:"beta2"`         // Decay of their squares, in (0, 1); 0 means 0.5 for Beta1 and 0.999 for Beta2.
}

// defaults returns the optimizer with its zero values filled in. Beta1 may well be zero, so that Beta2, which may not,
// tells whether the two were set.
func (a Adam) defaults() Adam {
	if a.LearningRate == 0 {
		a.LearningRate = 2e-4
	}
	if a.Beta2 == 0 {
		a.Beta2 = 0.999
		if a.Beta1 == 0 {
			a.Beta1 = 0.5
		}
	}
	return a
}

func (a Adam) check(player string) error {
	if a.LearningRate <= 0 || a.Beta1 < 0 || a.Beta1 >= 1 || a.Beta2 <= 0 || a.Beta2 >= 1 {
		return errors.Errorf("gan: the %s's Adam needs a positive learning rate and betas in [0, 1), got %g and (%g, %g)",
			player, a.LearningRate, a.Beta1, a.Beta2)
	}
	return nil
}

// MarshalJSON writes the optimizer with its defaults, so that a record says what was used.
func (a Adam) MarshalJSON() ([]byte, error) {
	type plain Adam
	return json.Marshal(plain(a.defaults()))
}

// update builds one update of the variables under the scope, which lowers the loss, by GoMLX's optimizer. Its moments
// are kept under the scope of the name given; factor, a scalar, is multiplied to the learning rate if it is not nil.
func (a Adam) update(scope *model.Scope, name string, factor, loss *Node) {
	if factor != nil {
		rate := optimizer.LearningRateVar(scope, loss.DType(), a.LearningRate)
		rate.SetNodeValue(MulScalar(ConvertDType(factor, loss.DType()), a.LearningRate))
	}
	adam := optimizer.Adam().Scope(name).LearningRate(a.LearningRate).Betas(a.Beta1, a.Beta2).Epsilon(1e-8).Done()
	adam.UpdateGraph(scope, loss.Graph(), loss)
}

// decayed returns what both learning rates are multiplied by at the step, a scalar between 1 and 0, or nil if they never
// fall.
func (c Config) decayed(step *Node) *Node {
	if c.DecayTo == 0 {
		return nil
	}
	left := DivScalar(AddScalar(Neg(step), float64(c.DecayTo)), float64(c.DecayTo-c.DecayFrom))
	return ClipScalar(left, 0, 1)
}
