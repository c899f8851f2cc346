package doctor

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/ganymede-ml/ganymede/xla"
	"github.com/gomlx/compute"
	"github.com/pkg/errors"
)

// Backend is the engine that a program would get here.
type Backend struct {
	Kind     string   `json:"kind"` // "cuda", "cpu" or "go"; empty if none opens.
	Name     string   `json:"name"` // What the backend calls itself.
	Plugin   string   `json:"plugin,omitempty"`
	Checksum string   `json:"checksum,omitempty"` // Of the plugin: "right", "wrong" or "not recorded".
	PJRT     string   `json:"pjrt,omitempty"`     // Version of the plugin's interface.
	Devices  []string `json:"devices"`
	Opened   float64  `json:"opened_seconds"` // How long it took to open.
	Note     string   `json:"note,omitempty"` // What stood in the way of a faster one.
	Error    string   `json:"error,omitempty"`
}

// Values of Backend.Checksum.
const (
	checksumRight = "right"
	checksumWrong = "wrong"
	checksumNone  = "not recorded"
)

// install installs the plugin, or puts it right.
func (r *Report) install(ctx context.Context, o Options) {
	if _, err := xla.Install(ctx, xla.Options{Progress: o.Progress}); err != nil {
		r.InstallError = err.Error()
		if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" { // The wheel is for that.
			r.fix("the XLA plugin could not be installed: try again with a network", o.Program+" doctor --install")
			return
		}
		r.fix("the XLA plugin could not be installed: on a machine with a network get its wheel, copy it here, and install "+
			"from it with "+xla.WheelEnv+"=FILE "+o.Program+" doctor --install", xla.WheelCommand)
	}
}

// openBackend opens the backend as any program would, but installs nothing, and describes it. It returns nil if none opens.
func (r *Report) openBackend(ctx context.Context, o Options) *xla.Choice {
	start := time.Now()
	choice, err := xla.Open(ctx, xla.Options{NoInstall: true})
	install := o.Program + " doctor --install"
	if err != nil {
		r.Backend = Backend{Error: err.Error(), Devices: []string{}}
		if errors.Is(err, xla.ErrCorrupt) && os.Getenv(xla.BackendEnv) == "" {
			r.fix(err.Error(), install)
		} else {
			r.fix(err.Error(), "unset "+xla.BackendEnv)
		}
		return nil
	}
	r.Backend = Backend{
		Kind:    choice.Kind,
		Name:    choice.Backend.Name(),
		Plugin:  choice.Plugin,
		PJRT:    choice.PJRT,
		Devices: devices(choice.Backend),
		Opened:  time.Since(start).Seconds(),
		Note:    choice.Note,
	}
	if choice.Plugin != "" {
		r.verify(choice.Plugin, install)
	}
	if choice.Kind == xla.Go {
		r.fix("the pure Go backend is used, which is several times slower than XLA", goMend(install))
	} else if choice.Kind != xla.CUDA && xla.HasNVIDIA() && os.Getenv(xla.BackendEnv) == "" {
		r.fix("an NVIDIA driver is here but XLA runs on the processor", xla.CUDACommand)
	}
	return choice
}

// verify hashes the plugin: opening it only looks at its size and time.
func (r *Report) verify(file, install string) {
	recorded, err := xla.Verify(file)
	switch {
	case err != nil:
		r.Backend.Checksum = checksumWrong
		r.fix(err.Error(), install)
	case recorded:
		r.Backend.Checksum = checksumRight
	default:
		r.Backend.Checksum = checksumNone
	}
}

// goMend is the command that leads away from the pure Go backend.
func goMend(install string) string {
	if os.Getenv(xla.BackendEnv) != "" {
		return "unset " + xla.BackendEnv
	}
	if xla.Linked() {
		return install
	}
	for _, compiler := range []string{os.Getenv("CC"), "gcc", "clang"} {
		if _, err := exec.LookPath(compiler); err == nil {
			return "CGO_ENABLED=1 " + install // Without -tags noxla.
		}
	}
	return "sudo apt-get install gcc libc6-dev" // Without a C compiler Go builds without cgo, so without XLA.
}

func devices(backend compute.Backend) []string {
	list := make([]string, backend.NumDevices())
	for i := range list {
		list[i] = backend.DeviceDescription(compute.DeviceNum(i))
	}
	return list
}
