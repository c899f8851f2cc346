package cli

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/internal/bench"
)

func TestBenchInpaint(t *testing.T) {
	inFolder(t)
	makePictures(t, "photos", 60)
	arguments := []string{"bench", "inpaint", "--data", "folder:photos", "--methods", "mean,biharmonic,context-encoder", "--masks", "box", "--n", "3",
		"--steps", "1", "--batch", "2", "--seeds", "4,5", "--quiet"}
	stdout, stderr := succeed(t, append(arguments, "--json", "--markdown", "table.md")...)
	var result bench.InpaintResult
	if err := json.Unmarshal([]byte(stdout), &result); err != nil || strings.Count(stdout, "\n") != 1 {
		t.Fatalf("got %q: %v", stdout, err)
	}
	if len(result.Rows) != 3 || len(result.Seeds) != 2 || result.Pictures != 3 || result.Holes[0].Share != 0.25 || len(result.Comparisons) != 4 {
		t.Errorf("got %+v", result)
	}
	if network := result.Rows[2]; !network.Learned || network.HoleL1.Value <= 0 || network.HoleL1.BySeed[0] == network.HoleL1.BySeed[1] {
		t.Errorf("the network of two seeds: %+v", network)
	}
	if stderr != "" {
		t.Errorf("it said %q", stderr)
	}
	for _, file := range []string{"table.md", "runs/inpaint-photos/sheet.png", "runs/inpaint-photos/result.json", "runs/inpaint-photos/arrays/box-seed5/context-encoder.npy"} {
		if info, err := os.Stat(file); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", file, err)
		}
	}
	stdout, _ = succeed(t, arguments...) // All of it is there.
	for _, words := range []string{"box: a box of a quarter", "hole PSNR", "context encoder", "biharmonic", "2 seeds", "sheet.png"} {
		if !strings.Contains(stdout, words) {
			t.Errorf("the tables lack %q:\n%s", words, stdout)
		}
	}
	runs, err := os.ReadDir("runs/inpaint-photos/runs")
	if err != nil || len(runs) != 2 {
		t.Fatalf("got %v, %v", runs, err)
	}
	stdout, _ = succeed(t, "bench", "inpaint", "--data", "folder:photos", "--methods", "mean", "--run", "runs/inpaint-photos/runs/"+runs[0].Name(),
		"--masks", "box", "--n", "3", "--seed", "4", "--quiet", "--out", "other", "--json")
	var again bench.InpaintResult
	if err := json.Unmarshal([]byte(stdout), &again); err != nil {
		t.Fatal(err)
	}
	if got, want := again.Rows[1].HoleL1.Value, result.Rows[2].HoleL1.BySeed[0]; got != want || again.Rows[1].Method != runs[0].Name() || len(again.Notes) != 1 {
		t.Errorf("its run fills with %g as %s, notes %q, and the bench with %g", got, again.Rows[1].Method, again.Notes, want)
	}
}

func TestBenchInpaintMisuse(t *testing.T) {
	inFolder(t)
	makePictures(t, "photos", 60)
	for _, test := range []struct {
		status    int
		words     []string
		arguments []string
	}{
		{1, []string{"no method", "did you mean telea?"}, []string{"--methods", "tela"}},
		{1, []string{"no kind of masks", "box, free"}, []string{"--masks", "round"}},
		{2, []string{"--n -1"}, []string{"--n", "-1"}},
		{2, []string{"--seeds", "1,2,3"}, []string{"--seeds", "1,two"}},
		{2, []string{"--seeds", "3 twice"}, []string{"--seeds", "3,1,3"}},
		{2, []string{"--seeds 0"}, []string{"--seeds", "0"}},
		{2, []string{"--steps is for networks that are trained here"}, []string{"--run", "R", "--steps", "3"}},
		{1, []string{"points"}, []string{"--data", "rings"}},
		{1, []string{"nowhere"}, []string{"--data", "folder:photos", "--run", "nowhere"}},
	} {
		fail(t, test.status, test.words, append([]string{"bench", "inpaint"}, test.arguments...)...)
	}
}
