package gan

import (
	"encoding/json"

	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/pkg/errors"
)

// Adam is the optimizer of "Adam: A Method for Stochastic Optimization" (Kingma and Ba 2014,
// https://arxiv.org/abs/1412.6980, algorithm 1; epsilon is 1e-8). The zero value is DCGAN's (Radford et al. 2015,
// section 4): learning rate 2e-4 and moments 0.5 and 0.999.
type Adam struct {
	LearningRate float64 `json:"learning_rate"` // 0 means 2e-4.
	Beta1        float64 `json:"beta1"`         // Decay of the mean of the gradients, in [0, 1). See Beta2.
	Beta2        float64 `json:"beta2"`         // Decay of their squares, in (0, 1); 0 means 0.5 for Beta1 and 0.999 for Beta2.
}

// filled returns the optimizer with its zero values filled in. Beta1 may well be zero, so that Beta2, which may not,
// tells whether the two were set.
func (a Adam) filled() Adam {
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

// Check returns an error if the learning rate is not positive or a beta is out of range.
func (a Adam) Check() error {
	a = a.filled()
	if a.LearningRate <= 0 || a.Beta1 < 0 || a.Beta1 >= 1 || a.Beta2 <= 0 || a.Beta2 >= 1 {
		return errors.Errorf("Adam needs a positive learning rate and betas in [0, 1), got %g and (%g, %g)",
			a.LearningRate, a.Beta1, a.Beta2)
	}
	return nil
}

// Rate returns the learning rate.
func (a Adam) Rate() float64 { return a.filled().LearningRate }

// Build returns GoMLX's Adam.
func (a Adam) Build(state string) optimizer.Interface {
	a = a.filled()
	return optimizer.Adam().Scope(state).LearningRate(a.LearningRate).Betas(a.Beta1, a.Beta2).Epsilon(1e-8).Done()
}

// MarshalJSON writes the optimizer with its defaults, so that a record says what was used.
func (a Adam) MarshalJSON() ([]byte, error) {
	type plain Adam
	return json.Marshal(plain(a.filled()))
}
