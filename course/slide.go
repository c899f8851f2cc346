package course

import (
	"fmt"
	"html"
	"image"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Slider is a number that a hand moves: a label, the range, where it starts, and the step, for which 0 is a hundredth of the
// range.
type Slider struct {
	Label                 string
	Min, Max, Start, Step float64
}

// Slide draws a picture of some numbers, and again whenever a hand moves one of the sliders below it. It returns when the
// button Done is pressed, when the cell is interrupted, a minute after the last movement, or, so that Run All goes on, ten
// seconds after it began if nothing was moved. Where no one looks (ganymede lab --check, nbconvert) it draws once.
//
// The values are in the order of the sliders, and inside their ranges.
func Slide(draw func(values []float64) image.Image, sliders ...Slider) {
	slide(draw, sliders).run()
}

func slide(draw func(values []float64) image.Image, sliders []Slider) widget[[]float64] {
	if len(sliders) == 0 {
		Fail("course.Slide needs a slider.")
	}
	var start []float64
	var rows strings.Builder
	for i, s := range sliders {
		if problem := s.problem(); problem != "" {
			Fail("course.Slide: slider %q: %s", s.Label, problem)
		}
		start = append(start, s.Start)
		fmt.Fprintf(&rows, `<label style="display:flex;align-items:center;gap:8px;max-width:640px">`+
			`<span style="width:10em;flex:none">%s</span>`+
			`<input type="range" data-slider="%d" min="%s" max="%s" step="%s" value="%s" style="flex:1">`+
			`<output style="width:5em;flex:none;font-variant-numeric:tabular-nums">%s</output></label>`+"\n",
			html.EscapeString(s.Label), i, number(s.Min), number(s.Max), number(s.step()), number(s.Start), s.text(s.Start))
	}
	return widget[[]float64]{
		name:    "slide",
		start:   start,
		picture: func(values []float64) image.Image { return draw(slices.Clone(values)) },
		read: func(m message) ([]float64, bool) {
			if len(m.Values) != len(sliders) {
				return nil, false
			}
			values := make([]float64, len(sliders))
			for i, s := range sliders {
				values[i] = min(max(m.Values[i], s.Min), s.Max)
			}
			return values, true
		},
		tell: func(values []float64) string {
			var parts []string
			for i, s := range sliders {
				parts = append(parts, s.Label+" "+s.text(values[i]))
			}
			return "sliders: " + strings.Join(parts, " · ") + " (run this cell in JupyterLab to move them)"
		},
		controls: rows.String(),
		config:   decimals(sliders),
		script: `const sliders = [...root.querySelectorAll("[data-slider]")];
const values = () => sliders.map((s) => Number(s.value));
sliders.forEach((slider, i) => slider.addEventListener("input", () => {
  slider.nextElementSibling.textContent = Number(slider.value).toFixed(config[i]);
  send({values: values()});
}));`,
	}
}

// problem says what is wrong with a slider, if anything is.
func (s Slider) problem() string {
	for _, value := range []float64{s.Min, s.Max, s.Start, s.Step} {
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return "its numbers must be finite"
		}
	}
	switch {
	case s.Min >= s.Max:
		return fmt.Sprintf("Min %g is not below Max %g", s.Min, s.Max)
	case s.Start < s.Min || s.Start > s.Max:
		return fmt.Sprintf("Start %g is not between %g and %g", s.Start, s.Min, s.Max)
	case s.Step < 0 || s.Step > s.Max-s.Min:
		return fmt.Sprintf("Step %g is not between 0 and the range", s.Step)
	}
	return ""
}

func (s Slider) step() float64 {
	if s.Step == 0 {
		return (s.Max - s.Min) / 100
	}
	return s.Step
}

// decimals are the digits after the point that tell one step from the next.
func (s Slider) decimals() int {
	for digits := range 6 {
		if scaled := s.step() * math.Pow10(digits); math.Abs(scaled-math.Round(scaled)) < 1e-6*scaled {
			return digits
		}
	}
	return 6
}

func decimals(sliders []Slider) []int {
	var digits []int
	for _, s := range sliders {
		digits = append(digits, s.decimals())
	}
	return digits
}

func (s Slider) text(value float64) string { return strconv.FormatFloat(value, 'f', s.decimals(), 64) }

func number(value float64) string { return strconv.FormatFloat(value, 'g', -1, 64) }
