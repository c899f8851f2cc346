package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/display"
	"github.com/ganymede-ml/ganymede/internal/nearest"
)

// getting is what datasets get is asked for.
type getting struct {
	*console
	name    string
	options datasets.Options
	from    string
	out     string
	n       int
	asJSON  bool
}

func newDatasetsGet(c *console) *cobra.Command {
	g := getting{console: c}
	command := &cobra.Command{
		Use:   "get NAME",
		Short: "Download a data set, or write it out as a folder of pictures",
		Long: `Download a data set, so that training needs no network: to the folder named in GANYMEDE_DATA, or else to the
user's cache. The files come from their official addresses or mirrors of them, and their SHA-256 is verified.
A download that was broken off goes on; what is there is verified and kept.

With --out its pictures are written as PNG files, in a folder for each class: for other programs, or to be
sorted and changed before training on them as folder:DIR.`,
		Example: `  ganymede datasets get mnist
  ganymede datasets get facades
  ganymede datasets get cifar10 --from ~/Downloads
  ganymede datasets get fashion --out clothes/ --n 2000`,
		Args:              oneArgument("the NAME of a data set"),
		ValidArgsFunction: completeGet,
		RunE: func(cmd *cobra.Command, arguments []string) error {
			g.name = arguments[0]
			if err := checkPictures(g.options.Size, g.options.Channels); err != nil {
				return err
			}
			if cmd.Flags().Changed("n") && g.n < 1 {
				return misusef("--n %d must be at least 1", g.n)
			}
			return g.run(cmd.Context())
		},
	}
	flags := command.Flags()
	flags.StringVar(&g.from, "from", "", "take the files from `DIR|URL` rather than from their official addresses")
	flags.StringVar(&g.out, "out", "", "write the pictures to this `DIR`, which must be empty or new")
	flags.IntVar(&g.n, "n", 0, "with --out: only so many, of each class alike (default all)")
	flags.IntVar(&g.options.Size, "size", 0, "with --out: crop and resize pictures to `N`×N pixels; 0: as they are")
	flags.IntVar(&g.options.Channels, "channels", 0, "with --out: make pictures grey (1) or coloured (3); 0: as they are")
	flags.BoolVar(&g.asJSON, "json", false, "print a JSON object")
	must(command.MarkFlagDirname("out"))
	return command
}

// completeGet offers the data sets that can be got.
func completeGet(cmd *cobra.Command, arguments []string, typed string) ([]string, cobra.ShellCompDirective) {
	names, directive := completeOneData(cmd, arguments, typed)
	if len(arguments) == 0 && !strings.HasPrefix(typed, folderPrefix) {
		for _, info := range pairsInfos() {
			names = append(names, cobra.CompletionWithDesc(info.Name, info.Summary))
		}
	}
	return names, directive
}

func (g *getting) run(ctx context.Context) error {
	download, err := datasets.FindDownload(g.name)
	if err != nil {
		return g.here(err)
	}
	if arePairs(download.Name) && g.out != "" {
		return misusef("%s comes as files of pictures; leave out --out", download.Name)
	}
	result, err := g.download(ctx, download)
	if err != nil {
		return err
	}
	if g.out != "" {
		return g.write(download.Name)
	}
	result.next = []string{"datasets", "show", download.Name}
	if arePairs(download.Name) {
		result.next = append(result.next, "--size", "64")
	}
	return g.printGotten(result)
}

// here gets a data set that is none to download, for which the error is.
func (g *getting) here(noDownload error) error {
	if g.from != "" {
		return noDownload
	}
	if g.out != "" {
		return g.write(g.name)
	}
	set, err := openSet(g.console, g.name, g.asJSON, datasets.Options{})
	if err != nil {
		if nearest.Hint(g.name, downloadNames()) != "" {
			return noDownload
		}
		return err
	}
	return g.printGotten(gotten{Name: set.Name, Where: whereData(set.Name, set.Shape)})
}

// pairsInfos describes the data sets of pix2pix and CycleGAN.
func pairsInfos() []datasets.Info {
	var infos []datasets.Info
	for _, download := range datasets.Downloads() {
		if arePairs(download.Name) {
			infos = append(infos, download.Info)
		}
	}
	return infos
}

// printPairsList prints what pairs datasets get gets, below the list of the other data sets.
func (c *console) printPairsList() error {
	table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(table, "\nPictures of two kinds, to translate one into the other, by: %s\n", c.shell("datasets", "get", "NAME"))
	_, _ = fmt.Fprintln(table, "NAME\tPICTURES\tLICENCE\tWHAT") // Flush returns the error.
	for _, info := range pairsInfos() {
		_, _ = fmt.Fprintf(table, "%s\t%d\t%s\t%s\n", info.Name, info.Examples, info.Licence, info.Summary)
	}
	return errors.Wrap(table.Flush(), "standard output")
}

// downloadNames returns what datasets get downloads, by all their names.
func downloadNames() []string {
	var names []string
	for _, download := range datasets.Downloads() {
		names = append(append(names, download.Name), download.Aliases...)
	}
	return names
}

// gotten is the result of datasets get without --out.
type gotten struct {
	Name   string            `json:"name"`             // The full one.
	Where  string            `json:"where"`            // A folder, or why there is none.
	Folder string            `json:"folder,omitempty"` // Of what is downloaded.
	Noted  map[string]string `json:"noted,omitempty"`  // The SHA-256 of files that nobody published one for.
	next   []string          // What to try with it.
}

// download downloads the data set, and shows how far it is.
func (g *getting) download(ctx context.Context, d datasets.Download) (gotten, error) {
	result := gotten{Name: d.Name, Noted: map[string]string{}}
	meter := newStages(g.console, g.asJSON)
	defer meter.close()
	var err error
	result.Folder, err = datasets.Get(ctx, d.Name, datasets.GetOptions{
		From:     g.from,
		Progress: func(file string, done, total int64) { meter.update("MB of "+file, int(done/1e6), int(total/1e6)) },
		Noted:    func(file, sum string) { result.Noted[file] = sum },
	})
	result.Where = result.Folder
	return result, err
}

// printGotten prints the result of get without --out.
func (g *getting) printGotten(result gotten) error {
	if g.asJSON {
		return g.printJSON(result)
	}
	if result.Folder == "" {
		return g.print("%s is %s: there is nothing to get", result.Name, result.Where)
	}
	lines := []string{fmt.Sprintf("%s is in %s", result.Name, result.Folder)}
	for file, sum := range result.Noted {
		lines = append(lines, fmt.Sprintf("nobody publishes a checksum of %s; the one of this download is noted, and later ones must have it: SHA-256 %s", file, sum))
	}
	return g.print("%s\nNext: %s", strings.Join(lines, "\n"), g.shell(result.next...))
}

// written is the result of datasets get --out.
type written struct {
	Name     string `json:"name"`
	Pictures int    `json:"pictures"`
	Folder   string `json:"folder"`
}

// write writes the pictures of the data set, and prints where.
func (g *getting) write(name string) error {
	set, err := openSet(g.console, name, g.asJSON, g.options)
	if err != nil {
		return err
	}
	count, err := writePictures(set, g.out, g.n)
	if err != nil {
		return err
	}
	if g.asJSON {
		return g.printJSON(written{set.Name, count, g.out})
	}
	return g.print("%d pictures in %s", count, g.out)
}

// writePictures writes up to n pictures of the set, all for 0, into folders for their classes. It returns how many.
func writePictures(set *datasets.Set, folder string, n int) (int, error) {
	if set.Points != nil {
		return 0, errors.Errorf("%s holds points, which are no pictures one by one", set.Name)
	}
	if entries, err := os.ReadDir(folder); err == nil && len(entries) > 0 {
		return 0, errors.Errorf("%s is not empty; choose a new folder with --out", folder)
	}
	perClass := set.Len()
	if n > 0 {
		perClass = n
		if set.Labels != nil {
			perClass = max(1, n/len(set.Classes))
		}
	}
	written, ofClass := 0, map[string]int{}
	for i := range set.Len() {
		class := ""
		if set.Labels != nil {
			class = strings.Map(func(r rune) rune {
				if r == '/' || r == filepath.Separator {
					return '-'
				}
				return r
			}, set.Classes[set.Labels[i]])
		}
		if ofClass[class] >= perClass {
			continue
		}
		path := filepath.Join(folder, class, fmt.Sprintf("%06d.png", i))
		if err := display.SavePNG(path, set.Image(i)); err != nil {
			return written, err
		}
		ofClass[class]++
		written++
	}
	return written, nil
}

// whereData says where the examples of a data set are, "" if they are not on this machine.
func whereData(name string, shape []int) string {
	download, err := datasets.FindDownload(name)
	switch {
	case err == nil:
		return download.Where()
	case strings.HasPrefix(name, folderPrefix):
		return "a folder of yours"
	case len(shape) == 1:
		return "made in code"
	}
	return "embedded in this program"
}
