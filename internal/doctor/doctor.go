// Package doctor gathers what Ganymede runs on, how fast it is, and what is missing with the command that mends it.
package doctor

import (
	"context"
	"runtime"
	"runtime/debug"

	"github.com/ganymede-ml/ganymede/internal/lab"
	"github.com/ganymede-ml/ganymede/xla"
)

// Options of [Gather]. The zero value looks, measures and changes nothing.
type Options struct {
	Install  bool               // First install the XLA plugin, or put it right, as [xla.Install] does.
	Progress func(xla.Progress) // Called while installing; nil for none.
	NoSpeed  bool               // Do not measure, which takes about a second with XLA and several without.
	Root     string             // A folder in the clone whose notebooks are meant; empty means the working folder.
	Program  string             // How the user calls the command; empty means "go run .".
	Data     []Data             // The data sets, which the caller knows.
}

// Report is what was found.
type Report struct {
	Go           string   `json:"go"`    // Version of Go that built the program.
	GoMLX        string   `json:"gomlx"` // Version of GoMLX in it; empty if the build does not say.
	OS           string   `json:"os"`
	Arch         string   `json:"arch"`
	Cores        int      `json:"cores"` // That this program may use.
	Backend      Backend  `json:"backend"`
	Speed        *Speed   `json:"speed,omitempty"` // Nil if not measured.
	GPU          GPU      `json:"gpu"`
	Notebooks    Notebook `json:"notebooks"`
	Data         []Data   `json:"data"`
	InstallError string   `json:"install_error,omitempty"` // Why Options.Install failed.
	Fixes        []Fix    `json:"fixes"`                   // Never nil, so that it is a list in JSON.
}

// Data is a data set that is there without a download, or was downloaded.
type Data struct {
	Name     string `json:"name"`
	Examples int    `json:"examples"`
	Where    string `json:"where"` // "embedded", "made in code", or the file or folder.
}

// Fix is something missing and the one command that mends it.
type Fix struct {
	Problem string `json:"problem"`
	Command string `json:"command"`
}

// Gather makes the report. What goes wrong is in the report: there is no error.
func Gather(ctx context.Context, o Options) Report {
	if o.Program == "" {
		o.Program = "go run ."
	}
	r := Report{
		Go:    runtime.Version(),
		GoMLX: moduleVersion("github.com/gomlx/gomlx"),
		OS:    runtime.GOOS,
		Arch:  runtime.GOARCH,
		Cores: runtime.NumCPU(),
		Data:  append([]Data{}, o.Data...),
		Fixes: []Fix{},
	}
	if o.Install {
		r.install(ctx, o)
	}
	choice := r.openBackend(ctx, o)
	if choice != nil && !o.NoSpeed {
		r.measure(ctx, choice.Backend)
	}
	r.lookAtGPU(ctx)
	r.lookAtNotebooks(o)
	if choice != nil {
		choice.Backend.Finalize()
	}
	return r
}

// Notebook is what running notebooks needs.
type Notebook struct {
	JupyterLab string   `json:"jupyterlab"`        // Version in the clone's .venv; empty if it is not there.
	Kernel     string   `json:"kernel"`            // The installed kernel's description file; empty if it is not there.
	Missing    []string `json:"missing,omitempty"` // By name.
	Error      string   `json:"error,omitempty"`   // Why nothing can be said, such as no clone being here.
}

// lookAtNotebooks asks package lab what it has set up.
func (r *Report) lookAtNotebooks(o Options) {
	state, err := lab.Inspect(lab.Config{Root: o.Root})
	if err != nil {
		r.Notebooks.Error = err.Error()
		return
	}
	r.Notebooks = Notebook{JupyterLab: state.JupyterLab, Kernel: state.Kernel, Missing: state.Missing}
	if len(state.Missing) > 0 {
		r.fix("notebooks cannot run yet, for want of "+list(state.Missing), state.Mend)
	}
}

func (r *Report) fix(problem, command string) {
	r.Fixes = append(r.Fixes, Fix{Problem: problem, Command: command})
}

// moduleVersion returns the version of a module that this program was built with.
func moduleVersion(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, module := range info.Deps {
		if module.Path == path {
			return module.Version
		}
	}
	return ""
}
