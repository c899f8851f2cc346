package health

import "github.com/ganymede-ml/ganymede/gan"

// tally adds up the steps from one look to the next.
type tally struct {
	count                                    int
	discriminatorLoss, generatorLoss         float64
	realLogit, fakeLogit                     float64
	discriminatorGradient, generatorGradient float64
	won, fooled                              int
}

func (t *tally) add(step gan.Step, scale lossScale) {
	t.count++
	t.discriminatorLoss += step.DiscriminatorLoss
	t.generatorLoss += step.GeneratorLoss
	t.realLogit += step.RealLogit
	t.fakeLogit += step.FakeLogit
	t.discriminatorGradient += step.DiscriminatorGradient
	t.generatorGradient += step.GeneratorGradient
	if scale.won(step.DiscriminatorLoss) {
		t.won++
	}
	if scale.fooled(step.DiscriminatorLoss) {
		t.fooled++
	}
}

// write writes the means into the look.
func (t *tally) write(look *Look) {
	if t.count == 0 {
		return
	}
	n := float64(t.count)
	look.DiscriminatorLoss, look.GeneratorLoss = t.discriminatorLoss/n, t.generatorLoss/n
	look.RealLogit, look.FakeLogit = t.realLogit/n, t.fakeLogit/n
	look.DiscriminatorGradient, look.GeneratorGradient = t.discriminatorGradient/n, t.generatorGradient/n
	look.Won, look.Fooled = float64(t.won)/n, float64(t.fooled)/n
}
