package health

import (
	"strings"
	"testing"
)

// series returns a look for each value, every 100 steps, healthy but for what set changes.
func series(values []float64, set func(look *Look, value float64)) diagnosis {
	d := diagnosis{real: Look{Distance: 2, Diversity: 1, Checkerboard: 0.003}, spread: 100, patience: 3}
	for i, value := range values {
		look := Look{Step: 100 * (i + 1), Distance: 20, Diversity: 0.95, Recall: 0.5, KL: 0.05, Checkerboard: 0.004, GeneratorGradient: 1}
		set(&look, value)
		d.looks = append(d.looks, look)
	}
	return d
}

func distance(look *Look, value float64)  { look.Distance = value }
func diversity(look *Look, value float64) { look.Diversity = value }
func kl(look *Look, value float64)        { look.KL = value }

// TestFindings has series of looks in the order of a training, the kind that their last look is to show, "" for none, since when,
// and a word of the text.
func TestFindings(t *testing.T) {
	stuckAtWon := func(look *Look, value float64) { look.Won, look.Distance = value, 90 }
	for _, test := range []struct {
		name   string
		series diagnosis
		kind   Kind
		since  int
		word   string
	}{
		{"nothing", series(nil, distance), "", 0, ""},
		{"a start", series([]float64{500}, distance), "", 0, ""},
		{"getting better", series([]float64{500, 300, 150, 90, 60, 50, 30, 20, 18, 16}, distance), "", 0, ""},
		{"noise at the end", series([]float64{500, 90, 30, 5, 7, 4, 8, 3, 9, 8, 7}, distance), "", 0, ""},
		{"a bad look", series([]float64{500, 90, 30, 20, 200, 20, 18}, distance), "", 0, ""},
		{"two bad looks", series([]float64{90, 30, 20, 20, 200, 200}, distance), "", 0, ""},
		{"StyleGAN's way, 49 to 137", series([]float64{300, 150, 80, 49, 130, 133, 137}, distance), Collapse, 500, "was 49 at step 400"},
		{"recovered", series([]float64{90, 30, 20, 200, 200, 200, 18}, distance), "", 0, ""},
		{"rough before it was ever good", series([]float64{60, 120, 200, 180, 150, 50}, distance), "", 0, ""},

		{"alike", series([]float64{0.5, 0.8, 0.9, 0.3, 0.2, 0.1}, diversity), Collapse, 400, "0.10 times as much"},
		{"alike for two looks", series([]float64{0.5, 0.8, 0.9, 0.3, 0.2}, diversity), "", 0, ""},
		{"noise is varied, too", series([]float64{1.6, 0.8, 0.8, 0.7, 0.8}, diversity), "", 0, ""},
		{"less varied than noise", series([]float64{1, 0.9, 0.55, 0.55, 0.55, 0.55}, func(look *Look, value float64) {
			look.Diversity = value
			if value > 0.6 {
				look.Distance = 300
			}
		}), "", 0, ""},
		{"never varied", series([]float64{0.1, 0.2, 0.1, 0.2, 0.1, 0.2}, diversity), Collapse, 100, "are alike"},
		{"not yet varied", series([]float64{0.1, 0.2, 0.1, 0.2, 0.3}, diversity), "", 0, ""},
		{"not varied, but ever nearer", series([]float64{600, 500, 400, 300, 200, 150, 100}, func(look *Look, value float64) {
			look.Distance, look.Diversity = value, 0.3
		}), "", 0, ""},

		{"classes left out", series([]float64{0.9, 0.3, 0.1, 0.7, 0.9, 1.1}, kl), Collapse, 400, "diverge by 1.10 nats"},
		{"few classes", series([]float64{1.6, 1.5, 1.6, 1.6, 1.6, 1.6}, kl), Collapse, 100, "of a few classes"},
		{"few classes for a while", series([]float64{1.6, 1.5, 1.6, 1.6, 0.8, 0.9}, kl), "", 0, ""},
		{"classes uneven", series([]float64{0.9, 0.3, 0.1, 0.4, 0.3, 0.4}, kl), "", 0, ""},

		{"stuck far away", series([]float64{90, 88, 92, 91, 87, 93, 95}, distance), Collapse, 200, "no nearer"},
		{"stuck, but near", series([]float64{40, 38, 41, 41, 37, 38, 40}, distance), "", 0, ""},
		{"no nearer, but more varied", series([]float64{0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8}, func(look *Look, value float64) {
			look.Distance, look.Diversity = 90, value
		}), "", 0, ""},
		{"slow", series([]float64{200, 192, 184, 177, 170, 163, 156}, distance), "", 0, ""},

		{"won", series([]float64{0.2, 0.95, 1, 1}, stuckAtWon), DiscriminatorWon, 200, "100 % of steps"},
		{"nearly won", series([]float64{0.2, 0.95, 0.8, 1}, stuckAtWon), "", 0, ""},
		{"winning at first, while samples improve", series([]float64{500, 300, 200, 100, 80}, func(look *Look, value float64) {
			look.Won, look.Distance = 1, value
		}), "", 0, ""},
		{"sure of samples that are good", series([]float64{1, 1, 1, 1, 1}, func(look *Look, value float64) { look.Won = value }), "", 0, ""},
		{"no gradient", series([]float64{3, 2, 1e-3, 1e-4, 1e-5}, func(look *Look, value float64) { look.GeneratorGradient = value }),
			DiscriminatorWon, 300, "gradient vanished"},
		{"never a gradient", series([]float64{1e-9, 1e-9, 1e-9}, func(look *Look, value float64) { look.GeneratorGradient = value }),
			DiscriminatorWon, 100, "gradient vanished"},
		{"a small gradient", series([]float64{3, 2, 0.1, 0.1, 0.1}, func(look *Look, value float64) { look.GeneratorGradient = value }), "", 0, ""},
		{"fooled", series([]float64{0, 0, 0.95, 1, 1}, func(look *Look, value float64) { look.Fooled = value }), Collapse, 300, "fooled in 100 %"},
		{"fooled now and then", series([]float64{0, 0.4, 0.5, 0.6}, func(look *Look, value float64) { look.Fooled = value }), "", 0, ""},

		{"checkerboard", series([]float64{0.004, 0.03, 0.03, 0.03}, func(look *Look, value float64) { look.Checkerboard = value }), Checkerboard, 200, "checkerboard: 3 %"},
		{"noise has one, too", series([]float64{0.07, 0.07, 0.07}, func(look *Look, value float64) { look.Checkerboard, look.Distance = value, 300 }), "", 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			found := test.series.findings()
			if test.kind == "" {
				if len(found) > 0 {
					t.Errorf("found %+v in health", found)
				}
				return
			}
			if len(found) != 1 {
				t.Fatalf("found %+v, want one finding of %s", found, test.kind)
			}
			if f := found[0]; f.Kind != test.kind || f.Since != test.since || !strings.Contains(f.Text, test.word) {
				t.Errorf("found %+v, want %s since %d with %q", f, test.kind, test.since, test.word)
			}
			if got, want := found[0].Severity == Alarm, test.kind.acts(); got != want {
				t.Errorf("%s is an alarm: %v, want %v", test.kind, got, want)
			}
		})
	}
}

// TestScaleDoesNotMatter multiplies all distances: features have no unit.
func TestScaleDoesNotMatter(t *testing.T) {
	d := series([]float64{300, 150, 80, 49, 130, 133, 137}, distance)
	d.spread, d.real.Distance = d.spread*1e-6, d.real.Distance*1e-6
	for i := range d.looks {
		d.looks[i].Distance *= 1e-6
	}
	if found := d.findings(); len(found) != 1 || found[0].Since != 500 {
		t.Errorf("found %+v, want a collapse since 500", found)
	}
}
