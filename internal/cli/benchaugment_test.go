package cli

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/internal/bench"
)

func TestBenchAugment(t *testing.T) {
	inFolder(t)
	makePictures(t, "photos", 60)
	arguments := []string{"bench", "augment", "--data", "folder:photos", "--per-class", "3,all", "--arms", "nothing,classic", "--seeds", "2",
		"--steps", "2", "--batch", "4", "--quiet"}
	stdout, stderr := succeed(t, append(arguments, "--json", "--markdown", "table.md")...)
	var result bench.Result
	if err := json.Unmarshal([]byte(stdout), &result); err != nil || strings.Count(stdout, "\n") != 1 {
		t.Fatalf("got %q: %v", stdout, err)
	}
	if len(result.Rows) != 4 || len(result.Seeds) != 2 || result.Policy == "" || len(result.Rows[1].Against) != 1 || result.Test < 4 {
		t.Errorf("got %+v", result)
	}
	if stderr != "" {
		t.Errorf("it said %q", stderr)
	}
	for _, file := range []string{"table.md", "runs/bench-photos/results.jsonl", "runs/bench-photos/accuracy.png"} {
		if info, err := os.Stat(file); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", file, err)
		}
	}
	stdout, _ = succeed(t, arguments...) // All of it is there.
	for _, words := range []string{"accuracy, %", "points against nothing", "all a class: classic", "2 seeds", "accuracy.png"} {
		if !strings.Contains(stdout, words) {
			t.Errorf("the tables lack %q:\n%s", words, stdout)
		}
	}
}

func TestBenchAugmentMisuse(t *testing.T) {
	inFolder(t)
	makePictures(t, "photos", 60)
	for _, test := range []struct {
		status    int
		words     []string
		arguments []string
	}{
		{2, []string{"no verb", "augment"}, []string{"agment"}},
		{2, []string{"--per-class", "neither"}, []string{"augment", "--per-class", "10,many"}},
		{2, []string{"--seeds 0"}, []string{"augment", "--seeds", "0"}},
		{2, []string{"--batch 1"}, []string{"augment", "--batch", "1"}},
		{2, []string{"--imbalance", "3,8:0.1"}, []string{"augment", "--imbalance", "3"}},
		{2, []string{"--policy", "rotate"}, []string{"augment", "--policy", "rotat:3"}},
		{1, []string{"no arm", "did you mean classic?"}, []string{"augment", "--arms", "clssic"}},
		{1, []string{"--judged-by", "validation"}, []string{"augment", "--judged-by", "valid"}},
		{1, []string{"data set", "did you mean"}, []string{"augment", "--data", "digts"}},
		{1, []string{"points"}, []string{"augment", "--data", "rings"}},
		{1, []string{"fewer than the 900"}, []string{"augment", "--data", "folder:photos", "--per-class", "900"}},
		{1, []string{"no class", "to be rare"}, []string{"augment", "--data", "folder:photos", "--per-class", "3", "--imbalance", "none:0.1"}},
		{1, []string{"single picture"}, []string{"augment", "--data", "folder:photos", "--per-class", "1", "--arms", "gan"}},
	} {
		fail(t, test.status, test.words, append([]string{"bench"}, test.arguments...)...)
	}
}
