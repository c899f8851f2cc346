package xla

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestPluginsOrder(t *testing.T) {
	dir := isolate(t)
	packages := "lib/python3.12/site-packages/"
	venv := filepath.Join(dir, "venv")
	t.Setenv(PathEnv, filepath.Join(dir, "path"))
	t.Setenv("VIRTUAL_ENV", venv)
	write(t, filepath.Join(dir, "bin/python3"), fmt.Sprintf("#!/bin/sh\necho '%s'\n", filepath.Join(dir, "py thon")), 0o755)

	want := []Plugin{
		{write(t, filepath.Join(dir, "path/pjrt_c_api_cpu_v0.1_plugin.so"), "", 0o644), CPU, fromPath},
		{write(t, filepath.Join(dir, "cache/pjrt", pluginVersion, pluginFile), "", 0o644), CPU, fromCache},
		{write(t, filepath.Join(dir, "home/.local/lib/go-xla/pjrt_c_api_cpu_plugin.so"), "", 0o644), CPU, fromGoXLA},
		{write(t, filepath.Join(venv, packages, "lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so"), "", 0o644), CPU, fromVenv},
		{write(t, filepath.Join(venv, packages, "fastatomstruct_xla_cpu/libpjrt_cpu.so"), "", 0o644), CPU, fromVenv},
		{write(t, filepath.Join(dir, ".venv", packages, "xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so"), "", 0o644), CPU, fromDotVenv},
		{write(t, filepath.Join(dir, "py thon/lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so"), "", 0o644), CPU, fromPython},
	}
	if got := Plugins(t.Context(), Options{}, CPU); !slices.Equal(got, want) {
		t.Errorf("got\n%v, want\n%v", got, want)
	}
	if got := Plugins(t.Context(), Options{}, CUDA); len(got) != 0 {
		t.Errorf("CUDA plugins where there are none: %v", got)
	}

	cuda12 := write(t, filepath.Join(venv, packages, "jax_plugins/xla_cuda12/xla_cuda_plugin.so"), "", 0o644)
	cuda13 := write(t, filepath.Join(venv, packages, "jax_plugins/xla_cuda13/xla_cuda_plugin.so"), "", 0o644)
	want = []Plugin{{cuda13, CUDA, fromVenv}, {cuda12, CUDA, fromVenv}}
	if got := Plugins(t.Context(), Options{}, CUDA); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}

	// A file in the path variable counts too, and nothing is found twice.
	t.Setenv(PathEnv, cuda12+string(os.PathListSeparator)+cuda12)
	want = []Plugin{{cuda12, CUDA, fromPath}, {cuda13, CUDA, fromVenv}}
	if got := Plugins(t.Context(), Options{}, CUDA); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestDotVenvStopsAtModule(t *testing.T) {
	dir := isolate(t)
	folder := filepath.Join(dir, "module/.venv/lib/python3.11/site-packages")
	outside := filepath.Join(dir, ".venv/lib/python3.11/site-packages")
	below := filepath.Join(dir, "module/notebooks/deep")
	for _, path := range []string{folder, outside, below} {
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(below)
	if got := dotVenvFolders(); len(got) != 0 {
		t.Errorf("outside a module: got %v", got)
	}
	write(t, filepath.Join(dir, "module/go.mod"), "module m\n", 0o644)
	if got := dotVenvFolders(); !slices.Equal(got, []string{folder}) {
		t.Errorf("got %v, want %s only", got, folder)
	}
}

func TestPythonIsNotWaitedFor(t *testing.T) {
	dir := isolate(t)
	write(t, filepath.Join(dir, "bin/python3"), "#!/bin/sh\nexec /bin/sleep 60\n", 0o755)
	defer func(timeout time.Duration) { pythonTimeout = timeout }(pythonTimeout)
	pythonTimeout = 200 * time.Millisecond
	start := time.Now()
	if got := pythonFolders(t.Context()); len(got) != 0 {
		t.Errorf("got %v", got)
	}
	if took := time.Since(start); took > pythonTimeout+5*time.Second {
		t.Errorf("took %s", took)
	}
}

func TestKindOf(t *testing.T) {
	for file, want := range map[string]string{
		"/a/cuda/pjrt_c_api_cpu_plugin.so":      CPU,
		"/a/libpjrt_cpu.so":                     CPU,
		"/a/cpu/xla_cuda_plugin.so":             CUDA,
		"/a/pjrt_c_api_cuda_v0.114.0_plugin.so": CUDA,
		"/a/pjrt_c_api_tpu_plugin.so":           "tpu",
	} {
		if got := kindOf(file); got != want {
			t.Errorf("%s: got %s, want %s", file, got, want)
		}
	}
}

func TestFolderWithPatternInItsName(t *testing.T) {
	dir := isolate(t)
	file := write(t, filepath.Join(dir, "a[b]*?/pjrt_c_api_cpu_plugin.so"), "", 0o644)
	if got := folderFiles(filepath.Dir(file), CPU); !slices.Equal(got, []string{file}) {
		t.Errorf("got %v, want %s", got, file)
	}
}
