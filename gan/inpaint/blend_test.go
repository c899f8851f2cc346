package inpaint_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/inpaint"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// scene returns a smooth picture whose values stay away from 0 and 255.
func scene(height, width, channels int) []uint8 {
	values := make([]uint8, height*width*channels)
	for i := range values {
		c, x, y := i%channels, i/channels%width, i/channels/width
		values[i] = uint8(120 + 50*math.Sin(float64(x)/5+float64(c)) + 40*math.Cos(float64(y)/7))
	}
	return values
}

// TestBlendRemovesAnOffset asserts that a drawing which is the picture, but too light by a constant that differs between the
// channels, becomes the picture: with a box, with strokes, and with a hole at the edge.
func TestBlendRemovesAnOffset(t *testing.T) {
	const height, width = 40, 30
	picture := scene(height, width, 3)
	drawn := bytes.Clone(picture)
	for i := range drawn {
		drawn[i] += []uint8{40, 0, 25}[i%3]
	}
	atEdge := make([]uint8, height*width)
	for i := range atEdge {
		if i/width < 12 && i%width > 9 {
			atEdge[i] = 255
		}
	}
	for name, mask := range map[string][]uint8{
		"box":     inpaint.Masks{Kind: inpaint.CentreMasks}.Draw(height, width, 1),
		"strokes": inpaint.Masks{Kind: inpaint.StrokeMasks}.Draw(height, width, 3),
		"edge":    atEdge,
	} {
		blended, err := inpaint.Blend(picture, drawn, [3]int{height, width, 3}, mask)
		if err != nil {
			t.Fatalf("%s: %+v", name, err)
		}
		for i := range blended {
			if blended[i] != picture[i] {
				t.Fatalf("%s: value %d is %d, want %d", name, i, blended[i], picture[i])
			}
		}
	}
}

// TestBlendKeepsWhatIsDrawn asserts that a spot in the hole survives, though its surroundings are corrected.
func TestBlendKeepsWhatIsDrawn(t *testing.T) {
	const size = 21
	picture := bytes.Repeat([]uint8{100}, size*size)
	drawn := bytes.Repeat([]uint8{60}, size*size)
	mask := inpaint.Masks{Kind: inpaint.CentreMasks}.Draw(size, size, 1)
	drawn[10*size+10] = 110 // 50 above what is around it.
	blended, err := inpaint.Blend(picture, drawn, [3]int{size, size, 1}, mask)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if got := blended[10*size+10]; got != 150 {
		t.Errorf("the spot is %d, want 150, 50 above the picture", got)
	}
	if got := blended[9*size+9]; got != 100 {
		t.Errorf("beside the spot it is %d, want the picture's 100", got)
	}
}

// TestBlendAgainstTheEquation asserts that a drawing of one colour gets the harmonic function of its rim: every pixel the mean
// of its four neighbours, within rounding.
func TestBlendAgainstTheEquation(t *testing.T) {
	const size = 24
	picture := gantest.SeededPictures("blend", 1, size, size, 1)
	pixels := make([]uint8, size*size)
	picture.MustConstFlatData(func(flat any) { copy(pixels, flat.([]uint8)) })
	mask := inpaint.Masks{Kind: inpaint.CentreMasks}.Draw(size, size, 1)
	blended, err := inpaint.Blend(pixels, make([]uint8, size*size), [3]int{size, size, 1}, mask)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for i, hidden := range mask {
		if hidden == 0 {
			if blended[i] != pixels[i] {
				t.Fatalf("the known pixel %d has changed", i)
			}
			continue
		}
		mean := (float64(blended[i-1]) + float64(blended[i+1]) + float64(blended[i-size]) + float64(blended[i+size])) / 4
		if math.Abs(mean-float64(blended[i])) > 1 {
			t.Errorf("pixel %d is %d, and its neighbours' mean is %g", i, blended[i], mean)
		}
	}
}

func TestBlendErrors(t *testing.T) {
	for name, mask := range map[string][]uint8{"all hole": bytes.Repeat([]uint8{1}, 16), "another size": make([]uint8, 15)} {
		if _, err := inpaint.Blend(make([]uint8, 16), make([]uint8, 16), [3]int{4, 4, 1}, mask); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
