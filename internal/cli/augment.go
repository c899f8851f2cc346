package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gomlx/compute"
	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/augment"
	"github.com/ganymede-ml/ganymede/gan/enlarge"
	"github.com/ganymede-ml/ganymede/internal/picturefiles"
)

// augmenting is one call of augment.
type augmenting struct {
	*console
	flags          *pflag.FlagSet
	data           string
	size, channels int
	skipBroken     bool
	chosen         chosenData
	policy, shard  string
	minutes        float64
	asJSON, quiet  bool

	options enlarge.Options
	folder  enlarge.Folder
	meter   *stages
}

func newAugment(c *console) *cobra.Command {
	a := &augmenting{console: c}
	command := &cobra.Command{
		Use:   "augment --out DIR",
		Short: "Make a labelled data set larger: by classical changes, by a GAN, or both",
		Long: `Make a labelled data set larger: each class gets new pictures until it has as many as --to says, or,
without it, as many as the largest class has. What is written is a folder for each class, manifest.jsonl
with where each picture comes from, manifest.json and a contact sheet, sheet.png; train --data folder:DIR
takes it back.

` + methodLines() + `
The GAN is trained on these pictures and nothing else, about a minute on two processor cores for small ones.
A filter, a classifier that is trained on them too, must take a sample for its class (--confidence), and a
sample that is a copy of one of them is left out. After --tries samples a classical change takes the place.

A call that was stopped goes on when it is made again. --shard 3/16 makes the third of sixteen parts, which
together are what one call makes; shards may write to one folder at the same time.`,
		Example: `  ganymede augment --data fashion --per-class 20 --method mix --to 200 --out more
  ganymede augment --data folder:photos --size 32 --method classic --policy photo --out more
  ganymede augment --data folder:photos --size 64 --to 1000 --shard 3/16 --out more
  ganymede train --data folder:more --preset cgan`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.flags = cmd.Flags()
			return a.run(cmd.Context())
		},
	}
	a.bind(command.Flags())
	completeAugment(command)
	return command
}

// methodLines lists the methods, a line each.
func methodLines() string {
	text := ""
	for _, m := range enlarge.Methods() {
		text += fmt.Sprintf("  %-8s %s\n", m.Name, m.Summary)
	}
	return text
}

func (a *augmenting) bind(flags *pflag.FlagSet) {
	flags.SortFlags = false
	var names []string
	for _, m := range enlarge.Methods() {
		names = append(names, m.Name)
	}
	flags.StringVar(&a.folder.Dir, "out", "", "`DIR` to write to: new, empty, or what this made before")
	flags.StringVar(&a.data, "data", "digits", "`DATA` set, or folder:DIR with a folder for each class")
	flags.IntVar(&a.size, "size", 0, "crop and resize pictures to `N`×N pixels; 0: as they are")
	flags.IntVar(&a.channels, "channels", 0, "make pictures grey (1) or coloured (3); 0: as they are")
	flags.BoolVar(&a.skipBroken, "skip-broken", false, "leave out pictures that cannot be read")
	bindChosen(flags, &a.chosen)
	flags.StringVar(&a.options.Method, "method", "mix", "`METHOD` of making pictures: "+strings.Join(names, ", "))
	flags.IntVar(&a.options.To, "to", 0, "fill each class up to `N` pictures (default as many as the largest has)")
	flags.Int64Var(&a.options.Seed, "seed", defaultSeed, "decides every draw")
	flags.StringVar(&a.policy, "policy", "", "the classical changes: "+strings.Join(augment.PolicyNames(), ", ")+", or a list such as flip:p=0.5,rotate:15 (default by the data)")
	flags.Float64Var(&a.options.Share, "share", 0.5, "with mix: the `PART` of the new pictures that the GAN makes")
	flags.StringVar(&a.options.GAN.Run, "run", "", "draw from the run in `DIR` in place of training a GAN; it must have been told these classes")
	flags.IntVar(&a.options.GAN.Steps, "steps", 0, "train the GAN so many `STEPS` (default what its recipe says)")
	flags.Float64Var(&a.minutes, "minutes", 0, "train the GAN so many `MINUTES` in place of steps; then shards must share a folder, or --run")
	flags.Float64Var(&a.options.Confidence, "confidence", 0.5, "with which the filter must take a sample for its class")
	flags.IntVar(&a.options.Tries, "tries", 50, "samples to look at for one place")
	flags.StringVar(&a.shard, "shard", "", "make the part `I/N`, such as 3/16 (default all)")
	flags.BoolVar(&a.folder.OnlyNew, "only-new", false, "leave out the pictures of the data itself")
	flags.BoolVar(&a.folder.Force, "force", false, "replace what this made in DIR with other settings")
	flags.BoolVar(&a.asJSON, "json", false, "print the result as a JSON object")
	flags.BoolVar(&a.quiet, "quiet", false, "show no progress, and print the folder alone")
}

// completeAugment offers what flags take.
func completeAugment(command *cobra.Command) {
	var names []string
	for _, m := range enlarge.Methods() {
		names = append(names, cobra.CompletionWithDesc(m.Name, m.Summary))
	}
	for flag, list := range map[string][]string{"method": names, "policy": augment.PolicyNames(), "channels": {"1", "3"}} {
		must(command.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(list, cobra.ShellCompDirectiveNoFileComp)))
	}
	must(command.RegisterFlagCompletionFunc("data", completeData))
	completeChosen(command)
	must(command.MarkFlagDirname("out"))
	must(command.MarkFlagDirname("run"))
}

func (a *augmenting) run(ctx context.Context) error {
	method, err := a.checkFlags()
	if err != nil {
		return err
	}
	set, err := openSet(a.console, a.data, a.quiet, a.chosen.into(datasets.Options{
		Size: a.size, Channels: a.channels, Seed: a.options.Seed, SkipBroken: a.skipBroken,
	}))
	if err != nil {
		return err
	}
	a.options.View = a.chosen.View
	var backend compute.Backend
	if method.Computes {
		choice, err := openBackend(ctx, a.console, a.quiet)
		if err != nil {
			return err
		}
		defer choice.Backend.Finalize()
		if choice.Note != "" && !a.quiet {
			a.say("note: %s", choice.Note)
		}
		backend = choice.Backend
	}
	a.meter = newStages(a.console, a.quiet)
	defer a.meter.close()
	a.options.Progress = a.meter.update
	result, err := enlarge.Write(ctx, backend, set, a.options, a.folder)
	a.meter.close()
	switch {
	case err != nil && ctx.Err() != nil:
		return interrupted{"interrupted; what is in " + a.folder.Dir + " is kept, and the same command goes on"}
	case err != nil:
		return inFlags(err)
	}
	return a.report(result)
}

// checkFlags returns what can be said against the flags alone, and the method.
func (a *augmenting) checkFlags() (enlarge.Method, error) {
	var method enlarge.Method
	if a.folder.Dir == "" {
		return method, misusef("--out DIR is missing: the folder to write to")
	}
	if err := checkPictures(a.size, a.channels); err != nil {
		return method, err
	}
	if err := a.chosen.check(a.flags); err != nil {
		return method, err
	}
	if folder, ok := strings.CutPrefix(a.data, folderPrefix); ok && picturefiles.IsInside(folder, a.folder.Dir) {
		return method, errors.Errorf("--out %s lies inside the folder that --data names, so that its pictures would be data the next time; choose one beside it", a.folder.Dir)
	}
	var names []string
	for _, m := range enlarge.Methods() {
		names = append(names, m.Name)
	}
	if err := checkName("method", a.options.Method, names); err != nil {
		return method, err
	}
	method = enlarge.Methods()[slices.Index(names, a.options.Method)]
	if err := a.checkNumbers(method); err != nil {
		return method, err
	}
	if a.policy != "" {
		policy, err := augment.ParsePolicy(a.policy)
		if err != nil {
			return method, misusef("--policy: %v", err)
		}
		a.options.Policy = policy
	}
	a.options.GAN.Limit = time.Duration(a.minutes * float64(time.Minute))
	if a.shard == "" {
		return method, nil
	}
	return method, a.readShard()
}

// checkNumbers returns an error about a number that cannot be, or is of another method.
func (a *augmenting) checkNumbers(method enlarge.Method) error {
	o := a.options
	changed := a.flags.Changed
	switch {
	case changed("to") && o.To < 1:
		return misusef("--to %d must be at least 1", o.To)
	case changed("steps") && o.GAN.Steps < 1:
		return misusef("--steps %d must be at least 1", o.GAN.Steps)
	case changed("minutes") && !(a.minutes > 0 && a.minutes < 1e6):
		return misusef("--minutes %g must be above 0", a.minutes)
	case changed("steps") && changed("minutes"):
		return misusef("--steps and --minutes exclude each other")
	case changed("run") && (changed("steps") || changed("minutes")):
		return misusef("--run takes a GAN as it is; leave out --steps and --minutes")
	case !(o.Share > 0 && o.Share < 1):
		return misusef("--share %g must lie between 0 and 1; for none or all of it take --method classic or gan", o.Share)
	case !(o.Confidence > 0 && o.Confidence <= 1):
		return misusef("--confidence %g must be above 0 and at most 1", o.Confidence)
	case o.Tries < 1:
		return misusef("--tries %d must be at least 1", o.Tries)
	case changed("share") && method.Name != "mix":
		return misusef("--share goes with --method mix")
	}
	for _, flag := range []string{"run", "steps", "minutes", "confidence", "tries"} {
		if changed(flag) && !method.Learns {
			return misusef("--%s is about a GAN, and --method %s has none", flag, method.Name)
		}
	}
	return nil
}

// readShard reads --shard.
func (a *augmenting) readShard() error {
	o := &a.options
	var rest string
	n, _ := fmt.Sscanf(a.shard, "%d/%d%s", &o.Shard, &o.Shards, &rest)
	switch {
	case n != 2:
		return misusef("--shard %q is not I/N, such as 3/16", a.shard)
	case o.Shards < 1 || o.Shard < 1 || o.Shard > o.Shards:
		return misusef("--shard %s: the shards are 1/%d to %d/%d", a.shard, max(o.Shards, 1), max(o.Shards, 1), max(o.Shards, 1))
	}
	return nil
}

// report prints the result.
func (a *augmenting) report(result *enlarge.Result) error {
	switch {
	case a.asJSON:
		return a.printJSON(result)
	case a.quiet:
		return a.print("%s", result.Dir)
	case !result.Complete:
		return a.print("%d pictures written to %s, %d were there; the manifest comes with the last shard.", result.Written, result.Dir, result.Kept)
	}
	m := result.Manifest
	lines := append(table(classRows(m)), "", fmt.Sprintf("%d pictures in %s, %d of them new, in %d classes", m.Pictures, result.Dir, m.New, len(m.Classes)),
		"  "+result.Sheet, "  "+filepath.Join(result.Dir, "manifest.jsonl"))
	if err := a.print("%s", strings.Join(lines, "\n")); err != nil {
		return err
	}
	if places := countInPlace(m); places > 0 {
		a.say("note: in %d places no sample of the GAN was accepted, and a classical change stands there", places)
	}
	return a.print("Next: %s", a.shell("train", "--data", folderPrefix+result.Dir))
}

// classRows returns what became of each class, with the methods that made something.
func classRows(m *enlarge.Manifest) [][]string {
	methods := []string{"original"}
	for _, method := range enlarge.Methods() {
		methods = append(methods, method.Name)
	}
	methods = slices.DeleteFunc(methods, func(name string) bool {
		return !slices.ContainsFunc(m.Classes, func(c enlarge.ClassReport) bool { return c.Made[name] > 0 })
	})
	judged := m.Settings.GAN != nil
	head := append([]string{"class"}, methods...)
	if judged {
		head = append(head, "accepted", "doubted", "copies")
	}
	rows := [][]string{head}
	for _, class := range m.Classes {
		row := []string{class.Name}
		for _, name := range methods {
			row = append(row, fmt.Sprint(class.Made[name]))
		}
		if s := class.Samples; s != nil {
			row = append(row, fmt.Sprintf("%.0f %%", 100*s.Acceptance), fmt.Sprint(s.Doubted), fmt.Sprint(s.Copies))
		} else if judged {
			row = append(row, "–", "0", "0")
		}
		rows = append(rows, row)
	}
	return rows
}

// countInPlace returns how many places a classical change took for want of samples.
func countInPlace(m *enlarge.Manifest) int {
	count := 0
	for _, class := range m.Classes {
		if class.Samples != nil {
			count += class.Samples.InPlaceOf
		}
	}
	return count
}
