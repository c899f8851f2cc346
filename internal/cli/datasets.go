package cli

import (
	"bytes"
	"fmt"
	"image"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/display"
)

const sheetColumns = 10 // Examples in a row of a contact sheet.

func newDatasets(c *console) *cobra.Command {
	command := &cobra.Command{
		Use:   "datasets",
		Short: "List and look at the data sets",
		Long:  "List and look at the data sets that train can learn from: embedded ones, toys, and your own folders.",
		Example: `  ganymede datasets list
  ganymede datasets show digits
  ganymede datasets show folder:photos --size 32 --out photos.png`,
	}
	parent(command)
	command.AddCommand(newDatasetsList(c), newDatasetsShow(c), newDatasetsGet(c))
	return command
}

func newDatasetsList(c *console) *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:     "list",
		Short:   "List the data sets",
		Long:    "List the data sets with their size, their shape and where they come from.",
		Example: "  ganymede datasets list --json",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			infos := datasets.List()
			if asJSON {
				return c.printJSON(append(infos, pairsInfos()...))
			}
			table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintln(table, "NAME\tEXAMPLES\tSHAPE\tLICENCE\tWHAT") // Flush returns the error.
			for _, info := range infos {
				examples, shape := "any", "any"
				if info.Examples > 0 {
					examples, shape = fmt.Sprint(info.Examples), shapeText(info.Shape)
				}
				_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", info.Name, examples, shape, info.Licence, info.Summary)
			}
			if err := table.Flush(); err != nil {
				return errors.Wrap(err, "standard output")
			}
			return c.printPairsList()
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print a JSON list")
	return command
}

// shown is the result of datasets show.
type shown struct {
	Name     string       `json:"name"`
	Examples int          `json:"examples"`
	Shape    []int        `json:"shape"`
	Classes  []classCount `json:"classes"`
	Skipped  []string     `json:"skipped,omitempty"`
	Hash     string       `json:"hash"` // SHA-256.
	Sheet    string       `json:"sheet"`
}

type classCount struct {
	Name     string `json:"name"`
	Examples int    `json:"examples"`
}

func newDatasetsShow(c *console) *cobra.Command {
	var options datasets.Options
	var chosen chosenData
	var out string
	var asJSON bool
	command := &cobra.Command{
		Use:   "show NAME",
		Short: "Draw a contact sheet of a data set and count its classes",
		Long: `Draw a contact sheet of a data set, as train sees it, and count its classes: a row for each class, or a
hundred examples where there are none. Of pairs, A and B stand side by side.`,
		Example: `  ganymede datasets show digits
  ganymede datasets show pairs:facades
  ganymede datasets show folder:photos --size 32 --out photos.png`,
		Args:              oneArgument("the NAME of a data set"),
		ValidArgsFunction: completeOneData,
		RunE: func(cmd *cobra.Command, arguments []string) error {
			if err := checkPictures(options.Size, options.Channels); err != nil {
				return err
			}
			if err := chosen.check(cmd.Flags()); err != nil {
				return err
			}
			if arePairs(arguments[0]) {
				return c.showPairs(arguments[0], out, asJSON, chosen.into(options))
			}
			set, err := openSet(c, arguments[0], false, chosen.into(options))
			if err != nil {
				return err
			}
			if out == "" {
				out = sheetName(set.Name)
			}
			if err := display.SavePNG(out, contactSheet(set)); err != nil {
				return err
			}
			result := shown{Name: set.Name, Examples: set.Len(), Shape: set.Shape, Classes: countClasses(set),
				Skipped: set.Skipped, Hash: set.Hash(), Sheet: out}
			if asJSON {
				return c.printJSON(result)
			}
			return c.printShown(result, set)
		},
	}
	flags := command.Flags()
	flags.StringVar(&out, "out", "", "PNG `FILE` to draw (default the set's name, here)")
	flags.IntVar(&options.Size, "size", 0, "crop and resize pictures to `N`×N pixels; 0: as they are")
	flags.IntVar(&options.Channels, "channels", 0, "make pictures grey (1) or coloured (3); 0: as they are")
	flags.BoolVar(&options.SkipBroken, "skip-broken", false, "leave out pictures that cannot be read")
	bindChosen(flags, &chosen)
	completeChosen(command)
	flags.BoolVar(&asJSON, "json", false, "print a JSON object")
	return command
}

// printShown prints the result of show for people.
func (c *console) printShown(result shown, set *datasets.Set) error {
	lines := []string{fmt.Sprintf("%s: %s", result.Name, describe(set))}
	if len(result.Skipped) > 0 {
		lines = append(lines, fmt.Sprintf("left out %d pictures that cannot be read, the first %s", len(result.Skipped), result.Skipped[0]))
	}
	width := 0
	for _, class := range result.Classes {
		width = max(width, len([]rune(class.Name)))
	}
	for _, class := range result.Classes {
		lines = append(lines, fmt.Sprintf("  %-*s  %6d", width, class.Name, class.Examples))
	}
	return c.print("%s\n%s", strings.Join(lines, "\n"), result.Sheet)
}

// openSet opens a data set, and shows on a terminal how far the reading of a folder is.
func openSet(c *console, name string, quiet bool, options datasets.Options) (*datasets.Set, error) {
	defer showReading(c, name, quiet, &options)()
	return datasets.Open(name, options)
}

// showReading has the options show on a terminal how far the reading of a folder is, until the function it returns is called.
func showReading(c *console, name string, quiet bool, options *datasets.Options) (end func()) {
	if !c.tty || quiet || !strings.HasPrefix(name, folderPrefix) {
		return func() {}
	}
	var bar *progressbar.ProgressBar
	options.Progress = func(done, total int) {
		if bar == nil || done == 1 { // Files are read first, and then decoded.
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(c.err), progressbar.OptionSetDescription("reading pictures"),
				progressbar.OptionShowCount(), progressbar.OptionSetWidth(24), progressbar.OptionThrottle(100*time.Millisecond),
				progressbar.OptionSetTheme(theme), progressbar.OptionSetPredictTime(false), progressbar.OptionClearOnFinish())
		}
		_ = bar.Set(done)
	}
	return func() {
		if bar != nil {
			_ = bar.Exit()
			_ = bar.Clear()
		}
	}
}

// describe says how large a data set is: "10000 pictures 28×28×1".
func describe(set *datasets.Set) string {
	if set.Points != nil {
		return fmt.Sprintf("%d points", set.Len())
	}
	return fmt.Sprintf("%d pictures %s", set.Len(), shapeText(set.Shape))
}

func shapeText(shape []int) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(shape), "[]"), " ", "×")
}

// sheetName returns the file for the contact sheet of a data set.
func sheetName(data string) string {
	directory, isFolder := strings.CutPrefix(absoluteData(data), folderPrefix)
	if isFolder {
		data = filepath.Base(directory)
	}
	return strings.ReplaceAll(data, ":", "-") + ".png" // "emoji:twitter"; a colon is no part of a name on Windows.
}

// countClasses returns the number of examples in each class; none if there are no classes.
func countClasses(set *datasets.Set) []classCount {
	counts := make([]classCount, len(set.Classes))
	for i, name := range set.Classes {
		counts[i].Name = name
	}
	for _, label := range set.Labels {
		counts[label].Examples++
	}
	return counts
}

// contactSheet draws examples: the first ones of each class in a row of its own, or of the whole set.
func contactSheet(set *datasets.Set) image.Image {
	if set.Points != nil {
		n := min(set.Len(), 2*pointSamples)
		points := tensors.FromFlatDataAndDimensions(set.Points[:2*n], n, 2)
		return display.Scatter(points, points)
	}
	const empty = 72 // The grey between tiles.
	size := len(set.Pixels) / set.Len()
	var pixels []uint8
	add := func(examples []int) {
		for _, i := range examples {
			pixels = append(pixels, set.Pixels[i*size:(i+1)*size]...)
		}
		for range sheetColumns - len(examples) {
			pixels = append(pixels, bytes.Repeat([]byte{empty}, size)...)
		}
	}
	tiles := display.Tiles{Columns: sheetColumns}
	if set.Labels == nil {
		for start := 0; start < min(set.Len(), sheetColumns*sheetColumns); start += sheetColumns {
			row := make([]int, min(sheetColumns, set.Len()-start))
			for i := range row {
				row[i] = start + i
			}
			add(row)
		}
	} else {
		rows := make([][]int, len(set.Classes))
		for i, label := range set.Labels {
			if len(rows[label]) < sheetColumns {
				rows[label] = append(rows[label], i)
			}
		}
		for i, row := range rows {
			tiles.RowNames = append(tiles.RowNames, set.Classes[i])
			add(row)
		}
	}
	dimensions := append([]int{len(pixels) / size}, set.Shape...)
	return tiles.Draw(tensors.FromFlatDataAndDimensions(pixels, dimensions...))
}
