package course

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
)

// cells are programs like those of a notebook. A test runs them as such, since they print, and end when something is wrong.
var cells = map[string]func(dir string){
	"train": func(dir string) { trainRing(dir, 6, 0) },
	"interrupt": func(dir string) {
		trainRing(dir, 6, 2)
		fmt.Println("the cell goes on")
	},
	"other data": func(dir string) {
		config := ringConfig(dir)
		trainer, live := Begin(dir, 6, config, gan.NewTrainer, gan.Load)
		for step, err := range trainer.Train(live.Context(), ringBatches(16), live.Left()) {
			live.Step(step, err)
		}
	},
	"longer": func(dir string) { trainRing(dir, 8, 0) },
	"load":   func(dir string) { fmt.Println("loaded after step", Trained(dir).Steps()) },
	"unkept": func(string) { trainRing("", 3, 0) },
	"true":   func(string) { Check(1+1 == 2, "%d is two", 1+1) },
	"false":  func(string) { Check(1+1 == 3, "%d is three", 1+1) },
	"full":   func(string) { Full(false, "%d digits are right", 9) },
	"same":   func(string) { Same("loss", 1.5, 1.5000001, 1e-6) },
	"differ": func(string) { Same("loss", 1.5, 1.51, 1e-6) },
	"exercises": func(string) {
		Exercise(1, false, false, "")
		Exercise(2, true, false, "Look again.")
		Exercise(3, true, true, "")
	},
}

func ringConfig(dir string) gan.Config {
	return gan.Config{Arch: gan.MLP{Shape: []int{2}}, Loss: gan.NonSaturating{}, Seed: 1, Dir: dir}
}

func ringBatches(size int) Batches {
	set, err := datasets.Open("ring", datasets.Options{})
	Must(err)
	batches, err := set.Batches(size, 1)
	Must(err)
	return batches
}

// trainRing is the loop in the documentation of Begin; after as many steps as interrupt says, ■ is pressed.
func trainRing(dir string, steps, interrupt int) {
	trainer, live := Begin(dir, steps, ringConfig(dir), gan.NewTrainer, gan.Load)
	live.NoCurves = true
	for step, err := range trainer.Train(live.Context(), ringBatches(8), live.Left()) {
		live.Step(step, err)
		if step.N == interrupt {
			Must(syscall.Kill(os.Getpid(), syscall.SIGINT))
			<-live.Context().Done()
		}
	}
	live.End(trainer)
	fmt.Println("trained to step", trainer.Steps())
}

func TestMain(m *testing.M) {
	if cell := cells[os.Getenv("COURSE_TEST_CELL")]; cell != nil {
		cell(os.Getenv("COURSE_TEST_DIR"))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// runAsCell runs one of the cells as a program, and returns its exit status and what it said.
func runAsCell(t *testing.T, name, dir string, environment ...string) (status int, stdout, stderr string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out, complaints strings.Builder
	cmd := exec.CommandContext(context.Background(), program)
	cmd.Dir, cmd.Stdout, cmd.Stderr = t.TempDir(), &out, &complaints
	cmd.Env = append(os.Environ(), "COURSE_TEST_CELL="+name, "COURSE_TEST_DIR="+dir, "GOMLX_BACKEND=go", QuickVariable+"=", SolutionsVariable+"=")
	cmd.Env = append(cmd.Env, environment...)
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(cmd.Dir); err != nil || len(left) > 0 {
		t.Errorf("cell %q left %v in its folder (%v)", name, left, err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), complaints.String()
}

func wantSaid(t *testing.T, said string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(said, part) {
			t.Errorf("said %q, without %q", said, part)
		}
	}
}

// An interrupted cell saves and says so, the next cell says so too, and the same cell goes on where it was.
func TestInterrupted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	status, stdout, stderr := runAsCell(t, "interrupt", dir)
	if status != 0 {
		t.Fatalf("status %d: %s", status, stderr)
	}
	wantSaid(t, stdout, "Interrupted after step 2 of 6, and saved", "trained to step 2", "the cell goes on")

	status, stdout, _ = runAsCell(t, "load", dir)
	wantSaid(t, stdout, "was interrupted after step 2 of 6", "loaded after step 2")
	if status != 0 {
		t.Errorf("a run that was interrupted does not load: status %d", status)
	}

	status, _, stderr = runAsCell(t, "other data", dir)
	wantSaid(t, stderr, "batches of 8, not 16", "To start afresh, delete "+dir)
	if status != 1 {
		t.Errorf("going on with other data: status %d", status)
	}

	_, stdout, _ = runAsCell(t, "train", dir)
	wantSaid(t, stdout, "going on after step 2", "trained to step 6")
	_, stdout, _ = runAsCell(t, "load", dir)
	if stdout != "loaded after step 6\n" {
		t.Errorf("after the whole training the next cell says %q", stdout)
	}
	_, stdout, _ = runAsCell(t, "train", dir) // Whole, so it starts again.
	if stdout != "trained to step 6\n" {
		t.Errorf("once more: %q", stdout)
	}
	runAsCell(t, "interrupt", dir)
	_, stdout, _ = runAsCell(t, "longer", dir) // Another training, so nothing is gone on with.
	if stdout != "trained to step 8\n" {
		t.Errorf("another training in the same folder: %q", stdout)
	}
}

func TestSkippedCells(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	status, _, stderr := runAsCell(t, "load", dir)
	wantSaid(t, stderr, "✗ There is no training in "+dir, "run the cells above this one first")
	if status != 1 || strings.Contains(stderr, "goroutine") {
		t.Errorf("status %d, said %s", status, stderr)
	}
}

// Without a folder nothing is kept, in the working folder neither.
func TestUnkept(t *testing.T) {
	if status, stdout, stderr := runAsCell(t, "unkept", ""); status != 0 || stdout != "trained to step 3\n" {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
}
