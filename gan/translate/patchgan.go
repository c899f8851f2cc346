package translate

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/nn"
)

// PatchGAN is the discriminator of "Image-to-Image Translation with Conditional Adversarial Networks" (Isola et al. 2016,
// https://arxiv.org/abs/1611.07004, sections 2.2.2 and 5.1.2), which judges every patch of a picture by itself. The zero value
// judges patches of 70×70 pixels.
//
// Convolutions of kernel 4 and stride 2 halve the picture as often as Layers says, one more has stride 1, and a last one makes
// the logits; all are padded by one zero, and leaky rectifiers of slope 0.2 come between. Channels double from Channels on,
// up to eight times. All but the first and last are followed by the normalization. It is the network of the authors' code in
// PyTorch; a convolution has a bias where no normalization follows that would take it away.
type PatchGAN struct {
	Layers   int      `json:"layers,omitempty"`   // With stride 2, 1 to 6; 0 means 3. See ReceptiveField.
	Pixel    bool     `json:"pixel,omitempty"`    // Judges each pixel by itself, by three convolutions of kernel 1; Layers must be 0.
	Channels int      `json:"channels,omitempty"` // Of the first convolution; 0 means 64.
	Norm     gan.Norm `json:"norm,omitempty"`     // InstanceNorm, as "" means, gan.BatchNorm, gan.SpectralNorm of all kernels, or gan.NoNorm.
}

var discriminatorNorms = []gan.Norm{InstanceNorm, gan.BatchNorm, gan.SpectralNorm, gan.NoNorm}

// Check returns an error that names the field and what it may be, if the network cannot judge pictures whose height and width
// are size.
func (p PatchGAN) Check(size int) error {
	if p.Layers < 0 || p.Layers > 6 || p.Pixel && p.Layers > 0 {
		return errors.Errorf("translate: PatchGAN.Layers must be from 1 to 6, or 0 with Pixel, got %d", p.Layers)
	}
	if p.Channels < 0 {
		return errors.Errorf("translate: PatchGAN.Channels must be positive, got %d", p.Channels)
	}
	if err := checkNorm("PatchGAN.Norm", p.Norm, discriminatorNorms); err != nil {
		return err
	}
	if smallest := 3 << p.layers(); !p.Pixel && size < smallest {
		return errors.Errorf("translate: PatchGAN.Layers %d needs pictures of at least %d pixels, got %d; choose fewer layers",
			p.layers(), smallest, size)
	}
	return nil
}

// ReceptiveField returns the height and width, in pixels, of the patch that one logit judges: 16, 34, 70, 142 or 286 for 1 to
// 5 layers, 1 for Pixel.
func (p PatchGAN) ReceptiveField() int {
	if p.Pixel {
		return 1
	}
	field := 1 + 3 + 3 // The two convolutions of stride 1.
	for range p.layers() {
		field = 2*field + 2 // A convolution of kernel 4 and stride 2 before them.
	}
	return field
}

// Graph returns the logits of images, shaped [batch, height, width, channels]: one for each patch, shaped
// [batch, rows, columns, 1]. A conditional discriminator, as pix2pix's, sees two pictures as the channels of one.
func (p PatchGAN) Graph(scope *model.Scope, images *Node) *Node {
	scope = started(scope)
	channels := orDefault(p.Channels, 64)
	if p.Pixel {
		x := nn.LeakyReLU(p.convolve(scope.In("layer_0"), images, channels, 1, 1), 0.2)
		x = p.hidden(scope.In("layer_1"), x, 2*channels, 1, 1)
		return p.convolve(scope.In("out"), x, 1, 1, 1)
	}
	x := nn.LeakyReLU(p.convolve(scope.In("layer_0"), images, channels, 4, 2), 0.2)
	for i := 1; i < p.layers(); i++ {
		x = p.hidden(scope.In("layer_%d", i), x, channels<<min(i, 3), 4, 2)
	}
	x = p.hidden(scope.In("layer_%d", p.layers()), x, channels<<min(p.layers(), 3), 4, 1)
	return p.convolve(scope.In("out"), x, 1, 4, 1)
}

// hidden returns x after a convolution, the normalization and a leaky rectifier.
func (p PatchGAN) hidden(scope *model.Scope, x *Node, channels, kernel, stride int) *Node {
	x = p.prepare(scope, x, channels, kernel, stride).UseBias(!normalizes(p.Norm)).Done()
	return nn.LeakyReLU(normalize(scope, x, p.Norm), 0.2)
}

func (p PatchGAN) convolve(scope *model.Scope, x *Node, channels, kernel, stride int) *Node {
	return p.prepare(scope, x, channels, kernel, stride).Done()
}

func (p PatchGAN) prepare(scope *model.Scope, x *Node, channels, kernel, stride int) *nn.ConvBuilder {
	return nn.Conv(scope, x).Channels(channels).KernelSize(kernel).Strides(stride).Padding(min(kernel-1, 1)).
		SpectralNorm(p.Norm == gan.SpectralNorm)
}

func (p PatchGAN) layers() int { return orDefault(p.Layers, 3) }
