package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/ganymede-ml/ganymede/gan/features"
)

// weightsFolder is where downloaded weights go, unless the user says otherwise.
const weightsFolder = "weights"

func newFeatures(c *console) *cobra.Command {
	command := &cobra.Command{
		Use:   "features",
		Short: "List the networks that pictures are judged by, or get their weights",
		Long: `List the networks that evaluate judges pictures by (--features), or get the weights of those that do not come
with the program. Nothing is downloaded unless get is called.`,
		Example: `  ganymede features list
  ganymede features get inception`,
	}
	parent(command)
	command.AddCommand(newFeaturesList(c), newFeaturesGet(c))
	return command
}

func newFeaturesList(c *console) *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:     "list",
		Short:   "List the networks",
		Long:    "List the networks with their accuracy on held-out pictures, or the file that their weights are in.",
		Example: "  ganymede features list --json",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			list := features.List()
			if asJSON {
				return c.printJSON(list)
			}
			table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintln(table, "NAME\tFEATURES\tCLASSES\tACCURACY\tWEIGHTS") // Flush returns the error.
			for _, info := range list {
				_, _ = fmt.Fprintln(table, strings.Join(featureRow(info), "\t"))
			}
			return errors.Wrap(table.Flush(), "standard output")
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print a JSON list")
	return command
}

// featureRow returns what people read of a network.
func featureRow(info features.Info) []string {
	some := func(known bool, format string, value any) string {
		if !known {
			return "–"
		}
		return fmt.Sprintf(format, value)
	}
	weights := "none: the pixels, averaged down"
	switch {
	case info.File != "":
		weights = fmt.Sprintf("%s, %d MB", info.File, info.Bytes/1e6)
	case info.Data != "":
		weights = "come with the program"
	}
	return []string{info.Name, some(info.Features > 0, "%d", info.Features), some(info.Classes > 0, "%d", info.Classes),
		some(info.Accuracy > 0, "%.2f %%", 100*info.Accuracy), weights}
}

func newFeaturesGet(c *console) *cobra.Command {
	var dir string
	var asJSON bool
	command := &cobra.Command{
		Use:   "get NAME",
		Short: "Download the weights of a network",
		Long: `Download the file of weights that everybody's scores are made with from its official address, and verify its
SHA-256. A download that was broken off goes on; a file that is there is verified and kept.`,
		Example: `  ganymede features get inception
  ganymede features get vgg16 --dir ~/weights`,
		Args: oneArgument("the NAME of a network"),
		RunE: func(cmd *cobra.Command, arguments []string) error {
			return c.getFeatures(cmd.Context(), arguments[0], dir, asJSON)
		},
		ValidArgs: downloadable(),
	}
	command.Flags().StringVar(&dir, "dir", weightsFolder, "`DIR` to put it in")
	command.Flags().BoolVar(&asJSON, "json", false, "print the result as a JSON object")
	must(command.MarkFlagDirname("dir"))
	return command
}

// downloadable returns the names of the networks whose weights are in a file.
func downloadable() []string {
	var names []string
	for _, info := range features.List() {
		if name, ok := strings.CutSuffix(info.Name, ":FILE"); ok {
			names = append(names, name)
		}
	}
	return names
}

func (c *console) getFeatures(ctx context.Context, name, dir string, asJSON bool) error {
	if err := checkName("network with a file of weights", name, downloadable()); err != nil {
		return err
	}
	meter := newStages(c, asJSON)
	defer meter.close()
	file, err := features.Download(ctx, name, dir, func(done, total int64) { meter.update("MB of "+name, int(done/1e6), int(total/1e6)) })
	if err != nil {
		return err
	}
	meter.close()
	spec := name + ":" + filepath.ToSlash(file)
	if asJSON {
		return c.printJSON(map[string]string{"name": name, "file": file, "features": spec})
	}
	return c.print("%s\nNext: %s", file, c.shell("evaluate", "--real", "REAL", "--fake", "FAKE", "--features", spec))
}
