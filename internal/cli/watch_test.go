package cli

import (
	"os"
	"strings"
	"testing"
)

// sick is a training that cannot go well, on points, which a monitor judges without a network.
const sick = "train --data rings --steps 700 --look-every 20 --loss ns --critic-steps 1 --lr 3 --width 16 --run r "

func TestStopsAtCollapse(t *testing.T) {
	inFolder(t)
	out, _ := succeed(t, strings.Fields(sick+"--on-collapse stop --json")...)
	result := readJSON(t, out)
	health := result["health"].(map[string]any)
	stopped := health["stopped"].(map[string]any)
	if step := stopped["step"].(float64); step >= 700 || step != result["steps"] {
		t.Errorf("stopped at %g, and %v steps were taken", step, result["steps"])
	}
	if health["best_step"].(float64) <= 0 || len(health["alarms"].([]any)) != 1 {
		t.Errorf("got %v", health)
	}
	succeed(t, "sample", "--run", "r", "--checkpoint", "best", "--out", "best.png")
	if _, err := os.Stat("r/health.jsonl"); err != nil {
		t.Error(err)
	}
}

func TestRollsBack(t *testing.T) {
	inFolder(t)
	out, stderr := succeed(t, strings.Fields(sick+"--on-collapse rollback")...)
	if !strings.Contains(stderr, "going back to step") || !strings.Contains(stderr, "slower") {
		t.Errorf("it does not say that it went back:\n%s", stderr)
	}
	if !strings.Contains(out, "best checkpoint is that of step") {
		t.Errorf("it does not name the best checkpoint:\n%s", out)
	}
}

// Data too few to judge by are no reason not to train, unless somebody relies on it.
func TestTooFewToWatch(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 8)
	few := "train --data folder:pics --size 8 --width 4 --latent 4 --steps 1 --batch 4 "
	_, stderr := succeed(t, strings.Fields(few+"--run one")...)
	if !strings.Contains(stderr, "nobody watches") || !strings.Contains(stderr, "8 examples are too few") {
		t.Errorf("got %s", stderr)
	}
	fail(t, exitError, []string{"8 examples are too few"}, strings.Fields(few+"--run two --on-collapse stop")...)
	if _, stderr = succeed(t, strings.Fields(few+"--run three --on-collapse off")...); strings.Contains(stderr, "watches") {
		t.Errorf("got %s", stderr)
	}
	fail(t, exitError, []string{`"rolback"`, "did you mean rollback"}, strings.Fields(few+"--run four --on-collapse rolback")...)
}
