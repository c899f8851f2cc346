package cli

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/display"
)

// savePicture writes a picture of colours, with the alpha of a corner if that is not 255.
func savePicture(t *testing.T, path string, width, height int, corner uint8) *image.NRGBA {
	t.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			alpha := uint8(255)
			if x < 6 && y < 6 {
				alpha = corner
			}
			picture.SetNRGBA(x, y, color.NRGBA{uint8(7 * x), uint8(9 * y), uint8(3 * (x + y)), alpha})
		}
	}
	if err := display.SavePNG(path, picture); err != nil {
		t.Fatal(err)
	}
	return picture
}

// TestTranslate makes pictures of all sizes of pictures, by a run that learned one direction and one that learned both.
func TestTranslate(t *testing.T) {
	inFolder(t)
	makePairs(t, 6)
	succeed(t, with(tinyPix2Pix, "--steps", "1", "--run", "p", "--quiet", "--lr", "0.3")...) // So that the noise can be seen.
	succeed(t, with(tinyCycle, "--steps", "1", "--run", "c", "--quiet", "--split", "")...)
	savePicture(t, "in/a.png", 32, 32, 255)
	alpha := savePicture(t, "in/sub/b.png", 21, 45, 90)
	grey := image.NewGray(image.Rect(0, 0, 32, 32))
	if err := display.SavePNG("in/grey.png", grey); err != nil {
		t.Fatal(err)
	}

	stdout, stderr := succeed(t, "translate", "--run", "p", "in/a.png", "out.png")
	if stdout != "out.png\n" || !strings.Contains(stderr, "1 picture in ") || !strings.Contains(stderr, "images/s") {
		t.Errorf("printed %q, said %q", stdout, stderr)
	}
	stdout, stderr = succeed(t, "translate", "--run", "c", "in", "out", "--direction", "BtoA", "--tile", "32", "--overlap", "8", "-q", "--json")
	result := readJSON(t, stdout)
	if result["pictures"] != 3.0 || result["run"] != "c" || result["out"] != "out" || len(result["failed"].([]any)) != 0 || result["images_per_second"].(float64) <= 0 || stderr != "" {
		t.Errorf("printed %s, said %q", stdout, stderr)
	}
	got, err := datasets.DecodeFile("out/sub/b.png")
	if err != nil || got.Rect != alpha.Rect {
		t.Fatalf("%v, %v", got.Rect, err)
	}
	for i := 3; i < len(got.Pix); i += 4 {
		if got.Pix[i] != alpha.Pix[i] {
			t.Fatalf("the alpha of pixel %d became %d, want %d", i/4, got.Pix[i], alpha.Pix[i])
		}
	}
	fail(t, 1, []string{"3 of the 3 outputs exist", "--force"}, "translate", "--run", "c", "in", "out")

	// The same picture by the same weights is the same picture; with noise it is another.
	pictures := map[string]string{}
	for name, flags := range map[string][]string{"again": nil, "seven": {"--noise", "7"}, "seven again": {"--noise", "7"}, "eight": {"--noise", "8"}} {
		succeed(t, with([]string{"translate", "--run", "p", "in/a.png", name + ".png"}, flags...)...)
		data, err := os.ReadFile(name + ".png")
		if err != nil {
			t.Fatal(err)
		}
		pictures[name] = string(data)
	}
	first, err := os.ReadFile("out.png")
	if err != nil || pictures["again"] != string(first) || pictures["seven"] != pictures["seven again"] || pictures["seven"] == pictures["eight"] {
		t.Errorf("what noise decides differs, or does not: %v", err)
	}

	fail(t, 1, []string{"p learned AtoB alone", "--direction"}, "translate", "--run", "p", "--direction", "BtoA", "in/a.png", "new.png")
	fail(t, 1, []string{"c has no dropout"}, "translate", "--run", "c", "--noise", "3", "in/a.png", "new.png")
	fail(t, 1, []string{"p translates pictures", "ganymede translate --run p"}, "inpaint", "--run", "p", "in/a.png", "new.png")
	fail(t, 1, []string{"p translates pictures", "ganymede translate --run p"}, "style", "--run", "p", "--content", "in/a.png", "--style", "in/a.png", "--out", "new.png")
}

// TestTranslateBroken goes on after files that cannot be read.
func TestTranslateBroken(t *testing.T) {
	inFolder(t)
	makePairs(t, 6)
	succeed(t, with(tinyPix2Pix, "--steps", "1", "--run", "p", "--quiet")...)
	savePicture(t, "in/a.png", 32, 32, 255)
	writeFile(t, "in/b.png", []byte("no picture"))
	writeFile(t, "in/c.jpg", nil)
	savePicture(t, "in/d.png", 32, 32, 255)
	status, stdout, stderr := call(t, "translate", "--run", "p", "in", "out")
	if status != 1 || stdout != "out\n" || !strings.Contains(stderr, "left out b.png: it is no PNG") || !strings.Contains(stderr, "ganymede: 2 of 4 pictures were left out, the first b.png") {
		t.Errorf("status %d, printed %q, said %q", status, stdout, stderr)
	}
	for _, name := range []string{"out/a.png", "out/d.png"} {
		if _, err := os.Stat(name); err != nil {
			t.Error(err)
		}
	}
	status, stdout, stderr = call(t, "translate", "--run", "p", "in", "out", "--force", "--json")
	result := readJSON(t, stdout)
	if status != 1 || result["pictures"] != 2.0 || fmt.Sprint(result["failed"].([]any)[1].(map[string]any)["name"]) != "c.jpg" || strings.Contains(stderr, "left out b.png") {
		t.Errorf("status %d, printed %s, said %q", status, stdout, stderr)
	}
	fail(t, 1, []string{"in/b.png: it is no PNG"}, "translate", "--run", "p", "in/b.png", "new.png")

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	status, stdout, stderr = callContext(ctx, t, "translate", "--run", "p", "in", "other")
	if status != exitInterrupted || stdout != "" || !strings.Contains(stderr, "interrupted") {
		t.Errorf("status %d, printed %q, said %q", status, stdout, stderr)
	}
	if _, err := os.Stat("other"); err == nil {
		t.Error("something was written")
	}
}

// TestTranslateGrey gives a network for grey pictures coloured ones: by their brightness, if that is asked for.
func TestTranslateGrey(t *testing.T) {
	inFolder(t)
	makePairs(t, 6)
	succeed(t, with(tinyPix2Pix, "--steps", "1", "--run", "g", "--channels", "1", "--quiet")...)
	savePicture(t, "a.png", 20, 30, 255)
	fail(t, 1, []string{"a.png: it has colours", "--grey"}, "translate", "--run", "g", "a.png", "b.png")
	succeed(t, "translate", "--run", "g", "--grey", "a.png", "b.png")
	file, err := os.Open("b.png")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if config, err := png.DecodeConfig(file); err != nil || config.ColorModel != color.GrayModel || config.Width != 20 || config.Height != 30 {
		t.Errorf("it made %+v, %v", config, err)
	}
	succeed(t, "translate", "--run", "g", "b.png", "c.png") // Grey it is now.
}

// TestTranslateMisuse is about what can be said before anything is opened.
func TestTranslateMisuse(t *testing.T) {
	inFolder(t)
	savePicture(t, "in/a.png", 32, 32, 255)
	savePicture(t, "b.png", 32, 32, 255)
	writeFile(t, "latest_net_G.pth", []byte("no zip"))
	writeFile(t, "r/run.json", []byte(`{"config": {}}`))
	model := []string{"translate", "--model", "latest_net_G.pth"}
	for _, test := range []struct {
		status    int
		words     string // Separated by |.
		arguments []string
	}{
		{2, "--run DIR is missing", strings.Fields("translate b.png c.png")},
		{2, "IN and OUT are missing", strings.Fields("translate --run r")},
		{2, "OUT is missing|b.png", strings.Fields("translate --run r b.png")},
		{2, `"d.png" is one argument too many`, strings.Fields("translate --run r b.png c.png d.png")},
		{2, `--direction "AtoC"`, strings.Fields("translate --run r --direction AtoC b.png c.png")},
		{2, "--tile 0", strings.Fields("translate --run r --tile 0 b.png c.png")},
		{2, "--overlap 64|--tile 64", strings.Fields("translate --run r --tile 64 --overlap 64 b.png c.png")},
		{2, "--batch 0", strings.Fields("translate --run r --batch 0 b.png c.png")},
		{2, "--noise 0", strings.Fields("translate --run r --noise 0 b.png c.png")},
		{2, `--format "gif"`, strings.Fields("translate --run r --format gif b.png c.png")},
		{2, "--run and --model exclude", strings.Fields("translate --run r --model m.pth b.png c.png")},
		{2, "--arch goes with --model", strings.Fields("translate --run r --arch resnet9 b.png c.png")},
		{2, "--arch is missing|resnet9|unet256", append(model, "b.png", "c.png")},
		{2, "--direction is about a run", append(model, "--arch", "resnet9", "--direction", "AtoB", "b.png", "c.png")},
		{2, `--norm "layer"`, append(model, "--arch", "resnet9", "--norm", "layer", "b.png", "c.png")},
		{2, "--in-channels 2", append(model, "--arch", "resnet9", "--in-channels", "2", "b.png", "c.png")},
		{1, `no network "resnet8"|did you mean resnet`, append(model, "--arch", "resnet8", "b.png", "c.png")},
		{1, "latest_net_G.pth", append(model, "--arch", "unet32", "b.png", "c.png")},
		{1, "r draws from noise|ganymede sample --run r", strings.Fields("translate --run r b.png c.png")},
		{1, "r draws from noise|ganymede sample --run r", strings.Fields("inpaint --run r b.png c.png")},
		{1, "nowhere", strings.Fields("translate --run nowhere b.png c.png")},
		{1, `no file or folder "nothing.png"`, append(model, "--arch", "unet32", "nothing.png", "c.png")},
		{1, "b.png exists|--force", append(model, "--arch", "unet32", "in/a.png", "b.png")},
		{1, "lies inside the folder in", append(model, "--arch", "unet32", "in", "in/out")},
		{1, "must end in .png or .jpg", append(model, "--arch", "unet32", "b.png", "c.webp")},
	} {
		fail(t, test.status, strings.Split(test.words, "|"), test.arguments...)
	}
}
