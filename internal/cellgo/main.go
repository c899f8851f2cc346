// Command cellgo stands in for the go command in the kernels of "ganymede lab". A cell of a notebook is a program made of
// all declarations so far, so a cell that prints one line would be linked with all of GoMLX: it takes as long as one that
// trains. cellgo builds a cell from the declarations that it reaches, checks at the same time that all of them compile, and
// does not ask for modules that are there. Whatever else it is asked to do it leaves to the go command.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// GoVariable is the environment variable with the path of the go command to stand in for.
const GoVariable = "GANYMEDE_GO"

// cellFile is the program that GoNB writes, in its temporary folder.
const cellFile = "main.go"

// knownFile is beside it, and holds the hash of the declarations that compiled.
const knownFile = "ganymede-known"

func main() {
	goCommand := os.Getenv(GoVariable)
	if goCommand == "" {
		fmt.Fprintln(os.Stderr, "ganymede lab: "+GoVariable+" is not set: run \"ganymede lab --setup\" to renew the kernel")
		os.Exit(1)
	}
	arguments := os.Args[1:]
	switch {
	case isCell() && slices.Equal(arguments, []string{"get"}):
		return // What cells import is there as a rule; where it is not, build asks for it.
	case isCell() && len(arguments) >= 3 && arguments[0] == "build" && arguments[1] == "-o":
		c := cell{goCommand: goCommand, binary: arguments[2], flags: arguments[3:]}
		os.Exit(c.build())
	}
	err := syscall.Exec(goCommand, append([]string{"go"}, arguments...), os.Environ())
	fmt.Fprintf(os.Stderr, "ganymede lab: %s: %v: run \"ganymede lab --setup\" to renew the kernel\n", goCommand, err)
	os.Exit(1)
}

// isCell tells whether GoNB runs this in its temporary folder.
func isCell() bool {
	folder, here := os.Getenv("GONB_TMP_DIR"), os.Getenv("PWD")
	if folder == "" {
		return false
	}
	if here == "" {
		here, _ = os.Getwd()
	}
	return filepath.Clean(folder) == filepath.Clean(here)
}

// cell is the build of one.
type cell struct {
	goCommand string
	binary    string   // To be made.
	flags     []string // Of the build.
}

// build builds the cell and returns the exit status. Output, if anything fails, is that of the go command for the whole cell.
func (c *cell) build() int {
	source, err := os.ReadFile(cellFile)
	if err == nil && slices.Equal(c.flags, nil) {
		if pruned, ok := prune(source); ok && c.buildPruned(source, pruned) {
			return 0
		}
	}
	output, err := c.run(append([]string{"build", "-o", c.binary}, c.flags...)...)
	if err != nil && lacksModule(output) {
		if output, err = c.run("get"); err == nil {
			output, err = c.run(append([]string{"build", "-o", c.binary}, c.flags...)...)
		}
	}
	_, _ = os.Stdout.Write(output)
	if err != nil {
		return 1
	}
	return 0
}

// buildPruned builds the cell from what it reaches. Declarations that were not there last time are compiled at the same time
// whether reached or not. It tells whether all went well.
func (c *cell) buildPruned(source, pruned []byte) bool {
	declared := []byte(declarations(source))
	compiled := make(chan error, 1)
	go func() {
		if known, err := os.ReadFile(knownFile); err == nil && bytes.Equal(known, declared) {
			compiled <- nil
			return
		}
		_, err := c.run("list", "-export", "-f", "", ".") // Compiles, and does not link.
		if err == nil {
			err = os.WriteFile(knownFile, declared, 0o600)
		}
		compiled <- err
	}()
	err := c.link(pruned)
	return <-compiled == nil && err == nil
}

// link builds the program as if its source were another: line numbers and the file's name stay what they are.
func (c *cell) link(source []byte) error {
	folder, err := os.MkdirTemp("", "ganymede-cell-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	replacement, overlay := filepath.Join(folder, cellFile), filepath.Join(folder, "overlay.json")
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(here, cellFile): replacement}})
	if err != nil {
		return err
	}
	if err := os.WriteFile(replacement, source, 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(overlay, list, 0o600); err != nil {
		return err
	}
	_, err = c.run("build", "-overlay="+overlay, "-o", c.binary)
	return err
}

func (c *cell) run(arguments ...string) (output []byte, err error) {
	return exec.Command(c.goCommand, arguments...).CombinedOutput()
}

// lacksModule tells whether a build failed for a module that "go get" would add.
func lacksModule(output []byte) bool {
	for _, sign := range []string{"no required module provides", "go get", "go.mod", "missing go.sum"} {
		if bytes.Contains(output, []byte(sign)) {
			return true
		}
	}
	return strings.Contains(string(output), "is not in std")
}
