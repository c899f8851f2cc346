package gan

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/nn"
)

// StyleGAN2 is a small form of the pair of networks of "Analyzing and Improving the Image Quality of StyleGAN" (Karras et
// al. 2019, https://arxiv.org/abs/1912.04958, sections 2 and 4), for square images of 28 pixels or a power of two from 8
// to 256.
//
// The generator turns the latent into a style by a mapping network, and draws by a synthesis network: from a learned map 4
// pixels wide (7 for images of 28), doubled until it is as large as the image, by convolutions that the style modulates
// (nn.ModulatedConv), two per size, with noise of learned strength; every size adds its colours to the image, which is
// enlarged on the way (the output skips of figure 7). The discriminator is residual: two convolutions per size, the
// second of which halves; then the standard deviation over groups of 4, a convolution and two dense layers. Channels
// double with every halving, up to eight times the number given. Rectifiers are leaky, of slope 0.2 and gain √2, and all
// learning rates are equalized, see nn.ConvBuilder.Equalized.
//
// It differs from the paper in its size (the paper's latents and styles have 512 numbers, its mapping 8 layers, its maps
// up to 512 channels), in the image's edges, which filters repeat instead of taking zeros from beyond them, and in a
// hyperbolic tangent at the end, which keeps images in [-1, 1]. The path length is a GeneratorTerm of its own, PathLength.
//
// With classes, their embedding stands beside the latent, both normalized ("Training Generative Adversarial Networks with
// Limited Data", Karras et al. 2020, https://arxiv.org/abs/2006.06676, appendix).
type StyleGAN2 struct {
	Size                  int `json:"size"`                             // Height and width of the images; must be set.
	Channels              int `json:"channels,omitempty"`               // Of the images; 0 means 3.
	Latent                int `json:"latent,omitempty"`                 // Length of the latent; 0 means 64.
	StyleSize             int `json:"style_size,omitempty"`             // Length of a style; 0 means 64.
	MappingLayers         int `json:"mapping_layers,omitempty"`         // 0 means 4.
	GeneratorChannels     int `json:"generator_channels,omitempty"`     // Of its last hidden layer; 0 means 16.
	DiscriminatorChannels int `json:"discriminator_channels,omitempty"` // Of its first hidden layer; 0 means 16.

	// MixingProbability is how many of the images are drawn, in training, by the style of one latent up to a layer drawn
	// by chance and by that of another from there on, so that layers learn to do without each other ("A Style-Based
	// Generator Architecture for Generative Adversarial Networks", Karras et al. 2018, https://arxiv.org/abs/1812.04948,
	// section 3.1). 0 means 0.9, the paper's; -1 means none.
	MixingProbability float64 `json:"mixing_probability,omitempty"`
}

func init() { Architectures.Register("stylegan2", StyleGAN2{}) }

// Scopes and numbers of the mapping network.
const (
	mappingScope   = "mapping"
	synthesisScope = "synthesis"
	mappingSpeed   = 0.01 // Its learning rates as a part of the others' (Karras et al. 2018, appendix C).
	styleMomentum  = 0.99 // Of the styles' mean, which truncation draws to.
)

// Check returns an error if the size cannot be made by doubling, or another field is out of range.
func (s StyleGAN2) Check() error {
	if err := checkPictures("StyleGAN2", s.Size,
		count{"Channels", s.Channels}, count{"Latent", s.Latent}, count{"StyleSize", s.StyleSize}, count{"MappingLayers", s.MappingLayers},
		count{"GeneratorChannels", s.GeneratorChannels}, count{"DiscriminatorChannels", s.DiscriminatorChannels}); err != nil {
		return err
	}
	if p := s.MixingProbability; p != -1 && !(p >= 0 && p <= 1) {
		return errors.Errorf("gan: StyleGAN2.MixingProbability must be in [0, 1], or -1 for none, got %g", p)
	}
	return nil
}

// LatentSize returns the length of the latent.
func (s StyleGAN2) LatentSize() int { return orDefault(s.Latent, 64) }

// ExampleShape returns [Size, Size, Channels].
func (s StyleGAN2) ExampleShape() []int { return []int{s.Size, s.Size, orDefault(s.Channels, 3)} }

// GeneratorNormalization returns NoNorm.
func (s StyleGAN2) GeneratorNormalization() Norm { return NoNorm }

// DiscriminatorNormalization returns NoNorm.
func (s StyleGAN2) DiscriminatorNormalization() Norm { return NoNorm }

// EmbedsClasses returns true: the mapping network does.
func (s StyleGAN2) EmbedsClasses() bool { return true }

// StyleLayers returns how many styles the synthesis network takes: that is what the second axis of a style per layer is.
// There are two for each width of its maps: one for the first convolution and the colours of the width before, and one
// for the second.
func (s StyleGAN2) StyleLayers() int {
	doublings, _ := doublings(s.Size)
	return 2 * (doublings + 1)
}

// Generator returns images for latents. In training it mixes styles, as MixingProbability says.
func (s StyleGAN2) Generator(scope *model.Scope, latents, classes *Node) *Node {
	if s.MixingProbability < 0 || !scope.Store().IsTraining(latents.Graph()) {
		return s.Synthesis(scope, s.Styles(scope, latents, classes))
	}
	probability := s.MixingProbability
	if probability == 0 {
		probability = 0.9
	}
	g, batch, own := latents.Graph(), latents.Shape().Dim(0), s.LatentSize()
	others := nn.DrawNormal(scope, g, shapes.Make(latents.DType(), batch, own))
	if latents.Shape().Dim(1) > own { // What a Condition put there is the image's, whatever its styles.
		others = Concatenate([]*Node{others, Slice(latents, AxisRange(), AxisRange(own))}, 1)
	}
	if classes != nil {
		classes = Concatenate([]*Node{classes, classes}, 0)
	}
	styles := s.Styles(scope, Concatenate([]*Node{latents, others}, 0), classes) // [2·batch, StyleSize]
	styles = Reshape(styles, 2, batch, 1, -1)
	first, second := Squeeze(Slice(styles, AxisElem(0)), 0), Squeeze(Slice(styles, AxisElem(1)), 0)

	// The first style is for the layers below the cut; without mixing, for all.
	layers := s.StyleLayers()
	drawn := shapes.Make(dtypes.Float32, batch, 1, 1)
	cut := OnePlus(Floor(MulScalar(scope.RandomUniform(g, drawn), float64(layers-1)))) // 1 to layers-1.
	mixed := LessThan(scope.RandomUniform(g, drawn), Scalar(g, dtypes.Float32, probability))
	cut = Where(mixed, cut, MulScalar(OnesLike(cut), float64(layers)))
	below := ConvertDType(LessThan(Iota(g, shapes.Make(dtypes.Float32, 1, layers, 1), 1), cut), latents.DType())
	return s.Synthesis(scope, Add(Mul(first, below), Mul(second, OneMinus(below)))) // [batch, layers, StyleSize]
}

// Styles returns the styles of latents, shaped [batch, StyleSize], by the mapping network. In training it keeps their
// running mean, over all classes, for Truncate.
func (s StyleGAN2) Styles(scope *model.Scope, latents, classes *Node) *Node {
	scope = scope.In(mappingScope)
	size := orDefault(s.StyleSize, 64)
	x := nn.PixelNorm(latents)
	if classes != nil {
		embedded := nn.Dense(scope.In("classes"), ConvertDType(classes, x.DType())).Channels(size).Equalized(1).Done()
		x = Concatenate([]*Node{x, nn.PixelNorm(embedded)}, 1)
	}
	for i := range orDefault(s.MappingLayers, 4) {
		x = rectifyStyled(nn.Dense(scope.In("layer_%d", i), x).Channels(size).Equalized(mappingSpeed).Done())
	}
	nn.TrackMean(scope, x, styleMomentum)
	return x
}

// Truncate draws styles, shaped [batch, StyleSize] or [batch, layers, StyleSize], towards their mean over latents:
// mean + psi·(styles - mean), for a scalar psi (Karras et al. 2018, appendix B).
func (s StyleGAN2) Truncate(scope *model.Scope, styles, psi *Node) *Node {
	mean := nn.RunningMean(scope.At(mappingScope), styles)
	dimensions := make([]int, styles.Rank())
	for i := range dimensions {
		dimensions[i] = 1
	}
	dimensions[styles.Rank()-1] = mean.Shape().Size()
	mean = Reshape(mean, dimensions...)
	return Add(mean, Mul(Sub(styles, mean), ConvertDType(psi, styles.DType())))
}

// rectifyStyled returns x after StyleGAN2's leaky rectifier, which keeps its mean square.
func rectifyStyled(x *Node) *Node { return MulScalar(nn.LeakyReLU(x, 0.2), math.Sqrt2) }
