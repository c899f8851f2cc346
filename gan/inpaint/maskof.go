package inpaint

import (
	"image"
	"image/color"

	"github.com/pkg/errors"
)

// MaskOf returns the mask that a picture shows, row by row, 1 for hole: its pixels that are lighter than half grey, white in
// most masks. Transparent pixels are black. It is an error if the picture is not width×height pixels large, or shows nothing
// but hole, or no hole.
func MaskOf(picture image.Image, width, height int) ([]uint8, error) {
	bounds := picture.Bounds()
	if bounds.Dx() != width || bounds.Dy() != height {
		return nil, errors.Errorf("inpaint: the mask is %d×%d pixels, and the picture %d×%d; make the mask for this picture", bounds.Dx(), bounds.Dy(), width, height)
	}
	mask := make([]uint8, width*height)
	for i := range mask {
		grey := color.Gray16Model.Convert(picture.At(bounds.Min.X+i%width, bounds.Min.Y+i/width)).(color.Gray16)
		if grey.Y >= 0x8000 {
			mask[i] = 1
		}
	}
	return mask, checkHole(mask, "in white")
}

// MaskOfAlpha returns the mask of the pixels of a picture that are more than half transparent, row by row, 1 for hole. It is
// an error if all are, or none.
func MaskOfAlpha(picture image.Image) ([]uint8, error) {
	bounds := picture.Bounds()
	mask := make([]uint8, bounds.Dx()*bounds.Dy())
	for i := range mask {
		if _, _, _, alpha := picture.At(bounds.Min.X+i%bounds.Dx(), bounds.Min.Y+i/bounds.Dx()).RGBA(); alpha < 0x8000 {
			mask[i] = 1
		}
	}
	return mask, checkHole(mask, "as transparent pixels")
}

// checkHole returns an error if the mask has no hole or nothing else. How says where the hole is looked for.
func checkHole(mask []uint8, how string) error {
	count := 0
	for _, v := range mask {
		if v != 0 {
			count++
		}
	}
	switch count {
	case 0:
		return errors.Errorf("inpaint: the mask has no hole: there is nothing to fill; mark the hole %s", how)
	case len(mask):
		return errors.Errorf("inpaint: the mask is all hole: there is nothing to go by; mark only the hole %s", how)
	}
	return nil
}
