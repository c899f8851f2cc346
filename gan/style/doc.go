// Package style draws a picture in the style of others.
//
// A [Stylizer] does so in one pass of a network, for any styles: AdaIN, "Arbitrary Style Transfer in Real-time with Adaptive
// Instance Normalization" (Huang and Belongie 2017, https://arxiv.org/abs/1703.06868). An [Encoder] that is not trained turns
// pictures into features; the content's get the mean and the standard deviation that each channel has of the style's; and a
// decoder, which a [Trainer] trains, draws the result. [Open] returns one that works at once, with the small encoder and the decoder
// that the package carries.
//
// [Gatys] is the slow reference: it changes the pixels of one picture until its features have the style's statistics, "A Neural
// Algorithm of Artistic Style" (Gatys et al. 2015, https://arxiv.org/abs/1508.06576).
//
// Networks see images [batch, height, width, 3], float32 in [-1, 1]; all else takes and returns image.Image.
package style
