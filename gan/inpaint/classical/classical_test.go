package classical_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/inpaint/classical"
)

func TestMean(t *testing.T) {
	pixels := []uint8{10, 100, 20, 101, 99, 99, 31, 103}
	got, err := classical.Mean(pixels, [3]int{2, 2, 2}, []uint8{0, 0, 7, 0})
	if want := []uint8{10, 100, 20, 101, 20, 101, 31, 103}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want) // 61/3 is 20.3, 304/3 is 101.3.
	}
	if pixels[4] != 99 {
		t.Error("the picture given was changed")
	}
}

func TestNearest(t *testing.T) {
	pixels := []uint8{
		1, 2, 3, 4,
		0, 0, 0, 8,
		0, 0, 0, 12,
		0, 0, 0, 16,
	}
	mask := []uint8{
		0, 0, 0, 0,
		1, 1, 1, 0,
		1, 1, 1, 0,
		1, 1, 1, 0,
	}
	got, err := classical.Nearest(pixels, [3]int{4, 4, 1}, mask)
	want := []uint8{ // By Pythagoras; of two as near, the first in the order of rows.
		1, 2, 3, 4,
		1, 2, 3, 8,
		1, 2, 12, 12,
		1, 16, 16, 16,
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

// TestPlane fills a hole in a plane, which is biharmonic: it comes back as it was.
func TestPlane(t *testing.T) {
	const height, width = 40, 44
	plane, mask := make([]uint8, height*width), make([]uint8, height*width)
	given := make([]uint8, height*width)
	for i := range plane {
		y, x := i/width, i%width
		plane[i] = uint8(10 + 2*x + 3*y)
		given[i] = plane[i]
		if (y-20)*(y-20)+(x-20)*(x-20) < 15*15 {
			mask[i], given[i] = 255, 0
		}
	}
	got, err := classical.Biharmonic(given, [3]int{height, width, 1}, mask)
	if err != nil || !slices.Equal(got, plane) {
		t.Errorf("the plane was not continued: %v", err)
	}
}

func TestMisuse(t *testing.T) {
	pixels, mask := make([]uint8, 12), []uint8{0, 1, 0, 0}
	for _, method := range classical.Methods() {
		for _, test := range []struct {
			pixels []uint8
			shape  [3]int
			mask   []uint8
			words  string
		}{
			{pixels, [3]int{2, 2, 2}, mask, "has 8 values, got 12"},
			{pixels, [3]int{2, 2, 3}, mask[:3], "a mask of a picture of 2×2 pixels has 4 values, got 3"},
			{pixels, [3]int{2, 2, 3}, make([]uint8, 4), "no hole"},
			{pixels, [3]int{2, 2, 3}, []uint8{1, 1, 255, 1}, "all hole"},
		} {
			if _, err := method.Fill(test.pixels, test.shape, test.mask); err == nil || !strings.Contains(err.Error(), test.words) {
				t.Errorf("%s: got %v, want an error with %q", method.Name, err, test.words)
			}
		}
		if got, err := method.Fill(pixels, [3]int{2, 2, 3}, mask); err != nil || len(got) != 12 {
			t.Errorf("%s: got %v, %v", method.Name, got, err)
		}
	}
	for _, radius := range []int{0, 101} {
		if _, err := classical.Telea(pixels, [3]int{2, 2, 3}, mask, radius); err == nil {
			t.Errorf("a radius of %d is taken", radius)
		}
	}
}

// TestThin fills pictures of a single row and column, with holes at their ends.
func TestThin(t *testing.T) {
	for _, shape := range [][3]int{{1, 5, 1}, {5, 1, 1}} {
		for _, method := range classical.Methods() {
			got, err := method.Fill([]uint8{0, 50, 50, 0, 50}, shape, []uint8{1, 0, 0, 1, 0})
			if err != nil || got[1] != 50 || got[0] < 49 || got[0] > 52 || got[3] < 49 || got[3] > 52 {
				t.Errorf("%s, %v: got %v, %v", method.Name, shape, got, err)
			}
		}
	}
}

func ExampleTelea() {
	const hole = 0
	pixels := []uint8{
		10, 20, 30, 40, 50,
		10, 20, hole, 40, 50,
		10, 20, 30, 40, 50,
	}
	mask := make([]uint8, len(pixels))
	mask[7] = 1
	filled, err := classical.Telea(pixels, [3]int{3, 5, 1}, mask, classical.Radius)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(filled[5:10])
	// Output: [10 20 32 40 50]
}

func BenchmarkMethods(b *testing.B) {
	const side = 256
	pixels, mask := make([]uint8, side*side), make([]uint8, side*side)
	for i := range pixels {
		pixels[i] = uint8(i * 7)
		if y, x := i/side, i%side; y >= 64 && y < 192 && x >= 64 && x < 192 {
			mask[i] = 1
		}
	}
	for _, method := range classical.Methods() {
		b.Run(method.Name, func(b *testing.B) {
			for b.Loop() {
				if _, err := method.Fill(pixels, [3]int{side, side, 1}, mask); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
