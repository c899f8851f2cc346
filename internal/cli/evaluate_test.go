package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/spf13/cobra"

	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/internal/evaluate"
	"github.com/ganymede-ml/ganymede/internal/npy"
)

// evaluateFolder is inFolder with a cache of its own.
func evaluateFolder(t *testing.T) {
	t.Helper()
	inFolder(t)
	t.Setenv("XDG_CACHE_HOME", filepath.Join(t.TempDir(), "cache"))
}

// scoresOf reads what --json prints.
func scoresOf(t *testing.T, stdout string) map[string]metrics.Score {
	t.Helper()
	readJSON(t, stdout)
	var scores map[string]metrics.Score
	if err := json.Unmarshal([]byte(stdout), &scores); err != nil {
		t.Fatal(err)
	}
	return scores
}

// A data set is at no distance from itself.
func TestEvaluateItself(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains")
	}
	evaluateFolder(t)
	stdout, _ := succeed(t, strings.Fields("evaluate --real digits --fake digits --features pixels --metrics fid --bootstrap 0 --json")...)
	fid, ok := scoresOf(t, stdout)["fid"]
	if !ok || fid.Value > 1e-6 || fid.Low != nil || fid.Card.Samples != 10000 || fid.Card.References != 10000 || fid.Card.Extractor != "pixels" {
		t.Errorf("got %s", stdout)
	}
	object := readJSON(t, stdout)["fid"].(map[string]any)
	if keys := fmt.Sprint(slices.Sorted(mapKeys(object))); keys != "[card high low value]" {
		t.Errorf("a score has %s", keys)
	}
	again, _ := succeed(t, strings.Fields("evaluate --real digits --fake digits --features pixels --metrics fid --bootstrap 0 --json")...)
	uncached, _ := succeed(t, strings.Fields("evaluate --real digits --fake digits --features pixels --metrics fid --bootstrap 0 --json --no-cache")...)
	if again != stdout || uncached != stdout {
		t.Error("the cache makes a difference")
	}
}

func mapKeys(object map[string]any) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for key := range object {
			if !yield(key) {
				return
			}
		}
	}
}

// A run is judged by its own data or others, and keeps its scores and pictures.
func TestEvaluateRun(t *testing.T) {
	evaluateFolder(t)
	makePictures(t, "pics", 30)
	trainTiny(t, "r", "--steps", "2")
	stdout, stderr := succeed(t, strings.Fields("evaluate --fake r --n 150 --metrics kid,prdc")...)
	for _, word := range []string{"metric", "95 % interval", "coverage", "150 of r against 30 of folder:", "8×8×3, step 2; features pixels", "r/scores/nearest.png"} {
		if !strings.Contains(stdout, word) {
			t.Errorf("%q is not in\n%s", word, stdout)
		}
	}
	if !strings.Contains(stderr, "poor judge") {
		t.Errorf("said %q", stderr)
	}
	for _, name := range []string{"best.png", "worst.png", "nearest.png"} {
		if size := decodePNG(t, filepath.Join("r", "scores", name)).Bounds().Size(); size.X < 8 || size == (image.Point{}) {
			t.Errorf("%s is %v", name, size)
		}
	}

	// The same again replaces, another adds.
	records := func(want int) []evaluate.Record {
		t.Helper()
		list, err := evaluate.ReadRecords("r")
		if err != nil || len(list) != want {
			t.Fatalf("%d records, want %d (%v)", len(list), want, err)
		}
		return list
	}
	if first := records(1)[0]; first.Step != 2 || first.Checkpoint != "last" || len(first.Scores) != 5 || first.Scores["kid"].Card.Samples != 150 {
		t.Errorf("kept %+v", first)
	}
	jsonOut, _ := succeed(t, strings.Fields("evaluate --fake r --n 150 --metrics kid --json --pictures shown")...)
	list := records(2)
	if len(list[0].Scores) != 4 || len(list[1].Scores) != 1 || list[1].Scores["kid"].Value != scoresOf(t, jsonOut)["kid"].Value {
		t.Errorf("the same score again: %+v", list)
	}
	if _, err := os.Stat("shown/best.png"); err != nil {
		t.Error(err)
	}
	succeed(t, strings.Fields("evaluate --fake r --n 100 --metrics kid")...)
	succeed(t, strings.Fields("evaluate --fake r --n 90 --metrics kid --save=false")...)
	if latest := evaluate.Latest(records(3))["kid"]; latest.Card.Samples != 100 {
		t.Errorf("the latest is of %d samples", latest.Card.Samples)
	}

	// The same samples, from an array and from a folder of pictures, have the same scores.
	succeed(t, strings.Fields("sample --run r --n 150 --seed 2020 --out s.npy")...)
	succeed(t, strings.Fields("sample --run r --n 150 --seed 2020 --out drawn/")...)
	for _, fake := range []string{"s.npy", "drawn", "folder:drawn"} {
		out, _ := succeed(t, "evaluate", "--real", "folder:pics", "--size", "8", "--fake", fake, "--metrics", "kid", "--json")
		if got, want := scoresOf(t, out)["kid"].Value, scoresOf(t, jsonOut)["kid"].Value; got != want {
			t.Errorf("%s: kid %g, want %g", fake, got, want)
		}
	}

	// A run that is judged by another, and one with the truncation noted.
	out, _ := succeed(t, strings.Fields("evaluate --real r --fake r --n 50 --metrics swd --json --truncation 0.5 --save=false")...)
	if score := scoresOf(t, out)["swd"]; score.Value != 0 || score.Card.Settings["truncation"] != "0.5" || score.Card.ReferenceHash == "" {
		t.Errorf("a run by itself: %s", out)
	}
	writeFile(t, "r/scores.json", []byte("["))
	fail(t, exitError, []string{"scores.json is damaged", "delete it"}, strings.Fields("evaluate --fake r --n 50 --metrics swd")...)
}

func TestEvaluateConditionalRunAndPoints(t *testing.T) {
	evaluateFolder(t)
	makePictures(t, "pics", 12)
	trainTiny(t, "r", "--steps", "1", "--condition", "projection")
	stdout, _ := succeed(t, strings.Fields("evaluate --fake r --n 40 --metrics ms-ssim,swd --size 12")...)
	if !strings.Contains(stdout, "as the data") || strings.Contains(stdout, "features") {
		t.Errorf("printed\n%s", stdout)
	}
	succeed(t, strings.Fields("train --data rings --steps 1 --width 8 --run points")...)
	stdout, _ = succeed(t, strings.Fields("evaluate --fake points")...)
	if !strings.Contains(stdout, "2500 of points against 100000 of rings") || !strings.Contains(stdout, "reverse_kl") {
		t.Errorf("printed\n%s", stdout)
	}
	fail(t, exitError, []string{"fid is for pictures", "points in the plane", "modes, swd and diversity"}, strings.Fields("evaluate --fake points --metrics fid")...)
	fail(t, exitError, []string{"holds points", "holds pictures", "two of a kind"}, strings.Fields("evaluate --real digits --fake points")...)
}

// What a user may bring along: one clear line, and nothing written.
func TestEvaluateBadInput(t *testing.T) {
	evaluateFolder(t)
	makePictures(t, "pics", 6)
	makePictures(t, "single", 2)
	if err := os.RemoveAll("single/right"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir("empty", 0o777); err != nil {
		t.Fatal(err)
	}
	array := func(dtype dtypes.DType, shape ...int) []byte {
		size := dtype.Size()
		for _, dimension := range shape {
			size *= dimension
		}
		return append([]byte(npy.Header(dtype, shape)), bytes.Repeat([]byte{7}, size)...)
	}
	writeFile(t, "floats.npy", array(dtypes.Float32, 2, 4, 4, 1))
	writeFile(t, "flat.npy", array(dtypes.Uint8, 16))
	writeFile(t, "constant.npy", array(dtypes.Uint8, 300, 4, 4))
	cut := array(dtypes.Uint8, 300, 4, 4)
	writeFile(t, "cut.npy", cut[:len(cut)-1])
	writeFile(t, "weights.pth", []byte("no weights"))
	writeFile(t, "mixed/a.png", readFile(t, "pics/left/0.png"))
	succeed(t, strings.Fields("datasets get digits --n 3 --out some")...)
	writeFile(t, "mixed/b.png", readFile(t, filepath.Join("some", "0", firstName(t, "some/0"))))
	for _, test := range []struct {
		words     string // Separated by |.
		arguments string
	}{
		{`no data set, folder, run or array "digit"|did you mean digits`, "--real digit --fake digits"},
		{"folder \"empty\" is empty", "--real digits --fake empty"},
		{"there is no folder", "--real folder:nowhere --fake digits"},
		{"floats.npy holds numbers of type Float32|uint8|scale it", "--real digits --fake floats.npy"},
		{"flat.npy|shape [16]", "--real digits --fake flat.npy"},
		{"cut.npy|is cut short|4800 bytes, and it has 4799", "--real digits --fake cut.npy"},
		{"28×28×1|16×16×3|--size 16 --channels 3", "--real digits --fake pics"},
		{`b.png" has 28×28 pixels|16×16|--size`, "--real digits --fake mixed"},
		{"fid: folder:pics has 6 pictures|at least 257", "--real digits --fake pics --size 28 --channels 1 --features pixels"},
		{"300 pictures of constant.npy are all alike", "--real constant.npy --fake constant.npy"},
		{`no metric "fids"|did you mean fid`, "--real digits --fake digits --metrics kid,fids"},
		{`no extractor "pixel"|did you mean pixels`, "--real digits --fake digits --features pixel"},
		{"inception needs a file", "--real digits --fake digits --features inception"},
		{"weights.pth", "--real digits --fake digits --features inception:weights.pth"},
		{"is needs a classifier|pixels has none", "--real digits --fake digits --features pixels --metrics is"},
		{"l1 compares pictures pair by pair|--paired", "--real digits --fake digits --metrics l1"},
		{"10000 examples|6|--paired", "--real digits --fake pics --size 28 --channels 1 --paired"},
		{"smaller than the 11×11 window", "--real pics --fake pics --size 8 --paired --metrics ssim"},
		{"at least 2 classes|a single one", "--real single --fake single --metrics cas"},
		{"needs the same classes", "--real digits --fake pics --size 28 --channels 1 --metrics cas"},
	} {
		fail(t, exitError, strings.Split(test.words, "|"), append([]string{"evaluate"}, strings.Fields(test.arguments)...)...)
	}
	for _, test := range []struct{ words, arguments string }{
		{"--fake is missing", "--real digits"},
		{"--real is missing", "--fake digits"},
		{"--n 0", "--real digits --fake digits --n 0"},
		{"--seed 0 must be from 1", "--real digits --fake digits --seed 0"},
		{"--bootstrap 1", "--real digits --fake digits --bootstrap 1"},
		{"--size -1", "--real digits --fake digits --size -1"},
		{"--channels 2", "--real digits --fake digits --channels 2"},
		{"--truncation -1", "--real digits --fake digits --truncation -1"},
		{"--save is for the samples of a run", "--real digits --fake digits --save"},
		{"--checkpoint is for the samples of a run", "--real digits --fake digits --checkpoint best"},
	} {
		fail(t, exitMisuse, []string{test.words}, append([]string{"evaluate"}, strings.Fields(test.arguments)...)...)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func firstName(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) == 0 {
		t.Fatalf("%s holds %v (%v)", folder, entries, err)
	}
	return entries[0].Name()
}

func TestEvaluateCompletion(t *testing.T) {
	inFolder(t)
	for _, test := range []struct {
		want      string
		arguments []string
	}{
		{"digits\t", []string{"--real", ""}},
		{"fid\t", []string{"--metrics", ""}},
		{"pixels\n", []string{"--features", ""}},
		{"best\n", []string{"--checkpoint", ""}},
	} {
		stdout, _ := succeed(t, append([]string{cobra.ShellCompRequestCmd, "evaluate"}, test.arguments...)...)
		if !strings.Contains(stdout, test.want) {
			t.Errorf("%q: offered\n%s", test.arguments, stdout)
		}
	}
}
