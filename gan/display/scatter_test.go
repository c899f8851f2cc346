package display_test

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/display"
	"github.com/gomlx/gomlx/core/tensors"
)

func points(values ...float32) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(values, len(values)/2, 2)
}

// isOrange tells whether a pixel is a generated point's; isGray, whether it is darker than the axes but has no hue.
func isOrange(c color.Color) bool {
	pixel := color.RGBAModel.Convert(c).(color.RGBA)
	return int(pixel.R)-int(pixel.B) > 100
}

func isGray(c color.Color) bool {
	pixel := color.RGBAModel.Convert(c).(color.RGBA)
	return pixel.R == pixel.G && pixel.G == pixel.B && pixel.R < 210
}

func TestScatterPlacesPoints(t *testing.T) {
	nan := float32(math.NaN())
	picture := display.Cloud{Limit: 2, Size: 201}.Draw(points(0, 0, 1, 0.5, -50, 1, nan, 0))
	if picture.Bounds() != image.Rect(0, 0, 201, 201) {
		t.Fatalf("got bounds %v", picture.Bounds())
	}
	orange := 0
	for y := range 201 {
		for x := range 201 {
			if isOrange(picture.At(x, y)) {
				orange++
			}
		}
	}
	for _, at := range []image.Point{{100, 100}, {150, 75}, {0, 50}} { // The last one is beyond the axes: on the border.
		if !isOrange(picture.At(at.X, at.Y)) {
			t.Errorf("no point at %v: %v", at, picture.At(at.X, at.Y))
		}
	}
	if orange < 20 || orange > 60 {
		t.Errorf("got %d pixels of three dots, want some 40", orange)
	}
}

func TestScatterAxesDependOnRealPointsAlone(t *testing.T) {
	real := points(1, 0, -0.4, 0.8) // The axes end at 1.25: (1, 0) is at 9/10 of the width.
	for _, fake := range []*tensors.Tensor{points(0, 0.5), points(40, -70)} {
		picture := display.Scatter(fake, real)
		x := int(math.Round(0.9 * 399))
		if !isGray(picture.At(x, 200)) {
			t.Errorf("with %v: no real point at (%d, 200): %v", fake.Value(), x, picture.At(x, 200))
		}
	}
	over := display.Scatter(points(1, 0), real)
	if !isOrange(over.At(359, 200)) {
		t.Errorf("a generated point over a real one is %v, want it in front", over.At(359, 200))
	}
}

func TestGridDrawsPoints(t *testing.T) {
	fake := points(0.5, 0.5)
	grid, scatter := display.Grid(fake, 8).(*image.RGBA), display.Scatter(fake, nil).(*image.RGBA)
	if string(grid.Pix) != string(scatter.Pix) {
		t.Error("a grid of points is not their scatter")
	}
}

func TestBadPoints(t *testing.T) {
	got := mustPanic(t, func() { display.Scatter(points(0, 0), ramp(1, 2, 2)) })
	if want := fmt.Sprintf("display: real points are %s, want float32 [n, 2]", ramp(1, 2, 2).Shape()); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	got = mustPanic(t, func() { display.Scatter(nil, nil) })
	if want := "display: points are nil, want float32 [n, 2]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func ExampleScatter() {
	real := tensors.FromValue([][]float32{{1, 0}, {0, 1}, {-1, 0}, {0, -1}})
	fake := tensors.FromValue([][]float32{{0.9, 0.1}, {0.1, 0.8}})
	fmt.Println(display.Scatter(fake, real).Bounds().Size())
	// Output: (400,400)
}
