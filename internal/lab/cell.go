package lab

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
)

// Environment variables of kernels, for the cells and for what builds them.
const (
	goVariable      = "GANYMEDE_GO"      // The go command that cellgo stands in for.
	commandVariable = "GANYMEDE_COMMAND" // The ganymede command, which package course/sampler starts.
)

// cellTools is the folder with the command "go" that builds cells. It is apart, since whoever activates .venv in a terminal
// wants the real one.
func (l *lab) cellTools() string { return l.venv("libexec", "ganymede") }

// ganymede is the command, built from the module that the cells import.
func (l *lab) ganymede() string { return l.venv("bin", "ganymede") }

// buildCellTools builds what makes cells quick: the command that builds them, and the one that draws samples for them. The go
// command knows whether there is something to do. Cells work without, and more slowly, where the module does not build.
func (l *lab) buildCellTools(ctx context.Context, goEnv goEnvironment, _ *stamp) error {
	if err := os.MkdirAll(l.cellTools(), 0o755); err != nil {
		return errors.Wrap(err, "lab")
	}
	for _, arguments := range [][]string{
		{"build", "-o", filepath.Join(l.cellTools(), "go"), modulePath + "/internal/cellgo"},
		{"build", "-o", l.ganymede(), modulePath},
	} {
		if output, err := l.run(ctx, []string{"GOWORK=off"}, "go", arguments...); err != nil {
			if ctx.Err() != nil {
				return errors.Wrap(ctx.Err(), "lab")
			}
			l.progress("go " + strings.Join(arguments, " ") + ": " + buildError(output, err))
		}
	}
	return nil
}
