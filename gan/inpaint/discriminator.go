package inpaint

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/nn"
)

// SNPatchGAN is the discriminator of "Free-Form Image Inpainting with Gated Convolution" (Yu et al. 2019,
// https://arxiv.org/abs/1806.03589, section 3.2): convolutions of kernel 5 and stride 2 with spectral normalization, with
// leaky rectifiers of slope 0.2 between them. Every number of the last one's result is a score of its own, which judges the
// part of the picture that it sees. The mask is one more channel of what it is given.
//
// Its zero value is the paper's for pictures of 256 pixels and more. For smaller ones it has fewer layers, so that the last
// map is still 4 pixels wide.
type SNPatchGAN struct {
	Channels int `json:"channels,omitempty"` // Of the first layer; twice as many of the second, four times of the others. 0 means 64, the paper's.
	Layers   int `json:"layers,omitempty"`   // 0 means 6, the paper's, or as many as leave a map of 4 pixels.
}

// check returns an error if a field is negative.
func (d SNPatchGAN) check(size int) error {
	if d.Channels < 0 || d.Layers < 0 {
		return errors.Errorf("inpaint: SNPatchGAN.Channels and Layers must not be negative, got %d and %d", d.Channels, d.Layers)
	}
	if size>>d.Layers == 0 {
		return errors.Errorf("inpaint: SNPatchGAN.Layers must leave something of %d pixels, of which each layer halves the number; got %d", size, d.Layers)
	}
	return nil
}

// layers returns the number of layers for pictures of the size.
func (d SNPatchGAN) layers(size int) int {
	if d.Layers > 0 {
		return d.Layers
	}
	return min(max(int(math.Log2(float64(size)))-2, 1), 6)
}

// Graph returns scores of pictures, float [batch, height, width, channels], with masks, [batch, height, width, 1], shaped
// [batch, height/2ⁿ, width/2ⁿ, score channels] after n layers, rounded up. The size is that of the pictures the game is played
// with.
func (d SNPatchGAN) Graph(scope *model.Scope, pictures, masks *Node, size int) *Node {
	x := Concatenate([]*Node{pictures, masks}, 3)
	channels := orDefault(d.Channels, 64)
	layers := d.layers(size)
	for i := range layers {
		if i > 0 {
			x = nn.LeakyReLU(x, 0.2)
		}
		layer := scope.At("layer_%d", i)
		layer = layer.WithInitializer(nn.Xavier(layer, 1))
		x = nn.Conv(layer, x).Channels(channels << min(i, 2)).KernelSize(5).Strides(2).PadSame().SpectralNorm(true).Done()
	}
	return x
}
