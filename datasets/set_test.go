package datasets_test

import (
	"image"
	"image/color"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/datasets"
)

func TestSetImage(t *testing.T) {
	grey := datasets.Set{Shape: []int{1, 2, 1}, Pixels: []uint8{1, 2, 3, 4}}
	if got := grey.Image(1); got.Bounds() != image.Rect(0, 0, 2, 1) || got.At(0, 0) != (color.Gray{Y: 3}) || got.At(1, 0) != (color.Gray{Y: 4}) {
		t.Errorf("grey: got %v", got)
	}
	colour := datasets.Set{Shape: []int{2, 1, 3}, Pixels: []uint8{1, 2, 3, 4, 5, 6}}
	got := colour.Image(0)
	if got.Bounds() != image.Rect(0, 0, 1, 2) || got.At(0, 1) != (color.NRGBA{R: 4, G: 5, B: 6, A: 255}) {
		t.Errorf("colour: got %v", got)
	}
	got.(*image.NRGBA).Set(0, 0, color.Black)
	if colour.Pixels[0] != 1 {
		t.Error("drawing on the picture changed the set")
	}
	points := datasets.Set{Shape: []int{2}, Points: []float32{1, 2}}
	if got := points.Image(0); got != nil {
		t.Errorf("points: got the picture %v, want none", got)
	}
}

// The hash of a set depends on each of shape, data and labels, and on nothing else.
func TestSetHash(t *testing.T) {
	build := func() *datasets.Set {
		return &datasets.Set{Name: "a", Shape: []int{1, 2, 1}, Pixels: []uint8{1, 2, 3, 4}, Labels: []int32{0, 1}}
	}
	// SHA-256 of the little-endian numbers 3, 1, 2, 1 (shape), 4, 0, 2 (values, points, labels) as 8 bytes each, then the
	// bytes 1 2 3 4 and the labels 0, 1 as 4 bytes each, by Python's hashlib and struct.
	const want = "f1964e1a495ee51ce02b62a90ce41da6fb831463bd1aaaa3cfbce3ea8ab81019"
	if got := build().Hash(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	renamed := build()
	renamed.Name, renamed.Classes = "b", []string{"x", "y"}
	if renamed.Hash() != want {
		t.Error("the hash depends on names")
	}
	for name, change := range map[string]func(*datasets.Set){
		"shape":         func(s *datasets.Set) { s.Shape = []int{2, 1, 1} },
		"a pixel":       func(s *datasets.Set) { s.Pixels[3] = 5 },
		"a label":       func(s *datasets.Set) { s.Labels[1] = 2 },
		"without label": func(s *datasets.Set) { s.Labels = nil },
		"points": func(s *datasets.Set) {
			s.Pixels, s.Points = nil, []float32{1, 2, 3, 4}
		},
	} {
		changed := build()
		if change(changed); changed.Hash() == want {
			t.Errorf("%s: the hash did not change", name)
		}
	}
}

func TestSetLen(t *testing.T) {
	for want, set := range map[int]datasets.Set{
		0: {},
		2: {Shape: []int{1, 2, 1}, Pixels: make([]uint8, 4)},
		3: {Shape: []int{2}, Points: make([]float32, 6)},
	} {
		if got := set.Len(); got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	}
}

// Sets filled by hand may contradict themselves.
func TestBatchesCheckTheSet(t *testing.T) {
	for _, test := range []struct {
		set  datasets.Set
		want string
	}{
		{datasets.Set{Name: "mine", Shape: []int{2, 2, 2}, Pixels: make([]uint8, 8)}, "the shape of an example is [2 2 2]"},
		{datasets.Set{Name: "mine", Shape: nil, Pixels: make([]uint8, 8)}, "the shape of an example is []"},
		{datasets.Set{Name: "mine", Shape: []int{2}, Pixels: make([]uint8, 8)}, "belong in Pixels if they are pictures, in Points if not"},
		{datasets.Set{Name: "mine", Shape: []int{2, 2, 1}}, "holds no examples"},
		{datasets.Set{Name: "mine", Shape: []int{2, 2, 1}, Pixels: make([]uint8, 7)}, "7 values are no whole number of examples"},
		{datasets.Set{Name: "mine", Shape: []int{2}, Points: make([]float32, 4), Labels: []int32{0}}, "1 labels for 2 examples"},
	} {
		if _, err := test.set.Batches(1, 0); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("shape %v: got %v, want an error with %q", test.set.Shape, err, test.want)
		}
	}
}
