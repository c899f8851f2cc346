package gan

import (
	"github.com/pkg/errors"
)

// Check returns an error if the configuration cannot be trained: it names the field, or the combination, and what to use
// instead.
func (c Config) Check() error {
	c = c.defaults()
	if c.Arch == nil {
		return errors.New("gan: Config.Arch must be set, to gan.DCGAN{Size: 28, Channels: 1} for example")
	}
	for _, part := range []any{c.Arch, c.Loss, c.Penalty, c.GeneratorTerm, c.Augment} {
		if checker, ok := part.(interface{ Check() error }); ok {
			if err := checker.Check(); err != nil {
				return err
			}
		}
	}
	if err := c.Generator.Check(); err != nil {
		return errors.WithMessage(err, "gan: the generator's optimizer")
	}
	if err := c.Discriminator.Check(); err != nil {
		return errors.WithMessage(err, "gan: the discriminator's optimizer")
	}
	for _, test := range []struct {
		ok    bool
		field string
		got   any
		want  string
	}{
		{c.DiscriminatorSteps >= 1, "DiscriminatorSteps", c.DiscriminatorSteps, "at least 1"},
		{c.MicroBatches >= 1, "MicroBatches", c.MicroBatches, "at least 1"},
		{c.Pack >= 1, "Pack", c.Pack, "at least 1"},
		{c.SaveEvery >= 1, "SaveEvery", c.SaveEvery, "at least 1"},
		{c.DecayFrom >= 0 && c.DecayTo >= 0, "DecayFrom", c.DecayFrom, "a step"},
		{c.DecayTo == 0 || c.DecayFrom < c.DecayTo, "DecayTo", c.DecayTo, "after DecayFrom, or 0"},
		{c.EMA >= 0 && c.EMA < 1, "EMA", c.EMA, "in [0, 1)"},
	} {
		if !test.ok {
			return errors.Errorf("gan: Config.%s must be %s, got %v", test.field, test.want, test.got)
		}
	}
	for _, check := range []func() error{
		c.WarmUp.check, c.Noise.check, c.checkCombination,
		func() error { return c.Condition.check(c.Arch, c.Pack) },
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// checkCombination returns an error about parts that are right each for itself but not together.
func (c Config) checkCombination() error {
	norm := normOf(c.Arch)
	if slope, ok := c.Penalty.(slopePenalty); ok && slope.onSlopes() && norm == BatchNorm {
		return errors.Errorf("gan: the penalty %s wants the discriminator's slope at each example, but under batch normalization "+
			"an example's logit depends on the whole batch; set DiscriminatorNorm to LayerNorm or NoNorm, or drop the penalty",
			Penalties.NameOf(c.Penalty))
	}
	if _, ok := c.Penalty.(Constraint); ok && norm == SpectralNorm {
		return errors.New("gan: clipping weights and spectral normalization both bound the discriminator's slope, and the second undoes " +
			"the first by its division; use one of them: no penalty with spectral normalization, or another DiscriminatorNorm")
	}
	if c.Augment != nil && len(c.Arch.ExampleShape()) != 3 {
		return errors.Errorf("gan: the augmentation %s changes pictures, and examples here are points; "+
			"use instance noise (Config.Noise) for points", Augmentations.NameOf(c.Augment))
	}
	return nil
}

// slopePenalty is a Penalty that may be on the slope of the discriminator at single examples.
type slopePenalty interface{ onSlopes() bool }
