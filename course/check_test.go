package course

import (
	"testing"

	"github.com/gomlx/gomlx/core/graph"
)

func TestChecks(t *testing.T) {
	for _, test := range []struct {
		cell, environment string
		status            int
		stdout, stderr    string
	}{
		{"true", "", 0, "✓ 2 is two\n", ""},
		{"false", "", 1, "", "✗ not true: 2 is three\n"},
		{"full", "", 1, "", "✗ not true: 9 digits are right\n"},
		{"full", QuickVariable + "=1", 0, "· too short a training for: 9 digits are right\n", ""},
		{"same", "", 0, "loss: 1.5 by hand, 1.5 from the library\n✓ the same\n", ""},
		{"differ", "", 1, "loss: 1.5 by hand, 1.51 from the library\n", "✗ not true: the same\n"},
		{"exercises", "", 0, "Exercise 1: not solved yet.\nExercise 2: not quite. Look again.\nExercise 3: right.\n", ""},
		{"exercises", SolutionsVariable + "=1", 1, "", "✗ Exercise 1: not solved yet.\n"},
	} {
		environment := []string{}
		if test.environment != "" {
			environment = append(environment, test.environment)
		}
		status, stdout, stderr := runAsCell(t, test.cell, "", environment...)
		if status != test.status || stdout != test.stdout || stderr != test.stderr {
			t.Errorf("%s %s: status %d, said %q and %q; want %d, %q and %q",
				test.cell, test.environment, status, stdout, stderr, test.status, test.stdout, test.stderr)
		}
	}
}

func TestPick(t *testing.T) {
	t.Setenv(QuickVariable, "")
	if got := Pick(2000, 100); got != 2000 {
		t.Errorf("in full: %d", got)
	}
	t.Setenv(QuickVariable, "1")
	if got := Pick(2000, 100); got != 100 {
		t.Errorf("quick: %d", got)
	}
}

func TestNumber(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	if got := Number(func(x *graph.Node) *graph.Node { return graph.ReduceAllSum(x) }, []float32{1, 2, 4}); got != 7 {
		t.Errorf("the sum is %g", got)
	}
	if got := Number(func(x *graph.Node) *graph.Node { return graph.ReduceAllMax(x) }, []int32{1, 9, 4}); got != 9 {
		t.Errorf("the largest is %g", got)
	}
	if got := Floats(Compute(func(x *graph.Node) *graph.Node { return graph.MulScalar(x, 2) }, []float32{1, 2})); got[0] != 2 || got[1] != 4 {
		t.Errorf("the doubles are %v", got)
	}
}
