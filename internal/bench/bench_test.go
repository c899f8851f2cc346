package bench

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/augment"
	"github.com/ganymede-ml/ganymede/gan/features"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// stripes returns pictures 8×8 of three classes, n of each: bright at the left, in the middle or at the right, with noise.
func stripes(n int, seed uint64) *datasets.Set {
	const side, classes = 8, 3
	random := rand.New(rand.NewPCG(seed, 0))
	set := &datasets.Set{Name: "stripes", Shape: []int{side, side, 1}, Classes: []string{"left", "middle", "right"}}
	for i := range n * classes {
		class := i % classes
		for p := range side * side {
			value := random.IntN(150)
			if column := p % side; column/3 == class {
				value += 70
			}
			set.Pixels = append(set.Pixels, uint8(value))
		}
		set.Labels = append(set.Labels, int32(class))
	}
	return set
}

// faked returns a maker whose pictures are those of the subset, one level brighter.
func faked(calls *int) Maker {
	return Maker{Recipe: "brighter", Make: func(_ context.Context, subset *datasets.Set, n int, _ int64) (*datasets.Set, error) {
		*calls++
		var numbers []int
		for _, list := range subset.ByClass() {
			for i := range n - len(list) {
				numbers = append(numbers, list[i%len(list)])
			}
		}
		made := subset.Select(numbers)
		for i := range made.Pixels {
			made.Pixels[i]++
		}
		return made, nil
	}}
}

// options returns those of a small bench in a folder.
func options(t *testing.T, dir string, calls *int) Options {
	t.Helper()
	policy, err := augment.ParsePolicy("brightness:0.1")
	if err != nil {
		t.Fatal(err)
	}
	return Options{Data: "stripes", Train: stripes(20, 1), Test: stripes(15, 2), PerClass: []int{4}, Seed: 7, Seeds: 2,
		Classifier: features.Training{Steps: 12, Batch: 8, LearningRate: 0.01}, Policy: policy,
		Makers: map[string]Maker{"gan": faked(calls)}, To: 6, Dir: dir}
}

func mustRun(t *testing.T, o Options) *Result {
	t.Helper()
	result, err := Run(context.Background(), gantest.Go(), o)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return result
}

func TestRun(t *testing.T) {
	dir, calls := t.TempDir(), 0
	o := options(t, dir, &calls)
	result := mustRun(t, o)
	var arms []string
	for _, row := range result.Rows {
		arms = append(arms, row.Arm)
		if row.Pictures != 4 || len(row.Recall) != 3 || !row.Accuracy.hasInterval() || row.Accuracy.Value < 0.4 {
			t.Errorf("%s: got %+v", row.Arm, row)
		}
		want := map[string]float64{"gan": 6, "both": 6}[row.Arm]
		if row.Made != want {
			t.Errorf("%s learned from %g pictures that were made, want %g", row.Arm, row.Made, want)
		}
	}
	if want := []string{"nothing", "classic", "gan", "both"}; !slices.Equal(arms, want) {
		t.Errorf("the arms are %v, want %v", arms, want)
	}
	if calls != 2 { // Both arms of a seed share what was made.
		t.Errorf("pictures were made %d times, want 2", calls)
	}
	for _, cell := range openedStore(t, dir).list {
		if cell.Learned != 12 || len(cell.Right) != 3 || cell.Count[0] != 15 || cell.Seconds <= 0 || cell.Seed < 7 || cell.Seed > 8 {
			t.Errorf("got %+v", cell)
		}
	}
}

func openedStore(t *testing.T, dir string) *store[Cell] {
	t.Helper()
	s, err := openStore[Cell](dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A bench that was ended goes on with what is missing, more seeds are added to what is there, other settings are measured anew,
// and all of it gives what one run gives.
func TestGoesOn(t *testing.T) {
	dir, calls := t.TempDir(), 0
	o := options(t, dir, &calls)
	o.Arms = []string{"nothing", "gan"}
	ctx, cancel := context.WithCancel(context.Background())
	ended := o
	ended.Progress = func(p Progress) {
		if p.Done == 2 { // A classifier and what was made.
			cancel()
		}
	}
	if _, err := Run(ctx, gantest.Go(), ended); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want %v", err, context.Canceled)
	}
	if n := len(openedStore(t, dir).list); n != 1 {
		t.Fatalf("%d cells are kept, want 1", n)
	}
	total := 0
	o.Progress = func(p Progress) { total = p.Total }
	first := mustRun(t, o)
	if total != 5 || calls != 2 { // Three classifiers and the pictures of two seeds, one of which were there.
		t.Errorf("%d pieces of work were left, want 5; pictures were made %d times, want 2", total, calls)
	}
	again := mustRun(t, o)
	if total != 0 || calls != 2 {
		t.Errorf("%d pieces of work were left after all, pictures made %d times", total, calls)
	}
	for i := range first.Rows {
		if first.Rows[i].Accuracy.Value != again.Rows[i].Accuracy.Value {
			t.Errorf("row %d: %+v is not %+v", i, again.Rows[i], first.Rows[i])
		}
	}
	o.Arms, o.Classifier.Steps = []string{"nothing"}, 13
	if mustRun(t, o); total != 2 {
		t.Errorf("with other steps %d pieces of work were left, want 2", total)
	}
	o.Force = true
	if mustRun(t, o); total != 2 || len(openedStore(t, dir).list) != 6 {
		t.Errorf("measured again: %d pieces of work and %d cells, want 2 and 6", total, len(openedStore(t, dir).list))
	}
}

// A broken file of samples is made again.
func TestBrokenSamples(t *testing.T) {
	dir, calls := t.TempDir(), 0
	o := options(t, dir, &calls)
	o.Arms, o.Seeds = []string{"gan"}, 1
	mustRun(t, o)
	files, err := filepath.Glob(filepath.Join(dir, samplesFolder, "*.gob"))
	if err != nil || len(files) != 1 {
		t.Fatalf("got %v, %v", files, err)
	}
	if err := os.WriteFile(files[0], []byte("no samples"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, resultsFile)); err != nil {
		t.Fatal(err)
	}
	if mustRun(t, o); calls != 2 {
		t.Errorf("pictures were made %d times, want 2", calls)
	}
}

// Pictures that judge are never learned from, and a maker sees the subset alone.
func TestLeaks(t *testing.T) {
	calls := 0
	planted := func(from func(o Options) *datasets.Set) error {
		o := options(t, t.TempDir(), &calls)
		o.Arms, o.Seeds = []string{"gan"}, 1
		honest := o.Makers["gan"].Make
		o.Makers["gan"] = Maker{Make: func(ctx context.Context, subset *datasets.Set, n int, seed int64) (*datasets.Set, error) {
			made, err := honest(ctx, subset, n, seed)
			copy(made.Pixels[64:], from(o).Pixels[:64])
			return made, err
		}}
		_, err := Run(context.Background(), gantest.Go(), o)
		return err
	}
	if err := planted(func(o Options) *datasets.Set { return o.Test }); err == nil || !strings.Contains(err.Error(), "picture 1 that was made is test picture 0") {
		t.Errorf("a test picture was made: got %v", err)
	}
	outside := func(o Options) *datasets.Set {
		subset, err := o.Train.PerClass(4, o.Seed)
		if err != nil {
			t.Fatal(err)
		}
		inside := digests(subset)
		for i, d := range digests(o.Train) {
			if !slices.Contains(inside, d) {
				return o.Train.Select([]int{i})
			}
		}
		return nil
	}
	if err := planted(outside); err == nil || !strings.Contains(err.Error(), "outside the subset") {
		t.Errorf("a picture outside the subset was made: got %v", err)
	}

	o := options(t, t.TempDir(), &calls)
	b, err := newBench(gantest.Go(), o)
	if err != nil {
		t.Fatal(err)
	}
	subset := o.Train.Select([]int{0, 1, 2})
	if err := b.fence.check(subset, nil); err != nil {
		t.Errorf("a subset without a test picture: %v", err)
	}
	copy(subset.Pixels[64:], o.Test.Pixels[5*64:6*64])
	if err := b.fence.check(subset, nil); err == nil || !strings.Contains(err.Error(), "picture 1 of the subset is test picture 5") {
		t.Errorf("a test picture in the subset: got %v", err)
	}

	// What both parts hold is left out of the one that is learned from.
	copy(o.Train.Pixels, o.Test.Pixels[:3*64])
	if b, err = newBench(gantest.Go(), o); err != nil || b.Train.Len() != 57 || len(b.notes) != 1 || !strings.Contains(b.notes[0], "3 pictures") {
		t.Errorf("got %v, %d pictures to learn from and the notes %q", err, b.Train.Len(), b.notes)
	}
}

func TestMisuse(t *testing.T) {
	calls := 0
	for name, test := range map[string]struct {
		change func(o *Options)
		want   string
	}{
		"few pictures": {func(o *Options) { o.PerClass = []int{4, 21} }, `class "left" has 20 examples`},
		"no labels":    {func(o *Options) { o.Train.Labels = nil }, "has no classes"},
		"points":       {func(o *Options) { o.Train.Points = []float32{0, 0} }, "holds points"},
		"unknown arm":  {func(o *Options) { o.Arms = []string{"clssic"} }, "did you mean classic?"},
		"no maker":     {func(o *Options) { o.Arms, o.Makers = []string{"gan"}, nil }, "all: nothing, classic)"},
		"in balance":   {func(o *Options) { o.Arms = []string{"oversampled"} }, `no arm "oversampled"`},
		"no seeds":     {func(o *Options) { o.Seeds = 0 }, "0 seeds"},
		"no steps":     {func(o *Options) { o.Classifier.Steps = 0 }, "0 steps"},
		"twice":        {func(o *Options) { o.PerClass = []int{4, 4} }, "named twice"},
		"rare":         {func(o *Options) { o.Imbalance = Imbalance{[]string{"lef"}, 0.5} }, "did you mean left?"},
		"all rare":     {func(o *Options) { o.Imbalance = Imbalance{o.Train.Classes, 0.5} }, "all classes of stripes are rare"},
		"rare twice":   {func(o *Options) { o.Imbalance = Imbalance{[]string{"left", "left"}, 0.5} }, "named twice"},
		"other test":   {func(o *Options) { o.Test.Classes = []string{"a", "b", "c"} }, "other classes"},
		"no test":      {func(o *Options) { o.Test = o.Test.Select([]int{0, 1}) }, `class "right" of stripes has no pictures to judge by`},
		"no samples":   {func(o *Options) { o.To = 4; o.Arms = []string{"gan"} }, "gan made no pictures"},
	} {
		o := options(t, t.TempDir(), &calls)
		test.change(&o)
		_, err := Run(context.Background(), gantest.Go(), o)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line with %q", name, err, test.want)
		}
	}
}
