package translate

import (
	"math/bits"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/nn"
)

// UNet is pix2pix's generator ("Image-to-Image Translation with Conditional Adversarial Networks", Isola et al. 2016,
// https://arxiv.org/abs/1611.07004, sections 2.2.1 and 5.1.1): convolutions of kernel 4 halve the picture down to one pixel,
// transposed ones double it again, and each of those sees what the halving one of its size saw too. Channels double from
// Channels on, up to eight times. Leaky rectifiers of slope 0.2 come before convolutions, rectifiers before transposed ones;
// all but the first, the innermost and the last are followed by the normalization; the last by a hyperbolic tangent.
//
// Dropout is drawn after up to three of the doubling layers, those next to the innermost that have eight times Channels, as in
// the authors' code in PyTorch, and in a network for 32 pixels, which has none of them, after the innermost.
//
// It is fully convolutional: pictures may have any height and width that are multiples of Size. It is the network of that
// code; a convolution has a bias where no normalization follows that would take it away.
type UNet struct {
	Size     int      `json:"size,omitempty"`     // That it halves down to one pixel: a power of two from 32 to 512; 0 means 256.
	Channels int      `json:"channels,omitempty"` // Of the first convolution; 0 means 64.
	Norm     gan.Norm `json:"norm,omitempty"`     // InstanceNorm, as "" means, gan.BatchNorm, pix2pix's own, or gan.NoNorm.
	Dropout  float64  `json:"dropout,omitempty"`  // Rate; 0 means 0.5, below 0 none.
}

// Check returns an error that names the field and what it may be, if the network cannot be built for pictures of that size.
func (u UNet) Check(size int) error {
	own := u.Multiple()
	if own < 32 || own > 512 || own&(own-1) != 0 {
		return errors.Errorf("translate: UNet.Size must be a power of two from 32 to 512, got %d", u.Size)
	}
	if u.Channels < 0 {
		return errors.Errorf("translate: UNet.Channels must be positive, got %d", u.Channels)
	}
	if err := checkNorm("UNet.Norm", u.Norm, generatorNorms); err != nil {
		return err
	}
	if err := checkDropout("UNet.Dropout", u.Dropout); err != nil {
		return err
	}
	if size < own || size%own != 0 {
		return errors.Errorf("translate: UNet.Size %d takes pictures whose size is a multiple of it, got %d", own, size)
	}
	return nil
}

// Multiple returns Size.
func (u UNet) Multiple() int { return orDefault(u.Size, 256) }

// Noisy says whether there is dropout.
func (u UNet) Noisy() bool { return u.Dropout >= 0 }

// Joins says whether there is no batch normalization.
func (u UNet) Joins() bool { return u.Norm != gan.BatchNorm }

// Graph returns pictures for images.
func (u UNet) Graph(scope *model.Scope, images *Node, channels int) *Node {
	scope = started(scope)
	depth := u.depth()
	seen := make([]*Node, depth) // By each doubling layer, beside the result of the one within it.
	x := images
	for i := range depth {
		layer := scope.In("down_%d", i)
		if i > 0 {
			x = nn.LeakyReLU(x, 0.2)
		}
		normalized := i > 0 && i < depth-1
		x = nn.Conv(layer, x).Channels(u.channels(i)).KernelSize(4).Strides(2).PadSame().
			UseBias(!normalized || !normalizes(u.Norm)).Done()
		if normalized {
			x = normalize(layer, x, u.Norm)
		}
		seen[i] = x
	}
	for i := depth - 1; i > 0; i-- {
		layer := scope.In("up_%d", i)
		x = nn.ConvTranspose(layer, nn.ReLU(x)).Channels(u.channels(i - 1)).KernelSize(4).Strides(2).PadSame().
			UseBias(!normalizes(u.Norm)).Done()
		x = normalize(layer, x, u.Norm)
		if u.drops(i) {
			x = dropout(scope, x, u.rate())
		}
		x = Concatenate([]*Node{seen[i-1], x}, 3)
	}
	x = nn.ConvTranspose(scope.In("up_0"), nn.ReLU(x)).Channels(channels).KernelSize(4).Strides(2).PadSame().Done()
	return Tanh(x) // [batch, height, width, channels]
}

// depth returns how often the picture is halved.
func (u UNet) depth() int { return bits.Len(uint(u.Multiple())) - 1 }

// channels returns the channels of the halving layer i.
func (u UNet) channels(i int) int { return orDefault(u.Channels, 64) << min(i, 3) }

// drops says whether dropout follows the doubling layer i.
func (u UNet) drops(i int) bool {
	innermost := u.depth() - 1
	if innermost == 4 {
		return i == innermost
	}
	return i < innermost && i >= max(4, innermost-3)
}

func (u UNet) rate() float64 {
	if u.Dropout == 0 {
		return 0.5
	}
	return u.Dropout
}
