package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCompare(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 6)
	trainTiny(t, "one", "--steps", "2")
	trainTiny(t, filepath.Join("there", "one"), "--steps", "2", "--penalty", "gp", "--lr", "0.001")
	stdout, stderr := succeed(t, "compare", "one", "there/one")
	if stderr != "" {
		t.Errorf("said %q", stderr)
	}
	for _, words := range []string{"\nWasserstein distance  ", "\nDiversity  ", "  there/one", "(the data)", "SETTING", "penalty", "r1", "gp", "\ncompare.html\n"} {
		if !strings.Contains(stdout, words) {
			t.Errorf("no %q in\n%s", words, stdout)
		}
	}
	if strings.Contains(stdout, "seed") {
		t.Errorf("equal settings are listed in\n%s", stdout)
	}
	page, err := os.ReadFile("compare.html")
	if err != nil {
		t.Fatal(err)
	}
	if text := string(page); strings.Count(text, "data:image/png;base64,") != 2 || !strings.Contains(text, "penalty.gamma") {
		t.Errorf("the page is\n%.2000s", text)
	}

	stdout, _ = succeed(t, "compare", "one", "there/one", "--json", "--out", "pages/c.html")
	result := readJSON(t, stdout)
	runs := result["runs"].([]any)
	first := runs[0].(map[string]any)
	if len(runs) != 2 || first["run"] != "one" || first["steps"] != 2.0 || first["scores"].(map[string]any)["diversity"].(map[string]any)["value"].(float64) < 0 {
		t.Errorf("got %s", stdout)
	}
	if len(result["differences"].([]any)) == 0 || result["page"] != "pages/c.html" {
		t.Errorf("got %s", stdout)
	}
}

// TestCompareUnlike compares pictures with points, and goes on where the data of a run is gone.
func TestCompareUnlike(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains")
	}
	inFolder(t)
	makePictures(t, "pics", 6)
	trainTiny(t, "pictures", "--steps", "1")
	succeed(t, "train", "--data", "ring", "--steps", "2", "--width", "8", "--run", "points")
	if err := os.RemoveAll("pics"); err != nil {
		t.Fatal(err)
	}
	stdout, _ := succeed(t, "compare", "pictures", "points")
	for _, words := range []string{"different shapes", "8×8×3 (pictures), 2 (points)", "different data", "different numbers of steps", "pictures has no scores",
		"\nModes  ", "of 8"} {
		if !strings.Contains(stdout, words) {
			t.Errorf("no %q in\n%s", words, stdout)
		}
	}

	if err := os.RemoveAll(filepath.Join("points", "checkpoints", "00000002.safetensors")); err != nil {
		t.Fatal(err)
	}
	fail(t, exitError, []string{"points has no checkpoint yet", "ganymede train --run points --resume"}, "compare", "pictures", "points")
	fail(t, exitError, []string{"nowhere holds no run"}, "compare", "pictures", "nowhere")
}
