// Package lab sets up JupyterLab with a Go kernel that imports this module, opens it, and runs notebooks without a window.
//
// Everything it makes is in the folder .venv at the root of the clone, or of the module of someone's own that requires
// Ganymede: JupyterLab at the versions of
// notebooks/requirements.txt, the GoNB kernel at the version of go.mod, goimports and gopls at those of tools/go.mod,
// and a kernel named [KernelName] that only this .venv sees. Outside the clone a set-up writes nothing but the caches of Go
// and pip, and JupyterLab, once opened, its user's settings. After the first set-up nothing needs a network.
package lab

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/pkg/errors"
)

// KernelName is what a notebook's metadata calls the kernel: "kernelspec": {"name": "gonb", …}.
const KernelName = "gonb"

// modulePath is what go.mod at the root of the clone declares.
const modulePath = "github.com/ganymede-ml/ganymede"

// Config says where the lab is and who listens.
type Config struct {
	// Root is a clone of Ganymede, or a module that requires it. Empty: the working directory, or the nearest folder above it
	// that is one.
	Root string

	Progress func(string) // Told, in one line each, what is about to be done. Nil: nobody is.
}

// Root returns the absolute path of the clone of Ganymede that holds dir.
func Root(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", errors.Wrap(err, "lab")
	}
	for at := dir; ; at = filepath.Dir(at) {
		contents, err := os.ReadFile(filepath.Join(at, "go.mod"))
		if err == nil && declaresModule(contents) {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", errors.Errorf("lab: no clone of Ganymede in %s or above, nor a Go module that requires it: "+
				"git clone https://%s and run this inside it, or go get %s in a module of your own", dir, modulePath, modulePath)
		}
	}
}

func declaresModule(goMod []byte) bool {
	for line := range bytes.Lines(goMod) {
		if fields := strings.Fields(string(line)); len(fields) >= 2 && fields[0] == "module" {
			return strings.Trim(fields[1], `"`) == modulePath
		}
	}
	return false
}

// State is what a set-up has left in a clone.
type State struct {
	Root       string   // The clone, or the module that requires Ganymede.
	JupyterLab string   // Version installed in .venv, or empty.
	Kernel     string   // Path of the kernel's kernel.json, or empty.
	Missing    []string // What is not there, by name. Empty: notebooks can run.
	Mend       string   // The command that mends it, or empty.
}

// Inspect tells what is set up, by looking at files only.
func Inspect(config Config) (State, error) {
	l, err := newLab(config)
	if err != nil {
		return State{}, err
	}
	state := State{Root: l.home}
	installed, _ := filepath.Glob(l.venv("lib", "python*", "site-packages", "jupyterlab-*.dist-info"))
	if len(installed) > 0 {
		name := strings.TrimSuffix(filepath.Base(installed[0]), ".dist-info")
		state.JupyterLab = strings.TrimPrefix(name, "jupyterlab-")
	} else {
		state.Missing = append(state.Missing, "JupyterLab")
	}
	for _, name := range []string{"gonb", "goimports", "gopls"} {
		if !isFile(l.venv("bin", name)) {
			state.Missing = append(state.Missing, name)
		}
	}
	switch stale := l.staleKernel(); {
	case !isFile(l.kernelSpec()):
		state.Missing = append(state.Missing, "kernel "+KernelName)
	case stale != "" && isFile(l.venv("bin", "gonb")):
		state.Missing = append(state.Missing, "a kernel "+KernelName+" to replace the one here ("+stale+")")
		fallthrough
	default:
		state.Kernel = l.kernelSpec()
	}
	if len(state.Missing) > 0 {
		state.Mend = "go run . lab --setup"
	}
	return state, nil
}

// lab is a Config whose blanks are filled in.
type lab struct {
	place
	progress func(string)
}

func newLab(config Config) (*lab, error) {
	if runtime.GOOS == "windows" {
		return nil, errors.New("lab: the Go kernel does not run on Windows: use the Windows Subsystem for Linux")
	}
	if config.Root == "" {
		config.Root = "."
	}
	found, err := find(config.Root)
	if err != nil {
		return nil, err
	}
	for _, folder := range found.modules() {
		if strings.Contains(folder, ",") {
			return nil, errors.Errorf("lab: the kernel cannot use a folder with a comma in its name: rename %s", folder)
		}
	}
	if config.Progress == nil {
		config.Progress = func(string) {}
	}
	return &lab{place: found, progress: config.Progress}, nil
}

// path returns a path inside the sources of Ganymede, venv one inside .venv.
func (l *lab) path(elements ...string) string {
	return filepath.Join(append([]string{l.root}, elements...)...)
}

func (l *lab) venv(elements ...string) string {
	return filepath.Join(append([]string{l.home, ".venv"}, elements...)...)
}

func (l *lab) python() string { return l.venv("bin", "python") }

func (l *lab) kernelSpec() string {
	return l.venv("share", "jupyter", "kernels", KernelName, "kernel.json")
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
