package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAugment makes a folder larger, in one go and in shards, and trains on it.
func TestAugment(t *testing.T) {
	inFolder(t)
	makePictures(t, "photos", 6)
	stdout, _ := succeed(t, "augment", "--data", "folder:photos", "--method", "classic", "--to", "5", "--out", "more", "--json")
	result := readJSON(t, stdout)
	manifest, ok := result["manifest"].(map[string]any)
	if !ok || result["complete"] != true || manifest["pictures"] != 10.0 || manifest["new"] != 4.0 {
		t.Errorf("got %s", stdout)
	}
	for _, shard := range []string{"1/2", "2/2"} {
		stdout, _ = succeed(t, "augment", "--data", "folder:photos", "--method", "classic", "--to", "5", "--out", "shards", "--shard", shard)
	}
	if !strings.Contains(stdout, "10 pictures in shards, 4 of them new, in 2 classes") || !strings.Contains(stdout, "train --data folder:shards") {
		t.Errorf("got %q", stdout)
	}
	for _, name := range []string{"manifest.json", "manifest.jsonl", "sheet.png", "left/00004.png"} {
		one, err := os.ReadFile(filepath.Join("more", name))
		if err != nil {
			t.Fatal(err)
		}
		other, err := os.ReadFile(filepath.Join("shards", name))
		if err != nil || string(one) != string(other) {
			t.Errorf("%s of the shards differs: %v", name, err)
		}
	}
	stdout, _ = succeed(t, "datasets", "show", "folder:more", "--json", "--out", "shown.png")
	if shown := readJSON(t, stdout); shown["examples"] != 10.0 || len(shown["classes"].([]any)) != 2 {
		t.Errorf("read back: %s", stdout)
	}
}

func TestAugmentErrors(t *testing.T) {
	inFolder(t)
	makePictures(t, "photos", 5)
	writeFile(t, "taken/notes.txt", []byte("mine"))
	if err := os.Mkdir("flat", 0o777); err != nil {
		t.Fatal(err)
	}
	picture, err := os.ReadFile("photos/left/0.png")
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, "flat/a.png", picture)
	writeFile(t, "single/one/a.png", picture)
	writeFile(t, "single/two/a.png", picture)
	classic := []string{"augment", "--data", "folder:photos", "--method", "classic", "--out", "new"}
	for _, test := range []struct {
		status    int
		words     []string
		arguments []string
	}{
		{2, []string{"--out DIR is missing"}, []string{"augment"}},
		{1, []string{`"paint"`, "classic, gan, mix, style"}, []string{"augment", "--method", "paint", "--out", "new"}},
		{2, []string{"--shard", "1/4 to 4/4"}, append(classic, "--shard", "5/4")},
		{2, []string{"--shard", "I/N"}, append(classic, "--shard", "5")},
		{2, []string{"--policy", "rotate"}, append(classic, "--policy", "rotat:5")},
		{2, []string{"--steps", "--method classic has none"}, append(classic, "--steps", "5")},
		{2, []string{"--share 2"}, []string{"augment", "--share", "2", "--out", "new"}},
		{1, []string{"left", "3 pictures", "--to"}, append(classic, "--to", "1")},
		{1, []string{"points"}, []string{"augment", "--data", "rings", "--method", "classic", "--out", "new"}},
		{1, []string{"no classes", "--labels"}, []string{"augment", "--data", "folder:flat", "--method", "classic", "--out", "new"}},
		{1, []string{`"one"`, "single picture"}, []string{"augment", "--data", "folder:single", "--method", "gan", "--to", "4", "--out", "new"}},
		{1, []string{"something else", "notes.txt"}, []string{"augment", "--data", "folder:photos", "--method", "classic", "--out", "taken"}},
		{1, []string{"inside"}, []string{"augment", "--data", "folder:photos", "--method", "classic", "--out", "photos/more"}},
	} {
		fail(t, test.status, test.words, test.arguments...)
	}
}
