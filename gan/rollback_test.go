package gan_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// drawn returns some samples' pixels.
func drawn(t *testing.T, trainer *gan.Trainer) []uint8 {
	t.Helper()
	samples, err := trainer.Sample(8)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return tensors.MustCopyFlatData[uint8](samples)
}

// bestAt4 returns a trainer at step 7 whose best was step 4, and the samples of that.
func bestAt4(t *testing.T, dir string) (trainer *gan.Trainer, best []uint8) {
	t.Helper()
	config := small(dir)
	config.EMA, config.SaveEvery = 0, 2
	trainer = newTrainer(t, gantest.Go(), config)
	data := &seekable{pictures{batch: 6}}
	trainSteps(t, trainer, data, 4)
	best = drawn(t, trainer)
	if err := trainer.SaveBest(12.5); err != nil {
		t.Fatalf("%+v", err)
	}
	trainSteps(t, trainer, data, 3)
	return trainer, best
}

func TestLoadBest(t *testing.T) {
	dir := t.TempDir() + "/run"
	if _, err := gan.LoadBest(gantest.Go(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "holds no run") {
		t.Errorf("no run: got %v", err)
	}
	_, want := bestAt4(t, dir)
	best, err := gan.LoadBest(gantest.Go(), dir)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if best.Steps() != 4 || !slices.Equal(drawn(t, best), want) {
		t.Errorf("at step %d, not at 4, or with other samples", best.Steps())
	}
	last := load(t, gantest.Go(), dir)
	if last.Steps() != 7 {
		t.Errorf("the last checkpoint is of step %d, want 7: the best is not the last", last.Steps())
	}
	if step, score, ok := last.Best(); step != 4 || score != 12.5 || !ok {
		t.Errorf("the run's best is step %d with %g (%t), want 4 with 12.5", step, score, ok)
	}
}

// TestRollback goes back to the best state, from where the training takes another way, slower, as it does when it is stopped and
// resumed there.
func TestRollback(t *testing.T) {
	dir := t.TempDir() + "/run"
	trainer, want := bestAt4(t, dir)
	before, err := gan.ReadLog(dir)
	if err != nil || len(before) != 7 {
		t.Fatalf("%d steps logged, %v", len(before), err)
	}
	if err := trainer.Rollback(0.5); err != nil {
		t.Fatalf("%+v", err)
	}
	if trainer.Steps() != 4 || !slices.Equal(drawn(t, trainer), want) {
		t.Errorf("at step %d, not at 4, or with other samples", trainer.Steps())
	}
	files, err := filepath.Glob(filepath.Join(dir, "checkpoints", "0*"))
	if err != nil || len(files) != 1 || filepath.Base(files[0]) != "00000004.safetensors" {
		t.Errorf("checkpoints after going back: %v, %v; want that of step 4 alone", files, err)
	}
	copied := t.TempDir() + "/copy"
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	data := &seekable{pictures{batch: 6}}
	trainSteps(t, trainer, data, 3)
	after, err := gan.ReadLog(dir)
	if err != nil || len(after) != 7 {
		t.Fatalf("%d steps logged, %v", len(after), err)
	}
	if after[3] != before[3] || after[4] == before[4] {
		t.Errorf("step 4 was %v and is %v, step 5 was %v and is %v", before[3], after[3], before[4], after[4])
	}
	resumed := load(t, gantest.Go(), copied)
	trainSteps(t, resumed, data, 3)
	if !bytes.Equal(checkpoint(t, dir), checkpoint(t, copied)) {
		t.Error("resumed after going back, the weights are others")
	}
}

// Where losses are no longer numbers, weights can only be had from before: here fresh ones.
func TestRollbackFromNaN(t *testing.T) {
	config := gan.Config{Arch: gan.MLP{Shape: []int{8, 8, 1}}, Loss: diverging{}, Seed: 3}
	trainer := newTrainer(t, gantest.Go(), config)
	diverge := func() error {
		for _, err := range trainer.Train(context.Background(), &pictures{batch: 6}, 2) {
			if err != nil {
				return err
			}
		}
		return nil
	}
	for range 2 {
		var nan *gan.NotANumber
		if err := diverge(); !errors.As(err, &nan) || nan.Step.N != 1 || nan.Saved != 0 {
			t.Fatalf("got %v, want losses that are no numbers at step 1", err)
		}
		if err := trainer.Rollback(1); err != nil {
			t.Fatalf("%+v", err)
		}
	}
	if _, err := trainer.Sample(1); err != nil || trainer.Steps() != 0 {
		t.Errorf("after going back: step %d, %v", trainer.Steps(), err)
	}
	if err := trainer.Rollback(0); err == nil {
		t.Error("learning rates of 0 are no way to go on")
	}
}

// Without a run folder the best state is kept in memory.
func TestRollbackWithoutFolder(t *testing.T) {
	trainer, want := bestAt4(t, "")
	if err := trainer.Rollback(1); err != nil {
		t.Fatalf("%+v", err)
	}
	if trainer.Steps() != 4 || !slices.Equal(drawn(t, trainer), want) {
		t.Errorf("at step %d, not at 4, or with other samples", trainer.Steps())
	}
}
