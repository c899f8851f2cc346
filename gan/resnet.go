package gan

import (
	"cmp"
	"math"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/nn"
)

// ResNet is the pair of residual networks of "Spectral Normalization for Generative Adversarial Networks" (Miyato et al.
// 2018, https://arxiv.org/abs/1802.05957, tables 3 to 6), and, by its fields, of "Improved Training of Wasserstein GANs"
// (Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028, appendix F) and "Self-Attention Generative Adversarial
// Networks" (Zhang et al. 2018, https://arxiv.org/abs/1805.08318), for square images of 28 pixels or a power of two from
// 8 to 256.
//
// The generator makes a map 4 pixels wide (7 for images of 28) from the latent and doubles it by residual blocks: batch
// normalization, rectifier, nearest-neighbour enlargement, convolution, batch normalization, rectifier, convolution. The
// discriminator has two blocks that halve the image and two that do not; then a rectifier, the sum over pixels, and one
// logit. All convolutions have kernel 3, those of the shortcuts 1.
//
// All blocks have the same number of channels for images up to 32 pixels. For larger ones, as in SNGAN's official code,
// channels halve with every doubling of the generator, and double with every halving of the discriminator, up to 16
// times; the discriminator halves down to 4 pixels, and has one block after that.
//
// It differs from the papers in what cannot be seen in the result: enlargement and convolution, and convolution and mean
// of 2×2 pixels, are one convolution each (see nn.ConvBuilder.MeanPool), shortcuts convolve where the image is small, and
// convolutions before batch normalization have no bias, which it would take away.
type ResNet struct {
	Size     int `json:"size"`               // Height and width of the images; must be set.
	Channels int `json:"channels,omitempty"` // Of the images; 0 means 3.
	Latent   int `json:"latent,omitempty"`   // Length of the latent; 0 means 128.

	GeneratorChannels     int `json:"generator_channels,omitempty"`     // Of its last block; 0 means 256, for images above 32 pixels 64.
	DiscriminatorChannels int `json:"discriminator_channels,omitempty"` // Of its first block; 0 means 128, for images above 32 pixels 64.

	// DiscriminatorNorm is SpectralNorm of all kernels, as "" means, the form of SNGAN and SAGAN; or NoNorm, LayerNorm or
	// BatchNorm before the rectifiers of all blocks but the first, the form of WGAN-GP, which takes the mean over pixels in
	// place of the sum.
	DiscriminatorNorm     Norm `json:"discriminator_norm,omitempty"`
	GeneratorSpectralNorm bool `json:"generator_spectral_norm,omitempty"` // Of all kernels of the generator, as SAGAN has it.

	// Attention adds self-attention to both networks, where the maps are half as wide as the images, but at most 32
	// pixels, as in SAGAN. Images must have at least 16 pixels.
	Attention       bool           `json:"attention,omitempty"`
	MinibatchStdDev bool           `json:"minibatch_std_dev,omitempty"` // Shows the discriminator how much a batch differs, see nn.MinibatchStdDev.
	Init            Initialization `json:"init,omitempty"`              // "" means XavierInit with gain √2, in shortcuts and outermost layers 1.
}

func init() { Architectures.Register("resnet", ResNet{}) }

// Check returns an error if the size cannot be made by doubling, or another field is out of range.
func (r ResNet) Check() error {
	if err := checkPictures("ResNet", r.Size,
		count{"Channels", r.Channels}, count{"Latent", r.Latent},
		count{"GeneratorChannels", r.GeneratorChannels}, count{"DiscriminatorChannels", r.DiscriminatorChannels}); err != nil {
		return err
	}
	norms := []Norm{SpectralNorm, NoNorm, LayerNorm, BatchNorm}
	if !slices.Contains(norms, r.DiscriminatorNormalization()) {
		return errors.Errorf("gan: ResNet.DiscriminatorNorm must be one of %q, got %q", norms, r.DiscriminatorNorm)
	}
	if r.Attention && r.Size < 16 {
		return errors.Errorf("gan: ResNet.Attention needs a Size of at least 16, got %d", r.Size)
	}
	return r.Init.check("ResNet")
}

// LatentSize returns the length of the latent.
func (r ResNet) LatentSize() int { return orDefault(r.Latent, 128) }

// ExampleShape returns [Size, Size, Channels].
func (r ResNet) ExampleShape() []int { return []int{r.Size, r.Size, orDefault(r.Channels, 3)} }

// GeneratorNormalization returns BatchNorm.
func (r ResNet) GeneratorNormalization() Norm { return BatchNorm }

// DiscriminatorNormalization returns DiscriminatorNorm, or SpectralNorm in place of "".
func (r ResNet) DiscriminatorNormalization() Norm { return cmp.Or(r.DiscriminatorNorm, SpectralNorm) }

// Generator returns images for latents; the batch normalizations follow the classes, if there are any.
func (r ResNet) Generator(scope *model.Scope, latents, classes *Node) *Node {
	spectral := r.GeneratorSpectralNorm
	doublings, _ := doublings(r.Size)
	width := r.Size >> doublings
	channels := r.growth(orDefault(r.GeneratorChannels, r.defaultChannels(256)), doublings)
	rectify := func(scope *model.Scope, x *Node) *Node {
		return nn.ReLU(nn.BatchNorm(scope, x).Classes(classes).Done())
	}

	first := r.in(scope, "first", 1)
	x := nn.Dense(first, latents).Channels(width * width * channels).SpectralNorm(spectral).Done()
	x = Reshape(x, latents.Shape().Dim(0), width, width, channels)
	for i := range doublings {
		block := scope.In("block_%d", i)
		channels = r.growth(orDefault(r.GeneratorChannels, r.defaultChannels(256)), doublings-1-i)
		conv := r.in(block, "conv_0", math.Sqrt2)
		h := nn.ConvResize(conv, rectify(conv, x)).Channels(channels).KernelSize(3).PadSame().UseBias(false).SpectralNorm(spectral).Done()
		conv = r.in(block, "conv_1", math.Sqrt2)
		h = nn.Conv(conv, rectify(conv, h)).Channels(channels).KernelSize(3).PadSame().UseBias(false).SpectralNorm(spectral).Done()
		x = nn.Conv(r.in(block, "shortcut", 1), x).Channels(channels).KernelSize(1).UseBias(false).SpectralNorm(spectral).Done()
		x = Add(h, nn.Enlarge(x, 2)) // [batch, 2·width, 2·width, channels]
		x = r.attend(block, x, spectral)
	}
	out := r.in(scope, "out", 1)
	x = nn.Conv(out, rectify(out, x)).Channels(orDefault(r.Channels, 3)).KernelSize(3).PadSame().SpectralNorm(spectral).Done()
	return Tanh(x) // [batch, Size, Size, Channels]
}

// Discriminator returns its judgement of images.
func (r ResNet) Discriminator(scope *model.Scope, images *Node) Judgement {
	first := orDefault(r.DiscriminatorChannels, r.defaultChannels(128))
	halvings, blocks := 2, 4
	if r.Size > 32 {
		doublings, _ := doublings(r.Size)
		halvings, blocks = doublings, doublings+1
	}
	x := images
	for i := range blocks {
		block := scope.In("block_%d", i)
		x = r.discriminatorBlock(block, x, r.growth(first, min(i, halvings-1)), i == 0, i < halvings)
		x = r.attend(block, x, r.spectral())
	}
	x = nn.ReLU(x)
	if r.MinibatchStdDev {
		x = nn.MinibatchStdDev(x, 4)
	}
	pool := ReduceMean
	if r.spectral() {
		pool = ReduceSum
	}
	features := pool(x, 1, 2) // [batch, channels]
	logits := nn.Dense(r.in(scope, "out", 1), features).Channels(1).SpectralNorm(r.spectral()).Done()
	return Judgement{Logits: logits, Features: features}
}

// discriminatorBlock returns x after a residual block, halved if asked. The first block of all sees pixels, not the sums
// of another block, and does not start with a rectifier.
func (r ResNet) discriminatorBlock(scope *model.Scope, x *Node, channels int, first, halve bool) *Node {
	h, hidden := x, x.Shape().Dim(3)
	residual := r.in(scope, "conv_0", math.Sqrt2)
	if first {
		hidden = channels
	} else {
		h = nn.ReLU(r.normalize(residual, h))
	}
	bias := first || r.DiscriminatorNormalization() != BatchNorm
	h = nn.Conv(residual, h).Channels(hidden).KernelSize(3).PadSame().UseBias(bias).SpectralNorm(r.spectral()).Done()
	residual = r.in(scope, "conv_1", math.Sqrt2)
	if !first {
		h = r.normalize(residual, h)
	}
	conv := nn.Conv(residual, nn.ReLU(h)).Channels(channels).KernelSize(3).PadSame().SpectralNorm(r.spectral())
	if halve {
		conv, x = conv.MeanPool(2), nn.AveragePool2(x)
	}
	if halve || x.Shape().Dim(3) != channels {
		x = nn.Conv(r.in(scope, "shortcut", 1), x).Channels(channels).KernelSize(1).UseBias(false).SpectralNorm(r.spectral()).Done()
	}
	return Add(conv.Done(), x)
}

// normalize returns x after the discriminator's normalization, if it is a layer.
func (r ResNet) normalize(scope *model.Scope, x *Node) *Node {
	switch r.DiscriminatorNormalization() {
	case BatchNorm:
		return nn.BatchNorm(scope, x).Done()
	case LayerNorm:
		return nn.LayerNorm(scope, x)
	default:
		return x
	}
}

// attend returns x after self-attention, if it is as wide as maps with attention are.
func (r ResNet) attend(scope *model.Scope, x *Node, spectral bool) *Node {
	if !r.Attention || x.Shape().Dim(1) != min(r.Size/2, 32) {
		return x
	}
	return nn.SelfAttention(r.in(scope, "attention", 1), x).SpectralNorm(spectral).Done()
}

// in returns the scope of a layer, whose kernels start with the gain.
func (r ResNet) in(scope *model.Scope, name string, gain float64) *model.Scope {
	scope = scope.In("%s", name)
	return scope.WithInitializer(cmp.Or(r.Init, XavierInit).initializer(scope, gain))
}

func (r ResNet) spectral() bool { return r.DiscriminatorNormalization() == SpectralNorm }

// defaultChannels returns the number given, for small images, or that of SNGAN's networks for large ones.
func (r ResNet) defaultChannels(small int) int {
	if r.Size > 32 {
		return 64
	}
	return small
}

// growth returns the channels at a number of halvings from the image's side.
func (r ResNet) growth(channels, halvings int) int {
	if r.Size > 32 {
		return channels * min(1<<halvings, 16)
	}
	return channels
}
