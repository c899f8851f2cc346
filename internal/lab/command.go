package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/pkg/errors"
)

const (
	lockRetry = 200 * time.Millisecond
	stopGrace = 15 * time.Second // From the request to stop until a program is killed: it has kernels to stop first.
)

// command returns a command that runs in the clone, with additions to the environment. When ctx ends it is asked to stop.
func (l *lab) command(ctx context.Context, environment []string, name string, arguments ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, arguments...)
	cmd.Dir = l.root
	cmd.Env = append(os.Environ(), environment...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopGrace
	return cmd
}

// run runs a command and returns all that it printed.
func (l *lab) run(ctx context.Context, environment []string, name string, arguments ...string) (string, error) {
	var output bytes.Buffer
	cmd := l.command(ctx, environment, name, arguments...)
	cmd.Stdout, cmd.Stderr = &output, &output
	err := cmd.Run()
	return output.String(), err
}

// failure returns the error of a command that failed: one line, or that ctx was cancelled.
func failure(ctx context.Context, err error, format string, arguments ...any) error {
	if ctx.Err() != nil {
		return errors.Wrap(ctx.Err(), "lab")
	}
	if len(arguments) > 0 {
		if line, ok := arguments[len(arguments)-1].(string); ok && line == "" {
			arguments[len(arguments)-1] = err.Error()
		}
	}
	return errors.Errorf("lab: "+format, arguments...)
}

// firstLine returns the first line of a program's output.
func firstLine(output string) string {
	line, _, _ := strings.Cut(output, "\n")
	return strings.TrimSpace(line)
}

// errorLine picks the line of a program's output that says what went wrong: the last one that calls itself an error, or
// else the last one.
func errorLine(output string) string {
	var last string
	lines := strings.Split(strings.TrimSpace(output), "\n")
	for _, line := range lines {
		if strings.HasPrefix(strings.ToLower(line), "error") {
			last = strings.TrimSpace(line)
		}
	}
	if last == "" {
		last = strings.TrimSpace(lines[len(lines)-1])
	}
	return last
}

// goEnvironment is what `go env` says of the Go that the clone uses.
type goEnvironment struct {
	Root        string `json:"GOROOT"`
	Version     string `json:"GOVERSION"`
	Flags       string `json:"GOFLAGS"`
	CgoEnabled  string `json:"CGO_ENABLED"`
	Experiments string `json:"GOEXPERIMENT"`
}

func (l *lab) goEnvironment(ctx context.Context) (goEnvironment, error) {
	var goEnv goEnvironment
	if _, err := exec.LookPath("go"); err != nil {
		return goEnv, errors.New("lab: the go command is not on PATH: install Go 1.26 from https://go.dev/dl and run this again")
	}
	cmd := l.command(ctx, []string{"GOWORK=off"}, "go", "env", "-json", "GOROOT", "GOVERSION", "GOFLAGS", "CGO_ENABLED", "GOEXPERIMENT")
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	output, err := cmd.Output()
	if err != nil {
		return goEnv, failure(ctx, err, "go env: %s", errorLine(complaints.String()))
	}
	return goEnv, errors.Wrap(json.Unmarshal(output, &goEnv), "lab: go env")
}
