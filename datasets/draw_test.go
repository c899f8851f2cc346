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

func TestSelect(t *testing.T) {
	set := &datasets.Set{Name: "dots", Shape: []int{1, 1, 3}, Pixels: []uint8{1, 2, 3, 4, 5, 6, 7, 8, 9}, Labels: []int32{10, 20, 30}, Classes: []string{"a"}}
	got := set.Select([]int{2, 0, 2})
	if !slices.Equal(got.Pixels, []uint8{7, 8, 9, 1, 2, 3, 7, 8, 9}) || !slices.Equal(got.Labels, []int32{30, 10, 30}) || got.Len() != 3 {
		t.Errorf("got %v", got)
	}
	if got.Name != "dots" || len(got.Classes) != 1 || set.Len() != 3 {
		t.Errorf("got %v of %v", got, set)
	}
}

func TestFromTensor(t *testing.T) {
	for _, set := range []*datasets.Set{
		{Name: "dots", Shape: []int{1, 2, 3}, Pixels: []uint8{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
		{Name: "points", Shape: []int{2}, Points: []float32{1, 2, 3, 4}},
	} {
		got, err := datasets.FromTensor(set.Name, set.Tensor())
		if err != nil || got.Hash() != set.Hash() || got.Name != set.Name {
			t.Errorf("got %v, %v, want %v", got, err, set)
		}
	}
	for _, wrong := range []*tensors.Tensor{
		tensors.FromValue([]uint8{1, 2}), tensors.FromValue([][][][]int32{{{{1}}}}), tensors.FromValue([][][][]uint8{{{{1, 2}}}}),
	} {
		if got, err := datasets.FromTensor("wrong", wrong); err == nil {
			t.Errorf("%s became %v", wrong, got)
		}
	}
}
