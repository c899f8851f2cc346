package bench

import (
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func near(t *testing.T, what string, got *float64, want float64) {
	t.Helper()
	if got == nil || math.Abs(*got-want) > 1e-6 {
		t.Errorf("%s is %v, want %g", what, got, want)
	}
}

// By hand, with t(0.975, 2) = 4.30265273 of the tables: 0.93 ± t·√0.0013/√3, and 0.02 ± t·0.01/√3.
func TestStudentsIntervals(t *testing.T) {
	e := independent([]float64{0.90, 0.92, 0.97})
	near(t, "the mean", &e.Value, 0.93)
	near(t, "its lower bound", e.Low, 0.93-0.08956700)
	near(t, "its upper bound", e.High, 0.93+0.08956700)
	d := differences([]float64{0.91, 0.94, 0.98}, []float64{0.90, 0.92, 0.95})
	near(t, "the difference", &d.Value, 0.02)
	near(t, "its lower bound", d.Low, 0.02-0.02484138)
	near(t, "its upper bound", d.High, 0.02+0.02484138)
	if one := independent([]float64{0.5}); one.hasInterval() || one.Value != 0.5 {
		t.Errorf("one seed has %+v", one)
	}
}

func TestShares(t *testing.T) {
	one := shares([]int{81}, []int{263}) // As in features' test of Wilson's interval.
	if math.Abs(one.Value-81.0/263) > 1e-12 {
		t.Errorf("got %+v", one)
	}
	if math.Abs(*one.Low-0.2553) > 1e-4 || math.Abs(*one.High-0.3662) > 1e-4 {
		t.Errorf("got [%g, %g]", *one.Low, *one.High)
	}
	if all := shares([]int{10, 10, 7}, []int{10, 10, 10}); *all.High != 1 || *all.Low > 0.5 {
		t.Errorf("got [%g, %g], want no more than all", *all.Low, *all.High)
	}
}

func cellOf(right ...int) Cell {
	cell := Cell{Right: right, Count: make([]int, len(right))}
	for i := range right {
		cell.Count[i] = 100
	}
	return cell
}

// Two arms whose accuracies scatter from seed to seed, but whose difference does not: paired, it shows.
func TestScoreIsPaired(t *testing.T) {
	cells := map[string][]Cell{
		"nothing": {cellOf(70, 80), cellOf(80, 90), cellOf(90, 97)},
		"classic": {cellOf(72, 82), cellOf(82, 92), cellOf(92, 98)},
		"gan":     {cellOf(50, 60), cellOf(61, 70), cellOf(72, 75)},
	}
	s := score(cells, "classic", []int{0, 1})
	if len(s.Against) != 1 || s.Against[0].Arm != "nothing" || s.Against[0].Apart || math.Abs(s.Against[0].Difference.Value-0.055/3) > 1e-9 {
		t.Fatalf("got %+v", s)
	}
	if want := "classic is better than nothing: +1.8 points (+1.1 … +2.6); the intervals of the two overlap"; s.Against[0].Verdict != want {
		t.Errorf("got %q, want %q", s.Against[0].Verdict, want)
	}
	if s = score(cells, "gan", []int{0, 1}); len(s.Against) != 2 || !strings.HasPrefix(s.Against[0].Verdict, "gan is worse than nothing") {
		t.Errorf("got %+v", s)
	}
	cells["gan"] = []Cell{cellOf(72, 80), cellOf(79, 90), cellOf(90, 96)}
	if s = score(cells, "gan", []int{0}); !strings.HasPrefix(s.Against[0].Verdict, "gan shows no difference to nothing: +0.3 points") {
		t.Errorf("got %q", s.Against[0].Verdict)
	}
	for name := range cells {
		cells[name] = cells[name][:1]
	}
	if s = score(cells, "gan", []int{0}); s.Against[0].Verdict != "gan: +2.0 points against nothing; one seed shows no difference" {
		t.Errorf("got %q", s.Against[0].Verdict)
	}
}

func TestApart(t *testing.T) {
	of := func(low, high float64) Estimate { return Estimate{(low + high) / 2, &low, &high} }
	for _, test := range []struct {
		a, b Estimate
		want bool
	}{
		{of(0.1, 0.2), of(0.3, 0.4), true}, {of(0.3, 0.4), of(0.1, 0.2), true}, {of(0.1, 0.3), of(0.2, 0.4), false},
		{of(0.1, 0.4), of(0.2, 0.3), false}, {Estimate{Value: 0.1}, of(0.2, 0.3), false},
	} {
		if got := test.a.apartFrom(test.b); got != test.want {
			t.Errorf("%v and %v: apart is %v", test.a, test.b, got)
		}
	}
}

// made returns a result that nobody measured.
func made() *Result {
	r := &Result{Data: "digits", Train: 7000, Test: 2000, Classes: []string{"0", "1"}, Seeds: []int64{1, 2, 3}, Steps: 300, Batch: 64, Policy: "rotate:10"}
	for i, perClass := range []int{10, 20, All} {
		cells := map[string][]Cell{
			"nothing": {cellOf(70+5*i, 80), cellOf(71+5*i, 82), cellOf(72+5*i, 81)},
			"classic": {cellOf(80+5*i, 90), cellOf(81+5*i, 92), cellOf(82+5*i, 91)},
		}
		for _, arm := range []string{"nothing", "classic"} {
			row := Row{PerClass: perClass, Arm: arm, Score: score(cells, arm, []int{0, 1})}
			row.Recall = []Estimate{recall(cells[arm], []int{0}), recall(cells[arm], []int{1})}
			r.Rows = append(r.Rows, row)
		}
	}
	return r
}

func TestTables(t *testing.T) {
	r := made()
	tables := r.Tables()
	if len(tables) != 2 || len(tables[0].Rows) != 7 || len(tables[1].Rows) != 7 {
		t.Fatalf("got %v", tables)
	}
	for _, test := range []struct {
		table, row int
		want       string
	}{
		{0, 0, "a class|arm|made|accuracy, %|points against nothing|points against classic"},
		{0, 1, "10|nothing|0|76.0 (73.8 … 78.2)|–|-10.0 (-10.0 … -10.0) apart"},
		{0, 6, "all|classic|0|91.0 (88.8 … 93.2)|+10.0 (+10.0 … +10.0) apart|–"},
		{1, 2, "10|classic|81 (79 … 83)|91 (89 … 93)"},
	} {
		if got := strings.Join(tables[test.table].Rows[test.row], "|"); got != test.want {
			t.Errorf("table %d, row %d: got %s, want %s", test.table, test.row, got, test.want)
		}
	}
	if verdicts := r.Verdicts(); len(verdicts) != 3 || !strings.HasPrefix(verdicts[2], "all a class: classic is better than nothing: +10.0 points") {
		t.Errorf("got %q", verdicts)
	}
	path := filepath.Join(t.TempDir(), "new", "table.md")
	r.Imbalance, r.Rare, r.share = "1:0.1", []string{"1"}, 0.1
	for i := range r.Rows {
		r.Rows[i].Rare = &r.Rows[i].Score
	}
	if err := WriteMarkdown(path, r); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"**Accuracy**\n\n| a class | arm |", "**Recall of 1**", "| --- | --- |", "- 20 a class, recall of 1: classic is better",
		"means over 3 seeds", "Classic is rotate:10."} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
}

func TestPlot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "accuracy.png")
	if err := made().WritePlot(path); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // It is only read.
	picture, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	if picture.Bounds().Dx() != plotWidth || picture.Bounds().Dy() != plotHeight {
		t.Errorf("the picture is %v", picture.Bounds())
	}
	seen := make(map[[3]uint32]bool)
	for y := range plotHeight {
		for x := range plotWidth {
			red, green, blue, _ := picture.At(x, y).RGBA()
			seen[[3]uint32{red >> 8, green >> 8, blue >> 8}] = true
		}
	}
	for i := range 2 {
		if c := plotColors[i]; !seen[[3]uint32{uint32(c.R), uint32(c.G), uint32(c.B)}] {
			t.Errorf("no line of colour %v is drawn", c)
		}
	}
}
