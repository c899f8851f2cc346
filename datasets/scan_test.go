package datasets_test

import (
	"bytes"
	"fmt"
	"image/color"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ganymede-ml/ganymede/datasets"
)

// large is how many files a folder has of which it is noted what was found in them.
const large = 2000

// oldFolder returns a folder of pictures of these colours, in turn, that were changed long ago, and has notes written to a new directory.
func oldFolder(t *testing.T, count int, colours ...color.NRGBA) (root, cache string) {
	t.Helper()
	var files [][]byte
	for _, colour := range colours {
		files = append(files, picture(t, "", 2, 2, colour))
	}
	root, cache = t.TempDir(), t.TempDir()
	t.Setenv("GANYMEDE_DATA", cache)
	for i := range count {
		writeAt(t, filepath.Join(root, fmt.Sprintf("%04d.png", i)), files[i%len(files)], longAgo)
	}
	return root, cache
}

var longAgo = time.Date(2020, 1, 2, 3, 4, 5, 6, time.UTC)

// writeAt writes a file as if at that time.
func writeAt(t *testing.T, path string, data []byte, when time.Time) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, when, when); err != nil {
		t.Fatal(err)
	}
}

// notes returns the files in the directory of notes.
func notes(t *testing.T, cache string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(cache, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// A large folder is read once: after that only what changed. The hash is always that of the files as they are.
func TestStreamNotesWhatItFound(t *testing.T) {
	root, cache := oldFolder(t, large, red, grey)
	fresh := func() string {
		t.Helper()
		t.Setenv("GANYMEDE_DATA", t.TempDir())
		defer t.Setenv("GANYMEDE_DATA", cache)
		return openStream(t, root, datasets.Options{}).Hash()
	}
	first := openStream(t, root, datasets.Options{})
	if len(notes(t, cache)) != 1 {
		t.Fatalf("the notes are %v, want one", notes(t, cache))
	}
	if again := openStream(t, root, datasets.Options{}); again.Hash() != first.Hash() || !slices.Equal(again.Shape, first.Shape) {
		t.Errorf("the second time it is %v, %s", again.Shape, again.Hash())
	}
	path := filepath.Join(root, "0007.png")
	other := picture(t, "", 2, 2, color.NRGBA{R: 200, G: 1, B: 1, A: 255})
	for name, change := range map[string]func(){
		"changed": func() { writeAt(t, path, other, longAgo.Add(time.Second)) },
		"added":   func() { writeAt(t, filepath.Join(root, "0007b.png"), other, longAgo) },
		"removed": func() {
			if err := os.Remove(filepath.Join(root, "0008.png")); err != nil {
				t.Fatal(err)
			}
		},
		"resized": func() { writeAt(t, path, append(other, 0), longAgo) },
	} {
		before := openStream(t, root, datasets.Options{}).Hash()
		change()
		got := openStream(t, root, datasets.Options{}).Hash()
		if got == before || got != fresh() {
			t.Errorf("%s: got %s, before %s, want %s", name, got, before, fresh())
		}
	}
	// A change that neither size nor time tell is not seen, but noticed before anybody trains on it.
	before := openStream(t, root, datasets.Options{})
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	file[len(file)-1]++
	writeAt(t, path, file, info.ModTime())
	hidden := openStream(t, root, datasets.Options{})
	if hidden.Hash() != before.Hash() {
		t.Error("a file was read whose size and time are those noted")
	}
	if _, err := hidden.Pictures(all(hidden)); err == nil || !strings.Contains(err.Error(), `"0007.png" cannot be read, because: it has changed`) {
		t.Errorf("got %v, want an error of the changed file", err)
	}
	if got := openStream(t, root, datasets.Options{}).Hash(); got == before.Hash() || got != fresh() {
		t.Error("after that the notes are still believed")
	}
}

// Files that were changed a moment ago may change again without another time.
func TestStreamDoesNotTrustFreshFiles(t *testing.T) {
	root, _ := oldFolder(t, large, red)
	path, now := filepath.Join(root, "0100.png"), time.Now()
	one, other := picture(t, "", 2, 2, color.NRGBA{R: 1, G: 100, B: 1, A: 255}), picture(t, "", 2, 2, color.NRGBA{R: 1, G: 101, B: 1, A: 255})
	if len(one) != len(other) {
		t.Fatal("the files differ in size")
	}
	writeAt(t, path, one, now)
	before := openStream(t, root, datasets.Options{}).Hash()
	writeAt(t, path, other, now)
	if openStream(t, root, datasets.Options{}).Hash() == before {
		t.Error("the second change was not seen")
	}
}

// Damaged notes are as good as none.
func TestStreamDamagedNotes(t *testing.T) {
	root, cache := oldFolder(t, large, red)
	want := openStream(t, root, datasets.Options{}).Hash()
	note := notes(t, cache)[0]
	good, err := os.ReadFile(note)
	if err != nil {
		t.Fatal(err)
	}
	flipped := slices.Clone(good)
	flipped[len(flipped)/2]++
	for name, data := range map[string][]byte{"empty": nil, "short": good[:len(good)/2], "flipped": flipped, "another version": append([]byte("x"), good...)} {
		if err := os.WriteFile(note, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if got := openStream(t, root, datasets.Options{}).Hash(); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
		if mended, err := os.ReadFile(note); err != nil || bytes.Equal(mended, data) {
			t.Errorf("%s: the note is not written anew (%v)", name, err)
		}
	}
	if err := os.Remove(note); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(cache, "blocked"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GANYMEDE_DATA", filepath.Join(cache, "blocked")) // A file, in which nothing can be written.
	if got := openStream(t, root, datasets.Options{}).Hash(); got != want {
		t.Errorf("without a directory for notes: got %s, want %s", got, want)
	}
}

func TestSmallFoldersLeaveNoNotes(t *testing.T) {
	root, cache := oldFolder(t, 50, red)
	openStream(t, root, datasets.Options{})
	if found := notes(t, cache); len(found) > 0 {
		t.Errorf("there are %v", found)
	}
}

// Notes know what was decoded for what: colours at a size, and whether files can be read at all.
func TestNotesDependOnOptions(t *testing.T) {
	root, _ := oldFolder(t, large, grey)
	good := picture(t, "", 2, 2, grey)
	if shape := openStream(t, root, datasets.Options{}).Shape; shape[2] != 1 {
		t.Fatalf("grey pictures are %v", shape)
	}
	writeAt(t, filepath.Join(root, "0050.png"), good[:len(good)-20], longAgo)
	stream := openStream(t, root, datasets.Options{Channels: 1}) // Which does not decode.
	if stream.Len() != large {
		t.Errorf("%d pictures", stream.Len())
	}
	for range 2 {
		stream = openStream(t, root, datasets.Options{SkipBroken: true})
		if stream.Len() != large-1 || !slices.Equal(stream.Skipped, []string{"0050.png"}) || stream.Shape[2] != 1 {
			t.Errorf("%d pictures of %v, skipped %v", stream.Len(), stream.Shape, stream.Skipped)
		}
	}
	writeAt(t, filepath.Join(root, "0051.png"), picture(t, "", 2, 2, red), longAgo.Add(time.Second))
	if shape := openStream(t, root, datasets.Options{SkipBroken: true}).Shape; shape[2] != 3 {
		t.Errorf("with a red one they are %v", shape)
	}
}

// What is opened is the same, in memory or not: pictures, size, classes and views.
func TestOpenWithin(t *testing.T) {
	square, wide, small := t.TempDir(), t.TempDir(), t.TempDir()
	for i := range 60 {
		colour := color.NRGBA{R: uint8(4 * i), G: 3, B: uint8(i), A: 255}
		for root, size := range map[string]int{square: 6, wide: 6 + i%2, small: 5} {
			if root == small {
				colour = color.NRGBA{R: uint8(i), G: uint8(i), B: uint8(i), A: 255}
			}
			directory := filepath.Join(root, string(rune('a'+i%3)))
			if err := os.MkdirAll(directory, 0o755); err != nil {
				t.Fatal(err)
			}
			writePNG(t, filepath.Join(directory, fmt.Sprintf("%02d.png", i)), size, colour)
		}
	}
	lines := "file,class\n"
	for i := range 60 {
		lines += fmt.Sprintf("%c/%02d.png,%d\n", 'a'+i%3, i, i%4)
	}
	labels := filepath.Join(t.TempDir(), "labels.csv")
	writeAt(t, labels, []byte(lines), longAgo)
	for _, root := range []string{square, wide, small} {
		for _, options := range []datasets.Options{
			{}, {Size: 4}, {Channels: 1}, {Channels: 3, Size: 9},
			{View: datasets.View{Split: datasets.Train}},
			{View: datasets.View{Split: datasets.Test, Only: []string{"c", "a"}}, Size: 3},
			{View: datasets.View{PerClass: 5, ViewSeed: 4}},
			{View: datasets.View{Balance: true, Split: datasets.Train}},
			{Labels: labels}, {Labels: labels, View: datasets.View{Only: []string{"3", "1"}, PerClass: 7}},
		} {
			name := "folder:" + root
			want := open(t, name, options)
			for budget, streams := range map[int64]bool{0: true, int64(len(want.Pixels)) - 1: true, int64(len(want.Pixels)): false, -1: false} {
				set, stream, err := datasets.OpenWithin(name, options, budget)
				if err != nil || (stream != nil) != streams || (set != nil) == streams {
					t.Fatalf("%+v, a budget of %d of %d bytes: %v, stream %t (%v)", options, budget, len(want.Pixels), set, stream != nil, err)
				}
				if streams {
					if set, err = stream.Set(nil); err != nil {
						t.Fatal(err)
					}
				}
				if set.Hash() != want.Hash() || set.Name != want.Name || !slices.Equal(set.Classes, want.Classes) || !slices.Equal(set.Names, want.Names) || !slices.Equal(set.Labels, want.Labels) {
					t.Errorf("%+v, a budget of %d bytes: it is another set, %v %v", options, budget, set.Shape, set.Classes)
				}
				again, err := set.Split(datasets.Validation)
				if first, firstErr := want.Split(datasets.Validation); (err == nil) != (firstErr == nil) || err == nil && again.Hash() != first.Hash() {
					t.Errorf("%+v, a budget of %d bytes: it splits in another way (%v, %v)", options, budget, err, firstErr)
				}
			}
		}
	}
	set, stream, err := datasets.OpenWithin("digits", datasets.Options{}, 0)
	if err != nil || stream != nil || set.Len() != 10_000 {
		t.Errorf("digits: %v", err)
	}
	if _, _, err := datasets.OpenWithin("folder:"+square, datasets.Options{View: datasets.View{PerClass: 100}}, 0); err == nil ||
		!strings.Contains(err.Error(), "has 20 examples, fewer than the 100 asked for") {
		t.Errorf("too many of a class: %v", err)
	}
}
