package cli

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/schollz/progressbar/v3"
)

const (
	barPause  = 200 * time.Millisecond // From one drawing of the bar to the next.
	linePause = 10 * time.Second       // From one line to the next, where there is no terminal.

	// barParts is the resolution of the bar, which is of steps or of time.
	barParts = 1000

	// compiledSteps is how many steps it takes until all programs are compiled: one with the penalty and one without.
	compiledSteps = 2
)

// meter measures a training and shows how far it is: a bar on a terminal, elsewhere a line now and then.
type meter struct {
	*console
	hidden bool
	unit   string                   // What a batch consists of.
	bar    *progressbar.ProgressBar // Nil if there is none.
	batch  int

	first, last int // Steps before this training, and now.
	steps       int // To take.
	limit       time.Duration
	start       time.Time
	compiled    time.Time // When compiledSteps were taken.
	shown       time.Time

	losses []lossNow // Averaged over some steps, so that they can be read.
}

// lossNow is what one of the losses is in a step.
type lossNow struct {
	name  string // As the line of the meter has it: "D".
	value float64
}

// newMeter starts the clock. The steps are those to take, after the first; a limit of 0 is none.
func newMeter(c *console, hidden bool, first, steps int, limit time.Duration, batch int, unit string) *meter {
	m := &meter{console: c, hidden: hidden, batch: batch, unit: unit, first: first, last: first, steps: steps, limit: limit, start: time.Now()}
	m.shown = m.start
	if c.tty && !hidden {
		m.bar = progressbar.NewOptions(barParts, progressbar.OptionSetWriter(c.err), progressbar.OptionSetWidth(24),
			progressbar.OptionSetTheme(theme), progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false),
			progressbar.OptionShowDescriptionAtLineEnd(), progressbar.OptionUseANSICodes(true), progressbar.OptionSetDescription("compiling"))
		_ = m.bar.RenderBlank()
	}
	return m
}

// update takes note of a step, and shows it if the last one shown was long enough ago.
func (m *meter) update(step int, losses ...lossNow) {
	m.last = step
	const keep = 0.9
	if len(m.losses) != len(losses) || step == m.first+1 {
		m.losses = slices.Clone(losses)
	}
	for i, loss := range losses {
		m.losses[i].value = keep*m.losses[i].value + (1-keep)*loss.value
	}
	now := time.Now()
	if step == m.first+compiledSteps {
		m.compiled = now
	}
	pause := linePause
	if m.bar != nil {
		pause = barPause
	}
	if m.hidden || now.Sub(m.shown) < pause || m.last <= m.first+compiledSteps {
		return
	}
	m.shown = now
	if m.bar == nil {
		m.say("%s", m.line())
		return
	}
	_ = m.bar.Set(int(barParts * m.share() * 0.999)) // Never full: then it would take itself for finished.
	m.bar.Describe(m.line())
}

// close takes the bar away.
func (m *meter) close() {
	if m.bar != nil {
		_ = m.bar.Exit()
		_ = m.bar.Clear()
	}
}

// note says something beside the progress.
func (m *meter) note(text string) {
	if m.hidden {
		return
	}
	if m.bar != nil {
		_ = m.bar.Clear()
	}
	m.say("%s", text)
}

// elapsed returns the time since the start.
func (m *meter) elapsed() time.Duration { return time.Since(m.start) }

// share returns how much is done, from 0 to 1.
func (m *meter) share() float64 {
	if m.limit > 0 {
		return min(1, m.elapsed().Seconds()/m.limit.Seconds())
	}
	return max(0, float64(m.last-m.first)/float64(m.steps)) // A training that went back may be before its start.
}

// stepTime returns the seconds that a step takes, compiling left out where it can be.
func (m *meter) stepTime() float64 {
	if taken := m.last - m.first - compiledSteps; taken > 0 {
		return time.Since(m.compiled).Seconds() / float64(taken)
	}
	return m.elapsed().Seconds() / float64(max(1, m.last-m.first))
}

// speed returns the examples per second.
func (m *meter) speed() float64 {
	if m.last == m.first {
		return 0
	}
	return float64(m.batch) / m.stepTime()
}

// line says where the training is.
func (m *meter) line() string {
	steps := fmt.Sprintf("step %d/%d", m.last, m.first+m.steps)
	left := float64(m.first+m.steps-m.last) * m.stepTime()
	if m.limit > 0 {
		steps = fmt.Sprintf("step %d", m.last)
		left = min(left, (m.limit - m.elapsed()).Seconds())
	}
	for _, loss := range m.losses {
		steps += fmt.Sprintf("  %s %.3f", loss.name, loss.value)
	}
	return fmt.Sprintf("%s  %.0f %s/s  %s left", steps, m.speed(), m.unit, time.Duration(math.Round(max(0, left)))*time.Second)
}
