package xla

import (
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

// runs checks that a choice's backend computes.
func runs(t *testing.T, choice *Choice) {
	t.Helper()
	result, err := graph.CallOnce(choice.Backend, func(x *graph.Node) *graph.Node {
		return graph.ReduceAllSum(graph.Mul(x, x))
	}, []float32{1, 2, 3})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if got := tensors.ToScalar[float32](result); got != 14 {
		t.Errorf("got %g, want 1 + 4 + 9", got)
	}
}

func TestGoIsTheFallback(t *testing.T) {
	isolate(t)
	choice, err := Open(t.Context(), Options{NoInstall: true})
	if err != nil {
		t.Fatal(err)
	}
	if choice.Kind != Go || choice.Plugin != "" || choice.PJRT != "" || choice.Note == "" || strings.Contains(choice.Note, "\n") {
		t.Errorf("got %+v", choice)
	}
	runs(t, choice)

	t.Setenv(NoInstallEnv, "")
	backend, err := New()
	if err != nil || backend.Name() != "Go Backend" {
		t.Errorf("New: %v, error %v", backend, err)
	}
}

func TestGoNoteSaysWhyInstallingFailed(t *testing.T) {
	if !linked {
		t.Skip(unlinkedReason)
	}
	dir := isolate(t)
	t.Setenv(WheelEnv, filepath.Join(dir, "none.whl"))
	choice, err := Open(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if choice.Kind != Go || !strings.Contains(choice.Note, "none.whl is not a file") || !strings.Contains(choice.Note, cpuMend) {
		t.Errorf("got %+v", choice)
	}
}

func TestNamedBackend(t *testing.T) {
	dir := isolate(t)
	text := write(t, filepath.Join(dir, "text.so"), "no library", 0o644)
	t.Setenv(BackendEnv, "go")
	choice, err := Open(t.Context(), Options{})
	if err != nil || choice.Kind != Go {
		t.Fatalf("got %+v, error %v", choice, err)
	}
	for value, parts := range map[string][]string{
		"gpu":                   {`no backend "gpu"`, "go", "xla"},
		"xla:/none/x.so":        {"/none/x.so", "no such file"},
		"xla:" + dir:            {dir, "not a file"},
		"xla:" + text:           {text, "not a shared library"},
		"xla:text.so,tf32=true": {text, "not a shared library"},
		"xla:cuda":              {"no NVIDIA driver"},
		"xla:cpu":               {cpuMend},
		"xla":                   {"no NVIDIA driver", cpuMend},
		"xla:tpu":               {`no plugin named "tpu"`},
	} {
		t.Setenv(BackendEnv, value)
		choice, err := Open(t.Context(), Options{NoInstall: true})
		if err == nil {
			t.Errorf("%s: opened %+v", value, choice)
			continue
		}
		want := []string{BackendEnv, `"` + value + `"`, "unset it"}
		if linked || value == "gpu" {
			want = append(want, parts...)
		} else {
			want = append(want, "built without XLA")
		}
		wantError(t, err, want...)
	}
}

func TestCorruptPluginIsAnError(t *testing.T) {
	if !linked {
		t.Skip(unlinkedReason)
	}
	dir := isolate(t)
	file := installed(t, "")
	write(t, file, "short", 0o644)
	_, err := Open(t.Context(), Options{NoInstall: true})
	wantError(t, err, "xla: plugin "+file+" is corrupt", "delete it")
	if !errors.Is(err, ErrCorrupt) {
		t.Errorf("not an ErrCorrupt: %v", err)
	}

	// The same where installing is allowed but fails.
	t.Setenv(WheelEnv, filepath.Join(dir, "none.whl"))
	if _, err := New(); !errors.Is(err, ErrCorrupt) {
		t.Errorf("not an ErrCorrupt: %v", err)
	}
}

func TestDamagedForeignPluginIsPassedOver(t *testing.T) {
	if !linked || runtime.GOOS != "linux" {
		t.Skip("needs XLA on Linux")
	}
	dir := isolate(t)
	file := write(t, filepath.Join(dir, "path/pjrt_c_api_cpu_plugin.so"), "no library", 0o644)
	t.Setenv(PathEnv, filepath.Dir(file))
	choice, err := Open(t.Context(), Options{NoInstall: true})
	if err != nil || choice.Kind != Go || !strings.Contains(choice.Note, file) {
		t.Errorf("got %+v, error %v", choice, err)
	}
}

func TestCUDANote(t *testing.T) {
	if !linked {
		t.Skip(unlinkedReason)
	}
	dir := isolate(t)
	hasNVIDIA = func() bool { return true }
	choice, err := Open(t.Context(), Options{NoInstall: true})
	if err != nil || !strings.Contains(choice.Note, "pip install") {
		t.Errorf("without a plugin: %+v, error %v", choice, err)
	}
	file := write(t, filepath.Join(dir, "path/xla_cuda_plugin.so"), "no library", 0o644)
	t.Setenv(PathEnv, filepath.Dir(file))
	choice, err = Open(t.Context(), Options{NoInstall: true})
	if err != nil || !strings.Contains(choice.Note, file) {
		t.Errorf("with a damaged one: %+v, error %v", choice, err)
	}
}

func TestRealPlugin(t *testing.T) {
	file := realPlugin(t)
	isolate(t)
	t.Setenv(PathEnv, file)
	hasNVIDIA = func() bool { return true } // And no CUDA plugin: the note must say so.
	start := time.Now()
	choice, err := Open(t.Context(), Options{NoInstall: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s, PJRT %s, opened in %s", file, choice.PJRT, time.Since(start))
	if choice.Kind != CPU || choice.Plugin != file || !strings.HasPrefix(choice.PJRT, "0.") || !strings.Contains(choice.Note, "CUDA") {
		t.Errorf("got %+v", choice)
	}
	if devices := choice.Backend.NumDevices(); devices != 1 {
		t.Errorf("%d devices, want 1", devices)
	}
	runs(t, choice)

	for _, value := range []string{"xla:" + file, "xla:cpu", "xla", "xla:" + file + ",tf32=false"} {
		t.Setenv(BackendEnv, value)
		choice, err := Open(t.Context(), Options{NoInstall: true})
		if err != nil || choice.Plugin != file {
			t.Errorf("%s: %+v, error %v", value, choice, err)
		}
	}
	t.Setenv(BackendEnv, "xla:"+file+",bogus=1")
	_, err = Open(t.Context(), Options{})
	wantError(t, err, BackendEnv, "bogus")
}

// A plugin cut short must be refused: the system's loader would end the program on it.
func TestCheckLibrary(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("libraries are looked into on Linux only")
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, checkLibrary(program), program) // An executable, but no plugin.

	bytes, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cut := write(t, filepath.Join(dir, "cut.so"), string(bytes[:len(bytes)/2]), 0o644)
	wantError(t, checkLibrary(cut), cut)
	binary.LittleEndian.PutUint16(bytes[18:], uint16(elf.EM_S390))
	other := write(t, filepath.Join(dir, "other.so"), string(bytes), 0o644)
	wantError(t, checkLibrary(other), other, "another processor")
}
