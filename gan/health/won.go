package health

// Thresholds of a discriminator that has won.
const (
	wonShare  = 0.9  // Share of steps at which its loss is next to the least.
	vanishing = 5e-3 // A generator's gradient this small, relative to the largest before, is none; that of good samples shrinks to some hundredths.
	noise     = 1e-7 // Nor is one below this, whatever was before: rounding of float32.
)

// discriminatorWon finds a generator that has nothing to learn from any more: its gradient vanished, as that of the minimax loss does
// when the discriminator is sure, and that of any loss when the discriminator says the same of everything; or the discriminator
// is sure of nearly every example and samples come no nearer to the data. A discriminator that is sure while samples improve is
// how many trainings begin.
//
// Logits that are far apart prove nothing by themselves: scores of critics have no bounds. So the loss is compared with the
// least that it can be, and critics, whose loss has none, are found by the gradient, or by samples that come no nearer.
func (d diagnosis) discriminatorWon() *Finding {
	if finding := d.gradientVanished(); finding != nil {
		return finding
	}
	since, ok := d.since(1, func(i int) bool { return d.looks[i].Won >= wonShare })
	if !ok || !d.stalled(1) {
		return nil
	}
	return d.alarm(DiscriminatorWon, since, "the discriminator has won: its loss is next to nothing in %.0f %% of steps "+
		"(real logit %.3g, fake %.3g), and samples come no nearer to the data (distance %.4g); give it a lower learning rate, a penalty, or instance noise",
		100*d.last().Won, d.last().RealLogit, d.last().FakeLogit, d.last().Distance)
}

// gradientVanished finds a generator without a gradient.
func (d diagnosis) gradientVanished() *Finding {
	largest := 0.0
	for _, look := range d.looks {
		largest = max(largest, look.GeneratorGradient)
	}
	since, ok := d.since(1, func(i int) bool { return d.looks[i].GeneratorGradient < max(vanishing*largest, noise) })
	if !ok {
		return nil
	}
	return d.alarm(DiscriminatorWon, since, "the generator's gradient vanished: its norm is %.2g, and was up to %.2g (real logit %.3g, fake %.3g); "+
		"weaken the discriminator by a lower learning rate, or take the non-saturating loss; see that clipping leaves it weights",
		d.last().GeneratorGradient, largest, d.last().RealLogit, d.last().FakeLogit)
}
