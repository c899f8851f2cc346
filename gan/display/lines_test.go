package display

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/plotter"
)

func TestMovingAverage(t *testing.T) {
	nan := math.NaN()
	points := Series{Y: []float64{1, 2, 6, nan, 4, 10}}.points()
	for window, want := range map[int][]float64{
		1: {1, 2, 6, nan, 4, 10},
		2: {1.5, 4, 6, nan, 7, 10},         // Itself and the next.
		3: {1.5, 3, 4, nan, 7, 7},          // One before, one after, of those there are.
		9: {3.25, 4.6, 4.6, nan, 4.6, 5.5}, // Four before, four after.
	} {
		for i, point := range movingAverage(points, window) {
			if math.Abs(point.Y-want[i]) > 1e-12 || math.IsNaN(point.Y) != math.IsNaN(want[i]) {
				t.Errorf("window %d, value %d: got %g, want %g", window, i, point.Y, want[i])
			}
		}
	}
}

func TestThinKeepsExtremes(t *testing.T) {
	points := make(plotter.XYs, 100_000)
	for i := range points {
		points[i] = plotter.XY{X: float64(i), Y: math.Sin(float64(i) / 1000)}
	}
	points[12_345].Y, points[54_321].Y = 9, -9
	got := thin(points)
	if len(got) > 2100 {
		t.Errorf("got %d points, want about 2000", len(got))
	}
	for _, i := range []int{0, 12_345, 54_321, 99_999} {
		if !slices.Contains(got, points[i]) {
			t.Errorf("point %d is lost", i)
		}
	}
	if !slices.IsSortedFunc(got, func(a, b plotter.XY) int { return int(a.X - b.X) }) {
		t.Error("points are out of order")
	}
	if got := thin(points[:1000]); len(got) != 1000 {
		t.Errorf("few points became %d", len(got))
	}
}

func TestPiecesCoverTheCurve(t *testing.T) {
	points := make(plotter.XYs, 1234)
	for i := range points {
		points[i].X = float64(i)
	}
	for overlap := range 2 {
		next := 0.0
		for _, piece := range pieces(points, overlap) {
			if piece[0].X != next {
				t.Fatalf("overlap %d: a piece begins at %g, want %g", overlap, piece[0].X, next)
			}
			next = piece[len(piece)-1].X + 1 - float64(overlap)
		}
		if next != 1234-float64(overlap) {
			t.Errorf("overlap %d: the pieces end before %g", overlap, next)
		}
	}
}

func TestRoundTicks(t *testing.T) {
	for _, test := range []struct {
		low, high, least float64
		want             string
	}{
		{0, 3000, 1, "0 500 1,000 1,500 2,000 2,500 3,000"},
		{0.5, 1.5, 1, "1"},
		{0, 1, 0, "0 0.2 0.4 0.6 0.8 1.0"},
		{-0.31, 0.32, 0, "-0.3 -0.2 -0.1 0 0.1 0.2 0.3"},
		{0, 2e5, 1, "0 50,000 100,000 150,000 200,000"},
		{0, 3e-5, 0, "0 5e-06 1e-05 1.5e-05 2e-05 2.5e-05 3e-05"},
		{1e8, 5e8, 0, "1e+08 2e+08 3e+08 4e+08 5e+08"},
	} {
		var labels []string
		for _, tick := range roundTicks(test.low, test.high, test.least) {
			labels = append(labels, tick.Label)
		}
		if got := strings.Join(labels, " "); got != test.want {
			t.Errorf("%g to %g: got %q, want %q", test.low, test.high, got, test.want)
		}
	}
}
