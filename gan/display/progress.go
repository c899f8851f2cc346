package display

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
)

// Progress is a line that tells how far a training is, updated in place in the output of a GoNB cell:
//
//	step 1,200 of 2,000  ████████████░░░░░░░░  60 % · discriminator 0.693 · generator 0.841 · 4,310 images/s · 12 s left
//
// Outside a notebook it shows nothing; its String can be printed. A Progress must not be copied after its first Update,
// nor used by two goroutines at once.
type Progress struct {
	// Total is the number of steps to do. Zero means unknown: no bar and no time left.
	Total int

	// BatchSize is the number of images in a step. Zero shows steps/s instead of images/s.
	BatchSize int

	// Losses are the names of the values given to Update, in order. Nil means "discriminator" and "generator".
	Losses []string

	name           string
	now            func() time.Time
	first, last    int // the steps of the first Update and of the latest
	start, current time.Time
	sent           time.Time
	values         []float64
}

// redrawPause is the least time between two updates of the line in the notebook.
const redrawPause = 200 * time.Millisecond

// Update tells that step is done, counted from 1, with its losses. Speed and time left are averages since the first
// Update, so that compiling the first step does not count. The line is redrawn five times a second at most, and always
// for the first step and for the last.
func (p *Progress) Update(step int, losses ...float64) error {
	if p.now == nil {
		p.now = time.Now
	}
	p.current = p.now()
	if p.start.IsZero() {
		p.start, p.first = p.current, step
		p.name = fmt.Sprintf("progress-%d", progressLines.Add(1))
	}
	p.last = step
	p.values = append(p.values[:0], losses...)
	isLast := p.Total > 0 && step >= p.Total
	if !gonbui.IsNotebook || !isLast && p.current.Sub(p.sent) < redrawPause {
		return nil
	}
	p.sent = p.current
	return UpdateText(p.name, p.String())
}

// String returns the line.
func (p *Progress) String() string {
	var parts []string
	if p.Total > 0 {
		share := max(0, min(1, float64(p.last)/float64(p.Total)))
		parts = append(parts, fmt.Sprintf("step %s of %s  %s %3d %%", thousands(float64(p.last)),
			thousands(float64(p.Total)), bar(share), int(100*share)))
	} else {
		parts = append(parts, "step "+thousands(float64(p.last)))
	}
	for i, value := range p.values {
		parts = append(parts, strings.TrimSpace(p.lossName(i)+" "+strconv.FormatFloat(value, 'f', 3, 64)))
	}
	elapsed := p.current.Sub(p.start)
	if p.last > p.first && elapsed > 0 {
		speed := float64(p.last-p.first) / elapsed.Seconds()
		if p.BatchSize > 0 {
			parts = append(parts, rate(speed*float64(p.BatchSize))+" images/s")
		} else {
			parts = append(parts, rate(speed)+" steps/s")
		}
		if p.last < p.Total {
			left := time.Duration(float64(p.Total-p.last) / speed * float64(time.Second))
			parts = append(parts, readable(left)+" left")
		}
	}
	if p.last >= p.Total {
		parts = append(parts, readable(elapsed))
	}
	return strings.Join(parts, " · ")
}

// lossName names the i-th value given to Update.
func (p *Progress) lossName(i int) string {
	names := p.Losses
	if names == nil {
		names = []string{"discriminator", "generator"}
	}
	if i < len(names) {
		return names[i]
	}
	return ""
}

// bar draws a share of 20 blocks.
func bar(share float64) string {
	const blocks = 20
	full := int(share * blocks)
	return strings.Repeat("█", full) + strings.Repeat("░", blocks-full)
}

// rate writes a speed: whole from 10 on, else with one decimal.
func rate(perSecond float64) string {
	if perSecond < 9.95 {
		return strconv.FormatFloat(perSecond, 'f', 1, 64)
	}
	return thousands(perSecond)
}

// thousands writes a number without decimals and with commas: 12,345.
func thousands(value float64) string {
	digits := strconv.FormatFloat(math.Abs(math.Round(value)), 'f', 0, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if value <= -0.5 {
		return "-" + digits
	}
	return digits
}

// readable writes a duration as a person would say it: 45 s, 3 min 20 s, 2 h 05 min.
func readable(duration time.Duration) string {
	seconds := int(duration.Round(time.Second).Seconds())
	switch {
	case seconds < 60:
		return fmt.Sprintf("%d s", seconds)
	case seconds < 3600:
		return fmt.Sprintf("%d min %02d s", seconds/60, seconds%60)
	default:
		return fmt.Sprintf("%d h %02d min", seconds/3600, seconds/60%60)
	}
}
