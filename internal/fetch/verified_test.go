package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pkg/errors"
)

func hexSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// serve answers with handle.
func serve(t *testing.T, handle http.HandlerFunc) (url string) {
	t.Helper()
	s := httptest.NewServer(handle)
	t.Cleanup(s.Close)
	return s.URL
}

// whole serves the content, in parts if asked for.
func whole(w http.ResponseWriter, r *http.Request) {
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

const page = "<!DOCTYPE html><html><head><title>Please\n log in</title></head><body>Welcome</body></html>"

func TestVerified(t *testing.T) {
	wanted := func(urls ...string) Wanted {
		return Wanted{Name: "file", URLs: urls, Size: int64(len(content)), SHA256: hexSum(content)}
	}
	good := serve(t, whole)
	missing := serve(t, http.NotFound)
	other := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bytes.Repeat([]byte("x"), len(content))) })
	times := 0
	cutting := serve(t, func(w http.ResponseWriter, r *http.Request) { // Ends a megabyte further each time.
		times++
		if times < 3 {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", (times-1)<<20, len(content)-1, len(content)))
			w.Header().Set("Content-Length", fmt.Sprint(len(content)-(times-1)<<20))
			if times > 1 {
				w.WriteHeader(http.StatusPartialContent)
			}
			_, _ = w.Write(content[(times-1)<<20 : times<<20])
			return
		}
		whole(w, r)
	})
	for name, test := range map[string]struct {
		wanted Wanted
		part   []byte // Left by an earlier call.
	}{
		"official":          {wanted(good), nil},
		"mirror":            {wanted(missing, good), nil},
		"wrong, then right": {wanted(other, good), nil},
		"cut off, goes on":  {wanted(cutting), nil},
		"continued":         {wanted(good), content[:2_000_000]},
		"wrong beginning":   {wanted(good), bytes.Repeat([]byte("x"), 2_000_000)},
		"nobody knows":      {Wanted{Name: "file", URLs: []string{good}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			file := filepath.Join(folder, "file")
			if test.part != nil {
				if err := os.WriteFile(file+".part", test.part, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			var last, total int64
			sum, err := Verified(t.Context(), test.wanted, folder, func(d, n int64) { last, total = d, n })
			if err != nil || sum != hexSum(content) {
				t.Fatalf("sum %s, error %v", sum, err)
			}
			if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, content) {
				t.Errorf("%d bytes, error %v", len(got), err)
			}
			if last != int64(len(content)) || total != test.wanted.Size {
				t.Errorf("reported %d of %d", last, total)
			}
			if _, err := os.Stat(file + ".part"); err == nil {
				t.Error("the part is left")
			}
			if sum, err = Verified(t.Context(), Wanted{Name: "file"}, folder, nil); err != nil || sum != hexSum(content) {
				t.Errorf("again: sum %s, error %v", sum, err)
			}
		})
	}
	if times < 3 {
		t.Errorf("asked %d times where the answer was cut off", times)
	}
}

func TestVerifiedErrors(t *testing.T) {
	sum := hexSum(content)
	for name, test := range map[string]struct {
		handle http.HandlerFunc
		words  []string
	}{
		"wrong": {
			func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bytes.Repeat([]byte("x"), len(content))) },
			[]string{sum, hexSum(bytes.Repeat([]byte("x"), len(content)))},
		},
		"a web page": {
			func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(page)) },
			[]string{"looks like a web page (“Please log in”)", sum, hexSum([]byte(page))},
		},
		"refused":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, []string{"answered 403 Forbidden"}},
		"always short": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content[:1000]) }, []string{"ends after 1000 bytes of 3000000"}},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			url := serve(t, test.handle)
			_, err := Verified(t.Context(), Wanted{Name: "file", URLs: []string{url}, Size: int64(len(content)), SHA256: sum}, folder, nil)
			if err == nil {
				t.Fatal("no error")
			}
			for _, word := range append(test.words, "downloading file: ", url) {
				if !strings.Contains(err.Error(), word) || strings.Contains(err.Error(), "\n") {
					t.Errorf("got %v, want one line with %s", err, word)
				}
			}
			if _, err := os.Stat(filepath.Join(folder, "file")); err == nil {
				t.Error("it is in place")
			}
		})
	}
}

// TestPageLater keeps what came before a network began to answer with its log-in page.
func TestPageLater(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(page)) })
	folder := t.TempDir()
	part := filepath.Join(folder, "file.part")
	if err := os.WriteFile(part, content[:1000], 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := Verified(t.Context(), Wanted{Name: "file", URLs: []string{url}, SHA256: hexSum(content)}, folder, nil)
	if err == nil || !strings.Contains(err.Error(), "answered with a web page") {
		t.Errorf("got %v", err)
	}
	if got, err := os.ReadFile(part); err != nil || !bytes.Equal(got, content[:1000]) {
		t.Errorf("%d bytes are left, error %v", len(got), err)
	}
}

// TestTooLong stops a server that never does.
func TestTooLong(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(content); err != nil {
				return
			}
		}
	})
	folder := t.TempDir()
	_, err := Verified(t.Context(), Wanted{Name: "file", URLs: []string{url}, Size: 1000, SHA256: hexSum(content)}, folder, nil)
	if err == nil || !strings.Contains(err.Error(), "has SHA-256") {
		t.Errorf("got %v", err)
	}
}

// TestContent takes a file gzipped in another way, or not at all.
func TestContent(t *testing.T) {
	var fast, best bytes.Buffer
	for out, level := range map[*bytes.Buffer]int{&fast: gzip.BestSpeed, &best: gzip.BestCompression} {
		writer, err := gzip.NewWriterLevel(out, level)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := writer.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := writer.Close(); err != nil {
			t.Fatal(err)
		}
	}
	source := filepath.Join(t.TempDir(), "file")
	wanted := Wanted{Name: "file", URLs: []string{source}, Size: int64(fast.Len()), SHA256: hexSum(fast.Bytes()), Content: hexSum(content)}
	for name, data := range map[string][]byte{"the same": fast.Bytes(), "another": best.Bytes(), "plain": content} {
		if err := os.WriteFile(source, data, 0o666); err != nil {
			t.Fatal(err)
		}
		folder := t.TempDir()
		if sum, err := Verified(t.Context(), wanted, folder, nil); err != nil || sum != hexSum(data) {
			t.Errorf("%s: sum %s, error %v", name, sum, err)
		}
		if same, _, err := wanted.Matches(filepath.Join(folder, "file")); err != nil || !same {
			t.Errorf("%s: matches %t, error %v", name, same, err)
		}
	}
	for name, data := range map[string][]byte{"cut off": best.Bytes()[:best.Len()/2], "other": content[1:], "none": nil} {
		if err := os.WriteFile(source, data, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Verified(t.Context(), wanted, t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), source) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestProxy names the proxy that refuses, and not its password. It runs a second time in a program of its own, because the
// environment is read once.
func TestProxy(t *testing.T) {
	const inside = "GANYMEDE_TEST_PROXY"
	if os.Getenv(inside) == "" {
		proxy := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
		command := exec.Command(os.Args[0], "-test.run=^TestProxy$")
		command.Env = append(os.Environ(), inside+"=1", "NO_PROXY=", "no_proxy=", "REQUEST_METHOD=",
			"HTTP_PROXY="+strings.Replace(proxy, "//", "//user:secret@", 1))
		if output, err := command.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, output)
		}
		return
	}
	_, err := Verified(t.Context(), Wanted{Name: "file", URLs: []string{"http://data.example/file"}}, t.TempDir(), nil)
	for _, word := range []string{"http://data.example/file answered 403 Forbidden", "(through the proxy http://user:xxxxx@127.0.0.1"} {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("got %v, want %s", err, word)
		}
	}
}

// TestVerifiedStops when it is told to.
func TestVerifiedStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	url := serve(t, whole)
	_, err := Verified(ctx, Wanted{Name: "file", URLs: []string{url, url}}, t.TempDir(), nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
