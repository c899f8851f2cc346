package cli

import (
	"context"
	"time"

	"github.com/pkg/errors"
	"github.com/schollz/progressbar/v3"

	"github.com/ganymede-ml/ganymede/xla"
)

// openBackend opens the backend, and shows the installation of a plugin on standard error.
func openBackend(ctx context.Context, c *console, quiet bool) (*xla.Choice, error) {
	options := xla.Options{}
	if !quiet {
		show, done := installProgress(c)
		defer done()
		options.Progress = show
	}
	choice, err := xla.Open(ctx, options)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil { // It may have been an installation that was interrupted.
		choice.Backend.Finalize()
		return nil, errors.WithStack(ctx.Err())
	}
	return choice, nil
}

// backendName is what people call a backend.
func backendName(choice *xla.Choice) string {
	switch choice.Kind {
	case xla.CUDA:
		return "XLA on an NVIDIA GPU"
	case xla.CPU:
		return "XLA on the processor"
	case xla.Go:
		return "the pure Go backend"
	}
	return choice.Backend.Name()
}

// installProgress returns a function that shows how far an installation is, and one to call at its end: a bar on a
// terminal, elsewhere a line for each stage.
func installProgress(c *console) (show func(xla.Progress), done func()) {
	var stage string
	var bar *progressbar.ProgressBar
	done = func() {
		if bar != nil {
			_ = bar.Exit()
			_ = bar.Clear()
			bar = nil
		}
	}
	show = func(p xla.Progress) {
		if p.Stage != stage {
			done()
			stage = p.Stage
			if !c.tty {
				c.say("%s", stage)
				return
			}
			total := p.Total
			if total <= 0 {
				total = -1
			}
			bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(c.err), progressbar.OptionSetDescription(stage),
				progressbar.OptionShowBytes(true), progressbar.OptionSetWidth(24), progressbar.OptionThrottle(100*time.Millisecond),
				progressbar.OptionSetTheme(theme), progressbar.OptionClearOnFinish())
		}
		if bar != nil {
			_ = bar.Set64(p.Done)
		}
	}
	return show, done
}

// theme is how all bars look.
var theme = progressbar.Theme{Saucer: "█", SaucerPadding: "░", BarStart: "", BarEnd: ""}
