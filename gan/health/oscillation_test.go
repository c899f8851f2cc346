package health

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestOscillation(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const n = 4000
	for _, test := range []struct {
		name   string
		value  func(i float64) float64
		swings bool
	}{
		{"flat noise", func(float64) float64 { return random.NormFloat64() }, false},
		{"a trend", func(i float64) float64 { return 0.01*i + random.NormFloat64() }, false},
		{"settling", func(i float64) float64 { return 5*math.Exp(-i/500) + 0.1*random.NormFloat64() }, false},
		{"swings", func(i float64) float64 { return math.Sin(2*math.Pi*i/250) + 0.5*random.NormFloat64() }, true},
		{"swings about a trend", func(i float64) float64 { return 0.01*i + 2*math.Sin(2*math.Pi*i/310) + random.NormFloat64() }, true},
		{"swings that grow", func(i float64) float64 { return i / n * math.Sin(2*math.Pi*i/250) }, true},
		{"swings that shrink", func(i float64) float64 { return math.Exp(-i/600) * math.Sin(2*math.Pi*i/250) }, false},
		{"swings that are lost in noise", func(i float64) float64 { return 0.1*math.Sin(2*math.Pi*i/250) + 3*random.NormFloat64() }, false},
		{"a jump", func(i float64) float64 { return math.Copysign(1, i-3000) + 0.1*random.NormFloat64() }, false},
		{"constant", func(float64) float64 { return 3 }, false},
	} {
		values := make([]float64, n)
		for i := range values {
			values[i] = test.value(float64(i))
		}
		found := oscillation(values, 1)
		if (found != nil) != test.swings {
			t.Errorf("%s: found %+v, want swings: %v", test.name, found, test.swings)
		}
		if found != nil && (found.Severity != Note || found.Since != n/2+1) {
			t.Errorf("%s: found %+v, want a note since %d", test.name, found, n/2+1)
		}
		if test.name == "swings" && found != nil && !strings.Contains(found.Text, "about every 240 steps") {
			t.Errorf("%q does not tell the period, 250, as nearly as it can be known", found.Text)
		}
	}
	if found := oscillation(make([]float64, 100), 1); found != nil {
		t.Errorf("found %+v in 100 steps, which are too few", found)
	}
}
