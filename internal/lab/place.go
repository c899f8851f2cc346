package lab

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
)

// place is where a lab is.
type place struct {
	home string // The folder that JupyterLab shows, with .venv in it: a clone, or a module that requires Ganymede.
	root string // The sources of Ganymede: in a clone, the same.
}

// find returns the place of a folder: the clone of Ganymede that it is in or, where it is in a module of someone's own that
// requires Ganymede, that module.
func find(dir string) (place, error) {
	root, err := Root(dir)
	if err == nil {
		return place{home: root, root: root}, nil
	}
	dir, absErr := filepath.Abs(dir)
	if absErr != nil {
		return place{}, errors.Wrap(absErr, "lab")
	}
	for at := dir; ; at = filepath.Dir(at) {
		if isFile(filepath.Join(at, "go.mod")) {
			return ofModule(at)
		}
		if at == filepath.Dir(at) {
			return place{}, err
		}
	}
}

// ofModule asks the go command where a module has Ganymede from: the module cache, or the folder of a replace directive.
func ofModule(home string) (place, error) {
	var complaint bytes.Buffer
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", modulePath)
	list.Dir, list.Env, list.Stderr = home, append(os.Environ(), "GOWORK=off"), &complaint
	output, err := list.Output()
	if err != nil {
		return place{}, errors.Errorf("lab: the module in %s does not require Ganymede (%s): go get %s there, or run this in a clone of it",
			home, errorLine(complaint.String()), modulePath)
	}
	root := strings.TrimSpace(string(output))
	if root == "" {
		return place{}, errors.Errorf("lab: Ganymede is not downloaded yet: run go mod download %s in %s", modulePath, home)
	}
	if !filepath.IsAbs(root) {
		root = filepath.Join(home, root)
	}
	return place{home: home, root: root}, nil
}

// modules are the folders of the modules whose packages cells import.
func (p place) modules() []string {
	if p.home == p.root {
		return []string{p.root}
	}
	return []string{p.home, p.root}
}

// goWork is GoNB's flag for them.
func (p place) goWork() string { return "-go_work=" + strings.Join(p.modules(), ",") }
