package compare

import (
	"encoding/json"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/metrics"
)

// made returns a comparison of two runs that nobody trained.
func made() *Comparison {
	result := func(dir string, config gan.Config, modes, quality float64) *Result {
		r := &Result{Dir: dir, Data: "ring", Steps: 1000, Seconds: 61.4, shape: []int{2}, latent: 2, grid: image.NewGray(image.Rect(0, 0, 4, 4)),
			Scores: Scores{scoreOf("modes", modes), scoreOf("high_quality", quality)},
			Floor:  Scores{scoreOf("modes", 8), scoreOf("high_quality", 0.989)}}
		r.record.Config = config
		r.record.Data.BatchSize = 64
		for i := range 10 * chartPoints {
			r.log = append(r.log, gan.Step{N: i + 1, DiscriminatorLoss: 1 + float64(i%2), GeneratorLoss: 5, RealLogit: 1, FakeLogit: -1})
		}
		return r
	}
	arch := gan.MLP{Shape: []int{2}}
	c := &Comparison{N: 64, Seed: 1, Runs: []*Result{
		result("runs/<plain>", gan.Config{Arch: arch, Seed: 1}, 5, 0.9),
		result("runs/cured", gan.Config{Arch: arch, Seed: 1, Pack: 2, Penalty: gan.R1{Gamma: 3}}, 8, 0.8),
	}}
	c.name()
	return c
}

// scoreOf returns a score of a ring of 8.
func scoreOf(key string, value float64) Score {
	card := metrics.Card{Metric: key, Samples: 2500, Settings: map[string]string{}}
	if key == "modes" {
		card.Settings["of"] = "8"
	}
	return Score{key, metrics.Score{Value: value, Card: card}}
}

// Scores that were measured in other ways never stand in one column, and the notes say what differs.
func TestUnlikeCards(t *testing.T) {
	c := made()
	score := func(extractor string, samples int) Score {
		return Score{"fid", metrics.Score{Value: 7, Card: metrics.Card{Metric: "fid", Extractor: extractor, Samples: samples, References: 4000}}}
	}
	c.Runs[0].Scores = Scores{score("digits", 1000)}
	c.Runs[1].Scores = Scores{score("digits", 1000), score("pixels", 1000), score("digits", 9000)}
	table, err := c.Table()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\nFID, digits extractor  7        7",
		"\nFID, pixels extractor  –        7",
		"\nFID, 9000 samples      –        7",
	} {
		if !strings.Contains(table, want) {
			t.Errorf("got\n%s\nwant %q", table, want)
		}
	}
	notes := strings.Join(c.Notes(), "\n")
	for _, want := range []string{"kept apart (extractor: digits, pixels): FID", "kept apart (samples: 1000, 9000): FID"} {
		if !strings.Contains(notes, want) {
			t.Errorf("the notes lack %q:\n%s", want, notes)
		}
	}
	if columns := c.columns(); len(columns) != 3 {
		t.Errorf("%d columns", len(columns))
	}
}

func TestDifferences(t *testing.T) {
	c := made()
	list, err := c.Differences()
	if err != nil {
		t.Fatal(err)
	}
	want := "[{penalty [ r1]} {penalty.gamma [ 3]} {pack [1 2]}]"
	if got := fmt.Sprint(list); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	c.Runs[1].record = c.Runs[0].record
	if list, err := c.Differences(); err != nil || len(list) != 0 {
		t.Errorf("equal runs differ in %v (%v)", list, err)
	}
	if table, err := c.Table(); err != nil || !strings.Contains(table, "are the same") {
		t.Errorf("%v:\n%s", err, table)
	}
}

func TestLeaves(t *testing.T) {
	leaves, err := leavesIn("", json.RawMessage(`{"b": {"name": "x", "deep": {"z": 1}}, "a": [1, 2], "n": null, "t": "text", "name": 3}`))
	if want := "[{b x} {b.deep.z 1} {a [1, 2]} {n } {t text} {name 3}]"; err != nil || fmt.Sprint(leaves) != want {
		t.Errorf("got %v (%v), want %s", leaves, err, want)
	}
}

func TestTable(t *testing.T) {
	table, err := made().Table()
	if err != nil {
		t.Fatal(err)
	}
	want := `SCORE      <plain>  cured   (the data)
data       ring     ring    ring
steps      1000     1000
time       1m1s     1m1s
Modes      5 of 8   8 of 8  8 of 8
Within 3σ  0.9      0.8     0.989

SETTING        <plain>  cured
penalty        –        r1
`
	if !strings.HasPrefix(table, want) {
		t.Errorf("got\n%s\nwant\n%s", table, want)
	}
}

// TestPage looks for all that must be in a page, and for what must not: anything outside it, or a script.
func TestPage(t *testing.T) {
	c := made()
	path := filepath.Join(t.TempDir(), "new", "page.html")
	if err := c.WritePage(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	if count := strings.Count(text, `src="data:image/png;base64,`); count != 2 {
		t.Errorf("%d pictures", count)
	}
	if count := strings.Count(text, "<polyline"); count != 8 { // Two losses and two logits of two runs.
		t.Errorf("%d curves", count)
	}
	for _, pattern := range []string{`<script`, `<link`, `src="[^d]`, `url\([^#]`, `@import`, `href=`, `ZgotmplZ`, `NaN`, `<plain>`} {
		if found := regexp.MustCompile(pattern).FindString(text); found != "" {
			t.Errorf("the page holds %s", found)
		}
	}
	for _, words := range []string{"&lt;plain&gt;", "prefers-color-scheme: dark", `<td class="number best">8 of 8</td>`, `<td class="number best">0.9</td>`,
		"penalty.gamma", "the data itself"} {
		if !strings.Contains(text, words) {
			t.Errorf("the page lacks %s", words)
		}
	}
}

func TestNotes(t *testing.T) {
	c := made()
	if notes := c.Notes(); len(notes) != 0 {
		t.Errorf("got %q", notes)
	}
	c.Runs[1].latent, c.Runs[1].Steps, c.Runs[1].Scores = 3, 5, nil
	if notes := strings.Join(c.Notes(), "|"); !strings.Contains(notes, "2 (<plain>), 3 (cured)") || !strings.Contains(notes, "numbers of steps") ||
		!strings.Contains(notes, "cured has no scores") {
		t.Errorf("got %q", notes)
	}
}

func TestNames(t *testing.T) {
	c := &Comparison{Runs: []*Result{{Dir: "a/run"}, {Dir: "b/run/"}, {Dir: "c/other"}, {Dir: "."}}}
	c.name()
	for i, want := range []string{"a/run", "b/run/", "other", "."} {
		if got := c.Runs[i].Name; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestChart(t *testing.T) {
	charts := made().charts()
	if len(charts) != 3 {
		t.Fatalf("%d charts", len(charts))
	}
	// Losses of 1 and 2 in turn are 1.5 on the mean: a level line.
	points := strings.Fields(charts[0].Curves[0].Points)
	for _, point := range points {
		var x, y float64
		if _, err := fmt.Sscanf(point, "%f,%f", &x, &y); err != nil {
			t.Fatal(err)
		}
		if math.Abs(y-(charts[0].Top+charts[0].Bottom)/2) > 1e-9 || x < charts[0].Left || x > charts[0].Right {
			t.Errorf("the curve goes through %s", point)
		}
	}
	if len(points) != chartPoints {
		t.Errorf("%d points", len(points))
	}
	for _, test := range []struct {
		low, high, least float64
		want             string
	}{
		{0, 1000, 1, "[0 200 400 600 800 1000]"}, {0, 2, 1, "[0 1 2]"}, {-0.3, 0.45, 0, "[-0.2 0 0.2 0.4]"}, {0.0011, 0.0019, 0, "[0.0012 0.0014 0.0016 0.0018]"},
	} {
		var got []string
		for _, value := range ticks(test.low, test.high, test.least, 5) {
			got = append(got, fmt.Sprintf("%.4g", value))
		}
		if "["+strings.Join(got, " ")+"]" != test.want {
			t.Errorf("from %g to %g: got %v, want %s", test.low, test.high, got, test.want)
		}
	}
}
