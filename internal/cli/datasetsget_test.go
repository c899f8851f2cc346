package cli

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// facades returns an archive as pix2pix has them, of two pairs.
func facades(t *testing.T) []byte {
	t.Helper()
	var picture, out bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 32, 16))); err != nil {
		t.Fatal(err)
	}
	compressed := gzip.NewWriter(&out)
	writer := tar.NewWriter(compressed)
	for _, name := range []string{"facades/train/1.png", "facades/train/2.png"} {
		if err := writer.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o666, Size: int64(picture.Len())}); err != nil {
			t.Fatal(err)
		}
		if _, err := writer.Write(picture.Bytes()); err != nil {
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

func TestDatasetsGetDownload(t *testing.T) {
	inFolder(t)
	t.Setenv("GANYMEDE_DATA", "cache")
	writeFile(t, "mirror/facades.tar.gz", facades(t))
	server := httptest.NewServer(http.FileServer(http.Dir("mirror")))
	defer server.Close()
	folder := filepath.Join("cache", "pix2pix", "facades")

	stdout, _ := succeed(t, "datasets", "get", "facades", "--from", server.URL)
	for _, want := range []string{"pairs:facades is in " + folder, "SHA-256", "Next: ganymede datasets show pairs:facades"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("printed %q, want %s", stdout, want)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "train", "2.png")); err != nil {
		t.Error(err)
	}
	stdout, _ = succeed(t, "datasets", "get", "facades", "--json")
	if result := readJSON(t, stdout); result["name"] != "pairs:facades" || result["folder"] != folder {
		t.Errorf("printed %s", stdout)
	}
	if err := os.RemoveAll("cache"); err != nil {
		t.Fatal(err)
	}
	stdout, _ = succeed(t, "datasets", "get", "pairs:facades", "--from", "mirror", "--json")
	if noted := readJSON(t, stdout)["noted"].(map[string]any); len(noted["facades.tar.gz"].(string)) != 64 {
		t.Errorf("printed %s", stdout)
	}
}

func TestDatasetsGetErrors(t *testing.T) {
	inFolder(t)
	t.Setenv("GANYMEDE_DATA", "cache")
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	defer refusing.Close()
	html := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html><title>Log in</title>")) }))
	defer html.Close()
	writeFile(t, "mirror/facades.tar.gz", []byte("no archive"))
	place := "place train-images-idx3-ubyte.gz|in " + filepath.Join("cache", "mnist")
	for _, test := range []struct {
		status           int
		words, arguments string
	}{
		{exitError, "403 Forbidden|" + place, "mnist --from " + refusing.URL},
		{exitError, "web page (“Log in”)|440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609|" + place, "mnist --from " + html.URL},
		{exitError, "connection refused|" + place, "mnist --from http://127.0.0.1:1"},
		{exitError, "lacks train-images-idx3-ubyte.gz", "mnist --from mirror"},
		{exitError, "neither a tar nor a zip file", "facades --from mirror"},
		{exitError, "did you mean facades", "facade"},
		{exitError, "did you mean digits", "digit"},
		{exitError, "digits needs no download", "digits --from mirror"},
		{exitMisuse, "leave out --out", "facades --out x"},
	} {
		fail(t, test.status, strings.Split(test.words, "|"), append([]string{"datasets", "get"}, strings.Fields(test.arguments)...)...)
	}
	fail(t, exitError, []string{"ganymede datasets get cifar10", "cifar-10-binary.tar.gz"}, "datasets", "show", "cifar10")
}
