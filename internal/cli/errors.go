package cli

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"runtime/debug"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ganymede-ml/ganymede/internal/nearest"
)

// debugEnv, when it is 1, adds stacks to errors.
const debugEnv = "GANYMEDE_DEBUG"

// Exit statuses.
const (
	exitError       = 1
	exitMisuse      = 2
	exitInterrupted = 130 // 128 and the number of the interrupt, as shells have it.
)

// misuse is an error in how the command was called.
type misuse struct{ message string }

func (m misuse) Error() string { return m.message }

func misusef(format string, arguments ...any) error {
	return misuse{fmt.Sprintf(format, arguments...)}
}

// interrupted says how to go on after the user ended the command.
type interrupted struct{ message string }

func (i interrupted) Error() string { return i.message }

// execute runs the command, says what went wrong, and returns the exit status.
func execute(ctx context.Context, c *console, arguments []string) (status int) {
	defer func() {
		if problem := recover(); problem != nil {
			c.say("ganymede: this should not happen, please report it: %s", oneLine(fmt.Sprint(problem)))
			if os.Getenv(debugEnv) == "1" {
				c.say("%s", debug.Stack())
			}
			status = exitError
		}
	}()
	root := newRoot(c)
	root.SetArgs(arguments)
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	if os.Getenv(debugEnv) == "1" {
		c.say("%+v", err)
	}
	var wrong misuse
	var ended interrupted
	switch {
	case errors.As(err, &wrong):
		help := strings.TrimPrefix(command.CommandPath()+" --help", root.Name()+" ")
		c.say("ganymede: %s (see %s %s)", oneLine(err.Error()), c.program, help)
		return exitMisuse
	case errors.As(err, &ended):
		c.say("ganymede: %s", oneLine(ended.message))
		return exitInterrupted
	case ctx.Err() != nil:
		c.say("ganymede: interrupted")
		return exitInterrupted
	}
	c.say("ganymede: %s", oneLine(err.Error()))
	return exitError
}

// prefixes are the names with which packages begin their errors. Callers of a package want them, users of the command do
// not.
var prefixes = regexp.MustCompile(`(^|: )(?:(?:gan|bench|nn|conv|metrics|features|datasets|augment|enlarge|display|doctor|lab|npy|safetensors|xla|training|translate|inpaint|style|tiling): )+`)

// oneLine returns the message of an error as users read it: on one line, without the names of packages.
func oneLine(message string) string {
	return prefixes.ReplaceAllString(strings.Join(strings.Fields(message), " "), "$1")
}

// flagError says in one line what is wrong with a flag.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	var missing *pflag.ValueRequiredError
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return err
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		var names []string
		cmd.Flags().VisitAll(func(flag *pflag.Flag) { names = append(names, "--"+flag.Name) })
		name := "--" + unknown.GetSpecifiedName()
		return misusef("there is no flag %s%s", name, nearest.Hint(name, names))
	case errors.As(err, &invalid):
		return misusef("--%s %q is not %s", invalid.GetFlag().Name, invalid.GetValue(), kindOf(invalid.GetFlag()))
	case errors.As(err, &missing):
		return misusef("--%s needs a value", missing.GetFlag().Name)
	}
	return misuse{err.Error()}
}

// kindOf says what the value of a flag has to be.
func kindOf(flag *pflag.Flag) string {
	switch kind := flag.Value.Type(); kind {
	case "int", "int64":
		return "a whole number"
	case "float64":
		return "a number"
	case "bool":
		return "true or false"
	default:
		return "a " + kind
	}
}
