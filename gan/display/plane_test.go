package display_test

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/gan/display"
)

// pixelAt returns the colour of a pixel.
func pixelAt(picture image.Image, x, y int) color.RGBA {
	return color.RGBAModel.Convert(picture.At(x, y)).(color.RGBA)
}

// TestPlaneField draws a field that is 1 where x + 2y > 0 and 0 elsewhere, computed at Places: pixels must agree.
func TestPlaneField(t *testing.T) {
	const n = 50
	places := tensors.MustCopyFlatData[float32](display.Places(2, n))
	values := make([]float32, n*n)
	for i := range values {
		if places[2*i]+2*places[2*i+1] > 0 {
			values[i] = 1
		}
	}
	picture := display.Plane{Field: tensors.FromFlatDataAndDimensions(values, n, n), Limit: 2, Size: 201}.Draw()
	for _, at := range [][2]float64{{1, 1}, {-1, 1}, {-1.5, -0.5}, {1.5, -1}, {1.9, -0.7}, {-1.9, 0.7}} {
		pixel := pixelAt(picture, int((at[0]+2)*50), int((2-at[1])*50))
		hue := int(pixel.B) - int(pixel.R) // Above 0 for blue.
		if want := at[0]+2*at[1] > 0; (hue > 50) != want || (hue < -50) == want {
			t.Errorf("at %v: %v", at, pixel)
		}
	}
	undecided := display.Plane{Field: tensors.FromValue([][]float32{{0.5}}), Limit: 1, Size: 20}.Draw()
	if got := pixelAt(undecided, 10, 10); got != (color.RGBA{255, 255, 255, 255}) {
		t.Errorf("1/2 is %v, want white", got)
	}
	nan := float32(math.NaN())
	if got := pixelAt(display.Plane{Field: tensors.FromValue([][]float32{{nan}}), Size: 20}.Draw(), 10, 10); got.R != got.B || got.R > 220 {
		t.Errorf("not a number is %v, want grey", got)
	}
}

// TestPlanePoints has reals blue and fakes orange, where they are.
func TestPlanePoints(t *testing.T) {
	picture := display.Plane{Real: points(1, 0.5), Fake: points(-1, -1.5), Limit: 2, Size: 201}.Draw()
	if pixel := pixelAt(picture, 150, 75); int(pixel.B)-int(pixel.R) < 60 {
		t.Errorf("the real point is %v", pixel)
	}
	if pixel := pixelAt(picture, 50, 175); int(pixel.R)-int(pixel.B) < 60 {
		t.Errorf("the fake point is %v", pixel)
	}
}

// TestPlaneArrows follows an arrow's shaft: it goes up and right from its point, half as long as asked with half the unit, and
// never longer than a fifth of the picture.
func TestPlaneArrows(t *testing.T) {
	dark := func(unit float64, arrow ...float32) (reach int) {
		picture := display.Plane{From: points(-1, 0), Arrows: points(arrow...), Unit: unit, Limit: 2, Size: 401}.Draw()
		for i := range 200 { // Along the diagonal from (-1, 0), at pixel (100, 200).
			if pixel := pixelAt(picture, 100+i, 200-i); pixel.R < 128 {
				reach = i
			}
		}
		return reach
	}
	if got := dark(1, 0.4, 0.4); got < 39 || got > 41 {
		t.Errorf("an arrow of 0.4 reaches %d pixels, want 40", got)
	}
	if got := dark(0.5, 0.4, 0.4); got < 19 || got > 21 {
		t.Errorf("with half the unit it reaches %d pixels, want 20", got)
	}
	if got := dark(0, 0.001, 0.001); got < 27 || got > 30 { // A tenth of 401, along the diagonal.
		t.Errorf("the longest arrow reaches %d pixels, want 28", got)
	}
	if got := dark(1, 50, 50); got < 55 || got > 58 { // A fifth.
		t.Errorf("a huge arrow reaches %d pixels, want 57", got)
	}
	nan := float32(math.NaN())
	for _, none := range [][]float32{{0, 0}, {nan, 1}, {-1, -1}} {
		if got := dark(1, none...); got > 1 {
			t.Errorf("arrow %v is drawn up to %d", none, got)
		}
	}
}

func TestBadPlane(t *testing.T) {
	mustPanic(t, func() { display.Plane{Field: tensors.FromValue([][]float32{{1, 2}})}.Draw() })
	mustPanic(t, func() { display.Plane{Real: ramp(1, 2, 2)}.Draw() })
	mustPanic(t, func() { display.Plane{From: points(1, 2)}.Draw() })
}

func ExamplePlane() {
	const n, limit = 40, 1.5
	places := tensors.MustCopyFlatData[float32](display.Places(limit, n))
	belief := make([]float32, n*n)
	for i := range belief { // Real to the right, fake to the left.
		belief[i] = float32(1 / (1 + math.Exp(-3*float64(places[2*i]))))
	}
	fakes := tensors.FromValue([][]float32{{-1, 0.1}, {-0.9, -0.2}})
	picture := display.Plane{
		Field:  tensors.FromFlatDataAndDimensions(belief, n, n),
		Real:   tensors.FromValue([][]float32{{1, 0}, {0.9, 0.1}}),
		Fake:   fakes,
		From:   fakes,
		Arrows: tensors.FromValue([][]float32{{3, 0}, {3, 0}}), // Where the logit rises.
		Limit:  limit,
	}.Draw()
	fmt.Println(picture.Bounds().Size())
	// Output: (400,400)
}
