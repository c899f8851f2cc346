package doctor

import (
	"fmt"
	"io"
	"strings"

	"github.com/ganymede-ml/ganymede/xla"
)

// WriteText writes the report for people: a line for each fact, then what to mend. Errors of w are ignored, as fmt.Println's
// usually are.
func (r Report) WriteText(w io.Writer) {
	line := func(name, format string, arguments ...any) {
		_, _ = fmt.Fprintf(w, "%-12s %s\n", name, fmt.Sprintf(format, arguments...))
	}
	line("Go", "%s, %s/%s, %d cores", r.Go, r.OS, r.Arch, r.Cores)
	if r.GoMLX != "" {
		line("GoMLX", "%s", r.GoMLX)
	}
	r.writeBackend(line)
	r.writeSpeed(line)
	r.writeGPU(line)
	r.writeNotebooks(line)
	for _, data := range r.Data {
		line("data", "%s", data)
	}
	if r.InstallError != "" {
		line("install", "%s", r.InstallError)
	}
	if len(r.Fixes) == 0 {
		_, _ = fmt.Fprintln(w, "\nNothing is missing.")
		return
	}
	_, _ = fmt.Fprintln(w, "\nTo mend:")
	for _, fix := range r.Fixes {
		_, _ = fmt.Fprintf(w, "- %s\n      %s\n", fix.Problem, fix.Command)
	}
}

type lineWriter func(name, format string, arguments ...any)

func (r Report) writeBackend(line lineWriter) {
	backend := r.Backend
	if backend.Error != "" {
		line("backend", "none: %s", backend.Error)
		return
	}
	line("backend", "%s, opened in %.2f s", kindName(backend), backend.Opened)
	if backend.Plugin != "" {
		line("plugin", "%s, PJRT %s, checksum %s", backend.Plugin, backend.PJRT, backend.Checksum)
	}
	for _, device := range backend.Devices {
		line("device", "%s", device)
	}
	if backend.Note != "" {
		line("note", "%s", backend.Note)
	}
}

func kindName(backend Backend) string {
	switch backend.Kind {
	case xla.CUDA:
		return "XLA on an NVIDIA GPU"
	case xla.CPU:
		return "XLA on the processor"
	case xla.Go:
		return "pure Go"
	}
	return backend.Name
}

func (r Report) writeSpeed(line lineWriter) {
	switch {
	case r.Speed == nil:
	case r.Speed.Error != "":
		line("speed", "not measured: %s", r.Speed.Error)
	default:
		line("matrix", "%.3g GFLOP/s (1024×1024 by 1024×1024)", r.Speed.Matrix)
		line("convolution", "%.3g GFLOP/s (64 images 14×14, 64 to 128 channels, 5×5, stride 2)", r.Speed.Convolution)
	}
}

func (r Report) writeGPU(line lineWriter) {
	if !r.GPU.Driver && len(r.GPU.Cards) == 0 {
		line("GPU", "no NVIDIA driver")
		return
	}
	line("GPU", "%s", strings.TrimSpace("NVIDIA driver "+r.GPU.Version))
	for _, card := range r.GPU.Cards {
		line("GPU", "%s", card)
	}
}

func (r Report) writeNotebooks(line lineWriter) {
	switch {
	case r.Notebooks.Error != "":
		line("notebooks", "%s", r.Notebooks.Error)
	case len(r.Notebooks.Missing) > 0:
		line("notebooks", "missing: %s", list(r.Notebooks.Missing))
	default:
		line("notebooks", "JupyterLab %s, kernel %s", r.Notebooks.JupyterLab, r.Notebooks.Kernel)
	}
}

// String is one line about a data set.
func (d Data) String() string {
	if d.Examples == 0 {
		return fmt.Sprintf("%s, %s", d.Name, d.Where)
	}
	return fmt.Sprintf("%s, %d examples, %s", d.Name, d.Examples, d.Where)
}

// list joins names as in a sentence.
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
