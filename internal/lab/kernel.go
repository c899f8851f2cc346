package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
)

// Flags for linking a cell's program, best first. Without the symbol table, and without calling the C linker, a cell that
// opens XLA starts in 0.9 s; with the C linker in 1.3 s, with the symbol table also in 1.9 s (2 cores). Not every C
// compiler's objects can be linked without it, so a probe decides.
var linkFlags = []string{"-s -linkmode=internal", "-s"}

// labVariable is the environment variable by which a cell knows that a kernel of the lab runs it.
const labVariable = "GANYMEDE_LAB"

// kernelSpec is Jupyter's description of a kernel:
// https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs
type kernelSpec struct {
	Argv          []string          `json:"argv"`
	DisplayName   string            `json:"display_name"`
	Language      string            `json:"language"`
	InterruptMode string            `json:"interrupt_mode"`
	Env           map[string]string `json:"env"`
}

// newKernelSpec describes a GoNB kernel whose cells import Ganymede, the modules it uses, and the student's own,, and find none
// elsewhere: GoNB runs "go get" before each cell, which for any other module would ask for its latest version.
// (In a cell, `%env GOPROXY https://…` opens the network again.)
func (l *lab) newKernelSpec(goEnv goEnvironment, link string) kernelSpec {
	goCommands := filepath.Join(goEnv.Root, "bin")
	path := []string{l.cellTools(), l.venv("bin"), goCommands}
	env := map[string]string{
		// JupyterLab may be started from a desktop with a bare PATH, and the clone's Go may not be the first one there.
		"PATH":        literal(strings.Join(path, string(filepath.ListSeparator))) + string(filepath.ListSeparator) + "${PATH}",
		"GOFLAGS":     literal(cellFlags(goEnv.Flags, link)),
		"GOPROXY":     "off",
		"GOWORK":      "", // GoNB writes a go.work for the cells, which this would hide.
		"CGO_ENABLED": goEnv.CgoEnabled,

		goVariable:      literal(filepath.Join(goCommands, "go")),
		commandVariable: literal(l.ganymede()),
		labVariable:     "1",
	}
	if goEnv.Experiments != "" {
		env["GOEXPERIMENT"] = goEnv.Experiments
	}
	return kernelSpec{
		Argv: []string{l.venv("bin", "gonb"), "--kernel", "{connection_file}", l.goWork(),
			"-legacy_stderr_threshold_behavior=false", "-stderrthreshold=FATAL"}, // Errors are shown in the cell.
		DisplayName:   "Go (gonb)",
		Language:      "go",
		InterruptMode: "message",
		Env:           env,
	}
}

// staleKernel says why the kernel's specification would not do, or nothing if it would.
func (l *lab) staleKernel() string {
	contents, err := os.ReadFile(l.kernelSpec())
	if err != nil {
		return "it is not there"
	}
	var spec kernelSpec
	if err := json.Unmarshal(contents, &spec); err != nil || len(spec.Argv) < 4 {
		return "its description is not readable"
	}
	switch {
	case spec.Argv[0] != l.venv("bin", "gonb") || spec.Argv[3] != l.goWork():
		return "it is for another folder"
	case !isFile(spec.Argv[0]):
		return "its program " + spec.Argv[0] + " is not there"
	case spec.Env[labVariable] == "":
		return "it is of an earlier version"
	}
	return ""
}

// cellFlags returns the GOFLAGS of a cell: the build tags of the user's flags, and how to link. Others, -mod for one,
// would not go with a workspace.
func cellFlags(flags, link string) string {
	cell := []string{"-buildvcs=false"}
	for flag := range strings.FieldsSeq(flags) {
		if strings.HasPrefix(strings.TrimLeft(flag, "-"), "tags=") {
			cell = append(cell, flag)
		}
	}
	return strings.Join(append(cell, "'-ldflags="+link+"'"), " ")
}

// literal escapes what Jupyter would replace in a value of a kernel's environment.
func literal(value string) string { return strings.ReplaceAll(value, "$", "$$") }

// installKernel downloads the modules, builds once what cells import, and writes the kernel's specification.
func (l *lab) installKernel(ctx context.Context, goEnv goEnvironment, done *stamp) error {
	modules, err := hashFiles(l.path("go.mod"), l.path("go.sum"), filepath.Join(l.home, "go.mod"))
	if err != nil {
		return err
	}
	plain, err := json.Marshal(l.newKernelSpec(goEnv, ""))
	if err != nil {
		return errors.Wrap(err, "lab")
	}
	key := modules + " " + goEnv.Version + " " + string(plain)
	stale := l.staleKernel()
	if done.Kernel == key && stale == "" {
		return nil
	}
	if stale != "" && isFile(l.kernelSpec()) {
		l.progress("renewing the kernel: " + stale)
	}
	l.progress("downloading the Go modules that cells may import")
	if output, err := l.run(ctx, []string{"GOWORK=off"}, "go", "mod", "download"); err != nil {
		return failure(ctx, err, "go mod download: %s", errorLine(output))
	}
	l.progress("building what cells import, once")
	link, complaint := l.probe(ctx, goEnv)
	if ctx.Err() != nil {
		return errors.Wrap(ctx.Err(), "lab")
	}
	if complaint != "" {
		// Notebooks that do not need the part that fails still run, and the others show this in the cell.
		l.progress("a cell that imports all of Ganymede does not build: " + complaint)
		key = "" // Tried again next time.
	}
	var contents bytes.Buffer
	encoder := json.NewEncoder(&contents)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(l.newKernelSpec(goEnv, link)); err != nil {
		return errors.Wrap(err, "lab")
	}
	if err := write(l.kernelSpec(), contents.Bytes()); err != nil {
		return err
	}
	done.Kernel = key
	return nil
}

// probe builds and runs a program as GoNB builds and runs a cell, one that imports every public package of the module. It
// returns the best flags to link it with; or, if none work, the last ones and why.
func (l *lab) probe(ctx context.Context, goEnv goEnvironment) (link, complaint string) {
	folder, err := os.MkdirTemp("", "ganymede-lab-")
	if err != nil {
		return linkFlags[len(linkFlags)-1], err.Error()
	}
	defer func() { _ = os.RemoveAll(folder) }()
	program, err := l.probeProgram(ctx)
	if err != nil {
		return linkFlags[len(linkFlags)-1], err.Error()
	}
	if err := os.WriteFile(filepath.Join(folder, "main.go"), program, 0o644); err != nil {
		return linkFlags[len(linkFlags)-1], err.Error()
	}
	for _, link = range linkFlags {
		complaint = l.runProbe(ctx, folder, cellFlags(goEnv.Flags, link))
		if complaint == "" {
			break
		}
	}
	return link, complaint
}

func (l *lab) probeProgram(ctx context.Context) ([]byte, error) {
	cmd := l.command(ctx, []string{"GOWORK=off"}, "go", "list", "-e", "-f", "{{.Name}} {{.ImportPath}}", "./...")
	packages, err := cmd.Output()
	if err != nil {
		return nil, errors.Wrap(err, "go list ./...")
	}
	var program bytes.Buffer
	program.WriteString("package main\n\nimport (\n")
	for line := range strings.Lines(string(packages) +
		"graph github.com/gomlx/gomlx/core/graph\ngonbui github.com/janpfeifer/gonb/gonbui\nmust github.com/janpfeifer/must\n") {
		name, path, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name != "" && name != "main" && !strings.Contains(path, "/internal/") {
			fmt.Fprintf(&program, "\t_ %q\n", path)
		}
	}
	program.WriteString(")\n\nfunc main() {}\n")
	return program.Bytes(), nil
}

// runProbe repeats what GoNB does for its first cell, and returns the line that says what failed.
func (l *lab) runProbe(ctx context.Context, folder, flags string) string {
	for _, name := range []string{"go.mod", "go.sum", "go.work", "go.work.sum"} {
		_ = os.Remove(filepath.Join(folder, name))
	}
	binary := filepath.Join(folder, "probe")
	for _, arguments := range [][]string{
		{"go", "mod", "init", "gonb_probe"},
		{"go", "work", "init"},
		append([]string{"go", "work", "use", "."}, l.modules()...),
		{"go", "mod", "edit", "-replace=" + modulePath + "=" + l.root},
		{"go", "get"},
		{"go", "build", "-o", binary},
		{binary},
	} {
		cmd := l.command(ctx, []string{"GOWORK=", "GOPROXY=off", "GOFLAGS=" + flags}, arguments[0], arguments[1:]...)
		cmd.Dir = folder
		if output, err := cmd.CombinedOutput(); err != nil {
			return strings.Join(arguments, " ") + ": " + buildError(string(output), err)
		}
	}
	return ""
}

// buildError returns the first line of a compiler's output that is not the heading of a package.
func buildError(output string, err error) string {
	for line := range strings.Lines(output) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "go: ") {
			return line
		}
	}
	if line := errorLine(output); line != "" {
		return line
	}
	return err.Error()
}
