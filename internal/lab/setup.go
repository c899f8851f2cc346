package lab

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/atomicfile"
)

// oldestPython is the oldest minor version of Python 3 that the versions in notebooks/requirements.txt accept.
const oldestPython = 11

// stamp records in .venv what each part was made from, so that a second Setup does nothing.
type stamp struct {
	JupyterLab string `json:"jupyterlab"` // Of requirements.txt and Python's version.
	Tools      string `json:"tools"`      // Of the modules that pin gonb, goimports and gopls, and Go's version.
	Kernel     string `json:"kernel"`     // Of the kernel specification and go.mod.
}

// Setup makes .venv ready to run notebooks. It skips what is up to date, so that a second call takes a fraction of a
// second; two calls at once wait for each other. It fails if Go, Python 3.11 or its venv module is missing, or if the
// packages cannot be downloaded the first time; what was done by then is kept.
func Setup(ctx context.Context, config Config) error {
	l, err := newLab(config)
	if err != nil {
		return err
	}
	return l.setup(ctx)
}

func (l *lab) setup(ctx context.Context) error {
	goEnv, err := l.goEnvironment(ctx)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(l.venv(), 0o755); err != nil {
		return errors.Wrap(err, "lab")
	}
	lock := flock.New(l.venv(".ganymede.lock"))
	if _, err := lock.TryLockContext(ctx, lockRetry); err != nil {
		return errors.Wrap(err, "lab: waiting for another set-up")
	}
	defer func() { _ = lock.Unlock() }()

	done := l.readStamp()
	for _, step := range []func(context.Context, goEnvironment, *stamp) error{
		l.installJupyterLab, l.buildTools, l.buildCellTools, l.installKernel,
	} {
		if err := step(ctx, goEnv, &done); err != nil {
			return err
		}
		if err := l.writeStamp(done); err != nil {
			return err
		}
	}
	return nil
}

// installJupyterLab makes the virtual environment and installs notebooks/requirements.txt into it.
func (l *lab) installJupyterLab(ctx context.Context, _ goEnvironment, done *stamp) error {
	requirements := l.path("notebooks", "requirements.txt")
	hash, err := hashFiles(requirements)
	if err != nil {
		return err
	}
	// What is installed is asked of the environment itself: an upgrade of Python leaves it empty.
	const versions = `import sys, importlib.metadata as m; print(sys.version_info.minor, m.version("jupyterlab"))`
	installed, err := l.run(ctx, nil, l.python(), "-c", versions)
	if err == nil && done.JupyterLab == hash+" "+firstLine(installed) {
		return nil
	}
	if err := l.makeVenv(ctx); err != nil {
		return err
	}
	l.progress("installing JupyterLab into .venv (about 250 MB, a minute)")
	if output, err := l.run(ctx, nil, l.python(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
		"--no-input", "--progress-bar", "off", "--requirement", requirements); err != nil {
		return failure(ctx, err, "pip could not install JupyterLab: %s (check the network or the package index, and run this again)",
			errorLine(output))
	}
	installed, err = l.run(ctx, nil, l.python(), "-c", versions)
	if err != nil {
		return failure(ctx, err, "JupyterLab does not start from %s: %s (delete .venv and run this again)",
			l.python(), errorLine(installed))
	}
	// JupyterLab asks nobody for news or newer versions.
	if err := write(l.venv("share", "jupyter", "lab", "settings", "overrides.json"),
		[]byte(`{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}`+"\n")); err != nil {
		return err
	}
	done.JupyterLab = hash + " " + firstLine(installed)
	return nil
}

// makeVenv makes the virtual environment, or gives pip to one that has none.
func (l *lab) makeVenv(ctx context.Context) error {
	if output, err := l.run(ctx, nil, l.python(), "-m", "pip", "--version"); err == nil {
		return l.checkPython(ctx, l.python())
	} else if isFile(l.python()) && !strings.Contains(output, "No module named pip") {
		// Left by a Python that is no longer there: made again below.
		if err := os.Remove(l.python()); err != nil {
			return errors.Wrap(err, "lab")
		}
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		return errors.Errorf("lab: python3 is not on PATH, and JupyterLab needs Python 3.%d or newer: "+
			"install it (Debian, Ubuntu: apt install python3 python3-venv) and run this again", oldestPython)
	}
	if err := l.checkPython(ctx, python); err != nil {
		return err
	}
	l.progress("making the Python environment .venv")
	if output, err := l.run(ctx, nil, python, "-m", "venv", l.venv()); err != nil {
		if strings.Contains(output, "ensurepip") || strings.Contains(output, "No module named venv") {
			return failure(ctx, err, "python3 has no venv module: install it (Debian, Ubuntu: apt install python3-venv) and run this again")
		}
		return failure(ctx, err, "python3 -m venv %s: %s", l.venv(), errorLine(output))
	}
	return nil
}

func (l *lab) checkPython(ctx context.Context, python string) error {
	output, err := l.run(ctx, nil, python, "-c", "import sys; print(sys.version_info.major, sys.version_info.minor)")
	if err != nil {
		return failure(ctx, err, "%s does not run: %s", python, errorLine(output))
	}
	major, minor, _ := strings.Cut(firstLine(output), " ")
	if n, err := strconv.Atoi(minor); err != nil || major != "3" || n < oldestPython {
		return errors.Errorf("lab: %s is Python %s.%s, and JupyterLab needs 3.%d or newer: install one and put it first on PATH "+
			"(and delete .venv if it holds the old one)", python, major, minor, oldestPython)
	}
	return nil
}

// What cells are formatted and completed with, at the versions of tools/go.mod.
const (
	goimportsTool = "golang.org/x/tools/cmd/goimports@v0.47.1-0.20260707181000-a299dadba899"
	goplsTool     = "golang.org/x/tools/gopls@v0.23.0"
)

// buildTools builds the kernel and the two programs that it calls.
func (l *lab) buildTools(ctx context.Context, goEnv goEnvironment, done *stamp) error {
	files := []string{l.path("go.mod")}
	hasTools := isFile(l.path("tools", "go.mod"))
	if hasTools {
		files = append(files, l.path("tools", "go.mod"), l.path("tools", "go.sum"))
	}
	hash, err := hashFiles(files...)
	if err != nil {
		return err
	}
	hash += " " + goEnv.Version
	built := isFile(l.venv("bin", "gonb")) && isFile(l.venv("bin", "goimports")) && isFile(l.venv("bin", "gopls"))
	if built && done.Tools == hash {
		return nil
	}
	l.progress("building the Go kernel, goimports and gopls")
	commands := [][]string{{"build", "-o", l.venv("bin", "gonb"), "github.com/janpfeifer/gonb"}}
	if hasTools {
		commands = append(commands, []string{"build", "-C", "tools", "-o", l.venv("bin") + string(filepath.Separator),
			"golang.org/x/tools/cmd/goimports", "golang.org/x/tools/gopls"})
	} else { // A module zip has no modules within: the same versions by name.
		commands = append(commands, []string{"install", goimportsTool}, []string{"install", goplsTool})
	}
	for _, arguments := range commands {
		if output, err := l.run(ctx, []string{"GOWORK=off", "GOBIN=" + l.venv("bin")}, "go", arguments...); err != nil {
			return failure(ctx, err, "go %s: %s", strings.Join(arguments, " "), errorLine(output))
		}
	}
	done.Tools = hash
	return nil
}

func (l *lab) readStamp() stamp {
	var done stamp
	if contents, err := os.ReadFile(l.venv(".ganymede.json")); err == nil {
		_ = json.Unmarshal(contents, &done) // Unreadable: everything is done again.
	}
	return done
}

func (l *lab) writeStamp(done stamp) error {
	contents, err := json.MarshalIndent(done, "", "  ")
	if err != nil {
		return errors.Wrap(err, "lab")
	}
	return write(l.venv(".ganymede.json"), append(contents, '\n'))
}

// hashFiles returns the SHA-256 of the files' contents, in hexadecimal.
func hashFiles(paths ...string) (string, error) {
	hash := sha256.New()
	for _, path := range paths {
		contents, err := os.ReadFile(path)
		if err != nil {
			return "", errors.Wrap(err, "lab: the clone is not complete")
		}
		sum := sha256.Sum256(contents)
		hash.Write(sum[:])
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// write writes a file whole or not at all, and makes its folder.
func write(path string, contents []byte) error {
	return errors.WithMessage(atomicfile.Write(path, contents), "lab")
}
