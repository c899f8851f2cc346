package cli

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/internal/evaluate"
)

// TestEvaluateTranslation judges runs of pix2pix and CycleGAN by pictures that they have not seen.
func TestEvaluateTranslation(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains")
	}
	evaluateFolder(t)
	makePairs(t, 40)
	succeed(t, with(tinyPix2Pix, "--steps", "1", "--run", "p", "--quiet")...)
	stdout, stderr := succeed(t, strings.Fields("evaluate --run p --json --features emoji")...)
	scores := scoresOf(t, stdout)
	for _, key := range []string{"l1", "psnr", "ssim", "perceptual", "label"} {
		score, ok := scores[key]
		if !ok {
			t.Fatalf("no %s in %s (%s)", key, stdout, stderr)
		}
		if score.Card.Split != "test split" && key != "label" || score.Card.Settings["direction"] != "AtoB" {
			t.Errorf("%s: card %+v", key, score.Card)
		}
		for _, baseline := range []string{evaluate.Identity, evaluate.Affine} {
			if _, _, ok := evaluate.Better(score, baseline); !ok {
				t.Errorf("%s is not compared with %s: %v", key, baseline, score.Parts)
			}
		}
	}
	// B is A with its colours turned round, which an affine map finds out.
	if its, percent, _ := evaluate.Better(scores["l1"], evaluate.Affine); its > 1e-6 || percent > -100 {
		t.Errorf("the affine map has l1 %g, the run is better by %g %%", its, percent)
	}
	its, percent, _ := evaluate.Better(scores["l1"], evaluate.Identity)
	if want := 100 * (its - scores["l1"].Value) / its; math.Abs(percent-want) > 1e-9 {
		t.Errorf("better by %g %%, want %g", percent, want)
	}
	its, percent, _ = evaluate.Better(scores["ssim"], evaluate.Identity)
	if want := 100 * (scores["ssim"].Value - its) / math.Abs(its); math.Abs(percent-want) > 1e-9 {
		t.Errorf("ssim is better by %g %%, want %g", percent, want)
	}
	if records, err := evaluate.ReadRecords("p"); err != nil || len(records) != 1 || records[0].Step != 1 || records[0].Scores["l1"].Value != scores["l1"].Value {
		t.Errorf("kept %+v (%v)", records, err)
	}
	if size := decodePNG(t, filepath.Join("p", "scores", "made.png")).Bounds().Size(); size.X < 96 {
		t.Errorf("made.png is %v", size)
	}
	stdout, _ = succeed(t, strings.Fields("evaluate --run p --metrics l1,ssim --split train --n 5")...)
	for _, word := range []string{"identity", "affine", "better by", "l1", "ssim", "p by pairs:", "train split", "step 1"} {
		if !strings.Contains(stdout, word) {
			t.Errorf("no %q in\n%s", word, stdout)
		}
	}

	succeed(t, with(tinyCycle, "--steps", "1", "--run", "c", "--quiet", "--split", "")...)
	stdout, stderr = succeed(t, strings.Fields("evaluate --run c --json --metrics kid,cycle")...)
	scores = scoresOf(t, stdout)
	for _, key := range []string{"kid", "kid_BtoA", "cycle", "cycle_BtoA"} {
		if _, ok := scores[key]; !ok {
			t.Errorf("no %s in %s", key, stdout)
		}
	}
	if _, _, ok := evaluate.Better(scores["kid"], evaluate.Identity); !ok || scores["cycle"].Parts != nil || scores["cycle_BtoA"].Card.Settings["direction"] != "BtoA" {
		t.Errorf("got %s", stdout)
	}
	if !strings.Contains(stderr, "has learned from all pictures") {
		t.Errorf("said %q", stderr)
	}
	stdout, _ = succeed(t, strings.Fields("evaluate --run c --metrics kid --direction BtoA")...)
	if strings.Contains(stdout, "kid_BtoA") || strings.Contains(stdout, "affine") {
		t.Errorf("printed\n%s", stdout)
	}
	fail(t, exitError, []string{"l1 compares pictures pair by pair"}, strings.Fields("evaluate --run c --metrics l1")...)
	fail(t, exitError, []string{"the run in p has learned AtoB alone"}, strings.Fields("evaluate --run p --direction BtoA")...)
	fail(t, exitError, []string{"cycle is of pictures that are translated there and back"}, strings.Fields("evaluate --run p --metrics cycle")...)
	fail(t, exitError, []string{"hole_l1 is of filled holes"}, strings.Fields("evaluate --run p --metrics hole_l1")...)
	for _, arguments := range []string{"sample --run p", "compare p c", "evaluate --real digits --fake p", "evaluate --real p --fake digits"} {
		fail(t, exitError, []string{"holds a run of translate", "ganymede "}, strings.Fields(arguments)...)
	}
}

// TestEvaluateFilling judges a run of inpaint by holes of several kinds.
func TestEvaluateFilling(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains")
	}
	evaluateFolder(t)
	makePairs(t, 40)
	succeed(t, with(tinyInpaint, "--steps", "1", "--run", "i", "--quiet")...)
	values := map[string]float64{}
	for _, masks := range []string{"centre", "free"} {
		stdout, _ := succeed(t, "evaluate", "--run", "i", "--json", "--masks", masks)
		scores := scoresOf(t, stdout)
		for _, key := range []string{"hole_l1", "hole_psnr", "hole_ssim", "l1", "psnr", "ssim", "perceptual"} {
			score, ok := scores[key]
			if _, _, beside := evaluate.Better(score, evaluate.MeanValue); !ok || !beside {
				t.Errorf("no %s, or nothing beside it, in %s", key, stdout)
			}
		}
		// Outside the hole nothing changes, and a centred hole is a quarter of the picture.
		if whole, hole := scores["l1"].Value, scores["hole_l1"].Value; masks == "centre" && math.Abs(4*whole-hole) > 1e-9 {
			t.Errorf("l1 is %g, in the hole %g", whole, hole)
		}
		values[masks] = scores["hole_l1"].Value
	}
	if values["centre"] == values["free"] {
		t.Error("other masks have the same score")
	}
	again, _ := succeed(t, strings.Fields("evaluate --run i --json --masks free --metrics hole_l1")...)
	if got := scoresOf(t, again)["hole_l1"].Value; got != values["free"] {
		t.Errorf("the same again is %g, not %g", got, values["free"])
	}
	other, _ := succeed(t, strings.Fields("evaluate --run i --json --masks free --metrics hole_l1 --seed 7")...)
	if got := scoresOf(t, other)["hole_l1"].Value; got == values["free"] {
		t.Error("another seed draws the same masks")
	}
	fail(t, exitError, []string{`no kind of masks "circles"`, "free"}, strings.Fields("evaluate --run i --masks circles")...)
}

// TestEvaluateRunFlag is about --run beside the other ways to say what is judged.
func TestEvaluateRunFlag(t *testing.T) {
	evaluateFolder(t)
	makePictures(t, "pics", 6)
	trainTiny(t, "r", "--steps", "1", "--quiet")
	short, _ := succeed(t, strings.Fields("evaluate --run r --metrics swd --n 20 --json --save=false")...)
	long, _ := succeed(t, strings.Fields("evaluate --fake r --metrics swd --n 20 --json --save=false")...)
	if short != long {
		t.Errorf("--run r and --fake r differ: %s and %s", short, long)
	}
	for _, test := range []struct{ words, arguments string }{
		{"--run and --fake exclude each other", "--run r --fake r"},
		{"--run needs the folder of a run", "--run="},
		{"--direction is for a run of translate", "--run r --direction AtoB"},
		{"--masks is for a run of inpaint", "--real digits --fake digits --masks free"},
	} {
		fail(t, exitMisuse, []string{test.words}, with([]string{"evaluate"}, strings.Fields(test.arguments)...)...)
	}
	fail(t, exitError, []string{"nowhere holds no run"}, strings.Fields("evaluate --run nowhere")...)
}
