package cli

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/internal/nearest"
)

// chosenData is which examples of a data set are taken, and where the classes of a folder's pictures are named.
type chosenData struct {
	datasets.View
	Labels string `json:"labels,omitempty"` // An absolute path, in a request.
}

// bindChosen defines the flags of it.
func bindChosen(flags *pflag.FlagSet, chosen *chosenData) {
	flags.StringVar(&chosen.Labels, "labels", "", "CSV `FILE` with the class of each picture of a folder; otherwise its sub-folders are the classes")
	flags.StringVar(&chosen.Split, "split", "", "take the `PART` train, validation or test: 70, 10 and 20 in 100 by hash, or the data's own (default all)")
	flags.StringSliceVar(&chosen.Only, "only", nil, "take these `CLASSES` alone, separated by commas")
	flags.IntVar(&chosen.PerClass, "per-class", 0, "take `N` examples of each class (default all)")
	flags.BoolVar(&chosen.Balance, "balance", false, "take as many examples of each class as the rarest has")
	flags.Int64Var(&chosen.ViewSeed, "view-seed", 0, "draws the examples of --per-class and --balance")
}

// completeChosen offers what the flags of it take.
func completeChosen(command *cobra.Command) {
	must(command.RegisterFlagCompletionFunc("split",
		cobra.FixedCompletions(datasets.Splits(), cobra.ShellCompDirectiveNoFileComp)))
	must(command.MarkFlagFilename("labels", "csv", "tsv", "txt"))
}

// check returns an error about a value that can never be right.
func (c chosenData) check(flags *pflag.FlagSet) error {
	if flags.Changed("per-class") && c.PerClass < 1 {
		return misusef("--per-class %d must be at least 1", c.PerClass)
	}
	if c.Balance && c.PerClass > 0 {
		return misusef("--balance and --per-class exclude each other")
	}
	splits := datasets.Splits()
	if c.Split == "" || slices.Contains(splits, c.Split) {
		return nil
	}
	return misusef("--split %s is unknown%s (all: %s)", c.Split, nearest.Hint(c.Split, splits), strings.Join(splits, ", "))
}

// into returns the options with what is chosen.
func (c chosenData) into(options datasets.Options) datasets.Options {
	options.View, options.Labels = c.View, c.Labels
	return options
}

// absolute returns it so that it means the same in another working folder.
func (c chosenData) absolute() chosenData {
	if c.Labels != "" {
		if path, err := filepath.Abs(c.Labels); err == nil {
			c.Labels = path
		}
	}
	return c
}

// words says in a few words which examples are taken, "" for all.
func (c chosenData) words() string { return c.View.String() }
