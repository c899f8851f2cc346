package training_test

import (
	"context"
	"encoding/json"
	"iter"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/nn"
	"github.com/ganymede-ml/ganymede/gan/training"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// line is a task that learns the slope of a line from points on it, with noise drawn in the graph.
type line struct {
	Rate float64 `json:"rate"`
}

func (l line) definition(dir string) training.Definition {
	return training.Definition{Task: "line", Config: l, Seed: 1, Dir: dir, SaveEvery: 4, Step: func(r *training.Round) {
		x, y := r.Inputs[1], Mul(r.Inputs[1], r.Inputs[0])
		noise := nn.DrawNormal(r.Scope, x.Graph(), x.Shape())
		loss := ReduceAllMean(Square(Sub(l.graph(r.Scope, x), Add(y, MulScalar(noise, 0.01)))))
		r.Report("loss", loss)
		r.Learn(training.Player{Name: "line/slope", Optimizer: gan.Adam{LearningRate: l.Rate}}, loss)
	}}
}

func (line) graph(scope *model.Scope, x *Node) *Node {
	slope := scope.At("line").At("slope").VariableWithShape("weight", shapes.Make(dtypes.Float32)).SetTrainable(true)
	return Mul(x, slope.NodeValue(x))
}

func load(t *testing.T, dir string) *training.Trainer {
	t.Helper()
	trainer, err := training.Load(gobackend.GetBackend(), dir, "line", func(config json.RawMessage) (training.Definition, error) {
		var l line
		err := json.Unmarshal(config, &l)
		return l.definition(""), err
	})
	if err != nil {
		t.Fatal(err)
	}
	return trainer
}

// points is endless data: the slope, one tensor in all batches, and points that differ from batch to batch.
type points struct {
	slope *tensors.Tensor
	from  int
	bad   int // The batch that holds infinity, from 1 on.
}

func (p *points) Name() string   { return "points" }
func (p *points) Kept() int      { return 1 }
func (p *points) Seek(batch int) { p.from = batch }
func (p *points) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		for i := p.from; ; i++ {
			x := []float32{float32(i % 5), 1, -float32(i % 3)}
			if i+1 == p.bad {
				x[0] = float32(math.Inf(1))
			}
			if !yield(train.Batch{Inputs: []*tensors.Tensor{p.slope, tensors.FromValue(x)}}, nil) {
				return
			}
		}
	}
}

func newPoints() *points { return &points{slope: tensors.FromValue(float32(3))} }

func take(t *testing.T, trainer *training.Trainer, data train.Dataset, n int) (last training.Step) {
	t.Helper()
	for step, err := range trainer.Train(context.Background(), data, n) {
		if err != nil {
			t.Fatalf("%+v", err)
		}
		last = step
	}
	return last
}

func slope(t *testing.T, trainer *training.Trainer) float32 {
	t.Helper()
	program, err := trainer.Program(func(scope *model.Scope, inputs []*Node) []*Node {
		return []*Node{line{}.graph(scope, inputs[0])}
	})
	if err != nil {
		t.Fatal(err)
	}
	outputs, err := program.Call(float32(1))
	if err != nil {
		t.Fatal(err)
	}
	return tensors.ToScalar[float32](outputs[0])
}

func TestLearns(t *testing.T) {
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		trainer, err := training.New(backend, line{Rate: 0.1}.definition(""))
		if err != nil {
			t.Fatal(err)
		}
		step := take(t, trainer, newPoints(), 200)
		if got := slope(t, trainer); math.Abs(float64(got-3)) > 0.02 {
			t.Errorf("slope %g, want 3", got)
		}
		if step.N != 200 || step.Value("loss") > 0.01 || step.Value("line_slope_gradient") == 0 {
			t.Errorf("last step %+v", step)
		}
		if err := trainer.Save(); err == nil {
			t.Error("saved without a folder")
		}
	})
}

// TestResume checks that going on gives the same checkpoint, byte for byte, as never having stopped, and the same log.
func TestResume(t *testing.T) {
	backend := gobackend.GetBackend()
	whole, parts := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "parts")
	for _, dir := range []string{whole, parts} {
		trainer, err := training.New(backend, line{Rate: 0.1}.definition(dir))
		if err != nil {
			t.Fatal(err)
		}
		n := 10
		if dir == parts {
			n = 3
		}
		take(t, trainer, newPoints(), n)
		if err := trainer.Close(); err != nil {
			t.Fatal(err)
		}
	}
	trainer := load(t, parts)
	take(t, trainer, newPoints(), 7)
	if err := trainer.Close(); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"checkpoints/00000010.safetensors", "log.jsonl"} {
		a, errA := os.ReadFile(filepath.Join(whole, file))
		b, errB := os.ReadFile(filepath.Join(parts, file))
		if errA != nil || errB != nil || string(a) != string(b) {
			t.Errorf("%s differs (%v, %v)", file, errA, errB)
		}
	}
	steps, err := training.ReadLog(parts)
	if err != nil || len(steps) != 10 || steps[9].N != 10 || steps[9].Values[0].Name != "loss" {
		t.Errorf("log of %d steps, %v", len(steps), err)
	}
}

func TestNotANumber(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	trainer, err := training.New(gobackend.GetBackend(), line{Rate: 0.1}.definition(dir))
	if err != nil {
		t.Fatal(err)
	}
	data := newPoints()
	data.bad = 6
	steps := 0
	for _, e := range trainer.Train(context.Background(), data, 20) {
		if err = e; e == nil {
			steps++
		}
	}
	var broken *training.NotANumber
	if !errors.As(err, &broken) || broken.Step.N != 6 || broken.Saved != 4 || steps != 5 {
		t.Fatalf("after %d steps: %v", steps, err)
	}
	for _, part := range []string{"line: ", "step 6", "loss NaN", "checkpoint of step 4 is kept"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q lacks %q", err, part)
		}
	}
	if trainer.Save() == nil {
		t.Error("spoiled weights were saved")
	}
	if got := load(t, dir).Steps(); got != 4 {
		t.Errorf("loaded step %d, want 4", got)
	}
}

func TestTakeWeights(t *testing.T) {
	backend := gobackend.GetBackend()
	dir := filepath.Join(t.TempDir(), "run")
	trainer, err := training.New(backend, line{Rate: 0.1}.definition(dir))
	if err != nil {
		t.Fatal(err)
	}
	tuned, err := training.New(backend, line{Rate: 0.1}.definition(""))
	if err != nil {
		t.Fatal(err)
	}
	if err := tuned.TakeWeights(dir, "line"); err == nil || !strings.Contains(err.Error(), "no checkpoint") {
		t.Errorf("of a run without checkpoint: %v", err)
	}
	take(t, trainer, newPoints(), 40)
	if err := tuned.TakeWeights(dir, "plane"); err == nil || !strings.Contains(err.Error(), "nothing called plane") {
		t.Errorf("of a scope that there is not: %v", err)
	}
	if err := tuned.TakeWeights(dir, "line"); err != nil {
		t.Fatal(err)
	}
	if a, b := slope(t, trainer), slope(t, tuned); a != b || tuned.Steps() != 0 {
		t.Errorf("slope %g, want %g; step %d", b, a, tuned.Steps())
	}
	take(t, tuned, newPoints(), 1)
}

// TestOtherTask checks what is said of runs of other kinds.
func TestOtherTask(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	backend := gobackend.GetBackend()
	if _, err := training.New(backend, line{Rate: 0.1}.definition(dir)); err != nil {
		t.Fatal(err)
	}
	_, err := training.Load(backend, dir, "plane", nil)
	if err == nil || !strings.Contains(err.Error(), "holds a run of line, which the command ganymede line is for") {
		t.Errorf("loaded as another task: %v", err)
	}
	var other *gan.OtherTask
	if _, err = gan.Load(backend, dir); !errors.As(err, &other) || other.Task != "line" {
		t.Errorf("loaded by package gan: %v", err)
	}
	if task, err := training.TaskOf(dir); task != "line" || err != nil {
		t.Errorf("task %q, %v", task, err)
	}
	if _, err := training.New(backend, line{Rate: 0.1}.definition(dir)); err == nil || !strings.Contains(err.Error(), "already holds a run") {
		t.Errorf("a second run in the folder: %v", err)
	}
}
