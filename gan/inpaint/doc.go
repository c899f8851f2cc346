// Package inpaint trains networks that fill holes in pictures, and fills holes with them.
//
// A mask says where a picture has a hole: it has one value per pixel, and everything but 0 is hole. Where it is 0 a filled
// picture is, byte for byte, what it was. Inside graphs masks are float32 [batch, height, width, 1], 1 in the hole; outside
// they are uint8, as pictures are.
//
// There are two games: ContextEncoder, the simple one, and Gated, with gated convolutions and contextual attention. Masks
// draws the holes to train with, Filler fills pictures of any size by a trained network, and Blend sets what it drew into
// the picture without a seam.
package inpaint
