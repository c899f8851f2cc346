package features

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestStandardFiles checks that each hash agrees with the digits in the file's name.
func TestStandardFiles(t *testing.T) {
	for network, standard := range standardFiles {
		digits := regexp.MustCompile(`-([0-9a-f]{8})\.pth$`).FindStringSubmatch(standard.name)
		if len(standard.sha256) != 64 || digits == nil || !strings.HasPrefix(standard.sha256, digits[1]) {
			t.Errorf("%s: %s has SHA-256 %s", network, standard.name, standard.sha256)
		}
		if !strings.HasSuffix(standard.url, "/"+standard.name) || entries[network].network == nil || entries[network].weights != nil {
			t.Errorf("%s: address %s, or Open does not know it with a file", network, standard.url)
		}
	}
}

func TestDownload(t *testing.T) {
	content := bytes.Repeat([]byte("weights "), 1<<18)
	answer := content
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(answer))
	}))
	defer server.Close()
	standardFiles["test"] = standardFile{"test.pth", server.URL + "/test.pth", int64(len(content)), hashOf(content)}
	defer delete(standardFiles, "test")

	dir := filepath.Join(t.TempDir(), "weights")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	part := filepath.Join(dir, "test.pth.part")
	if err := os.WriteFile(part, content[:1<<20], 0o644); err != nil { // Left by an earlier attempt.
		t.Fatal(err)
	}
	var last, total int64
	for range 2 { // The second finds it there.
		file, err := Download(t.Context(), "test", dir, func(d, n int64) { last, total = d, n })
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, content) || file != filepath.Join(dir, "test.pth") {
			t.Errorf("%s has %d bytes, error %v", file, len(got), err)
		}
	}
	if last != int64(len(content)) || total != last || asked != 1 {
		t.Errorf("progress %d of %d, server asked %d times", last, total, asked)
	}
	if _, err := os.Stat(part); !os.IsNotExist(err) {
		t.Errorf("%s is left", part)
	}

	// What is there and is not the file is not touched; what comes and is not the file does not stay.
	if err := os.WriteFile(filepath.Join(dir, "test.pth"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Download(t.Context(), "test", dir, nil)
	wantLine(t, err, "remove it to download it")
	answer = []byte("<html>sign in</html>")
	fresh := t.TempDir()
	_, err = Download(t.Context(), "test", fresh, nil)
	wantLine(t, err, "is a web page, not weights")
	answer = []byte("other numbers")
	_, err = Download(t.Context(), "test", fresh, nil)
	wantLine(t, err, "has SHA-256 "+hashOf(answer))
	if left, err := os.ReadDir(fresh); err != nil || len(left) > 0 {
		t.Errorf("files are left: %v, error %v", left, err)
	}
	_, err = Download(t.Context(), "digits", fresh, nil)
	wantLine(t, err, `no standard file of weights for "digits"`)
}
