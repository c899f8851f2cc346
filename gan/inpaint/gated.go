package inpaint

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/nn"
)

// Gated is the game of "Free-Form Image Inpainting with Gated Convolution" (Yu et al. 2019,
// https://arxiv.org/abs/1806.03589), DeepFill v2. Two networks, one after the other, of convolutions with gates: see
// GatedConv. The coarse one draws a first guess, from the picture with its hole blanked, a channel of ones and the mask; the
// second one refines it by two branches side by side, one with convolutions alone, one with ContextualAttention, joined by a
// decoder. Layers are those of "Generative Image Inpainting with Contextual Attention" (Yu et al. 2018,
// https://arxiv.org/abs/1801.07892, appendix A): two halvings, four dilated convolutions at a quarter
// of the size, two doublings by repeated pixels. The discriminator is SNPatchGAN, the loss Hinge.
//
// Both guesses are to be near the picture, in the mean absolute difference over the whole picture.
//
// It differs from the paper thus: the last convolutions have no hyperbolic tangent after them, which stops learning where it has
// come to black or white, but values are cut to [-1, 1] before they are judged or shown, as in the earlier paper; kernels start at a size that keeps numbers of one order through all the gates, without
// which the first hundreds of steps are lost; dilations that would reach out of a small picture's features altogether are
// left out; and pictures below 128 pixels have attention at rate 1, as their features are too few to be coarser still.
type Gated struct {
	Width int `json:"width,omitempty"` // Kernels of the first layer, half of which gate the others; 0 means 48, the paper's. Even.

	// Extrapolate has the coarse network start from the hole filled smoothly from its rim, and both networks draw what is to be
	// added to what they are given. So even a short training is no worse than smooth filling, which the paper's networks take
	// long to learn. False is the paper's.
	Extrapolate bool `json:"extrapolate,omitempty"`

	Discriminator SNPatchGAN `json:"discriminator,omitzero"`

	// Weights of the losses: of both guesses' differences, and of the discriminator's judgement. 0 means 1, the paper's.
	Reconstruction float64 `json:"reconstruction,omitempty"`
	Adversarial    float64 `json:"adversarial,omitempty"`

	// HoleWeight is the weight of a pixel in the hole in the mean difference, where a known one has 1. 0 means 1, the paper's.
	HoleWeight float64 `json:"hole_weight,omitempty"`
}

func init() { Games.Register("gated", Gated{}) }

// Check returns an error if a field is out of range or pictures of the size cannot be filled.
func (g Gated) Check(size int) error {
	if g.Width < 0 || g.Width%2 != 0 {
		return errors.Errorf("inpaint: Gated.Width must be even, as half of the kernels gate the other half, got %d", g.Width)
	}
	if size < 16 {
		return errors.Errorf("inpaint: Gated cannot fill pictures of %d pixels; the least is 16", size)
	}
	for _, weight := range []struct {
		name  string
		value float64
	}{{"Reconstruction", g.Reconstruction}, {"Adversarial", g.Adversarial}, {"HoleWeight", g.HoleWeight}} {
		if !(weight.value >= 0) {
			return errors.Errorf("inpaint: Gated.%s must not be negative, got %g", weight.name, weight.value)
		}
	}
	return g.Discriminator.check(size)
}

// Loss returns gan.Hinge.
func (Gated) Loss() gan.Loss { return gan.Hinge{} }

// Multiple returns 4 for two halvings, and 8 where attention halves once more.
func (g Gated) Multiple(size int) int { return 4 * attentionRate(size) }

// attentionRate returns the rate of the attention of a network for pictures of the size.
func attentionRate(size int) int {
	if size < 128 {
		return 1
	}
	return 2
}

// dilations returns the distances between the kernels' positions in the dilated convolutions at a quarter of the size.
func dilations(size int) []int {
	var list []int
	for _, dilation := range []int{2, 4, 8, 16} {
		if dilation < (size+3)/4 {
			list = append(list, dilation)
		}
	}
	return list
}

// Guesses returns the coarse guess and the refined one.
func (g Gated) Guesses(scope *model.Scope, pictures, masks *Node, size int) []*Node {
	ones := OnesLike(masks)
	width := orDefault(g.Width, 48)

	first := pictures
	if g.Extrapolate {
		first = StopGradient(extrapolate(pictures, masks))
	}
	input := Concatenate([]*Node{first, ones, masks}, 3) // [batch, height, width, channels+2]
	x := g.encode(scope.In("coarse"), input, width, size)
	coarse := g.decode(scope.At("coarse"), x, width, first)

	second := Add(Mul(coarse, masks), pictures) // The pictures are blank where the masks are not.
	input = Concatenate([]*Node{second, ones, masks}, 3)
	refine := scope.In("refine")
	convolved := g.encode(refine.In("convolution"), input, width, size)
	attended := attentionBranch(refine.In("attention"), input, masks, width, attentionRate(size))
	joined := Concatenate([]*Node{convolved, attended}, 3)
	return []*Node{coarse, g.decode(refine, joined, width, second)}
}

// encode returns features at a quarter of the size, shaped [batch, height/4, width/4, 2·channels] for kernels of so many
// channels.
func (g Gated) encode(scope *model.Scope, x *Node, channels, size int) *Node {
	x = GatedConv(scope.In("conv_0"), x).Channels(channels / 2).KernelSize(5).Gain(1).Done()
	x = GatedConv(scope.In("conv_1"), x).Channels(channels).Strides(2).Done() // [batch, height/2, width/2, …]
	x = GatedConv(scope.In("conv_2"), x).Channels(channels).Done()
	x = GatedConv(scope.In("conv_3"), x).Channels(2 * channels).Strides(2).Done() // [batch, height/4, width/4, …]
	x = GatedConv(scope.In("conv_4"), x).Channels(2 * channels).Done()
	for _, dilation := range dilations(size) {
		x = GatedConv(scope.In("dilated_%d", dilation), x).Channels(2 * channels).Dilations(dilation).Done()
	}
	return x
}

// attentionBranch returns features at a quarter of the size that attention has put together from known places.
func attentionBranch(scope *model.Scope, x, masks *Node, channels, rate int) *Node {
	x = GatedConv(scope.In("conv_0"), x).Channels(channels / 2).KernelSize(5).Gain(1).Done()
	x = GatedConv(scope.In("conv_1"), x).Channels(channels).Strides(2).Done()
	x = GatedConv(scope.In("conv_2"), x).Channels(channels).Done()
	x = GatedConv(scope.In("conv_3"), x).Channels(2 * channels).Strides(2).Done()
	x = GatedConv(scope.In("conv_4"), x).Channels(2 * channels).Rectified().Done()
	x = ContextualAttention(x, shrinkMask(masks, 4)).Rate(rate).Done()
	return GatedConv(scope.In("conv_5"), x).Channels(2 * channels).Done()
}

// decode returns pictures from features at a quarter of their size; with Extrapolate, what they add to those before.
func (g Gated) decode(scope *model.Scope, x *Node, channels int, before *Node) *Node {
	x = GatedConv(scope.In("out_0"), x).Channels(2 * channels).Done()
	x = GatedConv(scope.In("out_1"), x).Channels(2 * channels).Done()
	x = GatedConv(scope.In("out_2"), nn.Enlarge(x, 2)).Channels(channels).Done() // [batch, height/2, width/2, …]
	x = GatedConv(scope.In("out_3"), x).Channels(channels).Done()
	x = GatedConv(scope.In("out_4"), nn.Enlarge(x, 2)).Channels(channels / 2).Done() // [batch, height, width, …]
	x = GatedConv(scope.In("out_5"), x).Channels(max(channels/4, 1)).Done()
	gain := keepingGain
	if g.Extrapolate {
		gain *= 0.1 // It starts near what was there before.
	}
	out := scope.In("colours")
	out = out.WithInitializer(nn.Normal(out, 0, gain/math.Sqrt(float64(9*x.Shape().Dim(3)))))
	x = nn.Conv(out, x).Channels(before.Shape().Dim(3)).KernelSize(3).PadSame().Done()
	if g.Extrapolate {
		x = Add(x, before)
	}
	return x
}

// Judge returns SNPatchGAN's scores of pictures.
func (g Gated) Judge(scope *model.Scope, pictures, masks *Node, size int) *Node {
	return g.Discriminator.Graph(scope, pictures, masks, size)
}

// Distance returns the sum of the mean absolute differences of the guesses from the pictures.
func (g Gated) Distance(guesses []*Node, pictures, masks *Node) *Node {
	weights := AddScalar(MulScalar(masks, orOne(g.HoleWeight)-1), 1) // [batch, height, width, 1]
	total := MulScalar(ReduceAllSum(weights), float64(pictures.Shape().Dim(3)))
	var sum *Node
	for _, guess := range guesses {
		difference := ReduceAllSum(Mul(Abs(Sub(guess, pictures)), weights))
		if sum == nil {
			sum = difference
		} else {
			sum = Add(sum, difference)
		}
	}
	return Div(sum, total)
}

// Weights returns those of Distance and of the discriminator's judgement in the generator's loss.
func (g Gated) Weights() (reconstruction, adversarial float64) {
	return orOne(g.Reconstruction), orOne(g.Adversarial)
}
