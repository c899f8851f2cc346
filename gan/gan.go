// Package gan trains generative adversarial networks: two players, a generator that turns latents into examples and a
// discriminator that tells them from real ones, each trained against the other ("Generative Adversarial Nets",
// Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661).
//
// A variant is a combination, not a type of its own: any Architecture plays by any Loss, held in check by any Penalty.
//
//	trainer, err := gan.NewTrainer(backend, gan.Config{
//		Arch: gan.DCGAN{Size: 28, Channels: 1},
//		Loss: gan.RelativisticPaired{},
//		Seed: 42,
//	})
//	for step, err := range trainer.Train(ctx, batches, 1000) { ... }
//	images, err := trainer.Sample(64)
//
// Images are float32 in [-1, 1], shaped [batch, height, width, channels], everywhere inside; data and samples are uint8.
// The package knows no data set, display or plugin: it takes a train.Dataset and a compute.Backend.
package gan
