package display_test

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/display"
)

// filesIn returns the names in a folder, hidden ones too.
func filesIn(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return strings.Join(names, " ")
}

func TestSavePNG(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b", "picture.png")
	for _, size := range []int{3, 2} { // The second replaces the first.
		if err := display.SavePNG(path, display.Tiles{Scale: 1, Gap: -1}.Draw(ramp(1, size, size))); err != nil {
			t.Fatalf("%+v", err)
		}
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	defer func() { _ = file.Close() }()
	picture, err := png.Decode(file)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	gray, ok := picture.(*image.Gray)
	if !ok || string(gray.Pix) != "\x00\x01\x02\x03" {
		t.Errorf("got %T %v, want grey 0, 1, 2, 3", picture, picture)
	}
	if got := filesIn(t, filepath.Dir(path)); got != "picture.png" {
		t.Errorf("the folder holds %q, want the picture alone", got)
	}
}

func TestSavePNGFails(t *testing.T) {
	dir := t.TempDir()
	occupied := filepath.Join(dir, "occupied")
	if err := os.WriteFile(occupied, []byte("text"), 0o666); err != nil {
		t.Fatalf("%+v", err)
	}
	old := filepath.Join(dir, "old.png")
	if err := os.WriteFile(old, []byte("old"), 0o666); err != nil {
		t.Fatalf("%+v", err)
	}
	picture := display.Grid(ramp(1, 2, 2), 0)
	for _, test := range []struct {
		path    string
		picture image.Image
		want    string
	}{
		{filepath.Join(occupied, "a.png"), picture, "display: cannot make folder " + occupied + ": not a directory"},
		{dir, picture, "display: cannot write " + dir + ": "},
		{old, image.NewGray(image.Rect(0, 0, 0, 0)), "display: cannot write " + old + ": png: invalid format"},
	} {
		err := display.SavePNG(test.path, test.picture)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got error %v, want %q", test.path, err, test.want)
		}
	}
	if content, err := os.ReadFile(old); err != nil || string(content) != "old" {
		t.Errorf("a failed write left %q, %v", content, err)
	}
	if got := filesIn(t, dir); got != "occupied old.png" {
		t.Errorf("the folder holds %q, want no temporary file", got)
	}
}
