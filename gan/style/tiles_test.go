package style

import (
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

func TestSpansCoverEachPixelOnce(t *testing.T) {
	for _, test := range []struct{ size, side, margin int }{{640, 640, 96}, {648, 640, 96}, {2000, 640, 96}, {4000, 256, 64}, {16, 640, 96}} {
		at := 0
		for i, s := range spansOf(test.size, test.side, test.margin) {
			end := s.start + min(test.side, test.size)
			if s.from != at || s.to <= s.from || s.start%8 != 0 || s.start < 0 || end > test.size {
				t.Fatalf("%+v: span %d is %+v", test, i, s)
			}
			if s.start > 0 && s.from-s.start < test.margin || end < test.size && end-s.to < test.margin {
				t.Errorf("%+v: span %d, %+v, has too narrow a margin", test, i, s)
			}
			at = s.to
		}
		if at != test.size {
			t.Errorf("%+v: covered up to %d", test, at)
		}
	}
}

// pattern returns a picture of ramps, with a disc and a soft wave.
func pattern(width, height int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{R: uint8(255 * x / width), G: uint8(127 + 100*math.Sin(float64(x+2*y)/15)), B: uint8(255 * y / height), A: 255}
			if math.Hypot(float64(2*x-width), float64(2*y-height)) < float64(min(width, height))/2 {
				c.R, c.G = 240, 200
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

// seededStylizer returns one with the weights of the golden values.
func seededStylizer(t *testing.T) *Stylizer {
	t.Helper()
	store := model.NewStore()
	seededDecoder(t, store)
	s, err := newStylizer(gantest.Go(), store, seededEncoder())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Pictures in tiles are those in one piece.
func TestTilesDoNotShow(t *testing.T) {
	s := seededStylizer(t)
	content, style := pattern(150, 21), Style{Image: pattern(60, 40)}
	whole, err := s.Stylize(content, []Style{style}, Options{Keep: 0.2})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if whole.Bounds() != content.Bounds() {
		t.Fatalf("bounds %v, want %v", whole.Bounds(), content.Bounds())
	}
	s.tileSide = 2*s.margin + 16
	if n := len(tilesOf(24, 152, s.tileSide, s.margin)); n < 3 {
		t.Fatalf("only %d tiles of %d", n, s.tileSide)
	}
	tiled, err := s.Stylize(content, []Style{style}, Options{Keep: 0.2})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	worst := 0
	for i, v := range whole.(*image.NRGBA).Pix {
		worst = max(worst, int(math.Abs(float64(v)-float64(tiled.(*image.NRGBA).Pix[i]))))
	}
	if worst > 1 { // Statistics are summed in another order.
		t.Errorf("pixels differ by up to %d", worst)
	}
}
