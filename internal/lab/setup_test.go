package lab

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fakeGo stands for the go command: it records how it is called, and builds empty programs. With $FAIL_LINK set it
// cannot link without the C linker.
const fakeGo = `#!/bin/sh
echo "go $*" >>"$CALLS"
case "$1 $2" in
"env -json") echo '{"GOROOT": "/go", "GOVERSION": "go1.26.5", "GOFLAGS": "-mod=mod -tags=noxla", "CGO_ENABLED": "1", "GOEXPERIMENT": ""}' ;;
"build -C") for name in goimports gopls; do printf '#!/bin/sh\n' >"$5$name"; done ;;
"build -o")
	case "$FAIL_LINK:$GOFLAGS" in
	internal:*linkmode=internal*) echo "# gonb_probe"; echo "loadinternal: cannot find runtime/cgo"; exit 1 ;;
	esac
	printf '#!/bin/sh\n' >"$3"; /bin/chmod +x "$3" ;;
"list -e") echo "main github.com/ganymede-ml/ganymede"; echo "gan github.com/ganymede-ml/ganymede/gan"
	echo "cli github.com/ganymede-ml/ganymede/internal/cli" ;;
esac
`

// fakePython stands for python3: -m venv copies it, and -m pip installs nothing but the mark $VENV_MADE.
const fakePython = `#!/bin/sh
echo "python $*" >>"$CALLS"
case "$*" in
*jupyterlab*version_info* | *version_info*jupyterlab*) if [ -e "$VENV_MADE" ]; then echo "11 4.6.6"; else exit 1; fi ;;
*version_info*) echo "${FAKE_VERSION:-3 11}" ;;
"-m venv "*)
	if [ -n "$NO_VENV" ]; then echo "The virtual environment was not created successfully because ensurepip is not available."; exit 1; fi
	/bin/mkdir -p "$3/bin" && /bin/cp "$0" "$3/bin/python" ;;
"-m pip install"*)
	if [ -n "$NO_NETWORK" ]; then
		echo "WARNING: Retrying"; echo "ERROR: Could not find a version that satisfies the requirement jupyterlab==4.6.6"; echo "note: see above"; exit 1
	fi
	: >"$VENV_MADE" ;;
esac
`

// fakeMachine puts the named programs, and no other, on PATH. It returns a function that gives the calls made since the last.
func fakeMachine(t *testing.T, programs map[string]string) (calls func() []string) {
	t.Helper()
	folder := t.TempDir()
	for name, script := range programs {
		writeTestFile(t, filepath.Join(folder, "bin", name), script, 0o755)
	}
	record := filepath.Join(folder, "calls")
	t.Setenv("PATH", filepath.Join(folder, "bin"))
	t.Setenv("CALLS", record)
	t.Setenv("VENV_MADE", filepath.Join(folder, "made"))
	return func() []string {
		contents, _ := os.ReadFile(record)
		_ = os.Remove(record)
		return strings.Split(strings.TrimSpace(string(contents)), "\n")
	}
}

func TestSetup(t *testing.T) {
	calls := fakeMachine(t, map[string]string{"go": fakeGo, "python3": fakePython})
	config := Config{Root: newClone(t)}
	if err := Setup(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	state, err := Inspect(config)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(state.Missing, []string{"JupyterLab"}) { // This pip installs nothing that can be seen.
		t.Errorf("after a set-up %q are missing", state.Missing)
	}
	first := calls()
	for _, want := range []string{
		"python -m venv " + filepath.Join(config.Root, ".venv"),
		"go build -o " + filepath.Join(config.Root, ".venv/bin/gonb") + " github.com/janpfeifer/gonb",
		"go mod download",
	} {
		if !slices.Contains(first, want) {
			t.Errorf("the set-up did not call %q, but %q", want, first)
		}
	}
	if latest := slices.IndexFunc(first, func(call string) bool { return strings.Contains(call, "@latest") }); latest >= 0 {
		t.Errorf("the set-up asked for a latest version: %s", first[latest])
	}

	if err := Setup(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	for _, call := range calls() {
		isOfCells := strings.HasPrefix(call, "go build -o "+config.Root) // The go command sees that there is nothing to do.
		if !isOfCells && !strings.HasPrefix(call, "go env") && !strings.HasPrefix(call, "python -c") {
			t.Errorf("a second set-up called %q", call)
		}
	}

	writeTestFile(t, filepath.Join(config.Root, "notebooks/requirements.txt"), "jupyterlab==4.6.7\n", 0o644)
	if err := Setup(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	third := strings.Join(calls(), "\n")
	if !strings.Contains(third, "pip install") || strings.Contains(third, "-m venv") || strings.Contains(third, "gonb") {
		t.Errorf("after a change of requirements.txt pip alone has work, but these were called:\n%s", third)
	}
}

func TestSetupKernel(t *testing.T) {
	for _, test := range []struct{ failLink, wantFlags string }{
		{"", "-buildvcs=false -tags=noxla '-ldflags=-s -linkmode=internal'"},
		{"internal", "-buildvcs=false -tags=noxla '-ldflags=-s'"},
	} {
		fakeMachine(t, map[string]string{"go": fakeGo, "python3": fakePython})
		t.Setenv("FAIL_LINK", test.failLink)
		clone := newClone(t)
		if err := Setup(t.Context(), Config{Root: clone}); err != nil {
			t.Fatal(err)
		}
		contents, err := os.ReadFile(filepath.Join(clone, ".venv/share/jupyter/kernels/gonb/kernel.json"))
		if err != nil {
			t.Fatal(err)
		}
		var spec kernelSpec
		if err := json.Unmarshal(contents, &spec); err != nil {
			t.Fatal(err)
		}
		bin := filepath.Join(clone, ".venv/bin")
		if want := []string{filepath.Join(bin, "gonb"), "--kernel", "{connection_file}", "-go_work=" + clone}; !slices.Equal(spec.Argv[:4], want) {
			t.Errorf("the kernel is called with %q, want %q", spec.Argv, want)
		}
		for name, want := range map[string]string{
			"GOFLAGS": test.wantFlags, "GOPROXY": "off", "PATH": clone + "/.venv/libexec/ganymede:" + bin + ":/go/bin:${PATH}", goVariable: "/go/bin/go", commandVariable: bin + "/ganymede", "CGO_ENABLED": "1",
		} {
			if spec.Env[name] != want {
				t.Errorf("FAIL_LINK %q: the kernel's %s is %q, want %q", test.failLink, name, spec.Env[name], want)
			}
		}
	}
}

// A module that does not build, as in the middle of a change to it, does not keep notebooks from opening.
func TestSetupBrokenModule(t *testing.T) {
	calls := fakeMachine(t, map[string]string{"go": strings.ReplaceAll(fakeGo, `"list -e")`, `"get ") echo "gan/gan.go:3:1: syntax error"; exit 1 ;;
"list -e")`), "python3": fakePython})
	var said []string
	config := Config{Root: newClone(t), Progress: func(line string) { said = append(said, line) }}
	if err := Setup(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	if last := said[len(said)-1]; !strings.Contains(last, "gan/gan.go:3:1: syntax error") {
		t.Errorf("the last word is %q, want the compiler's error", last)
	}
	calls()
	if err := Setup(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(calls(), "go get") {
		t.Error("the next set-up did not try again")
	}
}

func TestSetupErrors(t *testing.T) {
	for _, test := range []struct {
		name     string
		programs map[string]string
		variable string
		want     []string
	}{
		{"no Go", map[string]string{"python3": fakePython}, "", []string{"go command", "https://go.dev/dl"}},
		{"no Python", map[string]string{"go": fakeGo}, "", []string{"python3", "apt install python3"}},
		{"old Python", map[string]string{"go": fakeGo, "python3": fakePython}, "FAKE_VERSION=3 9", []string{"Python 3.9", "3.11"}},
		{"no venv", map[string]string{"go": fakeGo, "python3": fakePython}, "NO_VENV=1", []string{"apt install python3-venv"}},
		{"no network", map[string]string{"go": fakeGo, "python3": fakePython}, "NO_NETWORK=1",
			[]string{"pip", "ERROR: Could not find a version that satisfies the requirement jupyterlab==4.6.6", "network"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			fakeMachine(t, test.programs)
			config := Config{Root: newClone(t)}
			if name, value, ok := strings.Cut(test.variable, "="); ok {
				t.Setenv(name, value)
			}
			wantError(t, Setup(t.Context(), config), test.want...)
			if state, err := Inspect(config); err != nil || state.Kernel != "" {
				t.Errorf("a kernel was installed all the same: %+v, %v", state, err)
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		fakeMachine(t, map[string]string{"go": fakeGo, "python3": fakePython})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		wantError(t, Setup(ctx, Config{Root: newClone(t)}), "context canceled")
	})
}
