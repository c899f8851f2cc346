//go:build !windows

package sampler

import (
	"os/exec"
	"syscall"
)

// detach lets a process live on when the cell, or its whole process group, is interrupted.
func detach(command *exec.Cmd) { command.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
