package health_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/health"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// ring returns batches of the points of the ring, all or those of one mode, and what samples are compared with: all.
func ring(t *testing.T, only int) (*datasets.Batches, *health.Reference) {
	t.Helper()
	set, err := datasets.Open("rings", datasets.Options{Seed: 1})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	reference, err := health.NewReference(tensors.FromFlatDataAndDimensions(set.Points[:4000], 2000, 2), nil)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	kept := datasets.Set{Name: "some of the ring", Shape: set.Shape}
	for i, label := range set.Labels {
		if only < 0 || int(label) == only {
			kept.Points = append(kept.Points, set.Points[2*i:2*i+2]...)
		}
	}
	batches, err := kept.Batches(64, 1)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return batches, reference
}

// config is a game that learns the ring in some hundred steps.
func config(dir string) gan.Config {
	adam := gan.Adam{LearningRate: 2e-3, Beta1: 0.5, Beta2: 0.99}
	return gan.Config{
		Arch: gan.MLP{Shape: []int{2}, GeneratorHidden: []int{32, 32}, DiscriminatorHidden: []int{32, 32}},
		Loss: gan.NonSaturating{}, Penalty: gan.R1{Gamma: 0.1}, Generator: adam, Discriminator: adam, Seed: 1, Dir: dir,
	}
}

// watched trains under a monitor, and returns the steps it was given and the error it ended with.
func watched(t *testing.T, monitor *health.Monitor, trainer *gan.Trainer, data *datasets.Batches, n int) (steps []int, err error) {
	t.Helper()
	for step, err := range monitor.Train(context.Background(), trainer, data, n) {
		if err != nil {
			return steps, err
		}
		steps = append(steps, step.N)
	}
	return steps, nil
}

func newMonitor(t *testing.T, reference *health.Reference, options health.Options) *health.Monitor {
	t.Helper()
	monitor, err := health.New(reference, options)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return monitor
}

func newTrainer(t *testing.T, config gan.Config) *gan.Trainer {
	t.Helper()
	trainer, err := gan.NewTrainer(gantest.Go(), config)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	t.Cleanup(func() { _ = trainer.Close() })
	return trainer
}

// TestHealthyTraining also sees that watching changes nothing in what is learned.
func TestHealthyTraining(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains for long")
	}
	data, reference := ring(t, -1)
	dir := t.TempDir()
	trainer, plain := newTrainer(t, config(dir)), newTrainer(t, config(""))
	told := 0
	monitor := newMonitor(t, reference, health.Options{Every: 50, OnCollapse: health.Stop, OnReport: func(health.Report) { told++ }})
	steps, err := watched(t, monitor, trainer, data, 620)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for _, err := range plain.Train(context.Background(), data, 620) {
		if err != nil {
			t.Fatalf("%+v", err)
		}
	}
	one, two := sample(t, trainer), sample(t, plain)
	if !reflect.DeepEqual(one, two) {
		t.Error("a training that was watched has other samples than one that was not")
	}
	reports := monitor.Reports()
	if len(steps) != 620 || len(reports) != 12 || told != 12 || monitor.Stopped() != nil {
		t.Fatalf("%d steps, %d reports, %d told, stopped %+v; want 620, 12, 12 and no stop", len(steps), len(reports), told, monitor.Stopped())
	}
	best := math.Inf(1)
	bestStep := 0
	for _, report := range reports {
		if len(report.Findings) > 0 {
			t.Errorf("step %d: found %+v in health", report.Step, report.Findings)
		}
		if report.Best != (report.Distance < best) {
			t.Errorf("step %d: best %v at distance %g, and was %g", report.Step, report.Best, report.Distance, best)
		}
		if report.Best {
			best, bestStep = report.Distance, report.Step
		}
	}
	if step, score, ok := trainer.Best(); !ok || step != bestStep || score != best {
		t.Errorf("the best checkpoint is of step %d, %g; want %d, %g", step, score, bestStep, best)
	}
	if read, err := health.ReadReports(dir); err != nil || !reflect.DeepEqual(read, reports) {
		t.Errorf("health.jsonl holds %+v (%v), want %+v", read, err, reports)
	}
	if last := reports[len(reports)-1]; last.Diversity < 0.7 || last.Distance > 0.3*reference.Spread() || last.GeneratorGradient == 0 {
		t.Errorf("the last look is %+v: not what a generator of the ring scores", last.Look)
	}
}

func sample(t *testing.T, trainer *gan.Trainer) []float32 {
	t.Helper()
	samples, err := trainer.Sample(50)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return tensors.MustCopyFlatData[float32](samples)
}

func TestStop(t *testing.T) {
	data, reference := ring(t, 3)
	trainer := newTrainer(t, config(t.TempDir()))
	monitor := newMonitor(t, reference, health.Options{Every: 40, OnCollapse: health.Stop})
	steps, err := watched(t, monitor, trainer, data, 2000)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	stopped := monitor.Stopped()
	if stopped == nil || stopped.Finding.Kind != health.Collapse || len(steps) > 1000 || stopped.Step != len(steps) {
		t.Fatalf("stopped %+v after %d steps; one mode of eight is a collapse", stopped, len(steps))
	}
	step, distance, _ := trainer.Best()
	if stopped.Best != step || stopped.Distance != distance {
		t.Errorf("stopped %+v, want the best of step %d, %g", stopped, step, distance)
	}
	reports := monitor.Reports()
	if last := reports[len(reports)-1]; last.Action != health.Stop || last.Step != stopped.Step {
		t.Errorf("the last report is %+v, want one that says stop", last)
	}
}

func TestWarnGoesOn(t *testing.T) {
	data, reference := ring(t, 3)
	monitor := newMonitor(t, reference, health.Options{Every: 20})
	steps, err := watched(t, monitor, newTrainer(t, config("")), data, 400)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	reports := monitor.Reports()
	if len(steps) != 400 || len(reports) != 20 || reports[19].Action != health.Warn || monitor.Stopped() != nil {
		t.Errorf("%d steps, last report %+v, stopped %+v; want all steps and a warning", len(steps), reports[len(reports)-1], monitor.Stopped())
	}
}

func TestRollback(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains for long")
	}
	for _, folder := range []bool{true, false} {
		data, reference := ring(t, 3)
		dir := ""
		if folder {
			dir = t.TempDir()
		}
		trainer := newTrainer(t, config(dir))
		monitor := newMonitor(t, reference, health.Options{Every: 20, OnCollapse: health.Rollback, MaxRollbacks: 2, Rate: 0.25})
		if _, err := watched(t, monitor, trainer, data, 2000); err != nil {
			t.Fatalf("%+v", err)
		}
		var back []int
		for _, report := range monitor.Reports() {
			if report.Action == health.Rollback {
				back = append(back, *report.BackTo)
			}
		}
		if len(back) != 2 || back[0]%20 != 0 || back[0] == 0 || monitor.Stopped() == nil {
			t.Errorf("folder %v: went back to %v, stopped %+v; want two rollbacks to the best, then a stop", folder, back, monitor.Stopped())
		}
		if !folder {
			continue
		}
		reports, err := health.ReadReports(dir)
		if err != nil || !reflect.DeepEqual(reports, monitor.Reports()) {
			t.Errorf("health.jsonl holds %+v (%v), want what was reported", reports, err)
		}
	}
}

// TestResume compares a run that was stopped in the middle with one that was not.
func TestResume(t *testing.T) {
	data, reference := ring(t, 3)
	whole, parts := t.TempDir(), t.TempDir()
	options := health.Options{Every: 20, OnCollapse: health.Stop}
	monitor := newMonitor(t, reference, options)
	if _, err := watched(t, monitor, newTrainer(t, config(whole)), data, 1000); err != nil {
		t.Fatalf("%+v", err)
	}
	trainer := newTrainer(t, config(parts))
	if _, err := watched(t, newMonitor(t, reference, options), trainer, data, 70); err != nil {
		t.Fatalf("%+v", err)
	}
	if err := trainer.Close(); err != nil {
		t.Fatalf("%+v", err)
	}
	// A look after the checkpoint, and a line that a crash cut short.
	file := filepath.Join(parts, "health.jsonl")
	lines, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(lines, "{\"step\":80,\"distance\":1e-9}\n{\"step\":100,\"dist"...), 0o666); err != nil {
		t.Fatal(err)
	}
	trainer, err = gan.Load(gantest.Go(), parts)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	defer trainer.Close()
	resumed := newMonitor(t, reference, health.Options{OnCollapse: health.Stop}) // Every is that of the lines.
	if _, err := watched(t, resumed, trainer, data, 930); err != nil {
		t.Fatalf("%+v", err)
	}
	got, want := resumed.Reports(), monitor.Reports()
	// The look at the end of the first part is one more.
	got = append(got[:3:3], got[4:]...)
	if !reflect.DeepEqual(clear(got), clear(want)) {
		t.Errorf("resumed: %+v\nwhole:   %+v", got, want)
	}
}

// clear returns the steps, distances and kinds of reports.
func clear(reports []health.Report) []any {
	var list []any
	for _, report := range reports {
		list = append(list, report.Step, report.Distance, report.Action)
	}
	return list
}

// exploding is a loss that is no longer a number once the discriminator is sure.
type exploding struct{ gan.NonSaturating }

func (e exploding) Discriminator(realLogits, fakeLogits *Node) *Node {
	loss := e.NonSaturating.Discriminator(realLogits, fakeLogits)
	return Add(loss, MulScalar(Log(AddScalar(loss, -1.2)), 0))
}

func init() { gan.Losses.Register("exploding", exploding{}) }

func TestNotANumber(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains for long")
	}
	data, reference := ring(t, -1)
	bad := config("")
	bad.Loss = exploding{}
	for _, action := range []health.Action{health.Warn, health.Stop, health.Rollback} {
		trainer := newTrainer(t, bad)
		monitor := newMonitor(t, reference, health.Options{Every: 10, OnCollapse: action, Rate: 0.1})
		_, err := watched(t, monitor, trainer, data, 400)
		var lost *health.Report
		for _, report := range monitor.Reports() {
			if len(report.Findings) > 0 && report.Findings[0].Kind == health.NotANumber {
				lost = &report
				break
			}
		}
		if lost == nil || lost.Action != action {
			t.Fatalf("%s: reports %+v, want one of numbers that are none", action, monitor.Reports())
		}
		if (err != nil) != (action == health.Warn) || err != nil && !strings.Contains(err.Error(), "no longer numbers") {
			t.Errorf("%s: error %v", action, err)
		}
		if stopped := monitor.Stopped(); action == health.Stop && (stopped == nil || stopped.Finding.Kind != health.NotANumber) {
			t.Errorf("stopped %+v, want for numbers that are none", stopped)
		}
		if action == health.Rollback && (lost.BackTo == nil || *lost.BackTo >= lost.Step || trainer.Steps() <= *lost.BackTo) {
			t.Errorf("%+v, then step %d; want a training that went back and on", lost, trainer.Steps())
		}
	}
}

func TestBadInput(t *testing.T) {
	points := tensors.FromFlatDataAndDimensions(make([]float32, 600), 300, 2)
	grey := tensors.FromFlatDataAndDimensions(make([]uint8, 300*16), 300, 4, 4, 1)
	few := tensors.FromFlatDataAndDimensions(make([]float32, 20), 10, 2)
	constant := func(*tensors.Tensor) (features, logits []float32, err error) { return make([]float32, 300), nil, nil }
	uneven := func(*tensors.Tensor) (features, logits []float32, err error) { return make([]float32, 301), nil, nil }
	for _, test := range []struct {
		examples *tensors.Tensor
		extract  health.Extract
		want     string
	}{
		{points, nil, "all alike"},
		{points, constant, "own features"},
		{few, nil, "at least 260"},
		{grey, nil, "need a function"},
		{grey, constant, "all alike"},
		{grey, uneven, "as many for each"},
		{tensors.FromFlatDataAndDimensions(make([]int32, 600), 300, 2), nil, "must be pictures"},
	} {
		if _, err := health.NewReference(test.examples, test.extract); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want an error with %q", err, test.want)
		}
	}
	_, reference := ring(t, -1)
	if _, err := reference.Look(grey); err == nil || !strings.Contains(err.Error(), "cannot be compared") {
		t.Errorf("got %v for pictures among points", err)
	}
	for want, options := range map[string]health.Options{
		"OnCollapse": {OnCollapse: "panic"}, "negative": {Every: -1}, "Samples": {Samples: 10}, "Rate": {Rate: 2},
	} {
		if _, err := health.New(reference, options); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v for %+v", err, options)
		}
	}
	if _, err := health.New(nil, health.Options{}); err == nil {
		t.Error("no error for no reference")
	}
}

func TestReadReports(t *testing.T) {
	dir := t.TempDir()
	if reports, err := health.ReadReports(dir); err != nil || len(reports) != 0 {
		t.Errorf("got %v, %v of a run that nobody watched", reports, err)
	}
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(dir, "health.jsonl"), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("{\"step\":10}\n{\"step\":20,\"dis")
	if reports, err := health.ReadReports(dir); err != nil || len(reports) != 1 || reports[0].Step != 10 {
		t.Errorf("got %v, %v; want the line that is whole", reports, err)
	}
	write("{\"step\":10}\nnonsense\n{\"step\":20}\n")
	if _, err := health.ReadReports(dir); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("got %v, want an error that names line 2", err)
	}
}
