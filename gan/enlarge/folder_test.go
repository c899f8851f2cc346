package enlarge

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

func write(t *testing.T, set *datasets.Set, options Options, folder Folder) *Result {
	t.Helper()
	result, err := Write(context.Background(), gantest.Go(), set, options, folder)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return result
}

// tree returns what the files of a folder hold, but for those of the GAN and the work folder.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if path != dir && strings.HasPrefix(entry.Name(), ".") {
				return filepath.SkipDir
			}
			return nil
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// sameTree checks that two folders hold the same files.
func sameTree(t *testing.T, got, want string) {
	t.Helper()
	one, other := tree(t, got), tree(t, want)
	for name, data := range other {
		if one[name] != data {
			t.Errorf("%s differs (%d bytes, want %d)", name, len(one[name]), len(data))
		}
	}
	if len(one) != len(other) {
		t.Errorf("%d files, want %d", len(one), len(other))
	}
}

// TestWrite writes a folder, and reads it back.
func TestWrite(t *testing.T) {
	set := bars(4, 3, 5)
	dir := filepath.Join(t.TempDir(), "out")
	result := write(t, set, quick("mix", 9), Folder{Dir: dir})
	if !result.Complete || result.Written != 27 || result.Kept != 0 {
		t.Errorf("complete %v, %d written, %d kept; want 27 written", result.Complete, result.Written, result.Kept)
	}
	manifest, records, err := ReadManifest(dir)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if manifest.Pictures != 27 || manifest.New != 15 || len(records) != 27 || manifest.Source.Hash != set.Hash() {
		t.Errorf("the manifest says %d pictures, %d new, %d records", manifest.Pictures, manifest.New, len(records))
	}
	for _, r := range records {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(r.File)))
		if err != nil || hashOf(data) != r.SHA256 {
			t.Errorf("%s is not what its record says: %v", r.File, err)
		}
	}
	for i, class := range manifest.Classes {
		made := class.Made[originalName] + class.Made[classicName] + class.Made[ganName]
		if class.Pictures != 9 || made != 9 || class.Made[originalName] != len(set.ByClass()[i]) {
			t.Errorf("class %s: %+v", class.Name, class)
		}
		if judged := class.Made[ganName] + class.Samples.Doubted + class.Samples.Copies; class.Samples.Tries != judged {
			t.Errorf("class %s: %d samples were looked at, and %d were accepted or rejected", class.Name, class.Samples.Tries, judged)
		}
	}
	if err := os.Remove(filepath.Join(dir, sheetFile)); err != nil { // A picture, too.
		t.Fatal(err)
	}
	back, err := datasets.Open("folder:"+dir, datasets.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(back.Classes, []string{"dot", "lying-flat", "standing"}) || back.Len() != 27 {
		t.Errorf("read back: %d pictures of %q", back.Len(), back.Classes)
	}
	for i, list := range back.ByClass() {
		class := []int{2, 0, 1}[i]
		for k, j := range set.ByClass()[class] { // The class's own pictures come first.
			if !bytes.Equal(back.Pixels[64*list[k]:64*(list[k]+1)], set.Pixels[64*j:64*(j+1)]) {
				t.Errorf("picture %d of %s is not that of the set", k, back.Classes[i])
			}
		}
	}
}

// TestShards checks that shards make what one call makes, byte for byte: in one folder, and in folders copied together, each
// of which trains by itself.
func TestShards(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a network")
	}
	set, options := bars(4, 3, 5), quick("mix", 11)
	one := t.TempDir()
	write(t, set, options, Folder{Dir: one})

	together, joined := t.TempDir(), t.TempDir()
	options.Shards = 3
	for shard := 1; shard <= 3; shard++ {
		options.Shard = shard
		result := write(t, set, options, Folder{Dir: together})
		if result.Complete != (shard == 3) || result.Written != 11 {
			t.Errorf("shard %d: complete %v, %d written", shard, result.Complete, result.Written)
		}
		own := t.TempDir()
		write(t, set, options, Folder{Dir: own})
		copyInto(t, joined, own)
	}
	sameTree(t, together, one)
	options.Shard, options.Shards = 0, 0
	if result := write(t, set, options, Folder{Dir: joined}); !result.Complete || result.Written != 0 || result.Kept != 33 {
		t.Errorf("copied together: complete %v, %d written, %d kept", result.Complete, result.Written, result.Kept)
	}
	sameTree(t, joined, one)
}

// copyInto copies what a folder holds.
func copyInto(t *testing.T, to, from string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, _ := filepath.Rel(from, path)
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o777); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), data, 0o666)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestGoingOn stops at several places, spoils what is there, and goes on.
func TestGoingOn(t *testing.T) {
	set, options := bars(4, 3, 5), quick("mix", 9)
	want, dir := t.TempDir(), t.TempDir()
	write(t, set, options, Folder{Dir: want})
	for _, stop := range []struct {
		stage string
		at    int
	}{{"writing pictures", 14}, {"training the GAN", 3}, {"training the GAN", 5}, {"writing pictures", 2}} {
		ctx, cancel := context.WithCancel(context.Background())
		stopped := options
		stopped.Progress = func(stage string, done, _ int) {
			if stage == stop.stage && done == stop.at {
				cancel()
			}
		}
		if _, err := Write(ctx, gantest.Go(), set, stopped, Folder{Dir: dir}); err == nil {
			t.Errorf("%s %d: no error", stop.stage, stop.at)
		}
		cancel()
	}
	// A line cut short by a crash, a file that is gone and one that is another.
	journal := filepath.Join(dir, workFolder, "shard-1-of-1.jsonl")
	file, err := os.OpenFile(journal, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = file.WriteString(`{"file":"dot/00`)
	_ = file.Close()
	if err := os.Remove(filepath.Join(dir, "dot", "00000.png")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "dot", "00001.png"), []byte("nothing"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "dot", ".00002.png.ABCDEFGH"), []byte("half"), 0o666); err != nil {
		t.Fatal(err)
	}
	result := write(t, set, options, Folder{Dir: dir})
	if result.Kept == 0 || result.Kept+result.Written != 27 {
		t.Errorf("%d kept, %d written", result.Kept, result.Written)
	}
	sameTree(t, dir, want)
	if again := write(t, set, options, Folder{Dir: dir}); again.Kept != 27 || again.Written != 0 {
		t.Errorf("when all is there: %d kept, %d written", again.Kept, again.Written)
	}
}

// TestOtherFolder refuses to write over what is something else.
func TestOtherFolder(t *testing.T) {
	set, options := bars(4, 3), quick("classic", 6)
	refused := func(dir, want string) {
		t.Helper()
		_, err := Write(context.Background(), nil, set, options, Folder{Dir: dir})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got the error %v, want %q in it", err, want)
		}
	}
	photos := t.TempDir()
	mine := filepath.Join(photos, "mine.txt")
	if err := os.WriteFile(mine, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	refused(photos, "holds something else, such as mine.txt")

	dir := t.TempDir()
	write(t, set, options, Folder{Dir: dir})
	options.To, options.Seed = 8, 6
	refused(dir, "(to 6, not 8; seed 5, not 6)")
	set = bars(4, 3, 2)
	refused(dir, "other data")

	if err := os.WriteFile(filepath.Join(dir, "standing", "mine.txt"), []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	write(t, set, options, Folder{Dir: dir, Force: true, OnlyNew: true})
	if data, err := os.ReadFile(filepath.Join(dir, "standing", "mine.txt")); err != nil || string(data) != "mine" {
		t.Errorf("what was not ours is gone: %v", err)
	}
	pictures, err := filepath.Glob(filepath.Join(dir, "*", "*.png"))
	if err != nil || len(pictures) != 3*8-9 {
		t.Errorf("%d new pictures, want 15", len(pictures))
	}
	if _, err := os.Stat(filepath.Join(dir, "lying-flat", "00003.png")); err == nil {
		t.Error("an own picture of the class is there, and only new ones were asked for")
	}
}
