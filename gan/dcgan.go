package gan

import (
	"cmp"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/nn"
)

// DCGAN is the pair of convolutional networks of "Unsupervised Representation Learning with Deep Convolutional
// Generative Adversarial Networks" (Radford et al. 2015, https://arxiv.org/abs/1511.06434, figure 1 and section 3), for
// square images of 28 pixels or a power of two from 8 to 256.
//
// The generator makes a small map of many channels from the latent, 4 pixels wide (7 for images of 28), and doubles it
// with transposed convolutions of kernel 4, which cover evenly where the paper's 5 leave a checkerboard; batch
// normalization and rectifiers between, a hyperbolic tangent at the end. The discriminator halves the image with
// convolutions of kernel 4 and leaky rectifiers of slope 0.2 until it is that small, and ends in one logit. Channels
// double with every halving, up to eight times the number given: GeneratorChannels 128 and Size 64 start from the paper's
// map of 4×4×1024. Weights start from N(0, 0.02) unless Init says otherwise.
type DCGAN struct {
	Size                  int  `json:"size"`                             // Height and width of the images; must be set.
	Channels              int  `json:"channels,omitempty"`               // Of the images; 0 means 3.
	Latent                int  `json:"latent,omitempty"`                 // Length of the latent; 0 means 100.
	GeneratorChannels     int  `json:"generator_channels,omitempty"`     // Of its last hidden layer; 0 means 64.
	DiscriminatorChannels int  `json:"discriminator_channels,omitempty"` // Of its first hidden layer; 0 means 64.
	MinibatchStdDev       bool `json:"minibatch_std_dev,omitempty"`      // Shows the discriminator how much a batch differs, see nn.MinibatchStdDev.
	DiscriminatorNorm     Norm `json:"discriminator_norm,omitempty"`     // After all but its first layer; "" means BatchNorm, the paper's.

	GeneratorSpectralNorm bool `json:"generator_spectral_norm,omitempty"` // Of all the generator's kernels, beside batch normalization.
	ResizeConvolution     bool `json:"resize_convolution,omitempty"`      // Enlarges and convolves with kernel 3 in place of transposed convolutions, see nn.ConvResize.

	// MinibatchDiscrimination is the number of kernels by which the discriminator compares the examples of a batch, see
	// nn.MinibatchDiscrimination; 0 means none.
	MinibatchDiscrimination int `json:"minibatch_discrimination,omitempty"`

	Init Initialization `json:"init,omitempty"` // Of kernels; "" means NormalInit, the paper's.
}

func init() { Architectures.Register("dcgan", DCGAN{}) }

// Check returns an error if the size cannot be made by doubling, or another field is out of range.
func (d DCGAN) Check() error {
	if err := checkPictures("DCGAN", d.Size, count{"Channels", d.Channels}, count{"Latent", d.Latent},
		count{"GeneratorChannels", d.GeneratorChannels}, count{"DiscriminatorChannels", d.DiscriminatorChannels},
		count{"MinibatchDiscrimination", d.MinibatchDiscrimination}); err != nil {
		return err
	}
	switch d.DiscriminatorNorm {
	case "", NoNorm, BatchNorm, LayerNorm, SpectralNorm:
		return d.Init.check("DCGAN")
	}
	return errors.Errorf("gan: DCGAN.DiscriminatorNorm must be %q, %q, %q or %q, got %q", NoNorm, BatchNorm, LayerNorm, SpectralNorm, d.DiscriminatorNorm)
}

// LatentSize returns the length of the latent.
func (d DCGAN) LatentSize() int { return orDefault(d.Latent, 100) }

// ExampleShape returns [Size, Size, Channels].
func (d DCGAN) ExampleShape() []int { return []int{d.Size, d.Size, orDefault(d.Channels, 3)} }

// Generator returns images for latents; the batch normalizations follow the classes, if there are any.
func (d DCGAN) Generator(scope *model.Scope, latents, classes *Node) *Node {
	scope = scope.WithInitializer(d.Init.initializer(scope, math.Sqrt2))
	doublings, _ := doublings(d.Size)
	base := d.Size >> doublings
	batch := latents.Shape().Dim(0)
	channels := orDefault(d.GeneratorChannels, 64)

	first := growth(channels, doublings-1)
	layer := scope.In("layer_0")
	x := nn.Dense(layer, latents).Channels(base * base * first).UseBias(false).SpectralNorm(d.GeneratorSpectralNorm).Done()
	x = Reshape(d.rectify(layer, x, classes), batch, base, base, first)
	for i := 1; i < doublings; i++ {
		layer := scope.In("layer_%d", i)
		x = d.double(layer, x).Channels(growth(channels, doublings-1-i)).UseBias(false).Done()
		x = d.rectify(layer, x, classes)
	}
	x = d.double(scope.In("out"), x).Channels(orDefault(d.Channels, 3)).Done()
	return Tanh(x) // [batch, Size, Size, Channels]
}

// double prepares a layer that doubles the height and width of x.
func (d DCGAN) double(scope *model.Scope, x *Node) *nn.ConvBuilder {
	if d.ResizeConvolution {
		return nn.ConvResize(scope, x).Scale(2).KernelSize(3).PadSame().SpectralNorm(d.GeneratorSpectralNorm)
	}
	return nn.ConvTranspose(scope, x).KernelSize(4).Strides(2).PadSame().SpectralNorm(d.GeneratorSpectralNorm)
}

// rectify returns x after batch normalization and a rectifier.
func (d DCGAN) rectify(scope *model.Scope, x, classes *Node) *Node {
	x = nn.BatchNorm(scope, x).ScaleInitializer(nn.Normal(scope, 1, 0.02)).Classes(classes).Done()
	return nn.ReLU(x)
}

// DiscriminatorNormalization returns DiscriminatorNorm, or BatchNorm in place of "".
func (d DCGAN) DiscriminatorNormalization() Norm { return cmp.Or(d.DiscriminatorNorm, BatchNorm) }

// GeneratorNormalization returns BatchNorm.
func (d DCGAN) GeneratorNormalization() Norm { return BatchNorm }

// Discriminator returns its judgement of images.
func (d DCGAN) Discriminator(scope *model.Scope, images *Node) Judgement {
	scope = scope.WithInitializer(d.Init.initializer(scope, math.Sqrt2))
	doublings, _ := doublings(d.Size)
	channels := orDefault(d.DiscriminatorChannels, 64)
	norm := d.DiscriminatorNormalization()

	x := images
	for i := range doublings {
		layer := scope.In("layer_%d", i)
		between := norm == BatchNorm && i > 0
		x = nn.Conv(layer, x).Channels(growth(channels, i)).KernelSize(4).Strides(2).PadSame().
			UseBias(!between).SpectralNorm(norm == SpectralNorm).Done()
		if between {
			x = nn.BatchNorm(layer, x).ScaleInitializer(nn.Normal(scope, 1, 0.02)).Done()
		} else if norm == LayerNorm && i > 0 {
			x = nn.LayerNorm(layer, x)
		}
		x = nn.LeakyReLU(x, 0.2)
	}
	if d.MinibatchStdDev {
		x = nn.MinibatchStdDev(x, 4)
	}
	features := Reshape(x, x.Shape().Dim(0), -1)
	if kernels := d.MinibatchDiscrimination; kernels > 0 {
		features = nn.MinibatchDiscrimination(scope, features, kernels, 5)
	}
	logits := nn.Dense(scope.In("out"), features).Channels(1).SpectralNorm(norm == SpectralNorm).Done()
	return Judgement{Logits: logits, Features: features}
}
