package lab

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A module of someone's own that requires Ganymede has its own .venv, and cells that import both.
func TestModuleOfOnesOwn(t *testing.T) {
	clone, home := newClone(t), t.TempDir()
	home, err := filepath.EvalSymlinks(home)
	if err != nil {
		t.Fatal(err)
	}
	writeTestFile(t, filepath.Join(home, "go.mod"), "module example.com/play\n\ngo 1.26\n\nrequire "+modulePath+" v0.0.0\n\nreplace "+
		modulePath+" => "+clone+"\n", 0o644)
	l, err := newLab(Config{Root: filepath.Join(home)})
	if err != nil {
		t.Fatal(err)
	}
	if l.home != home || l.root != clone {
		t.Errorf("home %s, root %s, want %s, %s", l.home, l.root, home, clone)
	}
	if want := filepath.Join(home, ".venv", "bin", "python"); l.python() != want {
		t.Errorf("python is %s, want %s", l.python(), want)
	}
	if spec := l.newKernelSpec(goEnvironment{}, ""); !slices.Contains(spec.Argv, "-go_work="+home+","+clone) {
		t.Errorf("the kernel is called with %q", spec.Argv)
	}
}

func TestModuleWithoutGanymede(t *testing.T) {
	home := t.TempDir()
	writeTestFile(t, filepath.Join(home, "go.mod"), "module example.com/play\n\ngo 1.26\n", 0o644)
	_, err := newLab(Config{Root: home})
	wantError(t, err, "does not require Ganymede", "go get "+modulePath, "clone")
}

// Where Ganymede comes from the module cache the tools are named with their versions: those of tools/go.mod.
func TestToolsAreThoseOfTheClone(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("..", "..", "tools", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for tool, module := range map[string]string{goimportsTool: "golang.org/x/tools", goplsTool: "golang.org/x/tools/gopls"} {
		_, version, _ := strings.Cut(tool, "@")
		if !strings.Contains(string(content), module+" "+version) {
			t.Errorf("tools/go.mod has no %s %s", module, version)
		}
	}
}
