package lab

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// Find returns the paths of the notebooks that a person names: by path, by name ("01_two_players") or by number ("1",
// "01") among those of the folder notebooks in the clone. Without a name it returns all of these.
func Find(config Config, names ...string) ([]string, error) {
	l, err := newLab(config)
	if err != nil {
		return nil, err
	}
	course, err := filepath.Glob(filepath.Join(l.path("notebooks"), "*.ipynb"))
	if err != nil {
		return nil, errors.Wrap(err, "lab")
	}
	if len(names) == 0 {
		return course, nil
	}
	var found []string
	for _, name := range names {
		at := slices.IndexFunc(course, func(path string) bool { return isCalled(path, name) })
		switch {
		case isFile(name):
			found = append(found, name)
		case at >= 0:
			found = append(found, course[at])
		default:
			var known []string
			for _, path := range course {
				known = append(known, notebookName(path))
			}
			return nil, errors.Errorf("lab: no notebook at %s: give a path, or a number or name of %s", name, strings.Join(known, ", "))
		}
	}
	return found, nil
}

// isCalled tells whether a name or number means the notebook at the path.
func isCalled(path, name string) bool {
	called := notebookName(path)
	if called == name {
		return true
	}
	number, err := strconv.Atoi(name)
	first, _, _ := strings.Cut(called, "_")
	has, errHas := strconv.Atoi(first)
	return err == nil && errHas == nil && number == has
}

// notebookName returns what a notebook is called in a table: its file without the ending.
func notebookName(path string) string { return strings.TrimSuffix(filepath.Base(path), ".ipynb") }

// readNotebook reads a notebook as it is, and returns an error if it is none, or one for another kernel.
func readNotebook(path string) (map[string]any, error) {
	contents, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.Wrap(err, "lab")
	}
	var notebook map[string]any
	if err := json.Unmarshal(contents, &notebook); err != nil {
		return nil, errors.Errorf("lab: %s is not a notebook: %v", path, err)
	}
	if _, ok := notebook["cells"].([]any); !ok {
		return nil, errors.Errorf("lab: %s is not a notebook of version 4: it has no list of cells", path)
	}
	metadata, _ := notebook["metadata"].(map[string]any)
	spec, _ := metadata["kernelspec"].(map[string]any)
	if kernel, _ := spec["name"].(string); kernel != "" && kernel != KernelName {
		return nil, errors.Errorf("lab: %s is for the kernel %s, and the lab runs those for %s, the Go kernel: "+
			"open it with another Jupyter, or choose Go (gonb) as its kernel", path, kernel, KernelName)
	}
	return notebook, nil
}

// workFolder makes a folder to run a notebook in that has the notebook's neighbours, but none of its earlier runs: a check
// neither destroys what somebody trained nor profits from it.
func workFolder(inside, notebook string) (string, error) {
	work := filepath.Join(inside, "notebooks")
	if err := os.Mkdir(work, 0o755); err != nil {
		return "", errors.Wrap(err, "lab")
	}
	home := filepath.Dir(notebook)
	entries, err := os.ReadDir(home)
	if err != nil {
		return "", errors.Wrap(err, "lab")
	}
	for _, entry := range entries {
		if name := entry.Name(); name != "runs" && !strings.HasPrefix(name, ".") {
			if err := os.Symlink(filepath.Join(home, name), filepath.Join(work, name)); err != nil {
				return "", errors.Wrap(err, "lab")
			}
		}
	}
	return work, nil
}

// Table writes results as lines of a table, one by one.
type Table struct{ width int }

// NewTable returns a table wide enough for the notebooks.
func NewTable(notebooks []string) Table {
	t := Table{width: len("notebook")}
	for _, path := range notebooks {
		t.width = max(t.width, len(notebookName(path)))
	}
	return t
}

// Head returns the first line.
func (t Table) Head() string {
	return fmt.Sprintf("%-*s  %8s  %-18s  %s", t.width, "notebook", "seconds", "slowest cell", "verdict")
}

// Row returns the line of a notebook.
func (t Table) Row(r Result) string {
	slowest := ""
	if r.Slowest.Number > 0 {
		slowest = fmt.Sprintf("%d: %.1f s", r.Slowest.Number, r.Slowest.Seconds)
	}
	return fmt.Sprintf("%-*s  %8.1f  %-18s  %s", t.width, notebookName(r.Notebook), r.Seconds, slowest, r.Verdict())
}

// Foot returns the last line: how many of them passed, and the time of all together.
func (t Table) Foot(results []Result) string {
	seconds, passed := 0.0, 0
	for _, r := range results {
		seconds += r.Seconds
		if r.OK {
			passed++
		}
	}
	return fmt.Sprintf("%-*s  %8.1f  %-18s  %d of %d passed", t.width, "together", seconds, "", passed, len(results))
}
