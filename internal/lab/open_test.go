package lab

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The test's own program stands for JupyterLab: it answers on the port it is given to whoever has the token.
func TestMain(m *testing.M) {
	if os.Getenv("FAKE_JUPYTERLAB") == "" {
		os.Exit(m.Run())
	}
	var port string
	for _, argument := range os.Args {
		if value, ok := strings.CutPrefix(argument, "--ServerApp.port="); ok {
			port = value
		}
	}
	_ = http.ListenAndServe("127.0.0.1:"+port, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("token") != os.Getenv("JUPYTER_TOKEN") {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
}

func newOpenedClone(t *testing.T, server string) Config {
	t.Helper()
	config := newCheckedClone(t)
	writeTestFile(t, filepath.Join(config.Root, ".venv/bin/python"), `#!/bin/sh
case "$*" in
*version_info*) echo "11 4.6.6" ;;
*) echo "$*" >"$CALLS"; `+server+` ;;
esac
`, 0o755)
	return config
}

func TestOpen(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	config := newOpenedClone(t, "FAKE_JUPYTERLAB=1 exec '"+program+"' \"$@\"")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var address string
	err = Open(ctx, config, OpenOptions{NoBrowser: true, Ready: func(url string) { address = url; cancel() }})
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if at.Hostname() != "127.0.0.1" || at.Path != "/lab/tree/notebooks" || len(at.Query().Get("token")) < 32 {
		t.Errorf("opened at %q, want the notebooks on loopback, with a token", address)
	}
	arguments, err := os.ReadFile(os.Getenv("CALLS"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(arguments), "--ServerApp.ip=127.0.0.1 ") || !strings.Contains(string(arguments), "--no-browser") {
		t.Errorf("JupyterLab was called with %s", arguments)
	}
	if strings.Contains(string(arguments), at.Query().Get("token")) {
		t.Errorf("the token is on the command line, where every user can see it: %s", arguments)
	}
}

func TestOpenFails(t *testing.T) {
	config := newOpenedClone(t, `echo "first" >&2; echo "error: no such setting" >&2; exit 3`)
	var log bytes.Buffer
	err := Open(t.Context(), config, OpenOptions{Log: &log, Ready: func(string) { t.Error("ready, though it failed") }})
	wantError(t, err, "JupyterLab ended", "error: no such setting")
	if !strings.Contains(log.String(), "first") {
		t.Errorf("the log is %q", log.String())
	}
}
