package translate

import (
	"cmp"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/ganymede-ml/ganymede/gan"
)

// Pix2Pix learns from pairs to make pictures of B from those of A, or of A from B where Config.Reverse says so ("Image-to-Image
// Translation with Conditional Adversarial Networks", Isola et al. 2016, https://arxiv.org/abs/1611.07004, equation 4).
//
// The discriminator sees a picture joined with the one it is, or is made to be, a translation of, and learns from half of its
// loss. The generator's loss is the adversarial one plus the mean distance to the true translation, in units of [-1, 1], times
// L1. Noise is the generator's dropout. Both players learn from the weights before the step; in the authors' code the generator
// meets the discriminator after its update.
//
// A step reports generator_loss and discriminator_loss, in the units of the loss, l1_loss, the distance without its weight, and
// the mean logits real_logit and fake_logit.
type Pix2Pix struct {
	L1 float64 `json:"l1,omitempty"` // Weight of the distance; 0 means 100, the paper's.

	// Unconditional hides from the discriminator what the picture is a translation of: the "GAN" beside "cGAN" of the paper's
	// section 4.1.
	Unconditional bool `json:"unconditional,omitempty"`
}

// Check returns an error if L1 is negative.
func (p Pix2Pix) Check() error { return checkWeight("Pix2Pix.L1", p.L1) }

func (p Pix2Pix) check(Config) error { return p.Check() }

func (Pix2Pix) paired() bool { return true }

func (Pix2Pix) generator(size int) Generator { return unetFor(size) }

func (Pix2Pix) loss() gan.Loss { return gan.NonSaturating{} }

func (Pix2Pix) directions(c Config) []way {
	in, out := c.channels()
	direction := AtoB
	if c.Reverse {
		direction = BtoA
	}
	return []way{{direction, generatorScope, in, out}}
}

func (p Pix2Pix) step(r *round) {
	input, truth := r.a, r.b
	if r.config.Reverse {
		input, truth = truth, input
	}
	_, channels := r.config.channels()
	fake := r.pass(r.Scope.At(generatorScope), channels, input)[0]
	judge := func(picture *Node) *Node {
		scope := r.Scope.At(discriminatorScope)
		if p.Unconditional {
			return r.judge(scope, picture)
		}
		return r.judge(scope, input, picture)
	}
	// One judgement of the fakes serves both players: the discriminator's weights follow one loss, the generator's the other.
	realLogits, fakeLogits := judge(truth), judge(fake)

	loss := r.config.Loss
	discriminator, generator := loss.Discriminator(realLogits, fakeLogits), loss.Generator(realLogits, fakeLogits)
	l1 := distance(fake, truth)
	r.Report("generator_loss", generator)
	r.Report("discriminator_loss", discriminator)
	r.Report("l1_loss", l1)
	r.Report("real_logit", ReduceAllMean(realLogits))
	r.Report("fake_logit", ReduceAllMean(fakeLogits))
	r.learn(Add(MulScalar(generator, lossFactor(loss)), MulScalar(l1, cmp.Or(p.L1, 100))), discriminator)
}

func (Pix2Pix) columns() int { return 3 }

func (Pix2Pix) preview(t *Trainer, p *preview) {
	input, truth := p.a, p.b
	if t.config.Reverse {
		input, truth = truth, input
	}
	p.show(input, p.translated(t, "", input), truth)
}
