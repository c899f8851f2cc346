package health

import "math"

// diagnosis is what findings are drawn from: all looks of a training so far, in order, the last of which is the one that
// findings are about.
type diagnosis struct {
	looks    []Look
	real     Look    // What real examples score.
	spread   float64 // Of the data: the scale of distances.
	patience int     // Looks in a row that must show a trouble.
}

// findings returns the troubles that the samples and the means over steps show.
func (d diagnosis) findings() []Finding {
	var findings []Finding
	for _, find := range []func() *Finding{d.collapse, d.discriminatorWon, d.checkerboard} {
		if finding := find(); finding != nil {
			findings = append(findings, *finding)
		}
	}
	return findings
}

// gap returns how far samples are from the data, beyond what real examples are, in units of the data's spread: 0 is
// as good as the data; about 1 has a generator of one and the same average sample.
func (d diagnosis) gap(look Look) float64 {
	return math.Max(0, look.Distance-d.real.Distance) / d.spread
}

// lasts is the number of steps that a trouble must last at least, however often one looks: the first hundred steps of a healthy
// training go up and down.
const lasts = 100

// since returns the step of the first of the last looks in a row that show a trouble, and whether it lasts long enough, or so many
// times as long.
func (d diagnosis) since(times int, shows func(i int) bool) (int, bool) {
	first := len(d.looks)
	for first > 0 && shows(first-1) {
		first--
	}
	if first > d.window(times) || first == len(d.looks) {
		return 0, false
	}
	return d.looks[first].Step, true
}

// window returns the first of the last looks that are as many as patience asks for, or so many times as many, and that last as
// long; -1 if there are too few.
func (d diagnosis) window(times int) int {
	first := len(d.looks) - times*d.patience
	for first >= 0 && d.last().Step-d.looks[first].Step < times*lasts {
		first--
	}
	return max(first, -1)
}

// bestBefore returns the smallest of the values of the looks before look i, and that look's step; infinity if there is none.
func (d diagnosis) bestBefore(i int, value func(Look) float64) (float64, int) {
	best, step := math.Inf(1), 0
	for _, look := range d.looks[:i] {
		if v := value(look); v < best {
			best, step = v, look.Step
		}
	}
	return best, step
}

func (d diagnosis) last() Look { return d.looks[len(d.looks)-1] }
