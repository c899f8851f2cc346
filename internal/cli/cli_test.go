package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// call runs the command as a user would, in a folder of its own and on the pure Go backend.
func call(t *testing.T, arguments ...string) (status int, stdout, stderr string) {
	t.Helper()
	return callContext(context.Background(), t, arguments...)
}

func callContext(ctx context.Context, t *testing.T, arguments ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	c := newConsole(&out, &err)
	c.program = "ganymede"
	status = execute(ctx, c, arguments)
	return status, out.String(), err.String()
}

// succeed is call for what must succeed.
func succeed(t *testing.T, arguments ...string) (stdout, stderr string) {
	t.Helper()
	status, stdout, stderr := call(t, arguments...)
	if status != 0 {
		t.Fatalf("ganymede %s: status %d\n%s", strings.Join(arguments, " "), status, stderr)
	}
	return stdout, stderr
}

// fail is call for what must end with the status and one line on standard error that holds all of the words.
func fail(t *testing.T, status int, words []string, arguments ...string) {
	t.Helper()
	got, stdout, stderr := call(t, arguments...)
	if got != status {
		t.Errorf("ganymede %s: status %d, want %d\n%s", strings.Join(arguments, " "), got, status, stderr)
	}
	if stdout != "" {
		t.Errorf("ganymede %s: printed %q", strings.Join(arguments, " "), stdout)
	}
	lines := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n")
	last := lines[len(lines)-1]
	if !strings.HasPrefix(last, "ganymede: ") || strings.Count(stderr, "ganymede: ") != 1 {
		t.Errorf("ganymede %s: want one line that begins with ganymede:, got\n%s", strings.Join(arguments, " "), stderr)
	}
	for _, word := range words {
		if !strings.Contains(last, word) {
			t.Errorf("ganymede %s: %q does not say %q", strings.Join(arguments, " "), last, word)
		}
	}
}

// inFolder makes a folder for the test, goes there, and chooses the pure Go backend.
func inFolder(t *testing.T) {
	t.Helper()
	t.Setenv("GOMLX_BACKEND", "go")
	t.Chdir(t.TempDir())
}

// makePictures makes a folder of coloured pictures 16×16, in two classes.
func makePictures(t *testing.T, folder string, count int) {
	t.Helper()
	for i := range count {
		picture := image.NewNRGBA(image.Rect(0, 0, 16, 16))
		for y := range 16 {
			for x := range 16 {
				picture.Set(x, y, color.NRGBA{R: uint8(16 * x), G: uint8(16 * y), B: uint8(40 * i), A: 255})
			}
		}
		var data bytes.Buffer
		if err := png.Encode(&data, picture); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(folder, []string{"left", "right"}[i%2], fmt.Sprintf("%d.png", i)), data.Bytes())
	}
}

func writeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

func readJSON(t *testing.T, text string) map[string]any {
	t.Helper()
	var object map[string]any
	if strings.Count(text, "\n") != 1 {
		t.Errorf("want one line of JSON, got\n%s", text)
	}
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	return object
}

func TestHelp(t *testing.T) {
	var walk func(command *cobra.Command)
	walk = func(command *cobra.Command) {
		if command.Long == "" || command.Example == "" || command.Short == "" {
			t.Errorf("%s has no help", command.CommandPath())
		}
		for line := range strings.SplitSeq(command.Long+"\n"+command.Example, "\n") {
			if len([]rune(line)) > 110 {
				t.Errorf("%s: a line of its help is too long: %s", command.CommandPath(), line)
			}
		}
		for _, child := range command.Commands() {
			if child.Name() != "completion" { // Cobra's own.
				walk(child)
			}
		}
	}
	root := newRoot(newConsole(&bytes.Buffer{}, &bytes.Buffer{}))
	walk(root)
	for _, arguments := range [][]string{nil, {"--help"}, {"train", "-h"}, {"datasets"}, {"help", "sample"}} {
		stdout, stderr := succeed(t, arguments...)
		if !strings.Contains(stdout, "Usage:") || stderr != "" {
			t.Errorf("%q: printed %q and said %q", arguments, stdout, stderr)
		}
	}
}

func TestMisuse(t *testing.T) {
	inFolder(t)
	for _, test := range []struct {
		words     string // Separated by |.
		arguments string
	}{
		{`no verb "sampel"|did you mean sample|ganymede --help`, "sampel"},
		{`no verb "shw"|did you mean show`, "datasets shw"},
		{"NAME|missing|datasets show --help", "datasets show"},
		{`"b" is one argument too many`, "datasets show a b"},
		{`"digits" is an argument`, "train digits"},
		{"no flag --dta|--data|ganymede train --help", "train --dta digits"},
		{`--steps "many" is not a whole number`, "train --steps many"},
		{`--lr "fast" is not a number`, "train --lr fast"},
		{"--data needs a value", "train --data"},
		{"--steps 0 must be at least 1", "train --steps 0"},
		{"--minutes 0", "train --minutes 0"},
		{"--minutes -1", "train --minutes -1"},
		{"--minutes NaN", "train --minutes nan"},
		{"--steps and --minutes exclude each other", "train --steps 3 --minutes 1"},
		{"--batch 0", "train --batch 0"},
		{"--lr 0 must be above 0", "train --lr 0"},
		{"--beta2 1", "train --beta2 1"},
		{"--ema 1", "train --ema 1"},
		{"--gamma 0|--penalty none", "train --gamma 0"},
		{"--every 0", "train --every 0"},
		{"--size -1", "train --size -1"},
		{"--channels 2", "train --channels 2"},
		{"--channels 2", "datasets show digits --channels 2"},
		{"--width -1", "train --width -1"},
		{"--decay-to 5 must be after --decay-from", "train --decay-from 5 --decay-to 5"},
		{"--resume needs --run", "train --resume"},
		{"--run DIR is missing", "sample"},
		{"--n 0", "sample --run r --n 0"},
		{`--warm-up "25" must be STEPSxUPDATES`, "train --warm-up 25"},
		{`--set "gamma" must be KEY=VALUE`, "train --set gamma"},
		{"--label-smoothing 0.5 must be at least 0 and below 0.5", "train --label-smoothing 0.5"},
		{"--critic-steps 0", "train --critic-steps 0"},
		{"--pack 0", "train --pack 0"},
		{"--noise -1", "train --noise -1"},
		{"--lr +Inf must be above 0", "train --lr inf"},
		{"--truncation -1", "sample --run r --truncation -1"},
		{"--class is for single samples", "sample --run r --class 3 --interpolate"},
		{"--from-class and --to-class go together", "sample --run r --interpolate --from-class 3"},
		{"go with --interpolate", "sample --run r --from-class 3 --to-class 4"},
		{"--labels-out goes with samples in a file --out F.npy", "sample --run r --labels-out l.npy"},
		{"needs the folders of two runs at least, got 1", "compare r"},
		{`--out "c.pdf" must end in .html`, "compare r r --out c.pdf"},
		{"--n 0", "compare r r --n 0"},
		{`--out "s.jpg" must end in .png, .gif or .npy`, "sample --run r --out s.jpg"},
		{"only --check and --html take", "lab a.ipynb"},
		{"--html, --check and --setup exclude each other", "lab --html x --check"},
		{"go with --check", "lab --quick"},
		{"--port 70000", "lab --port 70000"},
		{`no verb "fsh"|did you mean fish`, "completion fsh"},
		{`"x" is an argument`, "completion bash x"},
	} {
		fail(t, exitMisuse, strings.Split(test.words, "|"), strings.Fields(test.arguments)...)
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) > 0 {
		t.Errorf("misuse left %v (%v)", entries, err)
	}
}

func TestVersion(t *testing.T) {
	stdout, _ := succeed(t, "version")
	if !strings.HasPrefix(stdout, "ganymede ") || strings.Count(stdout, "\n") != 1 {
		t.Errorf("got %q", stdout)
	}
	stdout, _ = succeed(t, "version", "--json")
	if object := readJSON(t, stdout); !strings.HasPrefix(object["go"].(string), "go1.") {
		t.Errorf("got %s", stdout)
	}
}

func TestCompletion(t *testing.T) {
	inFolder(t)
	writeFile(t, "photos/cats/1.txt", nil)
	writeFile(t, ".hidden/1.txt", nil)
	for _, test := range []struct {
		want, not string
		arguments []string
	}{
		{"digits\t", "folder:photos", []string{"train", "--data", ""}},
		{"folder:photos/\n", "hidden", []string{"train", "--data", "folder:"}},
		{"folder:photos/cats/\n", "", []string{"train", "--data", "folder:photos/"}},
		{"dcgan\n", "", []string{"train", "--arch", ""}},
		{"rp\n", "", []string{"train", "--loss", ""}},
		{"none\n", "", []string{"train", "--penalty", ""}},
		{"spectral\n", "", []string{"train", "--norm", ""}},
		{"plain\t", "", []string{"train", "--preset", ""}},
		{"projection\n", "", []string{"train", "--condition", ""}},
		{"ada\n", "", []string{"train", "--augment", ""}},
		{"rings\t", "", []string{"datasets", "show", ""}},
	} {
		stdout, _ := succeed(t, append([]string{cobra.ShellCompRequestCmd}, test.arguments...)...)
		if !strings.Contains(stdout, test.want) || test.not != "" && strings.Contains(stdout, test.not) {
			t.Errorf("%q: offered\n%s", test.arguments, stdout)
		}
	}
	if stdout, _ := succeed(t, "completion", "bash"); !strings.Contains(stdout, "__start_ganymede") {
		t.Error("there is no script for bash")
	}
}

func TestOneLine(t *testing.T) {
	for _, test := range []struct{ message, want string }{
		{"gan: step 3: gan: no disk\nspace", "step 3: no disk space"},
		{"gan: xla: datasets: it", "it"},
		{`xla: GOMLX_BACKEND="xla:/no/such.so" does not load`, `GOMLX_BACKEND="xla:/no/such.so" does not load`},
		{"the gan: wins", "the gan: wins"},
	} {
		if got := oneLine(test.message); got != test.want {
			t.Errorf("%q: got %q, want %q", test.message, got, test.want)
		}
	}
}

func TestPanic(t *testing.T) {
	var out, err bytes.Buffer
	c := newConsole(&out, &err)
	c.out = nil // As good a fault as any.
	if status := execute(context.Background(), c, []string{"version"}); status != exitError {
		t.Errorf("status %d", status)
	}
	if strings.Count(err.String(), "\n") != 1 || !strings.Contains(err.String(), "should not happen") {
		t.Errorf("said %q", err.String())
	}
	t.Setenv(debugEnv, "1")
	execute(context.Background(), c, []string{"version"})
	if !strings.Contains(err.String(), "version.go:") {
		t.Errorf("no stack in %q", err.String())
	}
}

func TestShell(t *testing.T) {
	c := &console{program: "go run ."}
	got := c.shell("sample", "--run", "my run's", "--out", "a/b-1.png", "")
	if want := `go run . sample --run 'my run'\''s' --out a/b-1.png ''`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestNewRunFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	if got := newRunFolder("folder:my pictures/", now); got != filepath.Join("runs", "2026-03-04-050607-my-pictures") {
		t.Errorf("got %s", got)
	}
	writeFile(t, "runs/2026-03-04-050607-digits/run.json", nil)
	writeFile(t, "runs/2026-03-04-050607-digits-2/run.json", nil)
	if got := newRunFolder("digits", now); got != filepath.Join("runs", "2026-03-04-050607-digits-3") {
		t.Errorf("got %s", got)
	}
}
