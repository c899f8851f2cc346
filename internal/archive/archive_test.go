package archive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"
)

// entry is a member to put into an archive.
type entry struct {
	name, content string
	kind          byte // As tar has it; 0 for a file.
	link          string
}

func makeTar(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	compressed := gzip.NewWriter(&out)
	writer := tar.NewWriter(compressed)
	for _, e := range entries {
		if e.kind == 0 {
			e.kind = tar.TypeReg
		}
		header := &tar.Header{Name: e.name, Typeflag: e.kind, Linkname: e.link, Mode: 0o777, Size: int64(len(e.content))}
		if e.kind == tar.TypeXGlobalHeader {
			header = &tar.Header{Typeflag: e.kind, PAXRecords: map[string]string{"comment": e.content}}
			e.content = ""
		}
		if err := writer.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := writer.Write([]byte(e.content)); err != nil {
			t.Fatal(err)
		}
	}
	for _, closer := range []func() error{writer.Close, compressed.Close} {
		if err := closer(); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

func makeZip(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	writer := zip.NewWriter(&out)
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		header.SetMode(0o666)
		switch e.kind {
		case tar.TypeSymlink:
			header.SetMode(fs.ModeSymlink | 0o777)
			e.content = e.link
		case tar.TypeChar:
			header.SetMode(fs.ModeDevice | fs.ModeCharDevice | 0o666)
		}
		w, err := writer.CreateHeader(header)
		if err != nil {
			t.Fatal(err)
		}
		if e.kind != tar.TypeDir {
			if _, err := w.Write([]byte(e.content)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// unpackBytes unpacks an archive into the folder "out" of a new folder, which is returned.
func unpackBytes(t testing.TB, data []byte, limits Limits) (folder string, err error) {
	t.Helper()
	folder = t.TempDir()
	file := filepath.Join(folder, "it")
	if err := os.WriteFile(file, data, 0o666); err != nil {
		t.Fatal(err)
	}
	err = Unpack(t.Context(), file, filepath.Join(folder, "out"), limits, nil)
	if rest, _ := filepath.Glob(filepath.Join(folder, "*.unpacking")); len(rest) > 0 {
		t.Errorf("left behind: %v", rest)
	}
	return folder, err
}

// filesBelow returns the files below a folder, with what they hold.
func filesBelow(t testing.TB, folder string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(folder, path)
		files = append(files, fmt.Sprintf("%s=%s", filepath.ToSlash(name), data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

var good = []entry{{name: "./set/", kind: tar.TypeDir}, {name: "./set/b/2.txt", content: "two"}, {name: "./set/a/1.txt", content: "one"}, {name: "set/c/", kind: tar.TypeDir}}

func TestUnpack(t *testing.T) {
	beside := append(slices.Clone(good), entry{name: "3.txt", content: "three"})
	noted := append([]entry{{kind: tar.TypeXGlobalHeader, content: "a note"}}, good...)
	for name, test := range map[string]struct {
		data []byte
		want []string
	}{
		"tar":             {makeTar(t, good...), []string{"a/1.txt=one", "b/2.txt=two"}},
		"tar with a note": {makeTar(t, noted...), []string{"a/1.txt=one", "b/2.txt=two"}},
		"zip":             {makeZip(t, good...), []string{"a/1.txt=one", "b/2.txt=two"}},
		"no one folder":   {makeZip(t, beside...), []string{"3.txt=three", "set/a/1.txt=one", "set/b/2.txt=two"}},
		"empty":           {makeTar(t), nil},
	} {
		t.Run(name, func(t *testing.T) {
			folder, err := unpackBytes(t, test.data, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if got := filesBelow(t, filepath.Join(folder, "out")); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	bomb := strings.Repeat("\x00", 3<<20)
	for name, test := range map[string]struct {
		entry  entry
		limits Limits
		want   string
	}{
		"absolute":         {entry{name: "/etc/it", content: "x"}, Limits{}, `"/etc/it", which leads out of the folder`},
		"above":            {entry{name: "a/../../it", content: "x"}, Limits{}, `"a/../../it", which leads out of the folder`},
		"the folder":       {entry{name: "..", content: "x"}, Limits{}, `"..", which leads out of the folder`},
		"backslash":        {entry{name: `..\it`, content: "x"}, Limits{}, `whose name no file may have`},
		"link":             {entry{name: "a/link", kind: tar.TypeSymlink, link: "/etc"}, Limits{}, `the link "a/link"`},
		"device":           {entry{name: "null", kind: tar.TypeChar}, Limits{}, `the device "null"`},
		"bomb":             {entry{name: "zeros", content: bomb}, Limits{}, "it is a bomb: it holds more than 100 times its own"},
		"too many bytes":   {entry{name: "zeros", content: bomb}, Limits{Bytes: 1000}, "more than 1000 bytes"},
		"too many files":   {entry{name: "it", content: "x"}, Limits{Files: 4}, "more than 4 files"},
		"twice":            {entry{name: "set/a/1.txt", content: "x"}, Limits{}, `the file "set/a/1.txt" twice`},
		"file as folder":   {entry{name: "set/a/1.txt/it", content: "x"}, Limits{}, `"set/a/1.txt/it" is a file and a folder`},
		"folder as file":   {entry{name: "set/a", content: "x"}, Limits{}, `"set/a" twice`},
		"zero in its name": {entry{name: "a\x00b", content: "x"}, Limits{}, "whose name no file may have"},
	} {
		entries := append(slices.Clone(good), test.entry)
		for kind, make := range map[string]func(testing.TB, ...entry) []byte{"tar": makeTar, "zip": makeZip} {
			if kind == "tar" && strings.Contains(test.entry.name, "\x00") {
				continue // A name in a tar file ends there.
			}
			t.Run(name+"/"+kind, func(t *testing.T) {
				folder, err := unpackBytes(t, make(t, entries...), test.limits)
				if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "it: ") {
					t.Errorf("got %v, want %s", err, test.want)
				}
				if _, err := os.Lstat(filepath.Join(folder, "out")); err == nil {
					t.Error("the folder looks whole")
				}
				if files := filesBelow(t, folder); len(files) != 1 {
					t.Errorf("files are left: %d", len(files))
				}
			})
		}
	}
}

// TestHardLink is what only tar files have.
func TestHardLink(t *testing.T) {
	_, err := unpackBytes(t, makeTar(t, entry{name: "hard", kind: tar.TypeLink, link: "/etc/passwd"}), Limits{})
	if err == nil || !strings.Contains(err.Error(), `the link "hard"`) {
		t.Errorf("got %v", err)
	}
}

func TestDamaged(t *testing.T) {
	archives := map[string][]byte{"tar": makeTar(t, good...), "zip": makeZip(t, good...)}
	for kind, data := range archives {
		for _, length := range []int{0, 3, 20, len(data) / 2, len(data) - 9} {
			if folder, err := unpackBytes(t, data[:length], Limits{}); err == nil {
				t.Errorf("%s, %d of %d bytes: no error", kind, length, len(data))
			} else if _, err := os.Lstat(filepath.Join(folder, "out")); err == nil {
				t.Errorf("%s, %d of %d bytes: the folder looks whole", kind, length, len(data))
			}
		}
	}
	if _, err := unpackBytes(t, archives["tar"][:len(archives["tar"])/2], Limits{}); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("got %v", err)
	}
	encrypted := bytes.Clone(archives["zip"])
	at := bytes.Index(encrypted, []byte("PK\x01\x02"))
	encrypted[at+8] |= 1
	if _, err := unpackBytes(t, encrypted, Limits{}); err == nil || !strings.Contains(err.Error(), "encrypted") {
		t.Errorf("got %v", err)
	}
	if _, err := unpackBytes(t, []byte("<html>"), Limits{}); err == nil || !strings.Contains(err.Error(), "neither a tar nor a zip") {
		t.Errorf("got %v", err)
	}
}

// TestUnpackAgain leaves a folder that is there as it is, and takes one that an earlier attempt left away.
func TestUnpackAgain(t *testing.T) {
	folder := t.TempDir()
	file, out := filepath.Join(folder, "it"), filepath.Join(folder, "out")
	if err := os.WriteFile(file, makeZip(t, good...), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(out+".unpacking", "old"), 0o777); err != nil {
		t.Fatal(err)
	}
	var done, total int64
	if err := Unpack(t.Context(), file, out, Limits{}, func(d, n int64) { done, total = d, n }); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || done != info.Size() || total != done {
		t.Errorf("reported %d of %d bytes of %d", done, total, info.Size())
	}
	if got := filesBelow(t, out); len(got) != 2 {
		t.Errorf("got %q", got)
	}
	if err := Unpack(t.Context(), file, out, Limits{}, nil); err == nil || !strings.Contains(err.Error(), "there already") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Unpack(ctx, file, out+"2", Limits{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

// FuzzUnpack looks for archives that write outside of their folder, or make more than the limits allow.
func FuzzUnpack(f *testing.F) {
	bad := []entry{{name: "../it", content: "x"}, {name: "l", kind: tar.TypeSymlink, link: ".."}, {name: "l/it", content: "x"}}
	for _, entries := range [][]entry{good, bad} {
		f.Add(makeTar(f, entries...))
		f.Add(makeZip(f, entries...))
	}
	limits := Limits{Bytes: 1 << 16, Files: 20}
	f.Fuzz(func(t *testing.T, data []byte) {
		folder, err := unpackBytes(t, data, limits)
		var bytes, files int64
		for _, file := range filesBelow(t, folder) {
			if !strings.HasPrefix(file, "out/") && !strings.HasPrefix(file, "it=") {
				t.Errorf("wrote %.100q", file)
			}
			_, content, _ := strings.Cut(file, "=")
			bytes += int64(len(content))
			files++
		}
		if err != nil && files != 1 || bytes-int64(len(data)) > limits.Bytes || files > int64(limits.Files)+1 {
			t.Errorf("%d files of %d bytes, error %v", files, bytes, err)
		}
	})
}

// FuzzWalk is FuzzUnpack without writing files, which lets it try many more archives.
func FuzzWalk(f *testing.F) {
	bad := []entry{{name: "../it", content: "x"}, {name: "l", kind: tar.TypeSymlink, link: ".."}, {name: "zeros", content: strings.Repeat("\x00", 1<<17)}}
	for _, entries := range [][]entry{good, bad[:1], bad[1:2], bad[2:]} {
		f.Add(makeTar(f, entries...))
		f.Add(makeZip(f, entries...))
	}
	limits := Limits{Bytes: 1 << 16, Files: 20}
	f.Fuzz(func(t *testing.T, data []byte) {
		var total int64
		members := 0
		err := Walk(bytes.NewReader(data), int64(len(data)), limits, func(m Member) error {
			members++
			if !filepath.IsLocal(filepath.FromSlash(m.Name)) || strings.Contains(m.Name, `\`) {
				t.Errorf("%q leads out", m.Name)
			}
			if m.Folder {
				return nil
			}
			n, err := io.Copy(io.Discard, m.Content)
			total += n
			return err
		})
		if total > limits.Bytes || members > limits.Files || err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%d members of %d bytes, error %v", members, total, err)
		}
	})
}
