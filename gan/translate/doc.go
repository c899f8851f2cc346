// Package translate turns pictures into others: drawings into photographs, one style into another, with pairs of examples or
// without.
//
// Pix2Pix learns from pairs, "Image-to-Image Translation with Conditional Adversarial Networks" (Isola et al. 2016,
// https://arxiv.org/abs/1611.07004). CycleGAN learns from two heaps of pictures that have no partners, "Unpaired
// Image-to-Image Translation using Cycle-Consistent Adversarial Networks" (Zhu et al. 2017, https://arxiv.org/abs/1703.10593).
// Both play with the generators UNet or ResNet and the discriminator PatchGAN, with any loss of package gan, and with its
// augmentations.
//
// A Trainer trains what a Config says and keeps a run folder, as package training does. A Translator uses what it learned, or
// weights that others published: uint8 pictures in, uint8 pictures out.
//
// The two kinds of pictures are called A and B. Inside the graph they are float32 in [-1, 1], shaped
// [batch, height, width, channels].
package translate
