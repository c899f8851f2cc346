package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ganymede-ml/ganymede/xla"
	"github.com/gomlx/compute/gobackend"
)

// isolate hides this machine's plugins, programs and settings from a test, which then runs in an empty folder.
func isolate(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	t.Chdir(dir)
	for name, value := range map[string]string{
		"HOME": filepath.Join(dir, "home"), "PATH": filepath.Join(dir, "bin"), xla.CacheEnv: filepath.Join(dir, "cache"),
		xla.BackendEnv: "", xla.PathEnv: "", xla.WheelEnv: "", "VIRTUAL_ENV": "", "CC": "",
	} {
		t.Setenv(name, value)
	}
	return dir
}

func write(t *testing.T, file, text string, mode os.FileMode) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return file
}

// fixFor returns the command for the first problem that contains text.
func fixFor(t *testing.T, r Report, text string) string {
	t.Helper()
	for _, fix := range r.Fixes {
		if strings.Contains(fix.Problem, text) {
			return fix.Command
		}
	}
	t.Errorf("no fix for %q among %+v", text, r.Fixes)
	return ""
}

func TestGoBackendByName(t *testing.T) {
	isolate(t)
	t.Setenv(xla.BackendEnv, "go")
	r := Gather(t.Context(), Options{NoSpeed: true})
	if r.Backend.Kind != xla.Go || len(r.Backend.Devices) != 1 || r.Backend.Plugin != "" || r.Speed != nil {
		t.Errorf("got %+v", r)
	}
	if got := fixFor(t, r, "pure Go"); got != "unset GOMLX_BACKEND" {
		t.Errorf("fix: %s", got)
	}
}

func TestBackendThatDoesNotLoad(t *testing.T) {
	isolate(t)
	t.Setenv(xla.BackendEnv, "xla:/none.so")
	r := Gather(t.Context(), Options{}) // Nothing to measure, and no panic over it.
	if r.Backend.Kind != "" || !strings.Contains(r.Backend.Error, "xla:/none.so") || r.Speed != nil {
		t.Errorf("got %+v", r.Backend)
	}
	if got := fixFor(t, r, "does not load"); got != "unset GOMLX_BACKEND" {
		t.Errorf("fix: %s", got)
	}
}

func TestWithoutXLA(t *testing.T) {
	if xla.Linked() {
		t.Skip("this program has XLA")
	}
	dir := isolate(t)
	if got := fixFor(t, Gather(t.Context(), Options{NoSpeed: true}), "pure Go"); !strings.Contains(got, "install gcc") {
		t.Errorf("without a compiler: %s", got)
	}
	write(t, filepath.Join(dir, "bin/gcc"), "", 0o755)
	if got := fixFor(t, Gather(t.Context(), Options{NoSpeed: true}), "pure Go"); got != "CGO_ENABLED=1 go run . doctor --install" {
		t.Errorf("with one: %s", got)
	}
}

func TestInstallThatFails(t *testing.T) {
	dir := isolate(t)
	t.Setenv(xla.BackendEnv, "go")
	t.Setenv(xla.WheelEnv, filepath.Join(dir, "none.whl"))
	r := Gather(t.Context(), Options{Install: true, NoSpeed: true})
	if !strings.Contains(r.InstallError, "none.whl") {
		t.Errorf("install error: %q", r.InstallError)
	}
	fixFor(t, r, "could not be installed")
}

// realPlugin returns a CPU plugin of this machine, or skips the test. Call it before isolate.
func realPlugin(t *testing.T) string {
	t.Helper()
	if !xla.Linked() {
		t.Skip("this program has no XLA")
	}
	if file, found := strings.CutPrefix(os.Getenv(xla.BackendEnv), "xla:"); found && isFile(file) {
		return file
	}
	plugins := xla.Plugins(t.Context(), xla.Options{}, xla.CPU)
	if len(plugins) == 0 {
		t.Skip("no CPU plugin on this machine")
	}
	return plugins[0].File
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func TestRealPlugin(t *testing.T) {
	file := realPlugin(t)
	dir := isolate(t)
	link := filepath.Join(dir, "path/pjrt_c_api_cpu_plugin.so")
	if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	t.Setenv(xla.BackendEnv, "xla:"+link)
	r := Gather(t.Context(), Options{})
	if r.Backend.Kind != xla.CPU || r.Backend.Plugin != link || r.Backend.PJRT == "" || r.Backend.Checksum != checksumNone {
		t.Errorf("got %+v", r.Backend)
	}
	if r.Speed == nil || r.Speed.Error != "" || r.Speed.Matrix <= 0 || r.Speed.Convolution <= 0 {
		t.Errorf("speed: %+v", r.Speed)
	}

	// A checksum file that says otherwise keeps it from opening.
	write(t, link+".sha256", strings.Repeat("0", 64)+"  plugin\n", 0o644)
	r = Gather(t.Context(), Options{})
	if !strings.Contains(r.Backend.Error, "corrupt") {
		t.Errorf("got %+v", r.Backend)
	}
}

func TestCorruptInstalledPlugin(t *testing.T) {
	if !xla.Linked() {
		t.Skip("this program has no XLA")
	}
	dir := isolate(t)
	folder := filepath.Join(dir, "path")
	t.Setenv(xla.PathEnv, folder)
	file := write(t, filepath.Join(folder, "pjrt_c_api_cpu_plugin.so"), "x", 0o644)
	write(t, file+".sha256", strings.Repeat("0", 64)+"  plugin\n", 0o644)
	r := Gather(t.Context(), Options{Program: "ganymede"})
	if got := fixFor(t, r, file+" is corrupt"); got != "ganymede doctor --install" {
		t.Errorf("fix: %s", got)
	}
}

func TestSpeed(t *testing.T) {
	backend, err := gobackend.New("")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	speed, err := convolution(t.Context(), backend, 2)
	if err != nil {
		t.Fatal(err)
	}
	// A run, which is 2·7·7·128·5·5·64·2 operations, cannot have taken longer than all of the measurement.
	if least := 2 * 7 * 7 * 128 * 5 * 5 * 64 * 2 / time.Since(start).Seconds() / 1e9; speed < least || speed > 1e6 {
		t.Errorf("%g GFLOP/s, want at least %g", speed, least)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := convolution(ctx, backend, 2); err == nil {
		t.Error("measured although cancelled")
	}
}

func TestGPU(t *testing.T) {
	dir := isolate(t)
	defer func(file string) { driverVersionFile = file }(driverVersionFile)
	driverVersionFile = write(t, filepath.Join(dir, "version"), "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.1\nGCC\n", 0o644)
	write(t, filepath.Join(dir, "bin/nvidia-smi"), "#!/bin/sh\necho 'Tesla T4, 3 MiB, 15360 MiB, 0 %'\necho\n", 0o755)
	var r Report
	r.lookAtGPU(t.Context())
	if r.GPU.Version != "NVIDIA UNIX x86_64 Kernel Module 580.1" || len(r.GPU.Cards) != 1 || r.GPU.Cards[0] != "Tesla T4, 3 MiB, 15360 MiB, 0 %" {
		t.Errorf("got %+v", r.GPU)
	}
}

func TestNotebooks(t *testing.T) {
	dir := isolate(t)
	var r Report
	r.lookAtNotebooks(Options{})
	if r.Notebooks.Error == "" || len(r.Fixes) != 0 {
		t.Errorf("outside a clone: %+v", r)
	}
	write(t, filepath.Join(dir, "go.mod"), "module github.com/ganymede-ml/ganymede\n", 0o644)
	write(t, filepath.Join(dir, ".venv/lib/python3.12/site-packages/jupyterlab-4.6.1.dist-info/METADATA"), "", 0o644)
	r = Report{}
	r.lookAtNotebooks(Options{})
	if r.Notebooks.JupyterLab != "4.6.1" || len(r.Notebooks.Missing) == 0 || len(r.Fixes) != 1 || r.Fixes[0].Command == "" {
		t.Errorf("half set up: %+v", r)
	}
}

func TestTextAndJSON(t *testing.T) {
	isolate(t)
	t.Setenv(xla.BackendEnv, "go")
	r := Gather(t.Context(), Options{NoSpeed: true, Data: []Data{{"digits", 10_000, "embedded"}, {"rings", 0, "made in code"}}})
	r.Speed = &Speed{Matrix: 123.4, Convolution: 56.7}
	var text bytes.Buffer
	r.WriteText(&text)
	for _, want := range []string{"backend      pure Go", "matrix       123 GFLOP/s", "convolution  56.7 GFLOP/s", "data         digits, 10000 examples, embedded",
		"rings, made in code", "To mend:", "      unset GOMLX_BACKEND"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("text lacks %q:\n%s", want, text.String())
		}
	}

	encoded, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var decoded struct {
		Backend struct {
			Kind    string   `json:"kind"`
			Devices []string `json:"devices"`
		} `json:"backend"`
		Speed map[string]float64  `json:"speed"`
		Data  []map[string]any    `json:"data"`
		Fixes []map[string]string `json:"fixes"`
		GPU   map[string]any      `json:"gpu"`
	}
	if err := json.Unmarshal(encoded, &decoded); err != nil {
		t.Fatal(err)
	}
	if decoded.Backend.Kind != "go" || len(decoded.Backend.Devices) != 1 || decoded.Speed["matrix_gflops"] != 123.4 ||
		len(decoded.Data) != 2 || decoded.Fixes[0]["command"] == "" || decoded.GPU["cards"] == nil {
		t.Errorf("got %s", encoded)
	}

	r.Fixes = nil
	text.Reset()
	r.WriteText(&text)
	if !strings.Contains(text.String(), "Nothing is missing.") {
		t.Errorf("got %s", text.String())
	}
}
