package translate

import (
	"cmp"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
)

// CycleGAN learns from two heaps of pictures, without partners, to make pictures of either kind from the other ("Unpaired
// Image-to-Image Translation using Cycle-Consistent Adversarial Networks", Zhu et al. 2017, https://arxiv.org/abs/1703.10593,
// equation 3). There are two generators and two discriminators, each kind with one optimizer.
//
// The generators' loss is the adversarial one of either direction, plus the weighted mean distances, in units of [-1, 1], of
// pictures from what they become when translated there and back again, and, for identity, from what the generator that makes
// their kind makes of them (section 5.2). The discriminators learn from half of their loss, and see generated pictures of a
// history, Pool. All learn from the weights before the step, as in the authors' code.
//
// A step reports generator_loss and discriminator_loss, in the units of the loss, cycle_loss and identity_loss, the distances
// without their weights, and the mean logits real_logit and fake_logit: each is the mean of the two directions.
type CycleGAN struct {
	CycleA float64 `json:"cycle_a,omitempty"` // Weight of the distance of A, B and A again; 0 means 10, the paper's.
	CycleB float64 `json:"cycle_b,omitempty"` // Weight of that of B; 0 means 10, the paper's.

	// Identity is the weight of the identity's distance, as part of that of the cycle of the same kind; 0 means 0.5, the
	// paper's, and below 0 none. Where A and B have different channels there is none.
	Identity float64 `json:"identity,omitempty"`

	// Pool is the number of pictures of the history of either generator; 0 means 50, the paper's, and below 0 none.
	Pool int `json:"pool,omitempty"`
}

// Check returns an error if a weight of a cycle is negative.
func (c CycleGAN) Check() error {
	if err := checkWeight("CycleGAN.CycleA", c.CycleA); err != nil {
		return err
	}
	return checkWeight("CycleGAN.CycleB", c.CycleB)
}

func (c CycleGAN) check(config Config) error {
	if config.Reverse {
		return errors.New("translate: Config.Reverse is for Pix2Pix: a CycleGAN learns both directions, and a Translator takes either")
	}
	if config.ChannelsA != config.ChannelsB && c.Identity > 0 {
		return errors.Errorf("translate: CycleGAN.Identity needs as many channels in A as in B, got %d and %d; leave it 0 for none",
			config.ChannelsA, config.ChannelsB)
	}
	return c.Check()
}

func (CycleGAN) paired() bool { return false }

func (CycleGAN) generator(size int) Generator { return resnetFor(size) }

func (CycleGAN) loss() gan.Loss { return gan.LeastSquares{} }

func (CycleGAN) directions(c Config) []way {
	return []way{
		{AtoB, generatorScope + "/ab", c.ChannelsA, c.ChannelsB},
		{BtoA, generatorScope + "/ba", c.ChannelsB, c.ChannelsA},
	}
}

// identity returns the weight of the identity's distance, 0 for none.
func (c CycleGAN) identity(config Config) float64 {
	if c.Identity < 0 || config.ChannelsA != config.ChannelsB {
		return 0
	}
	return cmp.Or(c.Identity, 0.5)
}

// side is one kind of pictures in a step of CycleGAN.
type side struct {
	name  string  // "a" or "b".
	cycle float64 // Weight of the distance between real and again.
	real  *Node
	fake  *Node // Made of the other kind.
	again *Node // What comes back of the real ones.
	same  *Node // What the generator that makes this kind makes of the real ones; nil without identity.
}

func (c CycleGAN) step(r *round) {
	toA, toB := r.Scope.At(generatorScope).At("ba"), r.Scope.At(generatorScope).At("ab")
	a, b := &side{name: "a", real: r.a, cycle: cmp.Or(c.CycleA, 10)}, &side{name: "b", real: r.b, cycle: cmp.Or(c.CycleB, 10)}
	if c.identity(r.config) > 0 {
		made := r.pass(toB, r.config.ChannelsB, a.real, b.real)
		b.fake, b.same = made[0], made[1]
		made = r.pass(toA, r.config.ChannelsA, b.real, a.real)
		a.fake, a.same = made[0], made[1]
	} else {
		b.fake = r.pass(toB, r.config.ChannelsB, a.real)[0]
		a.fake = r.pass(toA, r.config.ChannelsA, b.real)[0]
	}
	a.again = r.pass(toA, r.config.ChannelsA, b.fake)[0]
	b.again = r.pass(toB, r.config.ChannelsB, a.fake)[0]

	ofA, ofB := c.compare(r, a), c.compare(r, b)
	for i, value := range ofA.values {
		r.Report(value.name, MulScalar(Add(value.node, ofB.values[i].node), 0.5))
	}
	r.learn(Add(ofA.generators, ofB.generators), Add(ofA.discriminator, ofB.discriminator))
}

// comparison is what one kind of pictures says of its makers.
type comparison struct {
	generators    *Node // Their loss.
	discriminator *Node // That of the discriminator of this kind.
	values        []namedNode
}

// namedNode is a scalar to report.
type namedNode struct {
	name string
	node *Node
}

func (c CycleGAN) compare(r *round, s *side) comparison {
	scope := r.Scope.At(discriminatorScope).At("%s", s.name)
	shown := StopGradient(s.fake)
	if c.Pool >= 0 {
		shown = pooled(r.Scope.At(poolScope).At("%s", s.name), shown, orDefault(c.Pool, 50))
	}
	realLogits, shownLogits := r.judgeBoth(scope, s.real, shown)
	fakeLogits := r.judge(scope, s.fake)
	generator, discriminator := r.config.Loss.Generator(realLogits, fakeLogits), r.config.Loss.Discriminator(realLogits, shownLogits)
	cycle := distance(s.again, s.real)
	result := comparison{
		generators:    Add(MulScalar(generator, lossFactor(r.config.Loss)), MulScalar(cycle, s.cycle)),
		discriminator: discriminator,
		values: []namedNode{
			{"generator_loss", generator}, {"discriminator_loss", discriminator}, {"cycle_loss", cycle},
			{"real_logit", ReduceAllMean(realLogits)}, {"fake_logit", ReduceAllMean(shownLogits)},
		},
	}
	if s.same != nil {
		identity := distance(s.same, s.real)
		result.generators = Add(result.generators, MulScalar(identity, s.cycle*c.identity(r.config)))
		result.values = append(result.values, namedNode{"identity_loss", identity})
	}
	return result
}

func (CycleGAN) columns() int { return 6 }

func (CycleGAN) preview(t *Trainer, p *preview) {
	fakeB, fakeA := p.translated(t, AtoB, p.a), p.translated(t, BtoA, p.b)
	p.show(p.a, fakeB, p.translated(t, BtoA, fakeB), p.b, fakeA, p.translated(t, AtoB, fakeA))
}
