package gan

import (
	"math"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/nn"
)

// R3GAN is a small form of the pair of networks of "The GAN is dead; long live the GAN! A Modern GAN Baseline" (Huang et
// al. 2024, https://arxiv.org/abs/2501.05441, section 3, configuration E), for square images of 28 pixels or a power of
// two from 8 to 256. Its game is RelativisticPaired with R1R2.
//
// Both networks are residual, without any normalization, and mirror each other: blocks for every width of their maps, and
// between widths the filter of nn.BlurUp or nn.BlurDown and a convolution of kernel 1 that changes the channels. A block
// adds to its input a bottleneck turned inside out: a convolution of kernel 1 to Expansion times the channels, one of
// kernel 3 in groups, one of kernel 1 back, with leaky rectifiers of slope 0.2 between. The generator starts from a
// learned map 4 pixels wide (7 for images of 28), each channel of which a linear function of the latent scales; the
// discriminator ends in the inner product of each channel and a learned map, and one logit.
//
// Weights start by He's rule, in blocks divided by the fourth root of the number of blocks, and in the last convolutions
// of blocks as zero, so that blocks start as the identity ("Fixup Initialization", Zhang et al. 2019,
// https://arxiv.org/abs/1901.09321, section 3).
//
// It differs from the paper in its size (the paper has 768 channels at all widths), in channels that double with every
// halving, up to eight times the number given, and in a hyperbolic tangent at the end, which keeps images in [-1, 1].
//
// With classes, their embedding, as long as the latent, stands beside it.
type R3GAN struct {
	Size                  int `json:"size"`                             // Height and width of the images; must be set.
	Channels              int `json:"channels,omitempty"`               // Of the images; 0 means 3.
	Latent                int `json:"latent,omitempty"`                 // Length of the latent; 0 means 64, the paper's.
	GeneratorChannels     int `json:"generator_channels,omitempty"`     // Of its last blocks; 0 means 16.
	DiscriminatorChannels int `json:"discriminator_channels,omitempty"` // Of its first blocks; 0 means 16.
	Blocks                int `json:"blocks,omitempty"`                 // For each width; 0 means 2, the paper's.
	Expansion             int `json:"expansion,omitempty"`              // Of the channels within a block; 0 means 2, the paper's.

	// Cardinality is the number of groups within a block; 0 means groups of 16 channels, the paper's, or fewer where there
	// are fewer.
	Cardinality int `json:"cardinality,omitempty"`
}

func init() { Architectures.Register("r3gan", R3GAN{}) }

// Check returns an error if the size cannot be made by doubling, or another field is out of range.
func (r R3GAN) Check() error {
	if err := checkPictures("R3GAN", r.Size,
		count{"Channels", r.Channels}, count{"Latent", r.Latent}, count{"GeneratorChannels", r.GeneratorChannels},
		count{"DiscriminatorChannels", r.DiscriminatorChannels}, count{"Blocks", r.Blocks}, count{"Expansion", r.Expansion},
		count{"Cardinality", r.Cardinality}); err != nil {
		return err
	}
	for _, channels := range []int{r.generatorChannels(), r.discriminatorChannels()} {
		if hidden := channels * r.expansion(); r.Cardinality > 0 && hidden%r.Cardinality != 0 {
			return errors.Errorf("gan: R3GAN.Cardinality must divide the %d channels within a block (%d times Expansion), got %d",
				hidden, channels, r.Cardinality)
		}
	}
	return nil
}

// LatentSize returns the length of the latent.
func (r R3GAN) LatentSize() int { return orDefault(r.Latent, 64) }

// ExampleShape returns [Size, Size, Channels].
func (r R3GAN) ExampleShape() []int { return []int{r.Size, r.Size, orDefault(r.Channels, 3)} }

// GeneratorNormalization returns NoNorm.
func (r R3GAN) GeneratorNormalization() Norm { return NoNorm }

// DiscriminatorNormalization returns NoNorm.
func (r R3GAN) DiscriminatorNormalization() Norm { return NoNorm }

// EmbedsClasses returns true: the generator does.
func (r R3GAN) EmbedsClasses() bool { return true }

// Generator returns images for latents.
func (r R3GAN) Generator(scope *model.Scope, latents, classes *Node) *Node {
	doublings, _ := doublings(r.Size)
	batch, width := latents.Shape().Dim(0), r.Size>>doublings
	if classes != nil {
		embedded := linear(scope.In("classes"), ConvertDType(classes, latents.DType()), r.LatentSize(), 1) // Of one-hot classes, from N(0, 1).
		latents = Concatenate([]*Node{latents, embedded}, 1)
	}
	channels := growth(r.generatorChannels(), doublings)
	start := scope.WithInitializer(nn.Normal(scope, 0, 1)).
		VariableWithShape("start", shapes.Make(latents.DType(), 1, width, width, channels)).SetTrainable(true)
	scales := linear(scope.In("latent"), latents, channels, latents.Shape().Dim(1))
	x := Mul(start.NodeValue(latents), Reshape(scales, batch, 1, 1, channels))
	for i := range doublings + 1 {
		scope := scope.In("width_%d", width<<i)
		if i > 0 {
			// A convolution of kernel 1 and a filter may change places: it is cheaper on the smaller map.
			x = nn.BlurUp(pointwise(scope.In("up"), x, growth(r.generatorChannels(), doublings-i), 1))
		}
		x = r.blocks(scope, x, doublings+1)
	}
	return Tanh(pointwise(scope.In("colours"), x, orDefault(r.Channels, 3), 1)) // [batch, Size, Size, Channels]
}

// Discriminator returns its judgement of images.
func (r R3GAN) Discriminator(scope *model.Scope, images *Node) Judgement {
	doublings, _ := doublings(r.Size)
	x := pointwise(scope.In("colours"), images, r.discriminatorChannels(), 1)
	for i := range doublings + 1 {
		scope := scope.In("width_%d", r.Size>>i)
		if i > 0 {
			x = pointwise(scope.In("down"), nn.BlurDown(x), growth(r.discriminatorChannels(), i), 1)
		}
		x = r.blocks(scope, x, doublings+1)
	}
	width, channels := x.Shape().Dim(1), x.Shape().Dim(3)
	end := scope.WithInitializer(nn.Normal(scope, 0, 1/float64(width))).
		VariableWithShape("end", shapes.Make(x.DType(), 1, width, width, channels)).SetTrainable(true)
	features := ReduceSum(Mul(x, end.NodeValue(x)), 1, 2) // [batch, channels]
	return Judgement{Logits: linear(scope.In("out"), features, 1, channels), Features: features}
}

// blocks returns x after the residual blocks of one width, of as many as the network has.
func (r R3GAN) blocks(scope *model.Scope, x *Node, widths int) *Node {
	perWidth := orDefault(r.Blocks, 2)
	channels := x.Shape().Dim(3)
	hidden := channels * r.expansion()
	groups := r.Cardinality
	if groups == 0 {
		for groups = max(hidden/16, 1); hidden%groups != 0; groups-- {
		}
	}
	// He's gain for the leaky rectifier, and Fixup's division for m = 3 layers: L^(-1/(2m-2)).
	gain := math.Sqrt(2/(1+0.2*0.2)) * math.Pow(float64(widths*perWidth), -0.25)
	for i := range perWidth {
		scope := scope.In("block_%d", i)
		h := nn.LeakyReLU(pointwise(scope.In("in"), x, hidden, gain), 0.2)
		conv := scope.In("conv")
		conv = conv.WithInitializer(nn.Normal(conv, 0, gain/math.Sqrt(float64(9*hidden/groups))))
		h = nn.LeakyReLU(nn.Conv(conv, h).Channels(hidden).KernelSize(3).PadSame().Groups(groups).Done(), 0.2)
		out := scope.In("out").WithInitializer(initializer.Zero)
		x = Add(x, nn.Conv(out, h).Channels(channels).KernelSize(1).UseBias(false).Done())
	}
	return x
}

func (r R3GAN) expansion() int             { return orDefault(r.Expansion, 2) }
func (r R3GAN) generatorChannels() int     { return orDefault(r.GeneratorChannels, 16) }
func (r R3GAN) discriminatorChannels() int { return orDefault(r.DiscriminatorChannels, 16) }

// pointwise returns x after a convolution of kernel 1, whose weights start from N(0, gain²/in).
func pointwise(scope *model.Scope, x *Node, channels int, gain float64) *Node {
	scope = scope.WithInitializer(nn.Normal(scope, 0, gain/math.Sqrt(float64(x.Shape().Dim(3)))))
	return nn.Conv(scope, x).Channels(channels).KernelSize(1).Done()
}

// linear returns x after a dense layer, whose weights start from N(0, 1/in).
func linear(scope *model.Scope, x *Node, channels, in int) *Node {
	scope = scope.WithInitializer(nn.Normal(scope, 0, 1/math.Sqrt(float64(in))))
	return nn.Dense(scope, x).Channels(channels).Done()
}
