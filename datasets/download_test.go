package datasets

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pkg/errors"
)

// fileServer serves files by their names, in parts if asked for, and counts the requests.
func fileServer(t *testing.T, files map[string][]byte) (url string, requests *atomic.Int64) {
	t.Helper()
	requests = new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		data, ok := files[strings.TrimPrefix(r.URL.Path, "/")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}))
	t.Cleanup(s.Close)
	return s.URL, requests
}

func sumHex(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// someFiles returns a data set of two files at an address, and what is in them.
func someFiles(address string) (Download, map[string][]byte) {
	files := map[string][]byte{"a.gz": bytes.Repeat([]byte("first"), 1000), "b.gz": []byte("second")}
	var list []publishedFile
	for _, name := range []string{"a.gz", "b.gz"} {
		list = append(list, publishedFile{name: name, urls: []string{address + "/" + name}, size: int64(len(files[name])), sha256: sumHex(files[name])})
	}
	return newDownload(Info{Name: "some"}, list), files
}

func TestGetFiles(t *testing.T) {
	_, files := someFiles("")
	url, requests := fileServer(t, files)
	d, _ := someFiles(url)
	cache := filepath.Join(t.TempDir(), "new")
	t.Setenv("GANYMEDE_DATA", cache)
	if d.Where() != "" || d.Bytes != 5006 {
		t.Errorf("before: %q, %d bytes", d.Where(), d.Bytes)
	}
	var seen []string
	dir, err := d.get(t.Context(), GetOptions{Progress: func(file string, done, total int64) {
		if done == total {
			seen = append(seen, file)
		}
	}})
	if err != nil || dir != filepath.Join(cache, "some") || d.Where() != dir || !slices.Equal(seen, []string{"a.gz", "b.gz"}) {
		t.Fatalf("%s, %v, reported %v", dir, err, seen)
	}
	for name, want := range files {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := d.get(t.Context(), GetOptions{}); err != nil || requests.Load() != 2 {
		t.Errorf("again: %v, %d requests", err, requests.Load())
	}
	if err := os.WriteFile(filepath.Join(dir, "b.gz"), []byte("sekond"), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err = d.get(t.Context(), GetOptions{})
	if err == nil || !strings.Contains(err.Error(), "remove it") || !strings.Contains(err.Error(), sumHex([]byte("sekond"))) || !strings.Contains(err.Error(), sumHex([]byte("second"))) {
		t.Errorf("changed: got %v", err)
	}
}

// TestGetFrom takes the files from a mirror and from a folder, though there is nothing at the official address.
func TestGetFrom(t *testing.T) {
	d, files := someFiles("http://127.0.0.1:1")
	url, _ := fileServer(t, map[string][]byte{"deep/a.gz": files["a.gz"], "deep/b.gz": files["b.gz"]})
	for _, from := range []string{url + "/deep", url + "/deep/", writeAll(t, files)} {
		t.Setenv("GANYMEDE_DATA", t.TempDir())
		if _, err := d.get(t.Context(), GetOptions{From: from}); err != nil || d.Where() == "" {
			t.Errorf("%s: %v", from, err)
		}
	}
	for from, want := range map[string]string{
		"/no/where": `there is no folder "/no/where"`,
		writeAll(t, map[string][]byte{"a.gz": files["a.gz"]}): "lacks b.gz (from http://127.0.0.1:1/b.gz)",
		url: "some: downloading a.gz: " + url + "/a.gz answered 404",
	} {
		t.Setenv("GANYMEDE_DATA", t.TempDir())
		if _, err := d.get(t.Context(), GetOptions{From: from}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", from, err, want)
		}
	}
}

// TestGetErrors has what networks do: one line that says which file to place where, and nothing in place.
func TestGetErrors(t *testing.T) {
	_, files := someFiles("")
	page := []byte("<html><head><title>Blocked</title></head></html>")
	html, _ := fileServer(t, map[string][]byte{"a.gz": page})
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	defer refusing.Close()
	for address, words := range map[string][]string{
		html:                        {"web page (“Blocked”)", sumHex(page), sumHex(files["a.gz"])},
		refusing.URL:                {"403 Forbidden"},
		"http://127.0.0.1:1":        {"connection refused"},
		"http://no.where.invalid":   {"no.where.invalid: "},
		"http://127.0.0.1:1/%zz\n?": {"invalid"},
	} {
		cache := t.TempDir()
		t.Setenv("GANYMEDE_DATA", cache)
		d, _ := someFiles(address)
		_, err := d.get(t.Context(), GetOptions{})
		for _, word := range append(words, "datasets: some: downloading a.gz: ", "place a.gz, b.gz (from "+address[:12], "in "+filepath.Join(cache, "some")) {
			if err == nil || !strings.Contains(err.Error(), word) {
				t.Errorf("%s: got %v, want %s", address, err, word)
			}
		}
		if d.Where() != "" {
			t.Errorf("%s: it is in place", address)
		}
	}
	t.Setenv("GANYMEDE_DATA", filepath.Join(writeAll(t, map[string][]byte{"file": nil}), "file", "in"))
	d, _ := someFiles(html)
	if _, err := d.get(t.Context(), GetOptions{}); err == nil || !strings.Contains(err.Error(), "GANYMEDE_DATA") {
		t.Errorf("got %v", err)
	}
	for name, want := range map[string]string{"digits": "needs no download", "mnis": "did you mean mnist", "horse2zebr": "did you mean horse2zebra"} {
		if _, err := Get(t.Context(), name, GetOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestGetTogether has two programs, here goroutines, that get the same: one downloads.
func TestGetTogether(t *testing.T) {
	_, files := someFiles("")
	url, requests := fileServer(t, files)
	d, _ := someFiles(url)
	t.Setenv("GANYMEDE_DATA", t.TempDir())
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if _, err := d.get(t.Context(), GetOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if requests.Load() != 2 {
		t.Errorf("%d requests for 2 files", requests.Load())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	t.Setenv("GANYMEDE_DATA", t.TempDir())
	if _, err := d.get(ctx, GetOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

// zipped returns a zip file.
func zipped(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	writer := zip.NewWriter(&out)
	for name, data := range files {
		w, err := writer.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestGetArchive gets pictures whose checksum nobody published: it is noted, and later downloads must have it.
func TestGetArchive(t *testing.T) {
	archive := tarball(t, map[string][]byte{"facades/train/1.jpg": []byte("one"), "facades/val/2.jpg": []byte("two")})
	url, requests := fileServer(t, map[string][]byte{"facades.tar.gz": archive})
	cache := t.TempDir()
	t.Setenv("GANYMEDE_DATA", cache)
	noted := map[string]string{}
	options := GetOptions{From: url, Noted: func(file, sum string) { noted[file] = sum }}
	for range 2 {
		dir, err := Get(t.Context(), "facades", options)
		if err != nil || dir != filepath.Join(cache, "pix2pix", "facades") {
			t.Fatalf("%s, %v", dir, err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, "val", "2.jpg")); err != nil || string(got) != "two" {
			t.Errorf("%q, %v", got, err)
		}
	}
	if noted["facades.tar.gz"] != sumHex(archive) || requests.Load() != 1 {
		t.Errorf("noted %v after %d requests", noted, requests.Load())
	}
	if left, _ := filepath.Glob(filepath.Join(cache, "pix2pix", "*.gz")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	other := tarball(t, map[string][]byte{"facades/train/1.jpg": []byte("changed")})
	if err := os.RemoveAll(filepath.Join(cache, "pix2pix", "facades")); err != nil {
		t.Fatal(err)
	}
	options.From = writeAll(t, map[string][]byte{"facades.tar.gz": other})
	if _, err := Get(t.Context(), "pairs:facades", options); err == nil || !strings.Contains(err.Error(), sumHex(other)+", not "+sumHex(archive)) {
		t.Errorf("another archive: got %v", err)
	}
	// One that is placed there is taken.
	if err := os.WriteFile(filepath.Join(cache, "pix2pix", "facades.tar.gz"), archive, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Get(t.Context(), "facades", GetOptions{}); err != nil {
		t.Error(err)
	}
}

// TestGetBadArchive gets archives that would write elsewhere: nothing looks whole.
func TestGetBadArchive(t *testing.T) {
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"above":      {zipped(t, map[string][]byte{"../../it.jpg": []byte("x")}), `facades.tar.gz: it holds the file "../../it.jpg", which leads out`},
		"no archive": {[]byte("just text"), "neither a tar nor a zip"},
		"a web page": {[]byte("<html><title>Gone</title>"), "web page (“Gone”)"},
	} {
		cache := t.TempDir()
		t.Setenv("GANYMEDE_DATA", cache)
		_, err := Get(t.Context(), "facades", GetOptions{From: writeAll(t, map[string][]byte{"facades.tar.gz": test.data})})
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
		if found, _ := filepath.Glob(filepath.Join(cache, "pix2pix", "facades*g")); len(found) > 0 {
			t.Errorf("%s: left %v", name, found)
		}
		if _, err := os.Stat(filepath.Join(cache, "pix2pix", "facades")); err == nil {
			t.Errorf("%s: it looks whole", name)
		}
		good := tarball(t, map[string][]byte{"facades/train/1.jpg": []byte("one")}) // Nothing is noted of the bad one.
		if _, err := Get(t.Context(), "facades", GetOptions{From: writeAll(t, map[string][]byte{"facades.tar.gz": good})}); err != nil {
			t.Errorf("%s, and then a good one: %v", name, err)
		}
	}
	// CycleGAN's have checksums: another file is refused.
	t.Setenv("GANYMEDE_DATA", t.TempDir())
	horses := zipped(t, map[string][]byte{"horse2zebra/trainA/1.jpg": []byte("x")})
	_, err := Get(t.Context(), "horse2zebra", GetOptions{From: writeAll(t, map[string][]byte{"horse2zebra.zip": horses})})
	if err == nil || !strings.Contains(err.Error(), sumHex(horses)+", not a74d9d392eecca9966b51287a76ca126af473d9de4f3e8fc0e9cda08fa1730a1") {
		t.Errorf("got %v", err)
	}
}

func TestDownloads(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range Downloads() {
		for _, name := range append([]string{d.Name}, d.Aliases...) {
			if seen[name] {
				t.Errorf("%s is there twice", name)
			}
			seen[name] = true
		}
		if d.Licence == "" || d.Source == "" || d.Summary == "" || d.Examples == 0 || len(d.URLs) != len(d.files) {
			t.Errorf("%s: something is missing: %+v", d.Name, d)
		}
		for _, file := range d.files {
			if len(file.sha256) != 64 && !strings.HasPrefix(d.Name, "pairs:") {
				t.Errorf("%s: %s has no checksum", d.Name, file.name)
			}
		}
	}
	for _, name := range []string{
		"facades", "cityscapes", "maps", "edges2shoes", "edges2handbags", "night2day", "horse2zebra", "apple2orange", "summer2winter_yosemite",
		"monet2photo", "cezanne2photo", "ukiyoe2photo", "vangogh2photo", "unpaired:maps", "unpaired:cityscapes", "unpaired:facades", "iphone2dslr_flower",
	} {
		if !seen[name] {
			t.Errorf("%s is missing", name)
		}
	}
}
