package gan

import (
	"cmp"
	"encoding/json"

	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/pkg/errors"
)

// RMSProp divides gradients by the root of a running mean of their squares (Hinton's lecture 6e of "Neural Networks for
// Machine Learning", 2012). The zero value is that of "Wasserstein GAN" (Arjovsky et al. 2017,
// https://arxiv.org/abs/1701.07875, algorithm 1), whose critic gets worse with momentum: learning rate 5e-5. Unlike
// PyTorch's it corrects the running mean for its start at zero, which is felt in the first hundred steps only.
type RMSProp struct {
	LearningRate float64 `json:"learning_rate"` // 0 means 5e-5.
	Decay        float64 `json:"decay"`         // Of the mean of the squares, in (0, 1); 0 means 0.99.
}

func (r RMSProp) filled() RMSProp {
	return RMSProp{LearningRate: cmp.Or(r.LearningRate, 5e-5), Decay: cmp.Or(r.Decay, 0.99)}
}

// Check returns an error if a field is out of range.
func (r RMSProp) Check() error {
	if r = r.filled(); r.LearningRate <= 0 || r.Decay <= 0 || r.Decay >= 1 {
		return errors.Errorf("RMSProp needs a positive learning rate and a decay in (0, 1), got %g and %g", r.LearningRate, r.Decay)
	}
	return nil
}

// Rate returns the learning rate.
func (r RMSProp) Rate() float64 { return r.filled().LearningRate }

// Build returns GoMLX's RMSProp.
func (r RMSProp) Build(state string) optimizer.Interface {
	r = r.filled()
	return optimizer.RMSProp().Scope(state).LearningRate(r.LearningRate).Betas(0, r.Decay).Epsilon(1e-8).Done()
}

// MarshalJSON writes the optimizer with its defaults, so that a record says what was used.
func (r RMSProp) MarshalJSON() ([]byte, error) {
	type plain RMSProp
	return json.Marshal(plain(r.filled()))
}
