package style

import (
	"context"
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
)

// Gatys is style transfer by optimization: the pixels of a picture follow the gradient of a loss, until its features are near the
// content's and its Gram matrices near the style's ("A Neural Algorithm of Artistic Style", Gatys et al. 2015,
// https://arxiv.org/abs/1508.06576). It takes minutes where a Stylizer takes a second, and is what that is compared with.
//
// It differs from the paper in its optimizer, Adam instead of L-BFGS; it starts at the content unless Noise is set; and its
// losses are means over pixels, so that weights mean the same for all sizes.
type Gatys struct {
	ContentLayer string   // "" means relu4_2, as in the paper, or the encoder's deepest layer if it has none.
	StyleLayers  []string // Nil means relu1_1, relu2_1, relu3_1, relu4_1 and relu5_1, as far as the encoder has them.

	ContentWeight   float64 // Of ContentLoss; 0 means 1.
	StyleWeight     float64 // Of GramLoss; 0 means 300.
	VariationWeight float64 // Of TotalVariation, which the paper has not.

	Steps        int     // 0 means 300.
	LearningRate float64 // Of Adam, for pixels in [-1, 1]; 0 means 0.05. It falls to zero along half a cosine.

	Size      int   // The longest side that the content is brought to before; 0 leaves it as it is. See Transfer.
	StyleSize int   // Likewise of the style.
	Noise     bool  // Start from noise drawn by Seed, as the paper does, and not from the content.
	Seed      int64 // Of the noise.

	Progress func(step int, loss float64) // Called after each step, if it is not nil, with the number of steps taken.
}

// filled returns the settings with zero values filled in for the encoder.
func (g Gatys) filled(encoder *Encoder) Gatys {
	names := encoder.LayerNames()
	if g.ContentLayer == "" {
		g.ContentLayer = names[len(names)-1]
		if slices.Contains(names, "relu4_2") {
			g.ContentLayer = "relu4_2"
		}
	}
	if g.StyleLayers == nil {
		for _, name := range append(slices.Clone(styleLayers), "relu5_1") {
			if slices.Contains(names, name) {
				g.StyleLayers = append(g.StyleLayers, name)
			}
		}
	}
	if g.ContentWeight == 0 {
		g.ContentWeight = 1
	}
	if g.StyleWeight == 0 {
		g.StyleWeight = 300
	}
	if g.Steps == 0 {
		g.Steps = 300
	}
	if g.LearningRate == 0 {
		g.LearningRate = 0.05
	}
	return g
}

// check returns an error unless the settings, filled in, are possible with the encoder.
func (g Gatys) check(encoder *Encoder) error {
	names := encoder.LayerNames()
	for _, name := range append([]string{g.ContentLayer}, g.StyleLayers...) {
		if !slices.Contains(names, name) {
			return errors.Errorf("style: %s has no layer %q; its layers are %s", encoder.Name(), name, strings.Join(names, ", "))
		}
	}
	switch {
	case !(g.ContentWeight > 0) || !(g.StyleWeight > 0) || !(g.VariationWeight >= 0):
		return errors.Errorf("style: Gatys's weights must be positive, the variation's may be 0; got content %g, style %g, variation %g",
			g.ContentWeight, g.StyleWeight, g.VariationWeight)
	case g.Steps < 1 || !(g.LearningRate > 0) || g.Size < 0 || g.StyleSize < 0 || len(g.StyleLayers) == 0:
		return errors.Errorf("style: Gatys needs a positive number of steps, learning rate and sizes, and a style layer; got %d, %g, %d and %d, %d layers",
			g.Steps, g.LearningRate, g.Size, g.StyleSize, len(g.StyleLayers))
	}
	return nil
}

// Transfer returns the content in the style. The content's transparency stays. The end of the context is an error.
//
// The whole picture is held at once, with all layers for the gradient: give Size for large ones.
func (g Gatys) Transfer(ctx context.Context, backend compute.Backend, encoder *Encoder, content, style image.Image) (image.Image, error) {
	if backend == nil || encoder == nil {
		return nil, errors.New("style: the backend and the encoder must not be nil")
	}
	g = g.filled(encoder)
	if err := g.check(encoder); err != nil {
		return nil, err
	}
	from, err := newPicture(content, g.Size)
	if err != nil {
		return nil, errors.WithMessage(err, "content")
	}
	look, err := newPicture(style, g.StyleSize)
	if err != nil {
		return nil, errors.WithMessage(err, "style")
	}
	store := model.NewStore()
	defer store.Finalize()
	targets, err := g.targets(backend, store, encoder, from, look)
	if err != nil {
		return nil, errors.WithMessage(err, "style: targets")
	}
	if err := g.start(store, from); err != nil {
		return nil, err
	}
	if err := g.optimize(ctx, backend, store, encoder, targets); err != nil {
		return nil, err
	}
	return g.result(store, from)
}

// whole returns the picture as a batch of one.
func (p *picture) whole() *tensors.Tensor {
	return p.cut(tile{height: p.height, width: p.width})
}

// targets returns the content's features and the style's Gram matrices.
func (g Gatys) targets(backend compute.Backend, store *model.Store, encoder *Encoder, content, style *picture) ([]any, error) {
	features, err := model.CallOnceN(backend, store, func(scope *model.Scope, images *Node) []*Node {
		return encoder.Layers(scope, images, g.ContentLayer)
	}, content.whole())
	if err != nil {
		return nil, err
	}
	grams, err := model.CallOnceN(backend, store, func(scope *model.Scope, images *Node) []*Node {
		return grams(encoder.Layers(scope, images, g.StyleLayers...))
	}, style.whole())
	if err != nil {
		return nil, err
	}
	targets := []any{features[0]}
	for _, gram := range grams {
		targets = append(targets, gram)
	}
	return targets, nil
}

func grams(layers []*Node) []*Node {
	list := make([]*Node, len(layers))
	for i, layer := range layers {
		list[i] = Gram(layer)
	}
	return list
}

// pixelsPath is where the picture that is optimized is in the store.
const (
	pixelsScope = "picture"
	pixelsPath  = "/picture/pixels"
)

// start puts the first picture in the store.
func (g Gatys) start(store *model.Store, content *picture) error {
	pixels := slices.Clone(content.pixels)
	if g.Noise {
		r := rand.New(rand.NewPCG(uint64(g.Seed), 0))
		for i := range pixels {
			pixels[i] = float32(min(max(0.3*r.NormFloat64(), -1), 1))
		}
	}
	_, err := store.CreateVariable(pixelsPath, tensors.FromFlatDataAndDimensions(pixels, 1, content.height, content.width, 3))
	return err
}

// loss returns the loss of images, for the content's features and the style's Gram matrices.
func (g Gatys) loss(scope *model.Scope, encoder *Encoder, images *Node, targets []*Node) *Node {
	layers := encoder.Layers(scope, images, append([]string{g.ContentLayer}, g.StyleLayers...)...)
	loss := Add(MulScalar(ContentLoss(layers[0], targets[0]), g.ContentWeight), MulScalar(GramLoss(grams(layers[1:]), targets[1:]), g.StyleWeight))
	if g.VariationWeight > 0 {
		loss = Add(loss, MulScalar(TotalVariation(images), g.VariationWeight))
	}
	return loss
}

// optimize takes all steps.
func (g Gatys) optimize(ctx context.Context, backend compute.Backend, store *model.Store, encoder *Encoder, targets []any) error {
	step, err := model.NewExec(backend, store, func(scope *model.Scope, inputs []*Node) *Node {
		factor, targets := inputs[0], inputs[1:]
		variable := scope.Store().GetVariable(pixelsPath)
		variable.SetTrainable(true)
		loss := g.loss(scope, encoder, variable.NodeValue(factor), targets)
		adam := gan.Adam{LearningRate: g.LearningRate, Beta1: 0.9, Beta2: 0.999}
		gan.Learn(scope.At(pixelsScope), adam, "optimizer", loss, factor)
		variable.SetNodeValue(ClipScalar(variable.NodeValue(factor), -1, 1))
		return loss
	})
	if err != nil {
		return errors.WithMessage(err, "style")
	}
	defer step.Finalize()
	for i := range g.Steps {
		if err := ctx.Err(); err != nil {
			return errors.Wrapf(err, "style: stopped after %d of %d steps", i, g.Steps)
		}
		factor := float32(0.5 * (1 + math.Cos(math.Pi*float64(i)/float64(g.Steps))))
		output, err := step.Call1(append([]any{factor}, targets...)...)
		if err != nil {
			return errors.WithMessagef(err, "style: step %d", i+1)
		}
		loss := float64(tensors.ToScalar[float32](output))
		output.MustFinalizeAll()
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			return errors.Errorf("style: the loss is no longer a number at step %d; lower the learning rate of %g", i+1, g.LearningRate)
		}
		if g.Progress != nil {
			g.Progress(i+1, loss)
		}
	}
	return nil
}

// result returns the picture in the store.
func (g Gatys) result(store *model.Store, content *picture) (image.Image, error) {
	value, err := store.GetVariable(pixelsPath).Value()
	if err != nil {
		return nil, errors.WithMessage(err, "style")
	}
	values, err := tensors.CopyFlatData[float32](value)
	if err != nil {
		return nil, errors.WithMessage(err, "style")
	}
	pixels := make([]uint8, len(values))
	for i, v := range values {
		pixels[i] = uint8(math.Round(127.5 * (1 + min(max(float64(v), -1), 1))))
	}
	result := image.NewNRGBA(content.source.Bounds())
	copy(result.Pix, content.source.Pix)
	tile{height: content.height, width: content.width, inner: [4]int{0, 0, content.height, content.width}}.paste(result, pixels)
	return result, nil
}
