package inpaint_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/inpaint"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// marked is the colour of pixels in holes before they are filled.
var marked = color.NRGBA{255, 0, 255, 255}

// withHoles returns a grey picture, with the colour marked in its holes, and their mask.
func withHoles(width, height int, holes ...image.Rectangle) (*image.NRGBA, []uint8) {
	picture, mask := image.NewNRGBA(image.Rect(0, 0, width, height)), make([]uint8, width*height)
	for y := range height {
		for x := range width {
			grey := uint8(60 + (x*3+y*2)%100)
			picture.SetNRGBA(x, y, color.NRGBA{grey, grey, grey, 255})
			for _, hole := range holes {
				if image.Pt(x, y).In(hole) {
					mask[y*width+x] = 1
					picture.SetNRGBA(x, y, marked)
				}
			}
		}
	}
	return picture, mask
}

// TestPictureFillsEveryHole asserts that holes of all sizes in a picture much larger than the network's are filled, and
// nothing else is changed: one as large as those of training, one that is shrunk, one that is filled from its rim, and some at
// the edges.
func TestPictureFillsEveryHole(t *testing.T) {
	filler, err := newTrainer(t, gantest.Go(), tiny()).Filler()
	if err != nil {
		t.Fatalf("%+v", err)
	}
	picture, mask := withHoles(210, 170, image.Rect(10, 12, 17, 18), image.Rect(60, 20, 84, 50), image.Rect(100, 60, 160, 140),
		image.Rect(0, 90, 5, 95), image.Rect(200, 160, 210, 170))
	for name, options := range map[string]inpaint.PictureOptions{"blended": {}, "pasted": {Paste: true, Shrink: 2}} {
		filled, err := filler.Picture(context.Background(), picture, mask, options)
		if err != nil {
			t.Fatalf("%s: %+v", name, err)
		}
		for i, hidden := range mask {
			was, is := picture.NRGBAAt(i%210, i/210), filled.NRGBAAt(i%210, i/210)
			if hidden == 0 && was != is {
				t.Fatalf("%s: the known pixel %d, %d has changed", name, i%210, i/210)
			}
			if hidden != 0 && (is == marked || is.R != is.G || is.A != 255) {
				t.Fatalf("%s: the pixel %d, %d of a hole is %v", name, i%210, i/210, is)
			}
		}
	}
}

func TestPictureKeepsTransparency(t *testing.T) {
	filler, err := newTrainer(t, gantest.Go(), tiny()).Filler()
	if err != nil {
		t.Fatalf("%+v", err)
	}
	picture, mask := withHoles(20, 20, image.Rect(8, 8, 12, 12))
	picture.SetNRGBA(2, 3, color.NRGBA{50, 50, 50, 9})
	picture.SetNRGBA(9, 9, color.NRGBA{})
	filled, err := filler.Picture(context.Background(), picture, mask, inpaint.PictureOptions{})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if got := filled.NRGBAAt(2, 3); got != (color.NRGBA{50, 50, 50, 9}) {
		t.Errorf("a known transparent pixel is now %v", got)
	}
	if got := filled.NRGBAAt(9, 9); got.A != 255 {
		t.Errorf("a transparent pixel of the hole is now %v", got)
	}
}

func TestPictureErrors(t *testing.T) {
	filler, err := newTrainer(t, gantest.Go(), tiny()).Filler()
	if err != nil {
		t.Fatalf("%+v", err)
	}
	picture, mask := withHoles(20, 20, image.Rect(8, 8, 12, 12))
	coloured, _ := withHoles(20, 20, image.Rect(8, 8, 13, 13))
	ended, end := context.WithCancel(context.Background())
	end()
	for name, test := range map[string]struct {
		ctx     context.Context
		picture image.Image
		mask    []uint8
	}{
		"another size": {context.Background(), picture, mask[1:]},
		"no hole":      {context.Background(), picture, make([]uint8, 400)},
		"all hole":     {context.Background(), picture, bytes.Repeat([]uint8{1}, 400)},
		"colours":      {context.Background(), coloured, mask},
		"ended":        {ended, picture, mask},
	} {
		if _, err := filler.Picture(test.ctx, test.picture, test.mask, inpaint.PictureOptions{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestMaskOf(t *testing.T) {
	picture := image.NewNRGBA(image.Rect(5, 5, 8, 7)) // 3×2, not at the origin.
	picture.SetNRGBA(6, 5, color.NRGBA{255, 255, 255, 255})
	picture.SetNRGBA(7, 6, color.NRGBA{200, 200, 200, 255})
	picture.SetNRGBA(5, 6, color.NRGBA{100, 100, 100, 255})
	mask, err := inpaint.MaskOf(picture, 3, 2)
	if err != nil || !bytes.Equal(mask, []uint8{0, 1, 0, 0, 0, 1}) {
		t.Errorf("got %v, %v", mask, err)
	}
	if _, err := inpaint.MaskOf(picture, 2, 3); err == nil {
		t.Error("another size: no error")
	}
	if _, err := inpaint.MaskOf(image.NewGray(image.Rect(0, 0, 3, 2)), 3, 2); err == nil {
		t.Error("no hole: no error")
	}
	if _, err := inpaint.MaskOf(image.White, 3, 2); err == nil {
		t.Error("a picture without end: no error")
	}
	white := image.NewGray(image.Rect(0, 0, 3, 2))
	for i := range white.Pix {
		white.Pix[i] = 255
	}
	if _, err := inpaint.MaskOf(white, 3, 2); err == nil {
		t.Error("all hole: no error")
	}
}

func TestMaskOfAlpha(t *testing.T) {
	picture := image.NewNRGBA(image.Rect(0, 0, 3, 1))
	picture.SetNRGBA(0, 0, color.NRGBA{9, 9, 9, 255})
	picture.SetNRGBA(1, 0, color.NRGBA{9, 9, 9, 140})
	picture.SetNRGBA(2, 0, color.NRGBA{9, 9, 9, 20})
	mask, err := inpaint.MaskOfAlpha(picture)
	if err != nil || !bytes.Equal(mask, []uint8{0, 0, 1}) {
		t.Errorf("got %v, %v", mask, err)
	}
	if _, err := inpaint.MaskOfAlpha(image.NewGray(image.Rect(0, 0, 3, 2))); err == nil {
		t.Error("an opaque picture: no error")
	}
	if _, err := inpaint.MaskOfAlpha(image.NewNRGBA(image.Rect(0, 0, 3, 2))); err == nil {
		t.Error("a transparent picture: no error")
	}
}
