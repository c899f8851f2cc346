// Package tiling passes pictures of any size through a network that takes batches of pictures of one size.
//
// A picture that is small enough passes whole, padded to a size that the network can take and cropped back. A larger one is
// cut into tiles that overlap, and what becomes of them is blended.
package tiling

import (
	"context"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

const (
	defaultSize  = 512
	defaultBatch = 64

	// overlapShare is the part of a tile that overlaps the next one, unless Overlap says otherwise.
	overlapShare = 8

	// batchPixels is how many pixels a batch has, unless Batch says otherwise.
	batchPixels = 512 * 512
)

// Picture is what a file holds, without its alpha.
type Picture struct {
	Pixels                  []uint8 // [Height, Width, Channels]
	Height, Width, Channels int
}

// Func is a network: it takes uint8 pixels shaped [n, height, width, channels], and returns such of
// [n, Scale·height, Scale·width, channels], where the number of channels may be another.
type Func = func(tiles *tensors.Tensor) (*tensors.Tensor, error)

// Tiling says how pictures pass.
type Tiling struct {
	// Size is the side of a tile, and the longest side that passes whole. It is rounded down to a multiple of Multiple, but
	// at least as long as Least says. Zero means 512.
	Size int

	// Overlap is the number of pixels at least that neighbouring tiles share, less than Size. Zero means an eighth of Size,
	// a negative number none.
	Overlap int

	// Multiple is what the sides that the network takes are multiples of. Zero means 1.
	Multiple int

	// Least is the shortest side that the network takes. Zero means Multiple.
	Least int

	// Scale is how many times larger the network makes the sides. Zero means 1.
	Scale int

	// Batch is the most tiles in a batch. Zero means as many as have 512×512 pixels together, from 1 to 64.
	Batch int
}

// withDefaults returns the tiling with zeros replaced.
func (t Tiling) withDefaults() (Tiling, error) {
	if t.Size < 0 || t.Multiple < 0 || t.Least < 0 || t.Scale < 0 || t.Batch < 0 {
		return t, errors.Errorf("tiling: size %d, multiple %d, least %d, scale %d and batch %d must not be negative", t.Size, t.Multiple, t.Least, t.Scale, t.Batch)
	}
	if t.Size == 0 {
		t.Size = defaultSize
	}
	t.Multiple, t.Scale = max(1, t.Multiple), max(1, t.Scale)
	t.Least = max(1, (t.Least+t.Multiple-1)/t.Multiple) * t.Multiple
	t.Size = max(t.Least, t.Size/t.Multiple*t.Multiple)
	switch {
	case t.Overlap == 0:
		t.Overlap = t.Size / overlapShare
	case t.Overlap < 0:
		t.Overlap = 0
	case t.Overlap >= t.Size:
		return t, errors.Errorf("tiling: an overlap of %d pixels leaves nothing of tiles of %d; choose a smaller one", t.Overlap, t.Size)
	}
	return t, nil
}

// batch returns how many tiles of that shape pass at once.
func (t Tiling) batch(height, width int) int {
	if t.Batch > 0 {
		return t.Batch
	}
	return min(max(1, batchPixels/(height*width)), defaultBatch)
}

// Shape returns the height and width of the tiles as which a picture passes, how many they are, and how many tiles of that
// shape pass at once. Pictures with tiles of one shape may share a batch if they pass whole.
func (t Tiling) Shape(height, width int) (tileHeight, tileWidth, tiles, batch int, err error) {
	if t, err = t.withDefaults(); err != nil {
		return 0, 0, 0, 0, err
	}
	rows, columns := t.axis(height), t.axis(width)
	return rows.tile, columns.tile, len(rows.starts) * len(columns.starts), t.batch(rows.tile, columns.tile), nil
}

// Apply returns what the network makes of the pictures, Scale times their size. It takes them in turn; those that pass whole
// and have one shape once they are padded share batches.
//
// It needs memory for the pictures, for a batch, and for a row of tiles of one picture. An error of the network ends it, as
// the context does between batches. The network's input is finalized when it has returned, and so is what it returns.
func (t Tiling) Apply(ctx context.Context, pictures []Picture, network Func) ([]Picture, error) {
	t, err := t.withDefaults()
	if err != nil {
		return nil, err
	}
	type shape struct{ height, width, channels int }
	results := make([]Picture, len(pictures))
	var shapes []shape
	whole := map[shape][]int{}
	for i, picture := range pictures {
		if err := picture.check(); err != nil {
			return nil, err
		}
		rows, columns := t.axis(picture.Height), t.axis(picture.Width)
		if len(rows.starts)*len(columns.starts) > 1 {
			if results[i], err = t.cut(ctx, picture, rows, columns, network); err != nil {
				return nil, err
			}
			continue
		}
		s := shape{rows.tile, columns.tile, picture.Channels}
		if whole[s] == nil {
			shapes = append(shapes, s)
		}
		whole[s] = append(whole[s], i)
	}
	for _, s := range shapes {
		batch := t.batch(s.height, s.width)
		for list := whole[s]; len(list) > 0; list = list[min(batch, len(list)):] {
			if err := t.pass(ctx, pictures, results, list[:min(batch, len(list))], s.height, s.width, network); err != nil {
				return nil, err
			}
		}
	}
	return results, nil
}

func (p Picture) check() error {
	if p.Height < 1 || p.Width < 1 || p.Channels < 1 || len(p.Pixels) != p.Height*p.Width*p.Channels {
		return errors.Errorf("tiling: a picture of %d×%d×%d has %d values", p.Height, p.Width, p.Channels, len(p.Pixels))
	}
	return nil
}

// pass makes results of the pictures in the list, all of which pass whole.
func (t Tiling) pass(ctx context.Context, pictures, results []Picture, list []int, height, width int, network Func) error {
	channels := pictures[list[0]].Channels
	size := height * width * channels
	tiles := make([]uint8, len(list)*size)
	for at, i := range list {
		pictures[i].copyTile(tiles[at*size:], 0, 0, height, width)
	}
	return t.call(ctx, network, tiles, []int{len(list), height, width, channels}, func(made []uint8, channels int) error {
		for at, i := range list {
			results[i] = crop(made[at*len(made)/len(list):], width*t.Scale, pictures[i].Height*t.Scale, pictures[i].Width*t.Scale, channels)
		}
		return nil
	})
}

// call calls the network, and use with the pixels that it returns and their channels.
func (t Tiling) call(ctx context.Context, network Func, tiles []uint8, shape []int, use func(made []uint8, channels int) error) error {
	if ctx.Err() != nil {
		return errors.WithStack(ctx.Err())
	}
	input := tensors.FromFlatDataAndDimensions(tiles, shape...)
	defer func() { _ = input.FinalizeAll() }()
	output, err := network(input)
	if err != nil {
		return err
	}
	defer func() { _ = output.FinalizeAll() }()
	got := output.Shape().Dimensions
	if len(got) != 4 || got[0] != shape[0] || got[1] != shape[1]*t.Scale || got[2] != shape[2]*t.Scale || output.DType() != pixelType {
		return errors.Errorf("tiling: the network makes %s of uint8 %v, want uint8 [%d, %d, %d, channels]", output.Shape(), shape, shape[0], shape[1]*t.Scale, shape[2]*t.Scale)
	}
	var failed error
	if err := tensors.ConstFlatData(output, func(made []uint8) { failed = use(made, got[3]) }); err != nil {
		return errors.WithMessage(err, "tiling: what the network makes")
	}
	return failed
}
