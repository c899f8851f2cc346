package cli

import (
	"image"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/datasets"
)

// TestStyle draws by what comes with the program, and leaves the transparency as it is.
func TestStyle(t *testing.T) {
	if testing.Short() {
		t.Skip("the encoder takes seconds")
	}
	inFolder(t)
	content := savePicture(t, "in/a.png", 40, 33, 70)
	savePicture(t, "b.png", 24, 24, 255)
	saveMask(t, "mask.png", 40, 33, image.Rect(0, 0, 40, 20))
	saveMask(t, "small.png", 8, 8, image.Rect(0, 0, 4, 4))
	stdout, stderr := succeed(t, "style", "--content", "in/a.png", "--style", "b.png", "--out", "o.png")
	if stdout != "o.png\n" || !strings.Contains(stderr, "images/s") {
		t.Errorf("printed %q, said %q", stdout, stderr)
	}
	got, err := datasets.DecodeFile("o.png")
	if err != nil || got.Rect != content.Rect {
		t.Fatalf("%v, %v", got, err)
	}
	if got.Pix[3] != 70 || got.NRGBAAt(30, 30) == content.NRGBAAt(30, 30) {
		t.Errorf("the corner's alpha became %d, or nothing changed", got.Pix[3])
	}
	stdout, _ = succeed(t, "style", "--content", "in", "--style", "b.png,in/a.png", "--weights", "2,1", "--alpha", "0.5", "--keep-colour", "--out", "out", "--json")
	if result := readJSON(t, stdout); result["pictures"] != 1.0 || result["in"] != "in" {
		t.Errorf("printed %s", stdout)
	}
	succeed(t, "style", "--content", "in/a.png", "--style", "b.png", "--mask", "mask.png", "--out", "masked.png", "-q")
	fail(t, 1, []string{"in/a.png", "8×8", "40×33"}, "style", "--content", "in/a.png", "--style", "b.png", "--mask", "small.png", "--out", "new.png")
	fail(t, 1, []string{"comes with the program is for the small encoder", "train --preset style --encoder vgg19:F"}, "style", "--content", "in/a.png", "--style", "b.png", "--encoder", "vgg19:F", "--out", "new.png")
}

// TestStyleMisuse is about what can be said before anything is drawn.
func TestStyleMisuse(t *testing.T) {
	inFolder(t)
	savePicture(t, "a.png", 16, 16, 255)
	savePicture(t, "in/a.png", 16, 16, 255)
	writeFile(t, "bad.png", []byte("no picture"))
	for _, test := range []struct {
		status    int
		words     string // Separated by |.
		arguments string
	}{
		{2, "--content is missing", "style --style a.png --out o.png"},
		{2, "--style is missing", "style --content a.png --out o.png"},
		{2, "--out is missing", "style --content a.png --style a.png"},
		{2, "flags only", "style a.png --content a.png --style a.png --out o.png"},
		{2, "--weights has 1 numbers for 2 styles", "style --content a.png --style a.png,a.png --weights 1 --out o.png"},
		{2, "--weights must be above 0", "style --content a.png --style a.png --weights -1 --out o.png"},
		{2, "--mask names 1 pictures for 2 styles", "style --content a.png --style a.png,a.png --mask a.png --out o.png"},
		{2, "--alpha 1.5", "style --content a.png --style a.png --alpha 1.5 --out o.png"},
		{2, "--keep-colour=none", "style --content a.png --style a.png --keep-colour=none --out o.png"},
		{2, `--method "slow"`, "style --content a.png --style a.png --method slow --out o.png"},
		{2, "--steps goes with --method gatys", "style --content a.png --style a.png --steps 3 --out o.png"},
		{2, "--alpha goes with --method adain", "style --content a.png --style a.png --method gatys --alpha 0.5 --out o.png"},
		{2, "one style, not 2", "style --content a.png --style a.png,a.png --method gatys --out o.png"},
		{2, "--size -1", "style --content a.png --style a.png --size -1 --out o.png"},
		{1, "the style bad.png cannot be read", "style --content a.png --style bad.png --out o.png"},
		{1, "the style nowhere.png cannot be read: no such file", "style --content a.png --style nowhere.png --out o.png"},
		{1, "the mask bad.png cannot be read", "style --content a.png --style a.png --mask bad.png --out o.png"},
		{1, `no file or folder "nowhere"`, "style --content nowhere --style a.png --out o.png"},
		{1, "a.png exists|--force", "style --content a.png --style a.png --out a.png"},
		{1, "lies inside the folder in", "style --content in --style a.png --out in/out"},
		{1, `no encoder "smal"|did you mean small`, "style --content a.png --style a.png --method gatys --encoder smal --out o.png"},
	} {
		fail(t, test.status, strings.Split(test.words, "|"), strings.Fields(test.arguments)...)
	}
}
