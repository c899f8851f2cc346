// Package cli is the command ganymede: a verb in each file, over the packages that do the work.
//
// Results go to standard output, everything else to standard error. An error is one line there, see errors.go.
package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/ganymede-ml/ganymede/internal/nearest"
)

// Run runs the command with the arguments that follow its name, and returns its exit status: 0, 1 for an error, 2 for
// misuse, 130 when it was interrupted. The first interrupt ends the command cleanly, a second one kills it.
func Run(arguments []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return execute(ctx, newConsole(stdout, stderr), arguments)
}

// console is where a command writes, and how its user calls it.
type console struct {
	out, err io.Writer
	tty      bool   // Whether err is a terminal.
	program  string // "ganymede", or "go run ." where it is that.
}

func newConsole(stdout, stderr io.Writer) *console {
	c := &console{out: stdout, err: stderr, program: programName()}
	if file, ok := stderr.(*os.File); ok {
		c.tty = term.IsTerminal(int(file.Fd()))
	}
	return c
}

// programName returns what to type to call this program again.
func programName() string {
	executable, err := os.Executable()
	if err != nil || len(os.Args) == 0 {
		return "ganymede"
	}
	// The go command runs what it built from a temporary folder go-build…/b001/exe.
	for element := range strings.SplitSeq(filepath.ToSlash(executable), "/") {
		if strings.HasPrefix(element, "go-build") {
			return "go run ."
		}
	}
	name := filepath.Base(executable)
	if found, err := exec.LookPath(name); err == nil && found == executable {
		return name
	}
	return os.Args[0]
}

// say writes a line to standard error. That it cannot be written is no reason to stop.
func (c *console) say(format string, arguments ...any) {
	_, _ = fmt.Fprintf(c.err, format+"\n", arguments...)
}

// print writes a line of a result to standard output.
func (c *console) print(format string, arguments ...any) error {
	_, err := fmt.Fprintf(c.out, format+"\n", arguments...)
	return errors.Wrap(err, "standard output")
}

// printJSON writes a result to standard output, as one line.
func (c *console) printJSON(result any) error {
	data, err := json.Marshal(result)
	if err != nil {
		return errors.Wrap(err, "the result as JSON")
	}
	return c.print("%s", data)
}

// shell returns a command line for the user to type.
func (c *console) shell(arguments ...string) string {
	words := []string{c.program}
	for _, argument := range arguments {
		plain := strings.IndexFunc(argument, func(r rune) bool {
			return !strings.ContainsRune("+-./:=_@%,", r) && !('0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
		}) < 0
		if !plain || argument == "" {
			argument = "'" + strings.ReplaceAll(argument, "'", `'\''`) + "'"
		}
		words = append(words, argument)
	}
	return strings.Join(words, " ")
}

// newRoot returns the command with all its verbs.
func newRoot(c *console) *cobra.Command {
	root := &cobra.Command{
		Use:   "ganymede",
		Short: "Train generative adversarial networks",
		Long: `Ganymede trains generative adversarial networks (GANs): a generator learns to draw pictures like those
it is shown, playing against a discriminator that learns to tell them apart.

Without a flag, train learns to draw handwritten digits in about a minute and a half.`,
		Example: `  ganymede train                                   # digits, on their own
  ganymede train --data folder:photos --size 32    # your own pictures
  ganymede sample --run runs/mine --n 10000 --out s.npy
  ganymede evaluate --real digits --fake runs/mine # scores, each with what it was measured by
  ganymede translate --run runs/maps in/ out/      # pictures into others; style and inpaint likewise
  ganymede compare runs/one runs/other             # side by side, as a page
  ganymede doctor                                  # what runs here, and how fast`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	parent(root)
	root.SetFlagErrorFunc(flagError)
	root.SetOut(c.out)
	root.SetErr(c.err)
	root.AddCommand(newTrain(c), newSample(c), newEvaluate(c), newCompare(c), newDatasets(c), newAugment(c), newTranslate(c), newStyle(c), newInpaint(c), newBench(c), newFeatures(c), newDoctor(c), newLab(c), newSampler(c), newVersion(c))
	root.InitDefaultCompletionCmd()
	for _, command := range root.Commands() {
		if command.Name() == "completion" {
			parent(command)
			for _, shell := range command.Commands() {
				shell.Args = noArguments
			}
		}
	}
	return root
}

// parent makes a command one that only has verbs: it shows its help, and an unknown verb is misuse.
func parent(command *cobra.Command) {
	command.Args = func(cmd *cobra.Command, arguments []string) error {
		if len(arguments) == 0 {
			return nil
		}
		var verbs []string
		for _, child := range cmd.Commands() {
			if child.IsAvailableCommand() {
				verbs = append(verbs, child.Name())
			}
		}
		return misusef("there is no verb %q%s (all: %s)", arguments[0], nearest.Hint(arguments[0], verbs), strings.Join(verbs, ", "))
	}
	command.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
}

// noArguments is for verbs that take flags only.
func noArguments(_ *cobra.Command, arguments []string) error {
	if len(arguments) > 0 {
		return misusef("%q is an argument, and this verb takes flags only", arguments[0])
	}
	return nil
}

// oneArgument is for verbs that take one argument, called by the name given.
func oneArgument(name string) cobra.PositionalArgs {
	return func(_ *cobra.Command, arguments []string) error {
		switch len(arguments) {
		case 0:
			return misusef("%s is missing", name)
		case 1:
			return nil
		}
		return misusef("%q is one argument too many", arguments[1])
	}
}
