package lab

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// newClone makes a folder that looks like a clone, and returns its path.
func newClone(t *testing.T) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, contents := range map[string]string{
		"go.mod":                     "// A comment.\nmodule github.com/ganymede-ml/ganymede // Another.\n\ngo 1.26.5\n",
		"go.sum":                     "",
		"tools/go.mod":               "module github.com/ganymede-ml/ganymede/tools\n",
		"tools/go.sum":               "",
		"notebooks/requirements.txt": "jupyterlab==4.6.6\n",
	} {
		writeTestFile(t, filepath.Join(root, name), contents, 0o644)
	}
	return root
}

func writeTestFile(t *testing.T, path, contents string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(contents), mode); err != nil {
		t.Fatal(err)
	}
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q has no %q", err, part)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error has more than one line: %q", err)
	}
}

func TestRoot(t *testing.T) {
	clone := newClone(t)
	inside := filepath.Join(clone, "tools") // Has a go.mod too, of another module.
	for _, dir := range []string{clone, inside} {
		if root, err := Root(dir); err != nil || root != clone {
			t.Errorf("Root(%s) = %s, %v, want %s", dir, root, err, clone)
		}
	}
	elsewhere := t.TempDir()
	_, err := Root(elsewhere)
	wantError(t, err, elsewhere, "git clone https://github.com/ganymede-ml/ganymede")
}

func TestInspect(t *testing.T) {
	clone := newClone(t)
	state, err := Inspect(Config{Root: clone})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"JupyterLab", "gonb", "goimports", "gopls", "kernel gonb"}
	if !slices.Equal(state.Missing, want) || state.Mend == "" || state.JupyterLab != "" || state.Kernel != "" {
		t.Errorf("before a set-up: %+v, want %q missing, and a mend", state, want)
	}
	kernel := filepath.Join(clone, ".venv/share/jupyter/kernels/gonb/kernel.json")
	good := `{"argv": ["` + filepath.Join(clone, ".venv/bin/gonb") + `", "--kernel", "{connection_file}", "-go_work=` + clone + `"], "env": {"GANYMEDE_LAB": "1"}}`
	for _, path := range []string{filepath.Join(clone, ".venv/bin/gonb"), filepath.Join(clone, ".venv/bin/goimports"),
		filepath.Join(clone, ".venv/lib/python3.11/site-packages/jupyterlab-4.6.6.dist-info/METADATA"),
		filepath.Join(clone, ".venv/lib/python3.11/site-packages/jupyterlab_server-2.28.1.dist-info/METADATA")} {
		writeTestFile(t, path, "", 0o755)
	}
	writeTestFile(t, kernel, good, 0o644)
	state, err = Inspect(Config{Root: filepath.Join(clone, "notebooks")})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(state.Missing, []string{"gopls"}) || state.JupyterLab != "4.6.6" || state.Kernel != kernel || state.Root != clone {
		t.Errorf("with everything but gopls: %+v", state)
	}
	for old, want := range map[string]string{
		strings.Replace(good, "GANYMEDE_LAB", "OTHER", 1):        "earlier version",
		strings.Replace(good, "-go_work="+clone, "-go_work=", 1): "another folder",
		"{": "not readable",
	} {
		writeTestFile(t, kernel, old, 0o644)
		state, err := Inspect(Config{Root: clone})
		if err != nil || len(state.Missing) != 2 || !strings.Contains(state.Missing[1], want) {
			t.Errorf("with the kernel %s: %+v, %v, want %q to be said", old, state, err, want)
		}
	}
}
