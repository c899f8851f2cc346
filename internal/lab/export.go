package lab

import (
	"context"
	_ "embed"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
)

//go:embed export.py
var exportScript []byte

// Export sets up what is missing and writes notebooks as HTML into a folder, with the outputs that they hold, and a page that
// links to them. The pages need no network: pictures are inside, formulas are MathML.
func Export(ctx context.Context, config Config, dir string, notebooks ...string) error {
	l, err := newLab(config)
	if err != nil {
		return err
	}
	if len(notebooks) == 0 {
		return errors.New("lab: no notebook to export: name one, such as notebooks/*.ipynb")
	}
	if err := l.setup(ctx); err != nil {
		return err
	}
	script, err := os.CreateTemp("", "ganymede-export-*.py")
	if err != nil {
		return errors.Wrap(err, "lab")
	}
	defer func() { _ = os.Remove(script.Name()) }()
	_, err = script.Write(exportScript)
	if closeErr := script.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return errors.Wrap(err, "lab")
	}
	arguments := []string{"-W", "ignore", script.Name(), "--out"}
	for _, path := range append([]string{dir}, notebooks...) {
		absolute, err := filepath.Abs(path)
		if err != nil {
			return errors.Wrap(err, "lab")
		}
		arguments = append(arguments, absolute)
	}
	if output, err := l.run(ctx, nil, l.python(), arguments...); err != nil {
		return failure(ctx, err, "the notebooks could not be exported: %s", errorLine(output))
	}
	return nil
}
