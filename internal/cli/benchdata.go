package cli

import (
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/internal/bench"
)

// benchData is the data of a bench.
type benchData struct {
	*console
	data  string
	sets  datasets.Options
	quiet bool
}

func (d *benchData) bindData(flags *pflag.FlagSet, what string) {
	flags.StringVar(&d.data, "data", defaultData, what+": a `NAME` (see datasets list) or folder:DIR")
	flags.StringVar(&d.sets.Labels, "labels", "", "CSV `FILE` with the class of each picture of a folder; otherwise its sub-folders are the classes")
	flags.StringSliceVar(&d.sets.Only, "only", nil, "take these `CLASSES` alone, separated by commas")
	flags.IntVar(&d.sets.Size, "size", 0, "crop and resize pictures to `N`×N pixels; 0: as they are, if they are small")
	flags.IntVar(&d.sets.Channels, "channels", 0, "make pictures grey (1) or coloured (3); 0: as they are")
	flags.BoolVar(&d.sets.SkipBroken, "skip-broken", false, "leave out broken pictures of a folder")
}

func (d *benchData) bindQuiet(flags *pflag.FlagSet) {
	flags.BoolVar(&d.quiet, "quiet", false, "do not show how far it is")
}

func (d *benchData) completeData(command *cobra.Command) {
	must(command.RegisterFlagCompletionFunc("data", completeData))
	must(command.RegisterFlagCompletionFunc("channels", cobra.FixedCompletions([]string{"1", "3"}, cobra.ShellCompDirectiveNoFileComp)))
	must(command.MarkFlagFilename("labels", "csv", "tsv", "txt"))
}

// folder returns where the results go, unless the user says otherwise.
func (d *benchData) folder(prefix string) string {
	return filepath.Join("runs", prefix+strings.TrimSuffix(sheetName(d.data), ".png"))
}

// open opens what is learned from and the split that judges: that of test, or of validation, which is a part of the data that a
// set keeps for learning.
func (d *benchData) open(judgedBy string) (train, test *datasets.Set, err error) {
	if judgedBy == datasets.Validation {
		whole, err := openSet(d.console, d.data, d.quiet, d.sets)
		if err != nil {
			return nil, nil, err
		}
		if train, err = whole.Split(datasets.Train); err != nil {
			return nil, nil, err
		}
		test, err = whole.Split(datasets.Validation)
		return train, test, err
	}
	for split, set := range map[string]**datasets.Set{datasets.Train: &train, datasets.Test: &test} {
		options := d.sets
		options.Split = split
		if *set, err = openSet(d.console, d.data, d.quiet, options); err != nil {
			return nil, nil, err
		}
	}
	return train, test, nil
}

// benchSide is the height and width that pictures are brought to that are too large or of no shape for a bench's networks, if
// the user chose none; benchLargest is what they may have.
const benchSide, benchLargest = 32, 64

// fit brings pictures whose shape will not do to a size that will, unless the user chose one.
func (d *benchData) fit(train, test **datasets.Set, willDo func(shape []int) bool) error {
	shape := (*train).Shape
	if len(shape) != 3 || d.sets.Size != 0 || willDo(shape) {
		return nil
	}
	for _, set := range []**datasets.Set{train, test} {
		fitted, err := (*set).Fit(datasets.Options{Size: benchSide})
		if err != nil {
			return err
		}
		*set = fitted
	}
	if !d.quiet {
		d.say("pictures of %s are brought to %d×%d; --size chooses another size", shapeText(shape[:2]), benchSide, benchSide)
	}
	return nil
}

// benchOutput is how the result of a bench is shown.
type benchOutput struct {
	markdown string
	asJSON   bool
}

func (o *benchOutput) bindOutput(flags *pflag.FlagSet) {
	flags.StringVar(&o.markdown, "markdown", "", "write the tables to this `FILE` as well")
	flags.BoolVar(&o.asJSON, "json", false, "print one JSON object in place of the tables")
}

func (o *benchOutput) completeOutput(command *cobra.Command) {
	must(command.MarkFlagFilename("markdown", "md"))
}

// present prints the result, and names the files that were written.
func (o *benchOutput) present(c *console, result bench.Report, files ...string) error {
	if o.markdown != "" {
		if err := bench.WriteMarkdown(o.markdown, result); err != nil {
			return err
		}
		files = append(files, o.markdown)
	}
	if o.asJSON {
		return c.printJSON(result)
	}
	var lines []string
	for _, t := range result.Tables() {
		lines = append(lines, t.Title)
		lines = append(lines, table(t.Rows)...)
		lines = append(lines, "")
	}
	lines = append(lines, result.Verdicts()...)
	for _, note := range result.Remarks() {
		lines = append(lines, "note: "+note)
	}
	lines = append(lines, "", result.MeasuredBy(), strings.Join(files, "\n"))
	return c.print("%s", strings.Join(lines, "\n"))
}
