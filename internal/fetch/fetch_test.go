package fetch

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pkg/errors"
)

var content = bytes.Repeat([]byte("0123456789"), 300_000)

// server answers with the content, in parts if asked for; ranges gets what was asked for.
func server(t *testing.T, parts bool) (url string, ranges *[]string) {
	t.Helper()
	ranges = new([]string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*ranges = append(*ranges, r.Header.Get("Range"))
		if parts {
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
			return
		}
		_, _ = w.Write(content)
	}))
	t.Cleanup(s.Close)
	return s.URL, ranges
}

func TestFile(t *testing.T) {
	for name, test := range map[string]struct {
		there  []byte
		parts  bool
		ranges string
	}{
		"new":                        {nil, true, ""},
		"continued":                  {content[:1_000_000], true, "bytes=1000000-"},
		"server without parts":       {content[:1_000_000], false, "bytes=1000000-"},
		"all there":                  {content, true, "bytes=3000000-,"},
		"more there than there is":   {append(bytes.Clone(content), 'x'), true, "bytes=3000001-,"},
		"more there, and no parts":   {append(bytes.Clone(content), 'x'), false, "bytes=3000001-"},
		"nothing of it, but a file":  {[]byte{}, true, ""},
		"another beginning survives": {content[:10], true, "bytes=10-"},
	} {
		t.Run(name, func(t *testing.T) {
			url, ranges := server(t, test.parts)
			file := filepath.Join(t.TempDir(), "file")
			if test.there != nil {
				if err := os.WriteFile(file, test.there, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			var reports []int64
			if err := File(t.Context(), url, file, func(done int64) { reports = append(reports, done) }); err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, content) {
				t.Errorf("%d bytes, error %v", len(got), err)
			}
			if got := strings.Join(*ranges, ","); got != test.ranges {
				t.Errorf("asked for %q, want %q", got, test.ranges)
			}
			if len(reports) == 0 || reports[len(reports)-1] != int64(len(content)) {
				t.Errorf("reports %v", reports)
			}
		})
	}
}

// TestCutOff loses the connection: what came stays, and is continued.
func TestCutOff(t *testing.T) {
	cut := true
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if cut {
			w.Header().Set("Content-Length", "3000000")
			_, _ = w.Write(content[:2_000_000])
			return
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}))
	defer s.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := File(t.Context(), s.URL, file, nil); err == nil || !strings.Contains(err.Error(), "downloading file") {
		t.Errorf("got %v", err)
	}
	if info, err := os.Stat(file); err != nil || info.Size() != 2_000_000 {
		t.Fatalf("%v, error %v", info, err)
	}
	cut = false
	if err := File(t.Context(), s.URL, file, nil); err != nil {
		t.Error(err)
	}
	if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, error %v", len(got), err)
	}
}

func TestErrors(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := File(t.Context(), s.URL+"/it", file, nil); err == nil || !strings.Contains(err.Error(), "/it answered 404") {
		t.Errorf("got %v", err)
	}
	if _, err := Get(t.Context(), s.URL); err == nil {
		t.Error("Get: no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := File(ctx, s.URL, file, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
	if err := File(t.Context(), s.URL, filepath.Join(file, "in", "it"), nil); err == nil {
		t.Error("a folder that is not there: no error")
	}
}
