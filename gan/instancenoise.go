package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/nn"
)

// InstanceNoise adds Gaussian noise to all examples that the discriminator sees, real or fake, so that their
// distributions overlap and its slope tells the generator something ("Amortised MAP Inference for Image
// Super-resolution", Sønderby et al. 2016, https://arxiv.org/abs/1610.04490, section 3.2; "Towards Principled Methods for
// Training Generative Adversarial Networks", Arjovsky and Bottou 2017, https://arxiv.org/abs/1701.04862, section 3).
//
// The zero value adds none.
type InstanceNoise struct {
	StdDev float64 `json:"std_dev,omitempty"` // At the first step, in the units of the examples: pictures are in [-1, 1].
	Until  int     `json:"until,omitempty"`   // The step at which it has fallen to zero, in a straight line; 0 means that it does not fall.
}

func (n InstanceNoise) check() error {
	if n.StdDev < 0 || n.Until < 0 || n.StdDev == 0 && n.Until > 0 {
		return errors.Errorf("gan: Config.Noise needs a standard deviation above 0, and a step, got %g and %d", n.StdDev, n.Until)
	}
	return nil
}

// add returns the examples with noise, at a step.
func (n InstanceNoise) add(scope *model.Scope, examples, step *Node) *Node {
	if n.StdDev == 0 {
		return examples
	}
	noise := MulScalar(nn.DrawNormal(scope, examples.Graph(), examples.Shape()), n.StdDev)
	if n.Until > 0 {
		left := ClipScalar(OneMinus(DivScalar(step, float64(n.Until))), 0, 1)
		noise = Mul(noise, ConvertDType(left, noise.DType()))
	}
	return Add(examples, noise)
}
