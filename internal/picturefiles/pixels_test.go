package picturefiles_test

import (
	"image"
	"slices"
	"testing"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/tiling"
	"github.com/ganymede-ml/ganymede/internal/picturefiles"
)

func TestPixels(t *testing.T) {
	grey := &image.NRGBA{Pix: []uint8{9, 9, 9, 255, 80, 80, 80, 255}, Stride: 8, Rect: image.Rect(0, 0, 2, 1)}
	coloured := &image.NRGBA{Pix: []uint8{255, 0, 0, 255, 10, 20, 30, 255}, Stride: 8, Rect: image.Rect(0, 0, 2, 1)}
	clear := &image.NRGBA{Pix: []uint8{10, 20, 30, 40, 1, 2, 3, 0}, Stride: 8, Rect: image.Rect(0, 0, 2, 1)}
	for name, test := range map[string]struct {
		picture       *image.NRGBA
		channels      int
		toGrey        bool
		pixels, alpha []uint8
	}{
		"grey, for grey":       {grey, 1, false, []uint8{9, 80}, nil},
		"grey, for colour":     {grey, 3, false, []uint8{9, 9, 9, 80, 80, 80}, nil},
		"colour, for colour":   {coloured, 3, false, []uint8{255, 0, 0, 10, 20, 30}, nil},
		"colour, made grey":    {coloured, 1, true, []uint8{76, 18}, nil}, // .299 red + .587 green + .114 blue
		"transparent":          {clear, 3, false, []uint8{10, 20, 30, 255, 255, 255}, []uint8{40, 0}},
		"transparent and grey": {clear, 1, true, []uint8{18, 255}, []uint8{40, 0}},
	} {
		got, err := picturefiles.FromImage(test.picture, test.channels, test.toGrey)
		if err != nil || !slices.Equal(got.Pixels, test.pixels) || !slices.Equal(got.Alpha, test.alpha) || got.Width != 2 || got.Height != 1 || got.Channels != test.channels {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
	if _, err := picturefiles.FromImage(coloured, 1, false); !errors.Is(err, picturefiles.ErrColour) {
		t.Errorf("colours in a grey net: %v", err)
	}
	for _, test := range []struct {
		channels      int
		pixels, alpha []uint8
		want          image.Image
	}{
		{1, []uint8{9, 80}, nil, &image.Gray{Pix: []uint8{9, 80}, Stride: 2, Rect: grey.Rect}},
		{1, []uint8{9, 80}, []uint8{7, 0}, &image.NRGBA{Pix: []uint8{9, 9, 9, 7, 80, 80, 80, 0}, Stride: 8, Rect: grey.Rect}},
		{3, []uint8{1, 2, 3, 4, 5, 6}, nil, &image.NRGBA{Pix: []uint8{1, 2, 3, 255, 4, 5, 6, 255}, Stride: 8, Rect: grey.Rect}},
	} {
		p := picturefiles.Pixels{Picture: tiling.Picture{Pixels: test.pixels, Height: 1, Width: 2, Channels: test.channels}, Alpha: test.alpha}
		got, err := p.Image()
		if err != nil || got.Bounds() != test.want.Bounds() {
			t.Fatalf("%v: %v", p, err)
		}
		for x := range 2 {
			if got.At(x, 0) != test.want.At(x, 0) {
				t.Errorf("%v: pixel %d is %v, want %v", p, x, got.At(x, 0), test.want.At(x, 0))
			}
		}
	}
	if _, err := (picturefiles.Pixels{Picture: tiling.Picture{Pixels: make([]uint8, 4), Height: 1, Width: 2, Channels: 2}}).Image(); err == nil {
		t.Error("2 channels were written")
	}
}
