package health

import (
	"math"
	"math/rand/v2"
	"testing"
)

// drawn returns pictures of the value at each row, column and channel.
func drawn(n, height, width, channels int, value func(y, x, c int) float64) pictures {
	p := pictures{height: height, width: width, channels: channels}
	for range n {
		for y := range height {
			for x := range width {
				for c := range channels {
					p.pixels = append(p.pixels, uint8(math.Round(value(y, x, c))))
				}
			}
		}
	}
	return p
}

func TestCheckerboardEnergy(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, test := range []struct {
		name      string
		p         pictures
		want, tol float64
	}{
		{"squares", drawn(2, 28, 28, 1, func(y, x, _ int) float64 { return 100 + 50*alternate(y+x) }), 1, 1e-9},
		{"columns", drawn(1, 8, 6, 1, func(_, x, _ int) float64 { return 100 + 50*alternate(x) }), 1, 1e-9},
		{"rows, of an odd number", drawn(1, 9, 7, 3, func(y, _, c int) float64 { return 100 + 10*float64(c) + 50*alternate(y) }), 1, 1e-9},
		{"half of it", drawn(1, 16, 16, 1, func(y, x, _ int) float64 { return 100 + 40*alternate(y+x) + 40*math.Copysign(1, float64(x)-7.5) }), 0.5, 1e-9},
		{"period four", drawn(1, 16, 16, 1, func(_, x, _ int) float64 { return 100 + 50*alternate(x/2) }), 0, 1e-9},
		{"constant", drawn(1, 8, 8, 1, func(int, int, int) float64 { return 7 }), 0, 0},
		{"a single row", drawn(1, 1, 8, 1, func(_, x, _ int) float64 { return float64(x) }), 0, 0},
		{"white noise", drawn(400, 28, 28, 1, func(int, int, int) float64 { return 128 + 30*random.NormFloat64() }), 55.0 / 783, 1e-3},
	} {
		if got := test.p.checkerboard(); math.Abs(got-test.want) > test.tol {
			t.Errorf("%s: got %g, want %g", test.name, got, test.want)
		}
	}
}

func TestSaturated(t *testing.T) {
	p := pictures{pixels: []uint8{0, 255, 1, 254}, height: 2, width: 2, channels: 1}
	if got := p.saturated(); got != 0.5 {
		t.Errorf("got %g, want 0.5", got)
	}
}
