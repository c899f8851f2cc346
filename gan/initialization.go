package gan

import (
	"slices"

	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/nn"
)

// Initialization is how the kernels of a network start. Biases always start as zero.
type Initialization string

// The initializations. "" is the architecture's own.
const (
	NormalInit     Initialization = "normal"     // From N(0, 0.02²): DCGAN.
	XavierInit     Initialization = "xavier"     // See nn.Xavier: SNGAN and WGAN-GP.
	OrthogonalInit Initialization = "orthogonal" // See nn.Orthogonal: BigGAN, https://arxiv.org/abs/1809.11096.
	HeInit         Initialization = "he"         // See nn.He.
)

var initializations = []Initialization{NormalInit, XavierInit, OrthogonalInit, HeInit}

// check returns an error that names the architecture's field, if there is no such initialization.
func (i Initialization) check(arch string) error {
	if i == "" || slices.Contains(initializations, i) {
		return nil
	}
	return errors.Errorf("gan: %s.Init must be one of %q, got %q", arch, initializations, i)
}

// initializer returns what starts kernels. The gain is of Xavier's rule, where layers before a rectifier have √2; the
// others have no use for it.
func (i Initialization) initializer(scope *model.Scope, gain float64) model.VariableInitializer {
	switch i {
	case XavierInit:
		return nn.Xavier(scope, gain)
	case OrthogonalInit:
		return nn.Orthogonal(scope, 1)
	case HeInit:
		return nn.He(scope)
	default:
		return nn.Normal(scope, 0, 0.02)
	}
}
