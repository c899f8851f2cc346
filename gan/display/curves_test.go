package display_test

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/display"
)

// columnsOf returns the leftmost and rightmost column, and the highest and lowest row, with a pixel of the colour below
// the legend.
func columnsOf(picture image.Image, hue color.RGBA) (box image.Rectangle) {
	bounds := picture.Bounds()
	for y := bounds.Min.Y + 60; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			if picture.At(x, y) == hue {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}

var blue, orange = color.RGBA{R: 0, G: 114, B: 178, A: 255}, color.RGBA{R: 213, G: 94, B: 0, A: 255}

func TestCurvesDrawsEverySeries(t *testing.T) {
	picture := display.Curves("Losses",
		display.Series{Name: "discriminator", Y: []float64{4, 3, 2, 1, 0}},
		display.Series{Name: "generator", Y: []float64{4, 4, 4, 4, 4}})
	if picture.Bounds().Size() != image.Pt(760, 400) {
		t.Fatalf("got size %v", picture.Bounds().Size())
	}
	falling, level := columnsOf(picture, blue), columnsOf(picture, orange)
	if falling.Dx() < 600 || falling.Dy() < 200 {
		t.Errorf("the falling curve covers %v, want most of the chart", falling)
	}
	if level.Dx() < 600 || level.Dy() > 4 {
		t.Errorf("the level curve covers %v, want a line from left to right", level)
	}
	if abs(level.Min.Y-falling.Min.Y) > 4 {
		t.Errorf("4 is drawn in row %d and %d", level.Min.Y, falling.Min.Y)
	}
}

func abs(value int) int { return max(value, -value) }

func TestCurvesLeavesGaps(t *testing.T) {
	y := make([]float64, 101)
	for i := range y {
		if 40 <= i && i < 60 {
			y[i] = math.NaN()
		}
	}
	y[50] = math.Inf(1)
	for _, smooth := range []int{0, 5} {
		picture := display.Curves("", display.Series{Y: y, Smooth: smooth})
		box := columnsOf(picture, blue)
		row := (box.Min.Y + box.Max.Y) / 2
		blank := 0
		for x := box.Min.X; x < box.Max.X; x++ {
			if picture.At(x, row) != blue {
				blank++
			}
		}
		if share := float64(blank) / float64(box.Dx()); math.Abs(share-0.21) > 0.02 {
			t.Errorf("smooth %d: %.3f of the curve is a gap, want 0.21", smooth, share)
		}
	}
}

func TestCurvesSmooths(t *testing.T) {
	y := make([]float64, 400) // 1 and -1 in turn, and one spike.
	for i := range y {
		y[i] = float64(i%2*2 - 1)
	}
	y[200] = 1000
	raw := columnsOf(display.Curves("", display.Series{Y: y[:100]}), blue)
	smooth := columnsOf(display.Chart{Series: []display.Series{{Y: y[:100], Smooth: 10}}, YMin: -1.1, YMax: 1.1}.Draw(), blue)
	if raw.Dy() < 250 || smooth.Dy() > 60 {
		t.Errorf("the raw curve covers %v, the smooth one %v", raw, smooth)
	}
	// The spike's average is 100; were the spike itself shown, the average would cover a tenth of the height.
	spike := columnsOf(display.Curves("", display.Series{Y: y, Smooth: 10}), blue)
	if spike.Dy() < 250 {
		t.Errorf("a spike flattens the average to %v", spike)
	}
}

func TestCurvesIsDeterministic(t *testing.T) {
	y := make([]float64, 5000)
	for i := range y {
		y[i] = math.Sin(float64(i)) * float64(i%97)
	}
	series := []display.Series{{Name: "a", Y: y, Smooth: 30}, {Name: "b", Y: y[:4000]}}
	first := display.Curves("Twice", series...).(*image.RGBA)
	second := display.Curves("Twice", series...).(*image.RGBA)
	if string(first.Pix) != string(second.Pix) {
		t.Error("two charts of the same series differ")
	}
}

func TestCurvesWithFewValues(t *testing.T) {
	empty := display.Curves("Losses", display.Series{Name: "generator"}, display.Series{Y: []float64{math.NaN()}, Smooth: 3})
	if empty.Bounds().Size() != image.Pt(760, 400) || !columnsOf(empty, blue).Empty() {
		t.Errorf("a chart of nothing shows a curve in %v", columnsOf(empty, blue))
	}
	one := columnsOf(display.Curves("", display.Series{Y: []float64{0.7}}), blue)
	if one.Empty() || one.Dx() > 6 || one.Dy() > 6 {
		t.Errorf("a chart of one value shows %v, want a dot", one)
	}
	huge := display.Curves("", display.Series{X: []float64{1e-9, 1e9}, Y: []float64{-1e300, 1e300}})
	if columnsOf(huge, blue).Dx() < 500 {
		t.Errorf("a chart of huge values shows %v", columnsOf(huge, blue))
	}
}

func TestCurvesPanicsOnLengths(t *testing.T) {
	got := mustPanic(t, func() { display.Curves("", display.Series{Name: "fid", X: []float64{1}, Y: []float64{1, 2}}) })
	if want := `display: series "fid" has 1 values of X and 2 of Y`; !strings.Contains(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func ExampleCurves() {
	picture := display.Curves("Losses",
		display.Series{Name: "discriminator", Y: []float64{1.39, 1.2, 0.9, 0.95}, Smooth: 2},
		display.Series{Name: "generator", Y: []float64{0.69, 0.9, math.NaN(), 1.1}, Smooth: 2})
	fmt.Println(picture.Bounds().Size())
	// Output: (760,400)
}
