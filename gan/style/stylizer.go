package style

import (
	"image"
	"math"
	"sync"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
)

// Style is a picture whose style is wanted.
type Style struct {
	Image image.Image

	// Weight is this style's part beside those of the others, with which it is interpolated; 0 means 1.
	Weight float64

	// Mask says where on the content the style is wanted: all where it is white, not at all where it is black or transparent.
	// It has the content's size. Nil means everywhere. Where no mask is white the content keeps its own style.
	Mask image.Image
}

// Options says how a content is stylized. The zero value is the paper's way.
type Options struct {
	// Keep is the share of the content's own statistics, in [0, 1]: 1 - α of the paper's equation 14. With 1 the content is only
	// encoded and decoded.
	Keep float64

	Colours Colours // Whose colours the result has.

	Size      int // The longest side that the content is brought to before; 0 leaves it as it is.
	StyleSize int // Likewise of the styles. The smaller they are, the finer the texture.
}

func (o Options) check() error {
	switch {
	case !(o.Keep >= 0 && o.Keep <= 1):
		return errors.Errorf("style: Options.Keep must be from 0 to 1, got %g", o.Keep)
	case o.Size < 0 || o.StyleSize < 0:
		return errors.Errorf("style: sizes must be positive, or 0 for pictures as they are, got %d and %d", o.Size, o.StyleSize)
	}
	return o.Colours.check()
}

// Stylizer draws contents in the styles of other pictures. Its methods may be called from several goroutines; they run one
// after the other.
//
// It takes pictures of any size. Those with a side above 640 pixels go through the networks in overlapping tiles, twice: once for
// the statistics of the whole, and once to draw. The overlap is as wide as the networks look, so that the result is the one of the
// whole picture at once. Besides the networks' few hundred MB, which do not grow with the picture, it takes some dozens of bytes a
// pixel.
type Stylizer struct {
	encoder *Encoder

	mu                      sync.Mutex
	encode, measure, decode *model.Exec
	tileSide, margin        int
}

// Open returns a stylizer with the decoder of the run in the folder; of the one that the package carries, with the small
// encoder, if dir is "".
func Open(backend compute.Backend, dir string) (*Stylizer, error) {
	if dir != "" {
		t, err := Load(backend, dir)
		if err != nil {
			return nil, err
		}
		s, err := t.Stylizer()
		return s, errors.WithMessage(err, dir)
	}
	if backend == nil {
		return nil, errors.New("style: the backend must not be nil; xla.New returns one")
	}
	encoder, err := openSmall()
	if err != nil {
		return nil, err
	}
	weights, _, err := readFloat16(decoderFile)
	if err != nil {
		return nil, errors.WithMessage(err, "style: decoder")
	}
	store := model.NewStore()
	for name, weight := range weights {
		if _, err := store.CreateVariable("/"+decoderScope+"/"+name, weight); err != nil {
			return nil, errors.WithMessage(err, "style: decoder")
		}
	}
	return newStylizer(backend, store, encoder)
}

// newStylizer returns a stylizer with the decoder in the store.
func newStylizer(backend compute.Backend, store *model.Store, encoder *Encoder) (*Stylizer, error) {
	s := &Stylizer{encoder: encoder, tileSide: 640, margin: marginOf(encoder.convolutions())}
	for _, program := range []struct {
		exec  **model.Exec
		build func(scope *model.Scope, inputs []*Node) []*Node
	}{{&s.encode, s.encodeGraph}, {&s.measure, s.measureGraph}, {&s.decode, s.decodeGraph}} {
		exec, err := model.NewExec(backend, store, program.build)
		if err != nil {
			return nil, errors.WithMessage(err, "style")
		}
		*program.exec = exec.SetMaxCache(-1)
	}
	return s, nil
}

// EncoderName returns "small" or "vgg19".
func (s *Stylizer) EncoderName() string { return s.encoder.Name() }

// encodeGraph returns the content layer of images.
func (s *Stylizer) encodeGraph(scope *model.Scope, inputs []*Node) []*Node {
	return s.encoder.Layers(scope, inputs[0], s.encoder.ContentLayer())
}

// measureGraph returns for features [1, height, width, channels] and weights [n, height, width] the sums of each of the weights,
// [n], and, weighted by it, of the features and of their squares, both [n, channels].
func (*Stylizer) measureGraph(_ *model.Scope, inputs []*Node) []*Node {
	features, weights := Squeeze(inputs[0], 0), inputs[1]
	return []*Node{
		ReduceSum(weights, 1, 2), Einsum("nhw,hwc->nc", weights, features), Einsum("nhw,hwc->nc", weights, Square(features)),
	}
}

// decodeGraph returns pixels, uint8, for features [1, height, width, channels], of which each pixel and channel becomes
// (1 + Σ weight·scale)·feature + Σ weight·shift, for weights [n, height, width] and scales and shifts [n, channels].
func (s *Stylizer) decodeGraph(scope *model.Scope, inputs []*Node) []*Node {
	features, weights, scales, shifts := inputs[0], inputs[1], inputs[2], inputs[3]
	over := func(values *Node) *Node { return InsertAxes(Einsum("nhw,nc->hwc", weights, values), 0) }
	features = Add(Mul(OnePlus(over(scales)), features), over(shifts))
	return []*Node{gan.ToPixels(Decoder(scope.At(decoderScope), features, s.encoder.convolutions()))}
}

// Stylize returns the content, of which nil styles change nothing, drawn in the styles: one, several interpolated by their
// weights (equation 15 of the paper), or each in its place. The content's transparency stays.
//
// It is an error if a picture is empty or wholly transparent, a weight negative, or a mask black or of another size than the content.
func (s *Stylizer) Stylize(content image.Image, styles []Style, o Options) (image.Image, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	p, err := newPicture(content, o.Size)
	if err != nil {
		return nil, errors.WithMessage(err, "content")
	}
	maps, err := p.weightMaps(content.Bounds(), styles, s.encoder.cell())
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var wanted []statistics
	for i, style := range styles {
		of, err := s.styleStatistics(p, style.Image, o)
		if err != nil {
			return nil, errors.WithMessagef(err, "style %d", i+1)
		}
		wanted = append(wanted, of)
	}
	drawn, err := s.draw(p, maps, wanted, 1-o.Keep)
	if err != nil {
		return nil, err
	}
	return o.Colours.finish(drawn, p.source), nil
}

// styleStatistics returns those of a style, in the colours wanted.
func (s *Stylizer) styleStatistics(content *picture, style image.Image, o Options) (statistics, error) {
	p, err := newPicture(style, o.StyleSize)
	if err != nil {
		return statistics{}, err
	}
	if o.Colours == MatchedColours {
		if err := matchColours(p, content); err != nil {
			return statistics{}, err
		}
	}
	f := s.features(p)
	defer f.close()
	list, err := s.statistics(f, [][]float32{p.shrunk(p.opacity, s.encoder.cell())})
	if err != nil {
		return statistics{}, err
	}
	return list[0], nil
}

// draw returns the content with the statistics wanted, α of the way, where the maps say.
func (s *Stylizer) draw(p *picture, maps [][]float32, wanted []statistics, alpha float64) (*image.NRGBA, error) {
	f := s.features(p)
	defer f.close()
	visible := p.shrunk(p.opacity, s.encoder.cell())
	seen := make([][]float32, len(maps))
	for k, m := range maps {
		seen[k] = make([]float32, len(m))
		for i, v := range m {
			seen[k][i] = v * visible[i]
		}
	}
	own, err := s.statistics(f, seen)
	if err != nil {
		return nil, errors.WithMessage(err, "content")
	}
	channels := len(own[0].mean)
	scales, shifts := make([]float32, 0, len(maps)*channels), make([]float32, 0, len(maps)*channels)
	for k, from := range own {
		to := from
		if len(wanted) > 0 {
			to = wanted[k]
		}
		for c := range channels {
			ratio := to.deviation[c] / from.deviation[c]
			scales = append(scales, float32(alpha*(ratio-1)))
			shifts = append(shifts, float32(alpha*(to.mean[c]-from.mean[c]*ratio)))
		}
	}
	result := image.NewNRGBA(p.source.Bounds())
	copy(result.Pix, p.source.Pix)
	for i, t := range f.tiles {
		encoded, err := f.get(i)
		if err != nil {
			return nil, err
		}
		output, err := s.decode.Call1(encoded, t.stack(maps, p.width, s.encoder.cell(), false),
			tensors.FromFlatDataAndDimensions(scales, len(maps), channels), tensors.FromFlatDataAndDimensions(shifts, len(maps), channels))
		if err != nil {
			return nil, errors.WithMessage(err, "style: decoder")
		}
		err = output.ConstFlatData(func(flat any) { t.paste(result, flat.([]uint8)) })
		output.MustFinalizeAll()
		if err != nil {
			return nil, errors.WithMessage(err, "style: decoder")
		}
	}
	return result, nil
}

// statistics are the means and standard deviations of the channels of a picture's last layer.
type statistics struct{ mean, deviation []float64 }

// statistics returns those of the features under each map of weights, of the content layer's size.
func (s *Stylizer) statistics(f *featureTiles, maps [][]float32) ([]statistics, error) {
	var sums [3][]float64
	for i, t := range f.tiles {
		encoded, err := f.get(i)
		if err != nil {
			return nil, err
		}
		outputs, err := s.measure.Call(encoded, t.stack(maps, f.of.width, s.encoder.cell(), true))
		if err != nil {
			return nil, errors.WithMessage(err, "style: statistics")
		}
		for k, output := range outputs {
			values, err := tensors.CopyFlatData[float32](output)
			output.MustFinalizeAll()
			if err != nil {
				return nil, errors.WithMessage(err, "style: statistics")
			}
			if sums[k] == nil {
				sums[k] = make([]float64, len(values))
			}
			for j, v := range values {
				sums[k][j] += float64(v)
			}
		}
	}
	list := make([]statistics, len(maps))
	channels := len(sums[1]) / len(maps)
	for k := range list {
		if sums[0][k] < 1e-3 {
			return nil, errors.New("style: nothing of it is to be seen: it is transparent, or its mask is black")
		}
		for c := range channels {
			mean := sums[1][k*channels+c] / sums[0][k]
			variance := max(sums[2][k*channels+c]/sums[0][k]-mean*mean, 0)
			list[k].mean = append(list[k].mean, mean)
			list[k].deviation = append(list[k].deviation, math.Sqrt(variance+epsilon))
		}
	}
	return list, nil
}
