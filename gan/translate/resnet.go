package translate

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/nn"
)

// ResNet is CycleGAN's generator ("Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks", Zhu et al.
// 2017, https://arxiv.org/abs/1703.10593, appendix 7.2; after Johnson et al. 2016, https://arxiv.org/abs/1603.08155): a
// convolution of kernel 7, two of kernel 3 that halve the picture, residual blocks of two convolutions of kernel 3, two
// transposed convolutions of kernel 3 that double it, and a convolution of kernel 7 before a hyperbolic tangent. All but the
// halving and doubling ones see the picture mirrored at its edges in place of zeros, and all but the last are followed by the
// normalization, and a rectifier, which a block's second has not.
//
// Pictures may have any height and width that are multiples of 4, 8 at least. It is the network of the authors' code in
// PyTorch; a convolution has a bias where no normalization follows that would take it away.
type ResNet struct {
	Blocks   int      `json:"blocks,omitempty"`   // 0 means 6, the paper's for pictures up to 128 pixels; it has 9 from 256 on.
	Channels int      `json:"channels,omitempty"` // Of the first and last convolution, in the blocks four times as many; 0 means 64.
	Norm     gan.Norm `json:"norm,omitempty"`     // InstanceNorm, as "" means, gan.BatchNorm or gan.NoNorm.
	Dropout  float64  `json:"dropout,omitempty"`  // Rate between the two convolutions of a block; 0 means none.
}

// Check returns an error that names the field and what it may be, if the network cannot be built for pictures of that size.
func (r ResNet) Check(size int) error {
	if r.Blocks < 0 || r.Channels < 0 {
		return errors.Errorf("translate: ResNet.Blocks and Channels must be positive, got %d and %d", r.Blocks, r.Channels)
	}
	if err := checkNorm("ResNet.Norm", r.Norm, generatorNorms); err != nil {
		return err
	}
	if err := checkDropout("ResNet.Dropout", r.Dropout); err != nil {
		return err
	}
	if size < 8 || size%r.Multiple() != 0 {
		return errors.Errorf("translate: ResNet takes pictures whose size is a multiple of %d, 8 at least, got %d", r.Multiple(), size)
	}
	return nil
}

// Multiple returns 4.
func (r ResNet) Multiple() int { return 4 }

// Noisy says whether there is dropout.
func (r ResNet) Noisy() bool { return r.Dropout > 0 }

// Joins says whether there is no batch normalization.
func (r ResNet) Joins() bool { return r.Norm != gan.BatchNorm }

// Graph returns pictures for images.
func (r ResNet) Graph(scope *model.Scope, images *Node, channels int) *Node {
	scope = started(scope)
	first := orDefault(r.Channels, 64)
	x := r.mirrored(scope.In("in"), images, first, 7)
	for i := range 2 {
		layer := scope.In("down_%d", i)
		x = nn.Conv(layer, x).Channels(first << (i + 1)).KernelSize(3).Strides(2).Padding(1).UseBias(r.bias()).Done()
		x = nn.ReLU(normalize(layer, x, r.Norm))
	}
	for i := range r.blocks() {
		block := scope.In("block_%d", i)
		h := r.mirrored(block.In("conv_0"), x, 4*first, 3)
		h = dropout(scope, h, r.Dropout)
		conv := block.In("conv_1")
		h = nn.Conv(conv, nn.ReflectPad(h, 1)).Channels(4 * first).KernelSize(3).UseBias(r.bias()).Done()
		x = Add(x, normalize(conv, h, r.Norm))
	}
	for i := range 2 {
		layer := scope.In("up_%d", i)
		// PyTorch's padding 1 and output padding 1: a zero before the larger image, none after it.
		x = nn.ConvTranspose(layer, x).Channels(2*first>>i).KernelSize(3).Strides(2).
			PaddingPerAxis([2]int{1, 0}, [2]int{1, 0}).UseBias(r.bias()).Done()
		x = nn.ReLU(normalize(layer, x, r.Norm))
	}
	x = nn.Conv(scope.In("out"), nn.ReflectPad(x, 3)).Channels(channels).KernelSize(7).Done()
	return Tanh(x) // [batch, height, width, channels]
}

// mirrored returns x, mirrored at its edges, after a convolution that keeps its size, the normalization and a rectifier.
func (r ResNet) mirrored(scope *model.Scope, x *Node, channels, kernel int) *Node {
	x = nn.Conv(scope, nn.ReflectPad(x, kernel/2)).Channels(channels).KernelSize(kernel).UseBias(r.bias()).Done()
	return nn.ReLU(normalize(scope, x, r.Norm))
}

func (r ResNet) blocks() int { return orDefault(r.Blocks, 6) }

func (r ResNet) bias() bool { return !normalizes(r.Norm) }
