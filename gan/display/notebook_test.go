package display_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/display"
)

// inDir makes the functions that show write to a folder of the test's own.
func inDir(t *testing.T) string {
	t.Helper()
	previous := display.Dir
	t.Cleanup(func() { display.Dir = previous })
	display.Dir = t.TempDir()
	return display.Dir
}

func TestShowingOutsideANotebook(t *testing.T) {
	dir := inDir(t)
	picture := display.Grid(ramp(1, 2, 2), 0)
	var animation display.Animation
	animation.Add(picture)
	for _, err := range []error{
		display.Show(picture),
		animation.Show(),
		display.ShowMarkdown("# Title"),
		display.Update("samples", picture),
		display.Update("samples", picture),
		display.Update("../losses: D/G", picture),
		display.Update("", picture),
		display.UpdateMarkdown("note", "*a*"),
		display.UpdateMarkdown("note", "*b*"),
		display.UpdateText("line", "c"),
	} {
		if err != nil {
			t.Fatalf("%+v", err)
		}
	}
	var kinds []string
	for _, name := range strings.Fields(filesIn(t, dir)) {
		if before, _, isNumbered := strings.Cut(name, "-"); isNumbered && (before == "picture" || before == "text") {
			name = before + "-N" + filepath.Ext(name)
		}
		kinds = append(kinds, name)
	}
	want := "-losses--D-G.png line.txt note.md picture-N.png picture-N.gif picture.png samples.png text-N.md"
	if got := strings.Join(kinds, " "); got != want {
		t.Errorf("got files %q, want %q", got, want)
	}
	if content, err := os.ReadFile(filepath.Join(dir, "note.md")); err != nil || string(content) != "*b*\n" {
		t.Errorf("the note holds %q, %v", content, err)
	}
}

func ExampleUpdate() {
	dir, err := os.MkdirTemp("", "display")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	display.Dir = dir // Where there is no notebook.

	for range 3 { // One picture is left, in the cell or as samples.png.
		if err := display.Update("samples", display.Grid(ramp(4, 28, 28), 0)); err != nil {
			fmt.Println(err)
			return
		}
	}
	entries, err := os.ReadDir(dir)
	fmt.Println(len(entries), entries[0].Name(), err)
	// Output: 1 samples.png <nil>
}

func ExampleProgress() {
	progress := display.Progress{Total: 2_000, BatchSize: 64}
	for step := 1; step <= 500; step++ {
		if err := progress.Update(step, 1.386, 0.693); err != nil { // In a cell this redraws the line in place.
			fmt.Println(err)
			return
		}
	}
	fmt.Println(progress.String()[:len("step 500 of 2,000")])
	// Output: step 500 of 2,000
}
