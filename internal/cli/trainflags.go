package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/health"
	"github.com/ganymede-ml/ganymede/gan/preset"
)

const (
	folderPrefix = "folder:"

	defaultData   = "digits"
	defaultSeed   = 1
	defaultPreset = "quick"
	plainPreset   = "plain" // Where a part of the game is named, and no preset.
)

// trainFlags are the flags of train that say something else than a gan.Config does; those are in the table settings.
type trainFlags struct {
	preset string
	assign []string

	data           string
	size, channels int // Of the pictures; 0 means as the data has them.
	skipBroken     bool
	chosen         chosenData
	memory         byteSize // That decoded pictures of a folder may take.

	batch   int
	steps   int
	minutes float64 // Instead of steps, where it is not 0.

	from string // A run whose weights a task starts from.

	onCollapse string
	lookEvery  int // Steps; 0 means as the monitor chooses.

	dir         string
	resume      bool
	show        bool
	quiet, json bool
}

// bind defines all flags of train.
func (f *trainFlags) bind(flags *pflag.FlagSet) {
	flags.SortFlags = false
	shown, batch, steps := shownDefaults()
	in := func(group string, define func()) {
		before := map[string]bool{}
		flags.VisitAll(func(flag *pflag.Flag) { before[flag.Name] = true })
		define()
		flags.VisitAll(func(flag *pflag.Flag) {
			if !before[flag.Name] {
				flag.Annotations = map[string][]string{groupAnnotation: {group}}
			}
		})
	}
	in(groupBasic, func() {
		flags.StringVar(&f.data, "data", defaultData, "what to learn: a `NAME` of 'datasets list', or folder:DIR for your own pictures; pairs:DIR and unpaired:DIR")
		flags.StringVar(&f.preset, "preset", defaultPreset, "start from a paper's settings, or others by `NAME`: "+strings.Join(presetNames(), ", "))
		flags.BoolVar(&f.show, "show", false, "print all settings, the paper and what differs from it, and do nothing")
		flags.IntVar(&f.steps, "steps", steps, "train to `N` steps in total")
		flags.Float64Var(&f.minutes, "minutes", 0, "train for `M` minutes instead")
		flags.StringVar(&f.dir, "run", "", "run `DIR`; otherwise a new one in runs/")
		flags.BoolVar(&f.resume, "resume", false, "go on with the run in --run")
		flags.IntVar(&f.size, "size", 0, "crop and resize pictures to `N`×N pixels; 0: as they are")
		flags.IntVar(&f.channels, "channels", 0, "make pictures grey (1) or coloured (3); 0: as they are")
		flags.IntVar(&f.batch, "batch", batch, "examples in a batch; smaller data sets take fewer")
	})
	for _, s := range settings {
		in(s.group, func() { s.bind(flags, &shown) })
	}
	in(groupTasks, func() {
		for _, flag := range taskFlags {
			if flag.name == "from" {
				flags.StringVar(&f.from, flag.name, "", flag.usage)
			} else {
				flags.String(flag.name, "", flag.usage)
			}
		}
	})
	in(groupRun, func() {
		flags.StringArrayVar(&f.assign, "set", nil, "set anything else by its `KEY=VALUE`, as --show names it; may be repeated")
		flags.StringVar(&f.onCollapse, "on-collapse", string(health.Warn),
			"when samples collapse, the discriminator has won or losses are no numbers: `warn`, stop, or rollback to the best checkpoint; off: do not look")
		flags.IntVar(&f.lookEvery, "look-every", 0, "look at samples every `N` steps for --on-collapse; 0: 25 times, but every 100 to 1000 steps")
		bindChosen(flags, &f.chosen)
		f.memory = datasets.DefaultMemory
		flags.Var(&f.memory, "memory", "decode pictures of a folder as they are needed if all take more than `SIZE`, such as 512MiB, and keep so many")
		flags.BoolVar(&f.skipBroken, "skip-broken", false, "leave out pictures that cannot be read")
		flags.BoolVar(&f.quiet, "quiet", false, "print nothing but the run folder")
		flags.BoolVar(&f.json, "json", false, "print the result as a JSON object")
	})
}

// shownDefaults returns what the help shows: the settings for the digits without a flag.
func shownDefaults() (config gan.Config, batch, steps int) {
	p, err := preset.Named(defaultPreset)
	must(err)
	config, err = p.Config(preset.Data{Shape: []int{28, 28, 1}, Classes: 10})
	must(err)
	config, err = filled(config)
	must(err)
	return config, p.Batch, p.Steps
}

// checkRanges returns an error about a flag whose value can never be right, and about a name that there is not.
func (f *trainFlags) checkRanges(flags *pflag.FlagSet) error {
	if err := checkPictures(f.size, f.channels); err != nil {
		return err
	}
	if err := f.chosen.check(flags); err != nil {
		return err
	}
	for _, test := range []struct {
		ok   bool
		flag string
		got  any
		want string
	}{
		{f.batch > 0, "batch", f.batch, "at least 1"},
		{f.steps > 0, "steps", f.steps, "at least 1"},
		{f.minutes >= 0 && f.minutes < 1e6, "minutes", f.minutes, "a time above 0"},
		{f.lookEvery >= 0, "look-every", f.lookEvery, "at least 1, or 0"},
		{f.minutes > 0 || !flags.Changed("minutes"), "minutes", f.minutes, "a time above 0"},
	} {
		if !test.ok {
			return misusef("--%s %v must be %s", test.flag, test.got, test.want)
		}
	}
	switch {
	case flags.Changed("steps") && flags.Changed("minutes"):
		return misusef("--steps and --minutes exclude each other")
	case flags.Changed("run") && f.dir == "":
		return misusef("--run needs the name of a folder")
	case f.resume && f.dir == "":
		return misusef("--resume needs --run DIR, the run to go on with")
	case flags.Changed("decay-from") && flags.Changed("decay-to"):
		from, _ := flags.GetInt("decay-from")
		if to, _ := flags.GetInt("decay-to"); to != 0 && to <= from {
			return misusef("--decay-to %d must be after --decay-from, or 0", to)
		}
	}
	list, values := given(settings, flags)
	for i, s := range list {
		if err := s.check(values[i]); err != nil {
			return err
		}
	}
	if err := checkName("value of --on-collapse", f.onCollapse, collapseActions); err != nil {
		return err
	}
	return checkName("preset", f.preset, presetNames())
}

// checkPictures is checkRanges for the flags that say how pictures are read.
func checkPictures(size, channels int) error {
	if size < 0 {
		return misusef("--size %d must be a number of pixels, or 0", size)
	}
	if channels != 0 && channels != 1 && channels != 3 {
		return misusef("--channels %d must be 1 (grey), 3 (colour) or 0", channels)
	}
	return nil
}

// differences returns how the user's flags, but for settings, differ from what a run was started with: "--batch is 64 there,
// not 32". Flags that only say when to end may differ.
func (f *trainFlags) differences(flags *pflag.FlagSet, there trainFlags) []string {
	var found []string
	for _, test := range []struct {
		flag        string
		there, here any
		automatic   bool // Says: as it is.
	}{
		{"data", absoluteData(there.data), absoluteData(f.data), false},
		{"preset", there.preset, f.preset, there.preset == ""},
		{"size", there.size, f.size, f.size == 0},
		{"channels", there.channels, f.channels, f.channels == 0},
		{"skip-broken", there.skipBroken, f.skipBroken, false},
		{"labels", there.chosen.absolute().Labels, f.chosen.absolute().Labels, false},
		{"split", there.chosen.Split, f.chosen.Split, false},
		{"only", strings.Join(there.chosen.Only, ","), strings.Join(f.chosen.Only, ","), false},
		{"per-class", there.chosen.PerClass, f.chosen.PerClass, false},
		{"balance", there.chosen.Balance, f.chosen.Balance, false},
		{"view-seed", there.chosen.ViewSeed, f.chosen.ViewSeed, false},
		{"batch", there.batch, f.batch, false},
	} {
		if flags.Changed(test.flag) && test.there != test.here && !test.automatic {
			found = append(found, fmt.Sprintf("--%s is %v there, not %v", test.flag, test.there, test.here))
		}
	}
	return found
}

// absoluteData returns the name of a data set so that it means the same in another working folder.
func absoluteData(name string) string {
	kind, directory, found := strings.Cut(name, ":") // "folder:DIR", "mnist:DIR"; "emoji:twitter" is no folder.
	if !found || directory == "" || strings.HasPrefix(directory, "~/") || kind+":" != folderPrefix && !isDirectory(directory) {
		return name
	}
	absolute, err := filepath.Abs(directory)
	if err != nil {
		return name
	}
	return kind + ":" + absolute
}

// groupAnnotation marks a flag with the heading it stands under.
const groupAnnotation = "ganymede_group"

// groupedUsage shows the flags of a command under headings.
func groupedUsage(command *cobra.Command) error {
	out := command.OutOrStderr()
	_, err := fmt.Fprintf(out, "Usage:\n  %s\n\nExamples:\n%s\n", command.UseLine(), command.Example)
	if err != nil {
		return err
	}
	for _, group := range groups {
		section := pflag.NewFlagSet(group, pflag.ContinueOnError)
		section.SortFlags = false
		command.Flags().VisitAll(func(flag *pflag.Flag) {
			if slices.Equal(flag.Annotations[groupAnnotation], []string{group}) || group == groupRun && flag.Annotations[groupAnnotation] == nil {
				section.AddFlag(flag)
			}
		})
		if _, err := fmt.Fprintf(out, "\n%s:\n%s", group, section.FlagUsages()); err != nil {
			return err
		}
	}
	return nil
}
