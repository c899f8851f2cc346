package display_test

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/display"
	"github.com/gomlx/gomlx/core/tensors"
)

// ramp returns n grey images whose pixels are 0, 1, 2, … in order, over all images.
func ramp(n, height, width int) *tensors.Tensor {
	data := make([]uint8, n*height*width)
	for i := range data {
		data[i] = uint8(i)
	}
	return tensors.FromFlatDataAndDimensions(data, n, height, width, 1)
}

// mustPanic returns what f panics with.
func mustPanic(t *testing.T, f func()) (message string) {
	t.Helper()
	defer func() {
		message = fmt.Sprint(recover())
		if message == "<nil>" {
			t.Error("got no panic")
		}
	}()
	f()
	return ""
}

func TestGridPlacesTiles(t *testing.T) {
	// Five images of 2 × 3 pixels, each pixel 4 × 4, in two columns; 2 pixels between and around.
	picture := display.Tiles{Columns: 2, Scale: 4}.Draw(ramp(5, 2, 3))
	gray, ok := picture.(*image.Gray)
	if !ok {
		t.Fatalf("got %T, want *image.Gray", picture)
	}
	if want := image.Rect(0, 0, 2+12+2+12+2, 2+8+2+8+2+8+2); gray.Bounds() != want {
		t.Fatalf("got bounds %v, want %v", gray.Bounds(), want)
	}
	const separator = 72
	for y := range gray.Rect.Dy() {
		for x := range gray.Rect.Dx() {
			want := uint8(separator)
			column, row, inX, inY := (x-2)/14, (y-2)/10, (x-2)%14, (y-2)%10
			if i := row*2 + column; x >= 2 && y >= 2 && inX < 12 && inY < 8 && i < 5 {
				want = uint8(i*6 + inY/4*3 + inX/4)
			}
			if got := gray.GrayAt(x, y).Y; got != want {
				t.Fatalf("pixel (%d, %d): got %d, want %d", x, y, got, want)
			}
		}
	}
}

func TestGridChoosesColumnsAndScale(t *testing.T) {
	for _, test := range []struct {
		n, side       int
		width, height int
	}{
		{1, 28, 2 + 58, 2 + 58},
		{8, 28, 2 + 4*58, 2 + 2*58},      // 4 × 2, not 3 × 3 with a hole.
		{10, 28, 2 + 5*58, 2 + 2*58},     //
		{7, 28, 2 + 3*58, 2 + 3*58},      // A prime leaves holes.
		{64, 32, 2 + 8*66, 2 + 8*66},     // 32 pixels become 64.
		{4, 64, 2 + 2*66, 2 + 2*66},      // 64 stay.
		{2, 10, 2 + 2*52, 2 + 52},        // 10 become 50.
		{1600, 32, 2 + 40*34, 2 + 40*34}, // Twice as large would exceed 2048.
	} {
		got := display.Grid(ramp(test.n, test.side, test.side), 0).Bounds().Size()
		if want := image.Pt(test.width, test.height); got != want {
			t.Errorf("%d images of %d pixels: got %v, want %v", test.n, test.side, got, want)
		}
	}
}

func TestImagesConvertsFloats(t *testing.T) {
	half := float32(1.0 / 127.5) // One level.
	nan := float32(math.NaN())
	inf := float32(math.Inf(1))
	values := []float32{-1, 1, 0, -1.5, 7, nan, inf, -inf, -1 + 0.49*half, -1 + 0.51*half, -1 + 200*half, 1 - half}
	want := []uint8{0, 255, 128, 0, 255, 0, 255, 0, 0, 1, 200, 254}
	pictures, err := display.Images(tensors.FromFlatDataAndDimensions(values, 1, 3, 4, 1))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for i, level := range pictures[0].(*image.Gray).Pix {
		if level != want[i] {
			t.Errorf("%g: got %d, want %d", values[i], level, want[i])
		}
	}
}

func TestImagesKeepsEveryLevel(t *testing.T) {
	values := make([]float32, 256)
	for level := range values {
		values[level] = float32(level)/127.5 - 1
	}
	pictures, err := display.Images(tensors.FromFlatDataAndDimensions(values, 256, 1, 1, 1))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for level, picture := range pictures {
		if got := picture.(*image.Gray).Pix[0]; int(got) != level {
			t.Errorf("level %d became %d", level, got)
		}
	}
}

func TestImagesColors(t *testing.T) {
	rgb, err := display.Images(tensors.FromFlatDataAndDimensions([]uint8{1, 2, 3, 4, 5, 6}, 2, 1, 1, 3))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if got, want := rgb[1].At(0, 0), (color.RGBA{R: 4, G: 5, B: 6, A: 255}); got != want {
		t.Errorf("RGB: got %v, want %v", got, want)
	}
	alpha, err := display.Images(tensors.FromFlatDataAndDimensions([]float32{1, 0, -1, -0.2}, 1, 1, 1, 4))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if got, want := alpha[0].At(0, 0), (color.NRGBA{R: 255, G: 128, B: 0, A: 102}); got != want {
		t.Errorf("RGB and alpha: got %v, want %v", got, want)
	}
	grid := display.Tiles{Scale: 2, Gap: -1}.Draw(tensors.FromFlatDataAndDimensions([]uint8{1, 2, 3, 4}, 1, 1, 1, 4))
	if got, want := grid.At(1, 1), (color.NRGBA{R: 1, G: 2, B: 3, A: 4}); grid.Bounds() != image.Rect(0, 0, 2, 2) || got != want {
		t.Errorf("grid with alpha: got %v at (1, 1) of %v, want %v", got, grid.Bounds(), want)
	}
}

func TestBadSamples(t *testing.T) {
	for name, samples := range map[string]*tensors.Tensor{
		"(Uint8)[2 3 3 2] have 2 channels": tensors.FromFlatDataAndDimensions(make([]uint8, 36), 2, 3, 3, 2),
		"(Float64)[1 1 1 1]":               tensors.FromFlatDataAndDimensions([]float64{0}, 1, 1, 1, 1),
		"(Float32)[2 3]":                   tensors.FromFlatDataAndDimensions(make([]float32, 6), 2, 3),
		"samples are nil":                  nil,
	} {
		_, err := display.Images(samples)
		message := fmt.Sprint(err)
		if err == nil || !strings.Contains(strings.ReplaceAll(message, ", ", " "), name) || strings.Contains(message, "\n") {
			t.Errorf("%s: got error %q", name, message)
		}
		if got := mustPanic(t, func() { display.Grid(samples, 2) }); got != message {
			t.Errorf("Grid panicked with %q, want %q", got, message)
		}
	}
}

func TestStrip(t *testing.T) {
	picture := display.Strip(ramp(6, 48, 48), 2).(*image.Gray)
	if want := image.Rect(0, 0, 3*48, 48+4+48); picture.Bounds() != want {
		t.Fatalf("got bounds %v, want %v", picture.Bounds(), want)
	}
	// The first pixels of the second row's three samples; a sample has 48² = 0 pixels modulo 256.
	for x := range 3 * 48 {
		if got, want := picture.GrayAt(x, 52+1).Y, uint8(48+x%48); got != want {
			t.Fatalf("pixel (%d, 53): got %d, want %d", x, got, want)
		}
	}
	got := mustPanic(t, func() { display.Strip(ramp(7, 2, 2), 2) })
	if want := "display: 7 samples do not make 2 rows of the same length"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRowNames(t *testing.T) {
	plain := display.Tiles{Columns: 2}.Draw(ramp(4, 28, 28))
	named := display.Tiles{Columns: 2, RowNames: []string{"zero", "one"}}.Draw(ramp(4, 28, 28)).(*image.Gray)
	left := named.Bounds().Dx() - plain.Bounds().Dx()
	if left < 20 {
		t.Fatalf("got %d pixels for the names, want more", left)
	}
	ink := [2]int{}
	for y := range named.Rect.Dy() {
		for x := range named.Rect.Dx() {
			if x >= left && named.At(x, y) != plain.At(x-left, y) {
				t.Fatalf("pixel (%d, %d) of the grid is not that of a grid without names", x, y)
			}
			if x < left && named.GrayAt(x, y).Y < 128 {
				ink[2*y/named.Rect.Dy()]++
			}
		}
	}
	if ink[0] < 20 || ink[1] < 20 {
		t.Errorf("got %v dark pixels of text in the two rows, want more", ink)
	}
}

func TestCaptionKeepsThePicture(t *testing.T) {
	grid := display.Grid(ramp(4, 28, 28), 0)
	captioned, ok := display.Caption(grid, "step 1,200").(*image.Gray)
	if !ok {
		t.Fatal("a grey picture with a caption is not grey")
	}
	added := captioned.Bounds().Dy() - grid.Bounds().Dy()
	for y := range grid.Bounds().Dy() {
		for x := range grid.Bounds().Dx() {
			if captioned.At(x, y+added) != grid.At(x, y) {
				t.Fatalf("pixel (%d, %d) changed", x, y)
			}
		}
	}
	ink := 0
	for i := range added * captioned.Stride {
		if captioned.Pix[i] < 128 {
			ink++
		}
	}
	if ink < 50 {
		t.Errorf("the caption has %d dark pixels, want some text", ink)
	}
}

func ExampleGrid() {
	samples := tensors.FromFlatDataAndDimensions(make([]uint8, 32*28*28), 32, 28, 28, 1) // From a generator, say.
	dir, err := os.MkdirTemp("", "display")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()

	path := filepath.Join(dir, "samples", "step-200.png")
	if err := display.SavePNG(path, display.Grid(samples, 8)); err != nil {
		fmt.Println(err)
		return
	}

	file, err := os.Open(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = file.Close() }()
	config, err := png.DecodeConfig(file)
	fmt.Println(config.Width, config.Height, err)
	// Output: 466 234 <nil>
}

func ExampleTiles() {
	samples := tensors.FromFlatDataAndDimensions(make([]float32, 20*32*32*3), 20, 32, 32, 3)
	picture := display.Tiles{Columns: 10, Scale: 1, RowNames: []string{"real", "fake"}}.Draw(samples)
	fmt.Printf("%T %v\n", picture, picture.Bounds().Dy())
	// Output: *image.RGBA 70
}

func ExampleStrip() {
	samples := tensors.FromFlatDataAndDimensions(make([]uint8, 4*10*28*28), 40, 28, 28, 1) // Four walks of ten samples.
	fmt.Println(display.Strip(samples, 4).Bounds().Size())
	// Output: (560,236)
}
