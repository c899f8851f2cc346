package datasets_test

import (
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/datasets"
)

func TestDraw(t *testing.T) {
	set := &datasets.Set{Name: "steps", Shape: []int{2}}
	for i := range 50 {
		set.Points = append(set.Points, float32(i), float32(-i))
	}
	draw := func(n int, seed int64) []float32 {
		t.Helper()
		drawn := set.Draw(n, seed)
		if got, want := drawn.Shape().Dimensions, []int{min(n, 50), 2}; !slices.Equal(got, want) {
			t.Fatalf("shape %v, want %v", got, want)
		}
		return tensors.MustCopyFlatData[float32](drawn)
	}
	var firsts []float32
	values := draw(100, 1)
	for i := 0; i < len(values); i += 2 {
		if values[i] != -values[i+1] {
			t.Errorf("point %d is (%g, %g), which is none of the set", i/2, values[i], values[i+1])
		}
		firsts = append(firsts, values[i])
	}
	if slices.IsSorted(firsts) {
		t.Error("drawn in the order of the set")
	}
	slices.Sort(firsts)
	if len(slices.Compact(firsts)) != 50 {
		t.Errorf("some examples are there twice: %v", firsts)
	}
	if !slices.Equal(draw(7, 3), draw(7, 3)) || slices.Equal(draw(7, 3), draw(7, 4)) {
		t.Error("the seed does not decide which examples are drawn")
	}
	pixels := &datasets.Set{Name: "dots", Shape: []int{1, 1, 3}, Pixels: []uint8{1, 2, 3}}
	if got := tensors.MustCopyFlatData[uint8](pixels.Draw(5, 0)); !slices.Equal(got, []uint8{1, 2, 3}) {
		t.Errorf("got %v", got)
	}
}
