package lab

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pkg/errors"
)

// QuickVariable is the environment variable that is 1 in the cells of a quick check, for notebooks that train to train less.
const QuickVariable = "GANYMEDE_QUICK"

// Other variables that the cells of a check see: no hand is there to move a widget, and exercises should be solved.
const (
	headlessVariable  = "GANYMEDE_HEADLESS"
	solutionsVariable = "GANYMEDE_SOLUTIONS"
)

// Seconds after which a notebook counts as slow, which is no failure: machines differ.
const (
	slowSeconds      = 300.0
	slowQuickSeconds = 45.0
)

//go:embed check.py
var checkScript []byte

// CheckOptions says how notebooks are run.
type CheckOptions struct {
	Quick     bool          // Tell the cells, through QuickVariable, to do little.
	Update    bool          // Write the outputs into each notebook that passes.
	Solutions bool          // Run the notebooks with their exercises solved, as solutions/NAME.md beside them says.
	Timeout   time.Duration // For one cell. Zero: ten minutes.
	Report    func(Result)  // Told each notebook's result as soon as there is one.
}

// Result is how one notebook did.
type Result struct {
	Notebook string        `json:"notebook"`
	OK       bool          `json:"ok"`
	Cells    int           `json:"cells"` // Code cells that ran.
	Elapsed  time.Duration `json:"-"`
	Seconds  float64       `json:"seconds"`
	Bytes    int64         `json:"bytes,omitempty"` // Size of the file that was written, with CheckOptions.Update.
	Slowest  Cell          `json:"slowest"`         // The code cell that took longest.
	Slow     bool          `json:"slow,omitempty"`  // It took over 300 s, or 45 s in a quick check. No failure.
	Failed   *Cell         `json:"failed,omitempty"`
}

// Cell is one cell of a notebook, in a Result.
type Cell struct {
	Number  int     `json:"number"` // From 1, over all cells, those with text too. 0: no cell, the kernel itself.
	Seconds float64 `json:"seconds"`
	Source  string  `json:"source,omitempty"`
	Error   string  `json:"error,omitempty"` // What the compiler, the program or the kernel said.
}

// Verdict says how the notebook did in a word: ok, slow or FAILED.
func (r Result) Verdict() string {
	switch {
	case !r.OK:
		return "FAILED"
	case r.Slow:
		return "slow"
	}
	return "ok"
}

// String says the result in one line or, of a notebook that failed, shows the cell and its error.
func (r Result) String() string {
	if r.Failed == nil {
		return fmt.Sprintf("ok    %s  %.1f s, %d cells, slowest %d: %.1f s", r.Notebook, r.Seconds, r.Cells, r.Slowest.Number, r.Slowest.Seconds)
	}
	where := "the kernel"
	if r.Failed.Number > 0 {
		where = fmt.Sprintf("cell %d", r.Failed.Number)
	}
	text := fmt.Sprintf("FAIL  %s  %.1f s, in %s", r.Notebook, r.Seconds, where)
	if r.Failed.Source != "" {
		text += "\n" + indent("    | ", r.Failed.Source)
	}
	return text + "\n" + indent("    ", r.Failed.Error)
}

func indent(prefix, text string) string {
	return prefix + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n"+prefix)
}

// Check sets up what is missing and runs notebooks, each from an empty kernel, without a window, in a folder of its own that
// shows the notebook's neighbours but not the trainings in runs. It uses
// no settings, kernels or running servers of the user's own. The error is nil if all passed; the results are there either
// way, in the order of the notebooks.
func Check(ctx context.Context, config Config, options CheckOptions, notebooks ...string) ([]Result, error) {
	l, err := newLab(config)
	if err != nil {
		return nil, err
	}
	if len(notebooks) == 0 {
		return nil, errors.New("lab: no notebook to check: name one, such as notebooks/*.ipynb")
	}
	if options.Solutions && options.Update {
		return nil, errors.New("lab: the outputs of solved exercises are not written")
	}
	for _, notebook := range notebooks {
		if !isFile(notebook) {
			return nil, errors.Errorf("lab: no notebook at %s", notebook)
		}
		if _, err := l.content(options, notebook); err != nil {
			return nil, err
		}
	}
	if err := l.setup(ctx); err != nil {
		return nil, err
	}
	var results []Result
	var failed []string
	for _, notebook := range notebooks {
		l.progress("running " + notebook)
		result, err := l.check(ctx, options, notebook)
		if err != nil {
			return results, err
		}
		results = append(results, result)
		if options.Report != nil {
			options.Report(result)
		}
		if !result.OK {
			failed = append(failed, notebook)
		}
	}
	if len(failed) > 0 {
		return results, errors.Errorf("lab: %d of %d notebooks failed: %s", len(failed), len(notebooks), strings.Join(failed, ", "))
	}
	return results, nil
}

// check runs one notebook. A cell that fails is no error but a Result.
func (l *lab) check(ctx context.Context, options CheckOptions, notebook string) (Result, error) {
	if options.Timeout == 0 {
		options.Timeout = 10 * time.Minute
	}
	notebookPath, err := filepath.Abs(notebook)
	if err != nil {
		return Result{}, errors.Wrap(err, "lab")
	}
	folder, err := os.MkdirTemp("", "ganymede-lab-")
	if err != nil {
		return Result{}, errors.Wrap(err, "lab")
	}
	defer func() { _ = os.RemoveAll(folder) }()
	environment := []string{
		"JUPYTER_CONFIG_DIR=" + filepath.Join(folder, "config"),
		"JUPYTER_DATA_DIR=" + filepath.Join(folder, "data"),
		"JUPYTER_RUNTIME_DIR=" + filepath.Join(folder, "runtime"),
		"JUPYTER_PATH=", "JUPYTER_PREFER_ENV_PATH=1",
		"IPYTHONDIR=" + filepath.Join(folder, "ipython"),
		headlessVariable + "=1",
		"TMPDIR=" + folder, // For the kernel's own folder, should it have no time to remove it.
	}
	if options.Quick {
		environment = append(environment, QuickVariable+"=1")
	} else {
		environment = append(environment, QuickVariable+"=")
	}
	arguments := []string{"--timeout", fmt.Sprint(options.Timeout.Seconds())}
	if options.Update {
		arguments = append(arguments, "--update")
	}
	work, err := workFolder(folder, notebookPath)
	if err != nil {
		return Result{}, err
	}
	arguments = append(arguments, "--folder", work, "--root", l.root)
	if options.Solutions {
		environment = append(environment, solutionsVariable+"=1")
		content, err := l.content(options, notebookPath)
		if err != nil {
			return Result{}, err
		}
		notebookPath = filepath.Join(folder, "solved.ipynb")
		if err := os.WriteFile(notebookPath, content, 0o600); err != nil {
			return Result{}, errors.Wrap(err, "lab")
		}
	}
	script := filepath.Join(folder, "check.py")
	if err := os.WriteFile(script, checkScript, 0o600); err != nil {
		return Result{}, errors.Wrap(err, "lab")
	}
	cmd := l.command(ctx, environment, l.python(), append(append([]string{script}, arguments...), notebookPath)...)
	complaints := &tail{}
	cmd.Stderr = complaints
	output, err := cmd.StdoutPipe()
	if err != nil {
		return Result{}, errors.Wrap(err, "lab")
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return Result{}, errors.Wrap(err, "lab: running notebooks")
	}
	var result Result
	said := ""
	lines := bufio.NewScanner(output)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		// Anything else on standard output is not the script's.
		if line, ok := strings.CutPrefix(lines.Text(), "ganymede: "); ok {
			said = line
		}
	}
	err = cmd.Wait()
	if ctx.Err() != nil {
		return Result{}, errors.Wrap(ctx.Err(), "lab")
	}
	if err == nil {
		err = json.Unmarshal([]byte(said), &result)
	}
	if err != nil {
		return Result{}, errors.Errorf("lab: %s could not be run (%v): %s", notebook, err, errorLine(complaints.String()))
	}
	result.Notebook, result.Elapsed = notebook, time.Since(start)
	result.Seconds = result.Elapsed.Seconds()
	result.Slow = result.Seconds > slowSeconds || options.Quick && result.Seconds > slowQuickSeconds
	return result, nil
}

// content returns a notebook, with its exercises solved if that is wanted.
func (l *lab) content(options CheckOptions, path string) ([]byte, error) {
	notebook, err := readNotebook(path)
	if err != nil {
		return nil, err
	}
	if options.Solutions {
		solutions, err := readSolutions(solutionsPath(path))
		if err != nil {
			return nil, err
		}
		if err := solve(notebook, path, solutions); err != nil {
			return nil, err
		}
	}
	content, err := json.Marshal(notebook)
	return content, errors.Wrap(err, "lab")
}
