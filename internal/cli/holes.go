package cli

import (
	"context"
	"image"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/inpaint"
	"github.com/ganymede-ml/ganymede/internal/picturefiles"
)

// filler fills holes: package inpaint's Filler.
type filler interface {
	Batch(pictures, masks *tensors.Tensor) (*tensors.Tensor, error)
	BatchBlended(pictures, masks *tensors.Tensor) (*tensors.Tensor, error)
	Picture(ctx context.Context, picture image.Image, mask []uint8, o inpaint.PictureOptions) (*image.NRGBA, error)
}

// filling fills the holes in picture files.
type filling struct {
	filler
	masks *picturefiles.Masks // Nil for the pictures' own transparency.
	size  int                 // Of the pictures that the network was trained with.
	blend bool
}

// holed is a picture with a hole.
type holed struct {
	picturefiles.Pixels
	mask []uint8 // [height, width], 1 in the hole.
}

// patched is what became of it.
type patched struct {
	picture image.Image
	err     error // Why it cannot be filled; others may.
}

// pipeline returns one that passes pictures up to the size of training in batches, and larger ones alone. The network gives the
// tiling, and the channels.
func (f filling) pipeline(plan *picturefiles.Plan, network picturefiles.Network) picturefiles.Pipeline[holed, patched] {
	multiple := network.Tiling.Multiple
	network.Tiling.Size = (f.size + multiple - 1) / multiple * multiple
	network.Func = f.withMasks
	whole := network.Pipeline(plan)
	return picturefiles.Pipeline[holed, patched]{
		Plan:  plan,
		Group: whole.Group,
		Read: func(file picturefiles.File, picture *image.NRGBA) (holed, error) {
			return f.read(file, picture, network)
		},
		Run: func(ctx context.Context, list []holed) ([]patched, error) {
			results := make([]patched, len(list))
			var small []picturefiles.Pixels
			var places []int
			for i, h := range list {
				if max(h.Height, h.Width) <= f.size {
					small, places = append(small, h.masked()), append(places, i)
					continue
				}
				results[i] = f.fillLarge(ctx, h)
				if ctx.Err() != nil {
					return nil, errors.WithStack(ctx.Err())
				}
			}
			made, err := whole.Run(ctx, small)
			if err != nil {
				return nil, err
			}
			for at, i := range places {
				results[i].picture, results[i].err = made[at].Image()
			}
			return results, nil
		},
		Write: func(made patched) (image.Image, error) { return made.picture, made.err },
	}
}

// read returns a picture with its hole, in which nothing is left of it.
func (f filling) read(file picturefiles.File, picture *image.NRGBA, network picturefiles.Network) (h holed, err error) {
	if h.mask, err = f.mask(file, picture); err != nil {
		return h, err
	}
	for i, hole := range h.mask {
		if hole != 0 {
			copy(picture.Pix[4*i:4*i+3], []uint8{0, 0, 0})
		}
	}
	if h.Pixels, err = picturefiles.FromImage(picture, network.Channels, network.ToGrey); err != nil {
		return h, err
	}
	for i, hole := range h.mask {
		if hole != 0 && h.Alpha != nil {
			h.Alpha[i] = 0xff // It is not transparent any more when it is filled.
		}
	}
	if !slices.ContainsFunc(h.Alpha, func(alpha uint8) bool { return alpha != 0xff }) {
		h.Alpha = nil
	}
	return h, nil
}

// mask returns the mask of a picture.
func (f filling) mask(file picturefiles.File, picture *image.NRGBA) ([]uint8, error) {
	if f.masks == nil {
		return inpaint.MaskOfAlpha(picture)
	}
	mask, path, err := f.masks.For(file)
	if err != nil {
		return nil, err
	}
	holes, err := inpaint.MaskOf(mask, picture.Rect.Dx(), picture.Rect.Dy())
	return holes, errors.WithMessage(err, path)
}

// masked returns the picture with the mask as its last channel.
func (h holed) masked() picturefiles.Pixels {
	p := h.Pixels
	p.Channels++
	p.Pixels = make([]uint8, 0, len(h.mask)*p.Channels)
	for i, hole := range h.mask {
		p.Pixels = append(append(p.Pixels, h.Pixels.Pixels[i*h.Channels:(i+1)*h.Channels]...), hole)
	}
	return p
}

// withMasks fills tiles whose last channel is the mask.
func (f filling) withMasks(tiles *tensors.Tensor) (*tensors.Tensor, error) {
	d := tiles.Shape().Dimensions
	n, height, width, channels := d[0], d[1], d[2], d[3]
	pixels, holes := make([]uint8, 0, n*height*width*(channels-1)), make([]uint8, 0, n*height*width)
	err := tensors.ConstFlatData(tiles, func(flat []uint8) {
		for ; len(flat) > 0; flat = flat[channels:] {
			pixels, holes = append(pixels, flat[:channels-1]...), append(holes, flat[channels-1])
		}
	})
	if err != nil {
		return nil, errors.WithMessage(err, "pictures and masks")
	}
	pictures := tensors.FromFlatDataAndDimensions(pixels, n, height, width, channels-1)
	masks := tensors.FromFlatDataAndDimensions(holes, n, height, width, 1)
	defer func() { _, _ = pictures.FinalizeAll(), masks.FinalizeAll() }()
	if f.blend {
		return f.BatchBlended(pictures, masks)
	}
	return f.Batch(pictures, masks)
}

// fillLarge fills the hole in a picture that is larger than those of training.
func (f filling) fillLarge(ctx context.Context, h holed) patched {
	picture, err := h.Image()
	if err != nil {
		return patched{err: err}
	}
	made, err := f.Picture(ctx, picture, h.mask, inpaint.PictureOptions{Paste: !f.blend})
	return patched{made, err}
}
