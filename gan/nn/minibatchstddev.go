package nn

import (
	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// MinibatchStdDev returns the images x, shaped [batch, height, width, channels], with one channel more, the same for all
// pixels: how much the images of a group differ, as the standard deviation over the group, averaged over pixels and
// channels. It lets a discriminator notice that a generator repeats itself ("Progressive Growing of GANs for Improved
// Quality, Stability, and Variation", Karras et al. 2017, https://arxiv.org/abs/1710.10196, section 3).
//
// Groups have the size given, the paper's is 4, or the largest smaller one that divides the batch.
func MinibatchStdDev(x *Node, group int) *Node {
	if x.Rank() != 4 || group < 1 {
		Panicf("nn: minibatch standard deviation: want x shaped [batch, height, width, channels] and a group of at least 1, "+
			"got %s and %d", x.Shape(), group)
	}
	batch, height, width, channels := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2), x.Shape().Dim(3)
	group = min(group, batch)
	for batch%group != 0 {
		group--
	}
	grouped := Reshape(x, group, batch/group, height*width*channels)
	centred := Sub(grouped, ReduceAndKeep(grouped, ReduceMean, 0))
	deviation := Sqrt(AddScalar(ReduceMean(Square(centred), 0), 1e-8)) // [groups, numbers of an image]
	mean := ReduceMean(deviation, -1)                                  // [groups]
	mean = BroadcastToDims(Reshape(mean, 1, batch/group), group, batch/group)
	mean = BroadcastToDims(Reshape(mean, batch, 1, 1, 1), batch, height, width, 1)
	return Concatenate([]*Node{x, mean}, 3)
}
