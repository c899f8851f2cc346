package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// pack returns examples put together m at a time, along their last axis: [batch/m, ..., m·channels] for
// [batch, ..., channels]. A discriminator that judges several examples at once sees a generator's lack of variety
// ("PacGAN: The power of two samples in generative adversarial networks", Lin et al. 2018,
// https://arxiv.org/abs/1712.04086, section 3).
func pack(x *Node, m int) *Node {
	if m <= 1 || x == nil {
		return x
	}
	batch, last := x.Shape().Dim(0), x.Rank()-1
	parts := make([]*Node, m)
	for i := range parts {
		parts[i] = SliceAxis(x, 0, AxisRange(i*batch/m, (i+1)*batch/m))
	}
	return Concatenate(parts, last)
}
