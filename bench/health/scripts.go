package main

import (
	"cmp"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/health"
)

// script is a training whose end is known beforehand: healthy, or sick from the start or from its middle on.
type script struct {
	name    string
	heldOut bool // Thresholds were chosen without it.
	data    string
	batch   int
	steps   int
	seed    int64
	config  gan.Config

	expect []health.Kind          // Alarms that name the disease; none for a healthy training.
	after  func(c *gan.Config)    // Changes the configuration in the middle.
	labels func(label int32) bool // Which examples the second half has; nil means all.
	only   func(label int32) bool // Which examples the whole training has; nil means all.
}

func (s script) sick() bool { return len(s.expect) > 0 }

// middle is the step at which a training changes, if it does.
func (s script) middle() int { return s.steps / 2 }

// filled returns the script with its seed shifted, and with the usual length and batch where it does not say them.
func (s script) filled(seed int64) script {
	s.seed += seed
	s.batch = cmp.Or(s.batch, 64)
	if s.data == "rings" {
		s.steps = cmp.Or(s.steps, 2000)
	}
	s.steps = cmp.Or(s.steps, 600)
	return s
}

// onset is the step from which on a sick training is sick.
func (s script) onset() int {
	if s.after == nil && s.labels == nil {
		return 0
	}
	return s.middle()
}

// parts returns the steps before and after a change of the configuration.
func (s script) parts() []int {
	if s.after == nil {
		return []int{s.steps}
	}
	return []int{s.middle(), s.steps - s.middle()}
}

// every is the steps from one look to the next: short trainings are looked at often.
func (s script) every() int { return s.steps / 20 }

var (
	collapse = []health.Kind{health.Collapse}
	either   = []health.Kind{health.Collapse, health.DiscriminatorWon}
	broken   = []health.Kind{health.Collapse, health.DiscriminatorWon, health.NotANumber}
)

// flipped has the generator do the opposite of what its loss says.
type flipped struct{ gan.NonSaturating }

func (f flipped) Generator(realLogits, fakeLogits *Node) *Node {
	return Neg(f.NonSaturating.Generator(realLogits, fakeLogits))
}

func init() { gan.Losses.Register("flipped", flipped{}) }

// frozen is a learning rate at which nothing moves.
const frozen = 1e-12

func adam(rate, beta1, beta2 float64) gan.Adam {
	return gan.Adam{LearningRate: rate, Beta1: beta1, Beta2: beta2}
}

// game returns a configuration with the optimizer for both players. The learning rate is obeyed when it is changed in the
// middle: one that falls, however late, is computed anew at every step.
func game(arch gan.Architecture, loss gan.Loss, penalty gan.Penalty, optimizer gan.Optimizer) gan.Config {
	return gan.Config{
		Arch: arch, Loss: loss, Penalty: penalty, Generator: optimizer, Discriminator: optimizer,
		DecayFrom: 1e8, DecayTo: 1e9,
	}
}

// with returns the configuration, changed.
func with(c gan.Config, change func(c *gan.Config)) gan.Config {
	change(&c)
	return c
}

// networks returns narrow DCGANs for 28 pixels.
func networks(norm gan.Norm) gan.DCGAN {
	return gan.DCGAN{Size: 28, Channels: 1, Latent: 32, GeneratorChannels: 16, DiscriminatorChannels: 16, DiscriminatorNorm: norm}
}

func relativistic() gan.Config {
	arch := networks(gan.NoNorm)
	arch.MinibatchStdDev = true
	c := game(arch, gan.RelativisticPaired{}, gan.R1{Gamma: 0.3, Every: 8}, adam(2e-3, 0, 0.99))
	c.EMA = 0.98
	return c
}

func dcgan() gan.Config {
	return game(networks(gan.BatchNorm), gan.NonSaturating{}, nil, adam(5e-4, 0.5, 0.999))
}

func wganGP() gan.Config {
	c := game(networks(gan.NoNorm), gan.Wasserstein{}, gan.GradientPenalty{Lambda: 10}, adam(5e-4, 0.5, 0.9))
	c.DiscriminatorSteps = 2
	return c
}

func hinge() gan.Config {
	return game(networks(gan.SpectralNorm), gan.Hinge{}, nil, adam(1e-3, 0, 0.9))
}

func lsgan() gan.Config {
	return game(networks(gan.BatchNorm), gan.LeastSquares{}, nil, adam(5e-4, 0.5, 0.999))
}

func conditional() gan.Config {
	c := game(networks(gan.NoNorm), gan.NonSaturating{}, gan.R1{Gamma: 0.3, Every: 8}, adam(2e-3, 0, 0.99))
	c.Condition, c.EMA = gan.Condition{Classes: 10}, 0.98
	return c
}

func clipped() gan.Config {
	c := game(networks(gan.BatchNorm), gan.Wasserstein{}, gan.WeightClipping{Limit: 0.02}, gan.RMSProp{LearningRate: 3e-4})
	c.DiscriminatorSteps = 3
	return c
}

func ring(loss gan.Loss, penalty gan.Penalty) gan.Config {
	arch := gan.MLP{Shape: []int{2}, GeneratorHidden: []int{64, 64, 64}, DiscriminatorHidden: []int{64, 64, 64}}
	return game(arch, loss, penalty, adam(1e-3, 0.5, 0.99))
}

func criticRing() gan.Config {
	c := ring(gan.Wasserstein{}, gan.GradientPenalty{Lambda: 0.1})
	c.DiscriminatorSteps = 3
	return c
}

// unfair returns a game in which the discriminator learns 20 times as fast, with a loss that has nothing to say when it has won.
func unfair() gan.Config {
	c := dcgan()
	c.Loss = gan.Minimax{}
	discriminatorRate(20)(&c)
	return c
}

// bothRates multiplies both learning rates.
func bothRates(factor float64) func(c *gan.Config) {
	return func(c *gan.Config) {
		c.Generator, c.Discriminator = faster(c.Generator, factor), faster(c.Discriminator, factor)
	}
}

func discriminatorRate(factor float64) func(c *gan.Config) {
	return func(c *gan.Config) { c.Discriminator = faster(c.Discriminator, factor) }
}

func clipToNothing(c *gan.Config)       { c.Penalty = gan.WeightClipping{Limit: 1e-6} }
func flip(c *gan.Config)                { c.Loss = flipped{} }
func freezeGenerator(c *gan.Config)     { c.Generator = adam(frozen, 0.5, 0.999) }
func freezeDiscriminator(c *gan.Config) { c.Discriminator = adam(frozen, 0.5, 0.999) }

func faster(o gan.Optimizer, factor float64) gan.Optimizer {
	switch o := o.(type) {
	case gan.RMSProp:
		o.LearningRate *= factor
		return o
	default:
		a := o.(gan.Adam)
		a.LearningRate *= factor
		return a
	}
}

// classes tells whether a label is one of those.
func classes(list ...int32) func(int32) bool {
	return func(label int32) bool { return slices.Contains(list, label) }
}
