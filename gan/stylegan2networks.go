package gan

import (
	"math"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"

	"github.com/ganymede-ml/ganymede/gan/nn"
)

// Synthesis returns the images of styles, shaped [batch, StyleSize], or [batch, StyleLayers, StyleSize] with a style for
// each layer.
func (s StyleGAN2) Synthesis(scope *model.Scope, styles *Node) *Node {
	layers := s.StyleLayers()
	if styles.Rank() != 2 && (styles.Rank() != 3 || styles.Shape().Dim(1) != layers) {
		Panicf("gan: StyleGAN2 wants styles shaped [batch, size] or [batch, %d, size], got %s", layers, styles.Shape())
	}
	style := func(layer int) *Node {
		if styles.Rank() == 2 {
			return styles
		}
		return Squeeze(Slice(styles, AxisRange(), AxisElem(layer)), 1)
	}
	scope = scope.In(synthesisScope)
	doublings, _ := doublings(s.Size)
	batch, width := styles.Shape().Dim(0), s.Size>>doublings

	channels := growth(orDefault(s.GeneratorChannels, 16), doublings)
	start := scope.WithInitializer(nn.Normal(scope, 0, 1)).
		VariableWithShape("start", shapes.Make(styles.DType(), 1, width, width, channels)).SetTrainable(true)
	x := BroadcastToDims(start.NodeValue(styles), batch, width, width, channels)
	var image *Node
	for i := range doublings + 1 {
		scope := scope.In("width_%d", width<<i)
		channels = growth(orDefault(s.GeneratorChannels, 16), doublings-i)
		if i > 0 {
			x = styledLayer(scope.In("up"), x, style(2*i-1), channels, true)
		}
		x = styledLayer(scope.In("conv"), x, style(2*i), channels, false)
		colours := nn.ModulatedConv(scope.In("colours"), x, style(2*i+1)).Channels(orDefault(s.Channels, 3)).
			KernelSize(1).Demodulate(false).Done()
		if image == nil {
			image = colours
		} else {
			image = Add(nn.BlurUp(image), colours)
		}
	}
	return Tanh(image) // [batch, Size, Size, Channels]
}

// styledLayer returns x after a modulated convolution, noise and a rectifier.
func styledLayer(scope *model.Scope, x, styles *Node, channels int, up bool) *Node {
	x = nn.ModulatedConv(scope, x, styles).Channels(channels).KernelSize(3).Upsample(up).Done()
	return rectifyStyled(nn.Noise(scope, x))
}

// Discriminator returns its judgement of images.
func (s StyleGAN2) Discriminator(scope *model.Scope, images *Node) Judgement {
	doublings, _ := doublings(s.Size)
	first := orDefault(s.DiscriminatorChannels, 16)
	x := rectifyStyled(nn.Conv(scope.In("colours"), images).Channels(first).KernelSize(1).Equalized(1).Done())
	for i := range doublings {
		scope := scope.In("width_%d", s.Size>>i)
		channels := growth(first, i+1)
		h := nn.Conv(scope.In("conv"), x).Channels(growth(first, i)).KernelSize(3).PadSame().Equalized(1).Done()
		h = nn.Blur(rectifyStyled(h)) // With the mean of 2×2 pixels it is the filter that BlurDown has.
		h = nn.Conv(scope.In("down"), h).Channels(channels).KernelSize(3).PadSame().MeanPool(2).Equalized(1).Done()
		shortcut := nn.Conv(scope.In("shortcut"), nn.BlurDown(x)).Channels(channels).KernelSize(1).UseBias(false).Equalized(1).Done()
		x = MulScalar(Add(rectifyStyled(h), shortcut), math.Sqrt2/2) // As large as each of the two.
	}
	channels := x.Shape().Dim(3)
	x = nn.MinibatchStdDev(x, 4)
	x = rectifyStyled(nn.Conv(scope.In("last"), x).Channels(channels).KernelSize(3).PadSame().Equalized(1).Done())
	features := rectifyStyled(nn.Dense(scope.In("features"), x).Channels(channels).Equalized(1).Done()) // [batch, channels]
	logits := nn.Dense(scope.In("out"), features).Channels(1).Equalized(1).Done()
	return Judgement{Logits: logits, Features: features}
}
