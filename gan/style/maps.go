package style

import (
	"image"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

// weightMaps returns for each style a map of the content layer's size, whose cells have the side given, of how much of it is wanted there. They
// sum to 1 at most. Without styles there is one map of ones.
func (p *picture) weightMaps(bounds image.Rectangle, styles []Style, cell int) ([][]float32, error) {
	cells := len(p.opacity) / (cell * cell)
	if len(styles) == 0 {
		return [][]float32{filled(cells, 1)}, nil
	}
	maps := make([][]float32, len(styles))
	weights := make([]float32, len(styles))
	for k, style := range styles {
		var err error
		if maps[k], err = p.mask(bounds, style.Mask, cell); err != nil {
			return nil, errors.WithMessagef(err, "style %d", k+1)
		}
		switch weight := style.Weight; {
		case weight == 0:
			weights[k] = 1
		case weight > 0 && weight < 1e6:
			weights[k] = float32(weight)
		default:
			return nil, errors.Errorf("style %d: its weight must be positive and below a million, or 0 for 1, got %g", k+1, weight)
		}
	}
	for i := range cells {
		var covered, sum float32
		for k := range maps {
			covered += maps[k][i]
			sum += weights[k] * maps[k][i]
		}
		for k := range maps {
			if sum > 0 {
				maps[k][i] *= weights[k] / sum * min(covered, 1)
			}
		}
	}
	return maps, nil
}

// mask returns a mask of a content with the bounds as a map of the content layer's size.
func (p *picture) mask(bounds image.Rectangle, mask image.Image, cell int) ([]float32, error) {
	if mask == nil {
		return filled(len(p.opacity)/(cell*cell), 1), nil
	}
	if size := mask.Bounds().Size(); size != bounds.Size() {
		return nil, errors.Errorf("style: the mask is %d×%d, the content %d×%d: they must have one size", size.X, size.Y, bounds.Dx(), bounds.Dy())
	}
	m, err := newPicture(mask, max(p.size[0], p.size[1]))
	if err != nil {
		return nil, err
	}
	return m.shrunk(m.grey(), cell), nil
}

func filled(n int, value float32) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = value
	}
	return values
}

// stack returns the tile's part of maps of the content layer's size, [n, height/cell, width/cell]; see cells.
func (t tile) stack(maps [][]float32, width, cell int, inner bool) *tensors.Tensor {
	var parts []float32
	for _, m := range maps {
		parts = append(parts, t.cells(m, width, cell, inner)...)
	}
	return tensors.FromFlatDataAndDimensions(parts, len(maps), t.height/cell, t.width/cell)
}

// paste puts the part that the tile is for on the picture, as far as it is no padding, and leaves transparency as it is.
func (t tile) paste(onto *image.NRGBA, pixels []uint8) {
	bounds := onto.Bounds()
	for y := t.inner[0]; y < min(t.inner[2], bounds.Dy()); y++ {
		for x := t.inner[1]; x < min(t.inner[3], bounds.Dx()); x++ {
			copy(onto.Pix[y*onto.Stride+4*x:][:3], pixels[((y-t.top)*t.width+x-t.left)*3:])
		}
	}
}

// featureTiles are a picture's features, tile by tile. Those of a few tiles are kept, others are computed anew each time.
type featureTiles struct {
	of     *picture
	tiles  []tile
	encode func(images *tensors.Tensor) (*tensors.Tensor, error)
	kept   []*tensors.Tensor
	last   *tensors.Tensor // Of the last tile that was not kept.
}

// keptTiles is of how many tiles features are kept.
const keptTiles = 4

func (s *Stylizer) features(p *picture) *featureTiles {
	f := &featureTiles{of: p, tiles: tilesOf(p.height, p.width, s.tileSide, s.margin)}
	f.kept = make([]*tensors.Tensor, min(len(f.tiles), keptTiles))
	f.encode = func(images *tensors.Tensor) (*tensors.Tensor, error) {
		defer images.MustFinalizeAll()
		encoded, err := s.encode.Call1(images)
		return encoded, errors.WithMessage(err, "style: encoder")
	}
	return f
}

// get returns the features of a tile, which are good until the next call.
func (f *featureTiles) get(i int) (*tensors.Tensor, error) {
	if i < len(f.kept) {
		if f.kept[i] == nil {
			encoded, err := f.encode(f.of.cut(f.tiles[i]))
			if err != nil {
				return nil, err
			}
			f.kept[i] = encoded
		}
		return f.kept[i], nil
	}
	if f.last != nil {
		f.last.MustFinalizeAll()
	}
	var err error
	f.last, err = f.encode(f.of.cut(f.tiles[i]))
	return f.last, err
}

// close frees them.
func (f *featureTiles) close() {
	for _, tensor := range append(f.kept, f.last) {
		if tensor != nil {
			tensor.MustFinalizeAll()
		}
	}
}
