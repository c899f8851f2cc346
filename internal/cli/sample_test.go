package cli

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
)

func decodePNG(t *testing.T, path string) image.Image {
	t.Helper()
	picture, err := readPNG(path)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

func TestSample(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 6)
	trainTiny(t, "r", "--steps", "2")

	// More than a chunk, to see that they fit together.
	n := 150
	stdout, _ := succeed(t, "sample", "--run", "r", "--n", fmt.Sprint(n), "--out", "out/s.npy")
	if stdout != "out/s.npy\n" {
		t.Errorf("printed %q", stdout)
	}
	array, err := numpy.FromNpyFile("out/s.npy") // GoMLX's reader, not ours.
	if err != nil {
		t.Fatal(err)
	}
	if array.DType() != dtypes.Uint8 || fmt.Sprint(array.Shape().Dimensions) != fmt.Sprint([]int{n, 8, 8, 3}) {
		t.Fatalf("got %s", array.Shape())
	}
	values, err := tensors.CopyFlatData[uint8](array)
	if err != nil {
		t.Fatal(err)
	}

	// A folder holds the same samples.
	succeed(t, "sample", "--run", "r", "--n", "3", "--out", "pictures/")
	for i := range 3 {
		picture := decodePNG(t, filepath.Join("pictures", fmt.Sprintf("%05d.png", i))).(*image.RGBA)
		at := values[i*8*8*3:]
		if picture.Bounds() != image.Rect(0, 0, 8, 8) || !bytes.Equal(picture.Pix[:3], at[:3]) || !bytes.Equal(picture.Pix[4:7], at[3:6]) {
			t.Errorf("picture %d is not sample %d", i, i)
		}
	}
	if bytes.Equal(values[:8*8*3], values[8*8*3:2*8*8*3]) {
		t.Error("two samples are the same")
	}

	// The default is the grid of the run, the same seed gives the same, another gives another.
	stdout, _ = succeed(t, "sample", "--run", "r")
	grid, err := os.ReadFile(strings.TrimSpace(stdout))
	if err != nil {
		t.Fatal(err)
	}
	own, err := os.ReadFile("r/grid.png")
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Dir(stdout) != filepath.Join("r", "samples") || !bytes.Equal(grid, own) {
		t.Errorf("%s is not grid.png", stdout)
	}
	succeed(t, "sample", "--run", "r", "--seed", "7", "--out", "seven.png")
	seven, err := os.ReadFile("seven.png")
	if err != nil || bytes.Equal(seven, own) {
		t.Errorf("another seed gives the same: %v", err)
	}

	// An existing directory needs no slash.
	if err := os.Mkdir("there", 0o777); err != nil {
		t.Fatal(err)
	}
	succeed(t, "sample", "--run", "r", "--n", "1", "--out", "there")
	decodePNG(t, "there/00000.png")

	stdout, _ = succeed(t, "sample", "--run", "r", "--n", "5", "--out", "five.png", "--json")
	if result := readJSON(t, stdout); result["out"] != "five.png" || result["samples"] != 5.0 || result["steps"] != 2.0 {
		t.Errorf("got %s", stdout)
	}
	fail(t, exitError, []string{"r/grid.png", "not a directory"}, "sample", "--run", "r", "--out", "r/grid.png/s.npy")
}

func TestSampleInterpolation(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 6)
	trainTiny(t, "r", "--steps", "2")

	succeed(t, "sample", "--run", "r", "--n", "12", "--interpolate", "--out", "i.png")
	if size := decodePNG(t, "i.png").Bounds(); size.Dx() <= size.Dy() {
		t.Errorf("3 rows of 4 are %v", size)
	}
	succeed(t, "sample", "--run", "r", "--n", "12", "--interpolate", "--out", "i.npy")
	array, err := numpy.FromNpyFile("i.npy")
	if err != nil || array.Shape().Dim(0) != 12 {
		t.Fatalf("%v: %v", array, err)
	}

	succeed(t, "sample", "--run", "r", "--n", "4", "--out", "m.gif")
	data, err := os.ReadFile("m.gif")
	if err != nil {
		t.Fatal(err)
	}
	movie, err := gif.DecodeAll(bytes.NewReader(data))
	if err != nil || len(movie.Image) != 2*morphFrames-2 || movie.LoopCount != 0 {
		t.Fatalf("%v", err)
	}
	frame := func(i int) string {
		var encoded bytes.Buffer
		if err := png.Encode(&encoded, movie.Image[i]); err != nil {
			t.Fatal(err)
		}
		return encoded.String()
	}
	if frame(1) != frame(2*morphFrames-3) || frame(0) == frame(morphFrames-1) {
		t.Error("the animation does not go there and back")
	}
}

func TestSamplePoints(t *testing.T) {
	inFolder(t)
	succeed(t, "train", "--data", "grid", "--steps", "2", "--width", "8", "--run", "r")
	succeed(t, "sample", "--run", "r", "--n", "30", "--out", "p.npy")
	array, err := numpy.FromNpyFile("p.npy")
	if err != nil || array.DType() != dtypes.Float32 || fmt.Sprint(array.Shape().Dimensions) != "[30 2]" {
		t.Fatalf("%v: %v", array, err)
	}
	for _, out := range []string{"p.png", "p.gif"} {
		succeed(t, "sample", "--run", "r", "--n", "30", "--out", out)
	}
	succeed(t, "sample", "--run", "r", "--n", "30", "--interpolate", "--out", "i.png")
	fail(t, exitError, []string{"points"}, "sample", "--run", "r", "--out", "p/")
}

func TestSampleClasses(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 6)
	trainTiny(t, "r", "--steps", "2", "--condition", "projection")

	read := func(path string) []uint8 {
		t.Helper()
		array, err := numpy.FromNpyFile(path)
		if err != nil {
			t.Fatal(err)
		}
		values, err := tensors.CopyFlatData[uint8](array)
		if err != nil {
			t.Fatal(err)
		}
		return values
	}
	const size = 8 * 8 * 3
	succeed(t, "sample", "--run", "r", "--n", "4", "--out", "all.npy", "--labels-out", "labels.npy")
	succeed(t, "sample", "--run", "r", "--n", "4", "--out", "right.npy", "--class", "right")
	succeed(t, "sample", "--run", "r", "--n", "4", "--out", "one.npy", "--class", "1", "--labels-out", "ones.npy")
	all, right := read("all.npy"), read("right.npy")
	if !bytes.Equal(all[size:2*size], right[size:2*size]) || !bytes.Equal(all[3*size:], right[3*size:]) || bytes.Equal(all[:size], right[:size]) {
		t.Error("samples of every class in turn are not those of the class asked for")
	}
	if !bytes.Equal(right, read("one.npy")) {
		t.Error("the class right is not number 1")
	}
	for path, want := range map[string][]int32{"labels.npy": {0, 1, 0, 1}, "ones.npy": {1, 1, 1, 1}} {
		labels, err := numpy.FromNpyFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := tensors.CopyFlatData[int32](labels); err != nil || !slices.Equal(got, want) || labels.Rank() != 1 {
			t.Errorf("%s: got %v %v (%v), want %v", path, labels.Shape(), got, err, want)
		}
	}

	// A grid has a column for each class, and is the run's own.
	stdout, _ := succeed(t, "sample", "--run", "r")
	if size := decodePNG(t, strings.TrimSpace(stdout)).Bounds(); size.Dy() <= size.Dx() {
		t.Errorf("32 rows of 2 are %v", size)
	}
	grid, err := os.ReadFile(strings.TrimSpace(stdout))
	if err != nil {
		t.Fatal(err)
	}
	if own, err := os.ReadFile("r/grid.png"); err != nil || !bytes.Equal(grid, own) {
		t.Errorf("%s is not grid.png: %v", stdout, err)
	}

	// From one class to another.
	between := []string{"sample", "--run", "r", "--n", "12", "--interpolate", "--from-class", "left", "--to-class", "1"}
	stdout, _ = succeed(t, append(between, "--json")...)
	if result := readJSON(t, stdout); !strings.Contains(result["out"].(string), "class0-to-1") {
		t.Errorf("got %s", stdout)
	}
	succeed(t, append(between, "--out", "between.npy")...)
	if rows := read("between.npy"); len(rows) != 12*size || !bytes.Equal(rows[:size], all[:size]) {
		t.Error("a row does not begin with the sample of the first class")
	}
	succeed(t, "sample", "--run", "r", "--n", "1", "--from-class", "0", "--to-class", "1", "--out", "between.gif")

	// Truncated latents give other samples.
	succeed(t, "sample", "--run", "r", "--n", "4", "--truncation", "0.1", "--out", "t.npy")
	if bytes.Equal(all, read("t.npy")) {
		t.Error("truncation changes nothing")
	}

	fail(t, exitError, []string{"no class 2", "0 to 1"}, "sample", "--run", "r", "--class", "0,2")
	fail(t, exitError, []string{"no class -1", "0 to 1"}, "sample", "--run", "r", "--class", "-1")
	fail(t, exitError, []string{`no class "rght"`, "did you mean right"}, "sample", "--run", "r", "--class", "rght")
	trainTiny(t, "u", "--steps", "1")
	fail(t, exitError, []string{"u was not told classes", "--condition"}, "sample", "--run", "u", "--class", "0")
	fail(t, exitError, []string{"u was not told classes"}, "sample", "--run", "u", "--out", "a.npy", "--labels-out", "l.npy")
}

// TestSampleStyles mixes the styles of a run that has some.
func TestSampleStyles(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 6)
	succeed(t, "train", "--data", "folder:pics", "--preset", "stylegan2", "--width", "2", "--latent", "4",
		"--set", "arch.style_size=4", "--batch", "4", "--steps", "1", "--run", "r", "--generator-term", "none")
	succeed(t, "sample", "--run", "r", "--mix-styles", "2", "--n", "6", "--out", "mixed.npy")
	mixed, err := numpy.FromNpyFile("mixed.npy")
	if err != nil {
		t.Fatal(err)
	}
	if mixed.Shape().Dim(0) != 6 {
		t.Errorf("got %s, want 2 rows of 3", mixed.Shape())
	}
	fail(t, exitMisuse, []string{"--mix-styles and --interpolate"}, "sample", "--run", "r", "--mix-styles", "2", "--interpolate")
	fail(t, exitError, []string{"from 0 to"}, "sample", "--run", "r", "--mix-styles", "99")
}
