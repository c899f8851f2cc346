package cli

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// stages shows how far work in several stages is: a bar for each on a terminal, elsewhere a line now and then.
type stages struct {
	*console
	hidden bool
	stage  string
	total  int
	bar    *progressbar.ProgressBar // Nil if there is none.
	shown  time.Time
}

func newStages(c *console, hidden bool) *stages {
	return &stages{console: c, hidden: hidden, shown: time.Now()}
}

// update takes note of how much of the stage is done; a total of 0 means that nobody knows how much there is.
func (s *stages) update(stage string, done, total int) {
	switch {
	case s.hidden:
	case s.tty:
		s.draw(stage, done, total)
	case time.Since(s.shown) >= linePause:
		s.shown = time.Now()
		if total > 0 {
			s.say("%s: %d of %d", stage, done, total)
		} else {
			s.say("%s", stage)
		}
	}
}

// draw draws the bar of the stage.
func (s *stages) draw(stage string, done, total int) {
	if s.bar == nil || stage != s.stage || total != s.total {
		s.close()
		s.stage, s.total = stage, total
		if total <= 0 {
			total = -1
		}
		s.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(s.err), progressbar.OptionSetDescription(stage),
			progressbar.OptionShowCount(), progressbar.OptionSetWidth(24), progressbar.OptionThrottle(barPause/2),
			progressbar.OptionSetTheme(theme), progressbar.OptionSetPredictTime(false), progressbar.OptionClearOnFinish())
	}
	_ = s.bar.Set(done)
}

// close takes the bar away.
func (s *stages) close() {
	if s.bar != nil {
		_ = s.bar.Exit()
		_ = s.bar.Clear()
		s.bar = nil
	}
}
