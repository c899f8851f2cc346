package display

import (
	"image"
	"image/color"
	"math"
	"testing"
)

// TestDitherThreeGrays paints an even grey in black, dark grey and white: on average the picture is as light, and what is
// black already stays so.
func TestDitherThreeGrays(t *testing.T) {
	const side = 64
	for _, level := range []uint8{32, 64, 128, 200} {
		frame := image.NewGray(image.Rect(0, 0, 2*side, side)) // The right half is black.
		for i := range side * side {
			frame.SetGray(i%side, i/side, color.Gray{Y: level})
		}
		p := &painter{
			palette: color.Palette{color.Black, color.Gray{Y: 20}, color.White},
			colors:  [][3]int{{}, {20, 20, 20}, {255, 255, 255}},
		}
		p.nearest = make([]int16, 64*64*64)
		for i := range p.nearest {
			p.nearest[i] = -1
		}
		painted := p.frame(frame, frame.Rect.Max)
		sum := 0
		for y := range side {
			for x := range side {
				sum += p.colors[painted.ColorIndexAt(x, y)][0]
				if painted.ColorIndexAt(side+x, y) != 0 {
					t.Fatalf("level %d: black became lighter at (%d, %d)", level, side+x, y)
				}
			}
		}
		if mean := float64(sum) / (side * side); math.Abs(mean-float64(level)) > 2 { // Some is lost at the edges.
			t.Errorf("level %d: got mean %.1f", level, mean)
		}
	}
}

// TestMedianCutKeepsRareColors has 100 bright reds among a million greys and blues.
func TestMedianCutKeepsRareColors(t *testing.T) {
	colors := []counted{{rgb: [3]uint8{255, 0, 0}, count: 100}}
	for level := range 250 {
		colors = append(colors,
			counted{rgb: [3]uint8{uint8(level), uint8(level), uint8(level)}, count: 2000},
			counted{rgb: [3]uint8{0, 0, uint8(level)}, count: 2000})
	}
	palette := medianCut(colors)
	if len(palette) != paletteSize {
		t.Fatalf("got %d colours, want %d", len(palette), paletteSize)
	}
	red := palette.Convert(color.RGBA{R: 255, A: 255}).(color.RGBA)
	if red.R < 240 || red.G > 15 || red.B > 15 {
		t.Errorf("the nearest to red is %v", red)
	}
}
