package cli

import (
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/display"
)

// saveMask writes a mask that is white in the rectangle.
func saveMask(t *testing.T, path string, width, height int, hole image.Rectangle) {
	t.Helper()
	mask := image.NewGray(image.Rect(0, 0, width, height))
	for y := hole.Min.Y; y < hole.Max.Y; y++ {
		for x := hole.Min.X; x < hole.Max.X; x++ {
			mask.SetGray(x, y, color.Gray{Y: 255})
		}
	}
	if err := display.SavePNG(path, mask); err != nil {
		t.Fatal(err)
	}
}

// TestInpaint fills holes that masks, a mask and transparency show, and leaves the rest as it is.
func TestInpaint(t *testing.T) {
	inFolder(t)
	makePairs(t, 6)
	succeed(t, with(tinyInpaint, "--steps", "1", "--run", "i", "--quiet")...)
	hole := image.Rect(9, 10, 20, 18)
	small := savePicture(t, "in/small.png", 32, 30, 255)
	large := savePicture(t, "in/sub/large.png", 50, 41, 255)
	see := savePicture(t, "see.png", 32, 32, 40)
	saveMask(t, "masks/small.png", 32, 30, hole)
	saveMask(t, "masks/sub/large.png", 50, 41, hole)

	unchanged := func(path string, before *image.NRGBA, hole image.Rectangle) {
		t.Helper()
		after, err := datasets.DecodeFile(path)
		if err != nil || after.Rect != before.Rect || !after.Opaque() {
			t.Fatalf("%s: %v, %v", path, after, err)
		}
		changed := 0
		for y := range before.Rect.Dy() {
			for x := range before.Rect.Dx() {
				got, want := after.NRGBAAt(x, y), before.NRGBAAt(x, y)
				if inside := image.Pt(x, y).In(hole); inside && got != want {
					changed++
				} else if !inside && got != want {
					t.Fatalf("%s: the known pixel %d, %d became %v, want %v", path, x, y, got, want)
				}
			}
		}
		if changed < hole.Dx()*hole.Dy()/2 {
			t.Errorf("%s: %d pixels of the hole were drawn", path, changed)
		}
	}
	for _, blend := range []string{"poisson", "none"} {
		stdout, _ := succeed(t, "inpaint", "--run", "i", "--mask", "masks", "in", blend, "--blend", blend, "--json")
		if result := readJSON(t, stdout); result["pictures"] != 2.0 {
			t.Errorf("printed %s", stdout)
		}
		unchanged(blend+"/small.png", small, hole)
		unchanged(blend+"/sub/large.png", large, hole)
	}
	if stdout, _ := succeed(t, "inpaint", "--run", "i", "see.png", "seen.png", "--quiet"); stdout != "seen.png\n" {
		t.Errorf("printed %q", stdout)
	}
	unchanged("seen.png", see, image.Rect(0, 0, 6, 6))
	succeed(t, "inpaint", "--run", "i", "--mask", "masks", "in/small.png", "one.png")
	unchanged("one.png", small, hole)

	saveMask(t, "all.png", 32, 32, image.Rect(0, 0, 32, 32))
	saveMask(t, "none.png", 32, 32, image.Rectangle{})
	writeFile(t, "bad.png", []byte("no picture"))
	for _, test := range []struct {
		status    int
		words     string // Separated by |.
		arguments string
	}{
		{1, "see.png: all.png|all hole", "--run i --mask all.png see.png new.png"},
		{1, "see.png: none.png|no hole", "--run i --mask none.png see.png new.png"},
		{1, "in/small.png: all.png|32×32|32×30", "--run i --mask all.png in/small.png new.png"},
		{1, "in/small.png|no hole", "--run i in/small.png new.png"},
		{1, "no mask in masks|see.png", "--run i --mask masks see.png new.png"},
		{1, "the mask nowhere.png cannot be read", "--run i --mask nowhere.png see.png new.png"},
		{1, "the mask bad.png cannot be read", "--run i --mask bad.png see.png new.png"},
		{2, "--run DIR is missing", "see.png new.png"},
		{2, "--blend|paste", "--run i --blend paste see.png new.png"},
		{2, "--batch 0", "--run i --batch 0 see.png new.png"},
		{1, "i fills holes|ganymede inpaint --run i", "translate"},
	} {
		arguments := append([]string{"inpaint"}, strings.Fields(test.arguments)...)
		if test.arguments == "translate" {
			arguments = strings.Fields("translate --run i see.png new.png")
		}
		fail(t, test.status, strings.Split(test.words, "|"), arguments...)
	}
	status, stdout, stderr := call(t, "inpaint", "--run", "i", "--mask", "all.png", "in", "out")
	if status != 1 || stdout != "" || !strings.Contains(stderr, "2 of 2 pictures were left out") || !slices.Contains(strings.Split(stderr, "\n"),
		"left out small.png: all.png: the mask is 32×32 pixels, and the picture 32×30; make the mask for this picture") {
		t.Errorf("status %d, printed %q, said %q", status, stdout, stderr)
	}
}
