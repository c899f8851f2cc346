package classical_test

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/gan/inpaint/classical"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

type goldenCase struct {
	Name, Kind string
	Shape      [3]int
	Mask       []string

	Telea         []float64
	Telea5        []float64 `json:"telea_5"`
	NavierStokes  []float64 `json:"navier_stokes"`
	NavierStokes5 []float64 `json:"navier_stokes_5"`
	Biharmonic    []float64
}

// picture returns the picture of a case as bench/golden/make_golden_classical_inpaint.py makes it, with other values in the hole.
func (g goldenCase) picture() (pixels, mask []uint8) {
	height, width, channels := g.Shape[0], g.Shape[1], g.Shape[2]
	if g.Kind == "noise" {
		pixels = tensors.MustCopyFlatData[uint8](gantest.SeededPictures(g.Name, 1, height, width, channels))
	} else {
		for i := range height * width * channels {
			y, x, c := float64(i/channels/width), float64(i/channels%width), float64(i%channels)
			value := math.Floor(127.5 + 60*math.Sin(0.31*x+0.7*c) + 60*math.Cos(0.23*y+0.011*x*y-c))
			pixel := uint8(min(max(value, 0), 255))
			if g.Kind == "levels" {
				pixel = pixel / 64 * 64
			}
			pixels = append(pixels, pixel)
		}
	}
	for y, row := range g.Mask {
		for x := range row {
			mask = append(mask, row[x]-'0')
			if row[x] == '1' {
				for c := range channels {
					pixels[(y*width+x)*channels+c] = uint8(37*y + 91*x + c)
				}
			}
		}
	}
	return pixels, mask
}

// tolerance lets floats that are not rounded be rounded, and nothing else differ.
const tolerance = 0.501

// TestLibraries compares with OpenCV and scikit-image.
func TestLibraries(t *testing.T) {
	golden := gantest.ReadJSON[struct{ Cases []goldenCase }](t, "testdata/golden.json")
	marching := func(fill func([]uint8, [3]int, []uint8, int) ([]uint8, error), radius int) func([]uint8, [3]int, []uint8) ([]uint8, error) {
		return func(pixels []uint8, shape [3]int, mask []uint8) ([]uint8, error) {
			return fill(pixels, shape, mask, radius)
		}
	}
	for _, method := range []struct {
		name string
		fill func([]uint8, [3]int, []uint8) ([]uint8, error)
		want func(goldenCase) []float64
	}{
		{"Telea, radius 3", marching(classical.Telea, 3), func(g goldenCase) []float64 { return g.Telea }},
		{"Telea, radius 5", marching(classical.Telea, 5), func(g goldenCase) []float64 { return g.Telea5 }},
		{"NavierStokes, radius 3", marching(classical.NavierStokes, 3), func(g goldenCase) []float64 { return g.NavierStokes }},
		{"NavierStokes, radius 5", marching(classical.NavierStokes, 5), func(g goldenCase) []float64 { return g.NavierStokes5 }},
		{"Biharmonic", classical.Biharmonic, func(g goldenCase) []float64 { return g.Biharmonic }},
	} {
		for _, g := range golden.Cases {
			pixels, mask := g.picture()
			got, err := method.fill(pixels, g.Shape, mask)
			if err != nil {
				t.Fatalf("%s, %s: %v", method.name, g.Name, err)
			}
			want, n, differ, worst := method.want(g), 0, 0, 0.
			for i := range got {
				if mask[i/g.Shape[2]] == 0 {
					if got[i] != pixels[i] {
						t.Fatalf("%s, %s: value %d outside of the hole was %d and is %d", method.name, g.Name, i, pixels[i], got[i])
					}
					continue
				}
				difference := math.Abs(float64(got[i]) - want[n])
				worst = max(worst, difference)
				if difference > tolerance {
					differ++
				}
				n++
			}
			if worst > tolerance {
				t.Errorf("%s, %s: %d of %d values differ, the worst by %g", method.name, g.Name, differ, n, worst)
			}
		}
	}
}
