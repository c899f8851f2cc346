package atomicfile_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ganymede-ml/ganymede/internal/atomicfile"
)

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b", "file")
	for _, want := range []string{"first", "second, longer", ""} {
		if err := atomicfile.Write(path, []byte(want)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("%d files are left, want 1", len(entries))
	}
}

// TestFailure leaves what was there, and nothing else.
func TestFailure(t *testing.T) {
	folder := t.TempDir()
	target := filepath.Join(folder, "file")
	if err := os.MkdirAll(filepath.Join(target, "in the way"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := atomicfile.Write(target, []byte("x")); err == nil {
		t.Error("a folder was overwritten")
	}
	if err := atomicfile.Write(filepath.Join(target, "in the way", "..", "..", "file", "in the way"), nil); err == nil {
		t.Error("a folder was overwritten")
	}
	if entries, _ := os.ReadDir(folder); len(entries) != 1 {
		t.Errorf("%d entries are left, want 1", len(entries))
	}
}
