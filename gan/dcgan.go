package gan

import (
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
// double with every halving, up to eight times the number given. Weights start from N(0, 0.02).
type DCGAN struct {
	Size                  int  `json:"size"`                             // Height and width of the images; must be set.
	Channels              int  `json:"channels,omitempty"`               // Of the images; 0 means 3.
	Latent                int  `json:"latent,omitempty"`                 // Length of the latent; 0 means 100.
	GeneratorChannels     int  `json:"generator_channels,omitempty"`     // Of its last hidden layer; 0 means 64.
	DiscriminatorChannels int  `json:"discriminator_channels,omitempty"` // Of its first hidden layer; 0 means 64.
	MinibatchStdDev       bool `json:"minibatch_std_dev,omitempty"`      // Shows the discriminator how much a batch differs, see nn.MinibatchStdDev.
	DiscriminatorNorm     Norm `json:"discriminator_norm,omitempty"`     // After all but its first layer; "" means BatchNorm, the paper's.
}

// Norm is a normalization within a discriminator.
type Norm string

// The normalizations. Penalties on the slope, such as R1, want NoNorm: batch normalization makes the logits of one
// example depend on the others.
const (
	NoNorm       Norm = "none"
	BatchNorm    Norm = "batch"
	SpectralNorm Norm = "spectral" // Of all the kernels, instead of a layer between them.
)

// Check returns an error if the size cannot be made by doubling, or another field is out of range.
func (d DCGAN) Check() error {
	if _, ok := d.doublings(); !ok {
		return errors.Errorf("gan: DCGAN cannot make images of %d pixels: Size must be 28 or one of 8, 16, 32, 64, 128, 256", d.Size)
	}
	for name, value := range map[string]int{"Channels": d.Channels, "Latent": d.Latent,
		"GeneratorChannels": d.GeneratorChannels, "DiscriminatorChannels": d.DiscriminatorChannels} {
		if value < 0 {
			return errors.Errorf("gan: DCGAN.%s must not be negative, got %d", name, value)
		}
	}
	switch d.DiscriminatorNorm {
	case "", NoNorm, BatchNorm, SpectralNorm:
		return nil
	}
	return errors.Errorf("gan: DCGAN.DiscriminatorNorm must be %q, %q or %q, got %q", NoNorm, BatchNorm, SpectralNorm, d.DiscriminatorNorm)
}

// doublings returns how many times the generator doubles its first map.
func (d DCGAN) doublings() (count int, ok bool) {
	if d.Size == 28 {
		return 2, true
	}
	for size := 4; size < 256; size *= 2 {
		count++
		if d.Size == 2*size {
			return count, true
		}
	}
	return 0, false
}

// LatentSize returns the length of the latent.
func (d DCGAN) LatentSize() int { return orDefault(d.Latent, 100) }

// ExampleShape returns [Size, Size, Channels].
func (d DCGAN) ExampleShape() []int { return []int{d.Size, d.Size, orDefault(d.Channels, 3)} }

// Generator returns images for latents shaped [batch, LatentSize].
func (d DCGAN) Generator(scope *model.Scope, latents *Node) *Node {
	scope = scope.WithInitializer(normalInitializer(scope, 0, 0.02))
	doublings, _ := d.doublings()
	base := d.Size >> doublings
	batch := latents.Shape().Dim(0)
	channels := orDefault(d.GeneratorChannels, 64)

	first := channels * min(1<<(doublings-1), 8)
	layer := scope.In("layer_0")
	x := nn.Dense(layer, latents).Channels(base * base * first).UseBias(false).Done()
	x = Reshape(d.rectify(layer, x), batch, base, base, first)
	for i := 1; i < doublings; i++ {
		layer := scope.In("layer_%d", i)
		x = nn.ConvTranspose(layer, x).Channels(channels * min(1<<(doublings-1-i), 8)).
			KernelSize(4).Strides(2).PadSame().UseBias(false).Done()
		x = d.rectify(layer, x)
	}
	x = nn.ConvTranspose(scope.In("out"), x).Channels(orDefault(d.Channels, 3)).KernelSize(4).Strides(2).PadSame().Done()
	return Tanh(x) // [batch, Size, Size, Channels]
}

// rectify returns x after batch normalization and a rectifier.
func (d DCGAN) rectify(scope *model.Scope, x *Node) *Node {
	x = nn.BatchNorm(scope, x).ScaleInitializer(normalInitializer(scope, 1, 0.02)).Done()
	return nn.ReLU(x)
}

// Discriminator returns logits shaped [batch, 1].
func (d DCGAN) Discriminator(scope *model.Scope, images *Node) *Node {
	scope = scope.WithInitializer(normalInitializer(scope, 0, 0.02))
	doublings, _ := d.doublings()
	channels := orDefault(d.DiscriminatorChannels, 64)
	norm := d.DiscriminatorNorm
	if norm == "" {
		norm = BatchNorm
	}

	x := images
	for i := range doublings {
		layer := scope.In("layer_%d", i)
		between := norm == BatchNorm && i > 0
		x = nn.Conv(layer, x).Channels(channels * min(1<<i, 8)).KernelSize(4).Strides(2).PadSame().
			UseBias(!between).SpectralNorm(norm == SpectralNorm).Done()
		if between {
			x = nn.BatchNorm(layer, x).ScaleInitializer(normalInitializer(scope, 1, 0.02)).Done()
		}
		x = nn.LeakyReLU(x, 0.2)
	}
	if d.MinibatchStdDev {
		x = nn.MinibatchStdDev(x, 4)
	}
	return nn.Dense(scope.In("out"), x).Channels(1).SpectralNorm(norm == SpectralNorm).Done()
}

// orDefault returns the value, or the default if it is zero.
func orDefault(value, defaultValue int) int {
	if value == 0 {
		return defaultValue
	}
	return value
}
