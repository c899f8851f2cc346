package lab

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// newCheckedClone makes a clone that counts as set up, whose Python is a script that says what notebooks named so would.
func newCheckedClone(t *testing.T) Config {
	t.Helper()
	fakeMachine(t, map[string]string{"go": fakeGo, "python3": fakePython})
	config := Config{Root: newClone(t)}
	if err := Setup(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	writeTestFile(t, filepath.Join(config.Root, ".venv/bin/python"), `#!/bin/sh
case "$*" in
*jupyterlab*) echo "11 4.6.6" ;;
*good.ipynb) echo "some other line"
	echo 'ganymede: {"ok": true, "cells": 3, "slowest": {"number": 2, "seconds": 1.5}, "bytes": 99}' ;;
*bad.ipynb) printf '%s\n' 'ganymede: {"ok": false, "cells": 1, "failed": {"number": 4, "seconds": 0.5, "source": "%%\nboom()", "error": "undefined: boom"}}' ;;
*broken.ipynb) echo "error: not a notebook: Notebook does not appear to be JSON" >&2; exit 1 ;;
*environment.ipynb) echo "quick=$GANYMEDE_QUICK headless=$GANYMEDE_HEADLESS data=$JUPYTER_DATA_DIR path=$JUPYTER_PATH args=$*" >"$CALLS"
	echo 'ganymede: {"ok": true}' ;;
esac
`, 0o755)
	for _, name := range []string{"good", "bad", "broken", "environment"} {
		writeTestFile(t, filepath.Join(config.Root, name+".ipynb"), `{"cells": []}`, 0o644)
	}
	t.Chdir(config.Root)
	return config
}

func TestCheck(t *testing.T) {
	config := newCheckedClone(t)
	results, err := Check(t.Context(), config, CheckOptions{}, "good.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	if r := results[0]; !r.OK || r.Notebook != "good.ipynb" || r.Cells != 3 || r.Slowest.Number != 2 || r.Failed != nil || r.Seconds <= 0 {
		t.Errorf("a good notebook: %+v", r)
	}

	var reported []string
	results, err = Check(t.Context(), config, CheckOptions{Report: func(r Result) { reported = append(reported, r.Notebook) }},
		"bad.ipynb", "good.ipynb")
	wantError(t, err, "1 of 2 notebooks failed", "bad.ipynb")
	if strings.Join(reported, " ") != "bad.ipynb good.ipynb" || len(results) != 2 {
		t.Errorf("a failure stopped the check: reported %q, %d results", reported, len(results))
	}
	for _, want := range []string{"FAIL  bad.ipynb", "cell 4", "    | boom()", "undefined: boom"} {
		if text := results[0].String(); !strings.Contains(text, want) {
			t.Errorf("the result is %q, without %q", text, want)
		}
	}

	_, err = Check(t.Context(), config, CheckOptions{}, "broken.ipynb")
	wantError(t, err, "broken.ipynb", "does not appear to be JSON")
	_, err = Check(t.Context(), config, CheckOptions{}, "absent.ipynb")
	wantError(t, err, "absent.ipynb")
	_, err = Check(t.Context(), config, CheckOptions{})
	wantError(t, err, "notebooks/*.ipynb")
}

func TestCheckEnvironment(t *testing.T) {
	config := newCheckedClone(t)
	t.Setenv("JUPYTER_PATH", "/elsewhere")
	t.Setenv("JUPYTER_DATA_DIR", "/elsewhere")
	if _, err := Check(t.Context(), config, CheckOptions{Quick: true, Update: true, Timeout: time.Minute}, "environment.ipynb"); err != nil {
		t.Fatal(err)
	}
	contents, err := os.ReadFile(os.Getenv("CALLS"))
	if err != nil {
		t.Fatal(err)
	}
	line := string(contents)
	for _, want := range []string{"quick=1", "headless=1", "path= ", "--timeout 60 --update --folder ", " " + filepath.Join(config.Root, "environment.ipynb")} {
		if !strings.Contains(line, want) {
			t.Errorf("the notebook ran with %q, without %q", line, want)
		}
	}
	if strings.Contains(line, "elsewhere") {
		t.Errorf("the notebook ran with the user's own Jupyter: %q", line)
	}
}

// With JupyterLab set up, the real thing: an error is told by what the compiler or the program said, and only a
// notebook that passes is written.
func TestCheckRealNotebook(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a kernel")
	}
	l, err := newLab(Config{})
	if err != nil {
		t.Fatal(err)
	}
	if state, err := Inspect(Config{}); err != nil || len(state.Missing) > 0 {
		t.Skipf("JupyterLab is not set up: %v %q", err, state.Missing)
	}
	const notebook = `{"cells": [
		{"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# A title"},
		{"cell_type": "code", "id": "b", "metadata": {}, "execution_count": null, "outputs": [], "source": "import \"fmt\"\n%%\nfmt.Println(6*7)"},
		{"cell_type": "code", "id": "c", "metadata": {}, "execution_count": null, "outputs": [], "source": "%%\nLAST"}],
		"metadata": {"kernelspec": {"name": "gonb", "display_name": "Go (gonb)", "language": "go"}}, "nbformat": 4, "nbformat_minor": 5}`
	for _, test := range []struct{ last, wantError string }{
		{`fmt.Println(\"the end\")`, ""},
		{`fmt.Println(missing)`, "undefined: missing"},
		{`panic(\"on purpose\")`, "on purpose"},
	} {
		path := filepath.Join(t.TempDir(), "test.ipynb")
		before := strings.Replace(notebook, "LAST", test.last, 1)
		writeTestFile(t, path, before, 0o644)
		result, err := l.check(t.Context(), CheckOptions{Update: true}, path)
		if err != nil {
			t.Fatal(err)
		}
		after, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if test.wantError == "" {
			if !result.OK || result.Cells != 2 || !strings.Contains(string(after), `"42\n"`) || result.Bytes != int64(len(after)) {
				t.Errorf("%s: %+v, and the file holds:\n%s", test.last, result, after)
			}
			continue
		}
		if result.OK || result.Failed == nil || result.Failed.Number != 3 || !strings.Contains(result.Failed.Error, test.wantError) {
			t.Errorf("%s: %s, want cell 3 to fail with %q", test.last, result, test.wantError)
		}
		if string(after) != before {
			t.Errorf("%s: a notebook that failed was written", test.last)
		}
	}
}

func TestFreePort(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	taken := listener.Addr().(*net.TCPAddr).Port
	_, err = freePort("127.0.0.1", taken)
	wantError(t, err, "choose another port")
	if port, err := freePort("127.0.0.1", 0); err != nil || port < 8888 {
		t.Errorf("freePort = %d, %v", port, err)
	}
}
