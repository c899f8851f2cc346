package nn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// PixelNorm returns x, whose last axis are channels, with the channels of each pixel divided by the root of their mean
// square: each pixel's vector has length √channels, whatever the others ("Progressive Growing of GANs for Improved
// Quality, Stability, and Variation", Karras et al. 2017, https://arxiv.org/abs/1710.10196, section 4.2). Epsilon is
// 1e-8. For latents, shaped [batch, size], it is the normalization before StyleGAN's mapping network.
func PixelNorm(x *Node) *Node {
	meanSquare := ReduceAndKeep(Square(x), ReduceMean, -1)
	return Mul(x, Rsqrt(AddScalar(meanSquare, 1e-8)))
}
