package inpaint

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/nn"
)

// ContextEncoder is the game of "Context Encoders: Feature Learning by Inpainting" (Pathak et al. 2016,
// https://arxiv.org/abs/1604.07379, section 3 and figure 9a), for pictures of 16 pixels and more. An encoder of convolutions
// of kernel 4 and stride 2, with batch normalization but in the first, and leaky rectifiers of slope 0.2, halves the picture
// until it is 4 pixels wide; one of kernel 4 makes that a vector, from which transposed convolutions with batch normalization
// and rectifiers draw the picture anew. The hole is blank, 0 in [-1, 1]. The discriminator is that of DCGAN.
//
// The distance is the mean square over the hole, its weight 0.999; the discriminator's is 0.001. The loss is
// gan.NonSaturating. All kernels start from N(0, 0.02²).
//
// It differs from the paper, whose pictures have 128 pixels and a hole in the centre, thus: it draws the whole picture, as the
// paper's networks for holes anywhere do, of which the hole is then taken; so the discriminator sees the picture with its hole
// filled, not what fills it alone. Pictures whose number of pixels is no power of two are made larger by mirroring.
type ContextEncoder struct {
	Channels   int `json:"channels,omitempty"`   // Of the first and the last layers; they double up to eight times as many. 0 means 64, the paper's.
	Bottleneck int `json:"bottleneck,omitempty"` // Length of the vector; 0 means 4000, the paper's.

	// Weights of the distance and of the discriminator's judgement. 0 means 0.999 and 0.001, the paper's.
	Reconstruction float64 `json:"reconstruction,omitempty"`
	Adversarial    float64 `json:"adversarial,omitempty"`
}

func init() { Games.Register("context-encoder", ContextEncoder{}) }

// Check returns an error if a field is out of range or pictures of the size cannot be filled.
func (c ContextEncoder) Check(size int) error {
	if size < 16 {
		return errors.Errorf("inpaint: ContextEncoder cannot fill pictures of %d pixels; the least is 16", size)
	}
	if c.Channels < 0 || c.Bottleneck < 0 || !(c.Reconstruction >= 0) || !(c.Adversarial >= 0) {
		return errors.Errorf("inpaint: ContextEncoder's fields must not be negative, got %+v", c)
	}
	return nil
}

// Loss returns gan.NonSaturating.
func (ContextEncoder) Loss() gan.Loss { return gan.NonSaturating{} }

// Multiple returns the least power of two that is no less than the size.
func (ContextEncoder) Multiple(size int) int {
	multiple := 16
	for multiple < size {
		multiple *= 2
	}
	return multiple
}

// halvings returns how often pictures are halved until they are 4 pixels wide.
func (c ContextEncoder) halvings(size int) int {
	count := 0
	for width := c.Multiple(size); width > 4; width /= 2 {
		count++
	}
	return count
}

// channels returns those of a map that is so many times halved, 1 or more: the first two are equal.
func (c ContextEncoder) channels(halvings int) int {
	return orDefault(c.Channels, 64) * min(1<<max(halvings-2, 0), 8)
}

// Guesses returns one guess.
func (c ContextEncoder) Guesses(scope *model.Scope, pictures, _ *Node, size int) []*Node {
	scope = scope.WithInitializer(nn.Normal(scope, 0, 0.02))
	halvings := c.halvings(size)
	x := pictures
	for i := range halvings {
		layer := scope.In("encoder_%d", i)
		x = nn.Conv(layer, x).Channels(c.channels(i + 1)).KernelSize(4).Strides(2).Padding(1).UseBias(i == 0).Done()
		if i > 0 {
			x = nn.BatchNorm(layer, x).Done()
		}
		x = nn.LeakyReLU(x, 0.2)
	}
	middle := scope.In("bottleneck")
	x = nn.Conv(middle, x).Channels(orDefault(c.Bottleneck, 4000)).KernelSize(4).UseBias(false).Done() // [batch, 1, 1, bottleneck] for pictures of the size.
	x = nn.LeakyReLU(nn.BatchNorm(middle, x).Done(), 0.2)

	first := scope.In("decoder_0")
	x = nn.ConvTranspose(first, x).Channels(c.channels(halvings)).KernelSize(4).UseBias(false).Done() // [batch, 4, 4, …]
	x = nn.ReLU(nn.BatchNorm(first, x).Done())
	for i := 1; i < halvings; i++ {
		layer := scope.In("decoder_%d", i)
		x = nn.ConvTranspose(layer, x).Channels(c.channels(halvings - i)).KernelSize(4).Strides(2).Padding(1).UseBias(false).Done()
		x = nn.ReLU(nn.BatchNorm(layer, x).Done())
	}
	x = nn.ConvTranspose(scope.In("colours"), x).Channels(pictures.Shape().Dim(3)).KernelSize(4).Strides(2).Padding(1).Done()
	return []*Node{Tanh(x)}
}

// Judge returns logits of pictures, shaped [batch, 1, 1, 1] for pictures of the size.
func (c ContextEncoder) Judge(scope *model.Scope, pictures, _ *Node, size int) *Node {
	scope = scope.WithInitializer(nn.Normal(scope, 0, 0.02))
	x := pictures
	for i := range c.halvings(size) {
		layer := scope.At("layer_%d", i)
		x = nn.Conv(layer, x).Channels(orDefault(c.Channels, 64) * min(1<<i, 8)).KernelSize(4).Strides(2).Padding(1).UseBias(i == 0).Done()
		if i > 0 {
			x = nn.BatchNorm(layer, x).Done()
		}
		x = nn.LeakyReLU(x, 0.2)
	}
	return nn.Conv(scope.At("logits"), x).Channels(1).KernelSize(4).Done()
}

// Distance returns the mean square of the guess's difference from the pictures over the holes.
func (ContextEncoder) Distance(guesses []*Node, pictures, masks *Node) *Node {
	squares := ReduceAllSum(Mul(Square(Sub(guesses[0], pictures)), masks))
	return Div(squares, MulScalar(MaxScalar(ReduceAllSum(masks), 1), float64(pictures.Shape().Dim(3))))
}

// Weights returns those of Distance and of the discriminator's judgement in the generator's loss.
func (c ContextEncoder) Weights() (reconstruction, adversarial float64) {
	reconstruction, adversarial = 0.999, 0.001
	if c.Reconstruction > 0 {
		reconstruction = c.Reconstruction
	}
	if c.Adversarial > 0 {
		adversarial = c.Adversarial
	}
	return reconstruction, adversarial
}
