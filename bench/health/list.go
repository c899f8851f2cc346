package main

import "github.com/ganymede-ml/ganymede/gan"

// scripts returns all trainings: those that thresholds were chosen on, and those held out.
func scripts() []script {
	return append(tuned(), heldOut()...)
}

func tuned() []script {
	r1 := gan.R1{Gamma: 0.1}
	return []script{
		{name: "relativistic", data: "digits", config: relativistic()},
		{name: "relativistic, fashion", data: "fashion", config: relativistic()},
		{name: "dcgan", data: "digits", config: dcgan()},
		{name: "wgan-gp", data: "digits", config: wganGP()},
		{name: "hinge", data: "digits", config: hinge()},
		{name: "least squares", data: "digits", config: lsgan()},
		{name: "conditional", data: "digits", config: conditional()},
		{name: "slow relativistic", data: "digits", config: with(relativistic(), bothRates(0.3))},
		{name: "slow dcgan", data: "digits", config: with(dcgan(), bothRates(0.4))},
		{name: "ring, r1", data: "rings", config: ring(gan.NonSaturating{}, r1)},
		{name: "ring, wgan-gp", data: "rings", config: criticRing()},

		{name: "rates ×50, which batch norm bears", data: "digits", config: with(dcgan(), bothRates(50))},
		{name: "rates ×500", data: "digits", config: with(relativistic(), bothRates(500)), expect: broken},
		{name: "rates ×50 from the middle", data: "digits", config: conditional(), after: bothRates(50), expect: broken},
		{name: "rates ×50 from the middle, hinge", data: "fashion", config: hinge(), after: bothRates(50), expect: broken},
		{name: "generator frozen", data: "digits", config: with(dcgan(), freezeGenerator), expect: either},
		{name: "discriminator frozen from the middle", data: "digits", config: dcgan(), after: freezeDiscriminator, expect: collapse},
		{name: "one class from the middle", data: "digits", config: relativistic(), labels: classes(1), expect: collapse},
		{name: "two classes of ten", data: "digits", steps: 800, config: relativistic(), only: classes(0, 1), expect: collapse},
		{name: "discriminator's rate ×20, minimax", data: "digits", config: unfair(), expect: either},
		{name: "critic clipped to nothing", data: "digits", config: with(clipped(), clipToNothing), expect: either},
		{name: "generator's sign flipped from the middle", data: "digits", config: dcgan(), after: flip, expect: broken},
		{name: "overflow", data: "digits", config: game(networks(gan.NoNorm), gan.NonSaturating{}, nil, adam(1e12, 0, 0.9)), expect: broken},
		{name: "ring, one mode from the middle", data: "rings", config: ring(gan.NonSaturating{}, r1), labels: classes(3), expect: collapse},
		{name: "ring, rates ×50 from the middle", data: "rings", config: ring(gan.NonSaturating{}, nil), after: bothRates(50), expect: broken},
	}
}

func heldOut() []script {
	list := []script{
		{name: "relativistic, another seed", data: "digits", config: relativistic()},
		{name: "dcgan, fashion", data: "fashion", config: dcgan()},
		{name: "wgan-gp, fashion", data: "fashion", config: wganGP()},
		{name: "hinge, fashion", data: "fashion", config: hinge()},
		{name: "least squares, fashion", data: "fashion", config: lsgan()},
		{name: "clipped critic", data: "digits", config: clipped()},
		{name: "slow conditional, fashion", data: "fashion", config: with(conditional(), bothRates(0.3))},
		{name: "conditional, fashion", data: "fashion", config: conditional()},
		{name: "ring, relativistic", data: "rings", config: ring(gan.RelativisticPaired{}, gan.R1R2{Gamma: 0.1})},
		{name: "ring, hinge", data: "rings", config: ring(gan.Hinge{}, gan.R1{Gamma: 0.1})},

		{name: "rates ×50, relativistic", data: "fashion", steps: 900, config: with(relativistic(), bothRates(50)), expect: broken},
		{name: "rates ×50 from the middle, conditional", data: "fashion", config: conditional(), after: bothRates(50), expect: broken},
		{name: "generator frozen, least squares", data: "fashion", config: with(lsgan(), freezeGenerator), expect: either},
		{name: "generator frozen, wgan-gp", data: "digits", config: with(wganGP(), freezeGenerator), expect: either},
		{name: "discriminator frozen from the middle, wgan-gp", data: "digits", config: wganGP(), after: freezeDiscriminator, expect: collapse},
		{name: "one class from the middle, fashion", data: "fashion", config: relativistic(), labels: classes(7), expect: collapse},
		{name: "one class of ten", data: "digits", config: hinge(), only: classes(4), expect: collapse},
		{name: "discriminator's rate ×20, minimax, fashion", data: "fashion", config: unfair(), expect: either},
		{name: "clipped to nothing from the middle", data: "digits", config: clipped(), after: clipToNothing, expect: either},
		{name: "generator's sign flipped, fashion", data: "fashion", config: with(dcgan(), flip), expect: broken},
		{name: "minimax, batch norm, momentum 0.9", data: "digits", config: with(dcgan(), func(c *gan.Config) {
			c.Loss = gan.Minimax{}
			c.Generator, c.Discriminator = adam(2e-3, 0.9, 0.999), adam(1e-2, 0.9, 0.999)
		}), expect: either},
		{name: "ring, one mode", data: "rings", config: ring(gan.Wasserstein{}, gan.GradientPenalty{Lambda: 0.1}), only: classes(5), expect: collapse},
	}
	for i := range list {
		list[i].heldOut, list[i].seed = true, 1000
	}
	return list
}
