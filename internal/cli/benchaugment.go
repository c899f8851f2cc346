package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gomlx/compute"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/augment"
	"github.com/ganymede-ml/ganymede/gan/enlarge"
	"github.com/ganymede-ml/ganymede/internal/bench"
)

// benchAugment is one call of bench augment.
type benchAugment struct {
	*console
	flags *pflag.FlagSet

	data      string
	sets      datasets.Options
	perClass  []string
	imbalance string
	policy    string
	judgedBy  string
	testLimit int
	ganSteps  int
	markdown  string
	asJSON    bool
	quiet     bool
	options   bench.Options
	enlarge   enlarge.Options
	meter     *stages
}

func newBenchAugment(c *console) *cobra.Command {
	b := &benchAugment{console: c}
	command := &cobra.Command{
		Use:   "augment",
		Short: "Measure what augmentation adds to the accuracy of a classifier",
		Long: `Train one and the same classifier on few pictures of each class, as they are and augmented in several ways,
and say how many test pictures each tells right, with intervals of 95 %.

` + armsHelp() + `
A seed draws the pictures, the first weights and the order. All arms of a seed share them, take the same
number of steps, and are judged by the same test pictures, which none of them sees: neither the classifier
nor the GAN, which learns from the few pictures alone. With --imbalance some classes get fewer pictures than
the others.

Each classifier's result is kept in the folder --out as soon as it is there, and so are the samples of the
GAN. The same command goes on where it was ended, and further seeds, arms and numbers of pictures add to what
is there.`,
		Example: `  ganymede bench augment --data digits --per-class 20 --seeds 3 --json
  ganymede bench augment --data fashion --per-class 10,20,50,100,all --seeds 5 --markdown table.md
  ganymede bench augment --data digits --per-class 50 --imbalance 3,8:0.1
  ganymede bench augment --data folder:photos --size 32 --arms nothing,classic --policy flip,rotate:10`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b.flags = cmd.Flags()
			return b.run(cmd.Context())
		},
	}
	b.bind(command.Flags())
	b.complete(command)
	return command
}

// armsHelp lists the arms.
func armsHelp() string {
	var lines strings.Builder
	for _, arm := range bench.Arms() {
		fmt.Fprintf(&lines, "  %-12s %s\n", arm.Name, arm.Summary)
	}
	return lines.String()
}

func (b *benchAugment) bind(flags *pflag.FlagSet) {
	flags.SortFlags = false
	classifier := bench.DefaultClassifier()
	flags.StringVar(&b.data, "data", defaultData, "data set with classes: a `NAME` (see datasets list) or folder:DIR")
	flags.StringVar(&b.sets.Labels, "labels", "", "CSV `FILE` with the class of each picture of a folder; otherwise its sub-folders are the classes")
	flags.StringSliceVar(&b.sets.Only, "only", nil, "take these `CLASSES` alone, separated by commas")
	flags.IntVar(&b.sets.Size, "size", 0, "crop and resize pictures to `N`×N pixels; 0: as they are, if they are small")
	flags.IntVar(&b.sets.Channels, "channels", 0, "make pictures grey (1) or coloured (3); 0: as they are")
	flags.BoolVar(&b.sets.SkipBroken, "skip-broken", false, "leave out broken pictures of a folder")
	flags.StringSliceVar(&b.perClass, "per-class", []string{"20"}, "`NUMBERS` of pictures of each class to learn from, such as 10,20,50,100,all")
	flags.StringVar(&b.imbalance, "imbalance", "", "`CLASSES:SHARE` with fewer pictures than the others, such as 3,8:0.1")
	flags.StringSliceVar(&b.options.Arms, "arms", nil, "`LIST` of what is compared (default all of the above)")
	flags.IntVar(&b.options.Seeds, "seeds", 3, "`number` of seeds")
	flags.Int64Var(&b.options.Seed, "seed", 1, "the first of them")
	flags.StringVar(&b.policy, "policy", "", "`OPERATIONS` of classic, such as rotate:15,translate:0.1, or a policy's name (default by the data)")
	flags.IntVar(&b.options.Classifier.Steps, "steps", classifier.Steps, "that each classifier is trained for")
	flags.IntVar(&b.options.Classifier.Batch, "batch", classifier.Batch, "pictures of such a step")
	flags.Float64Var(&b.options.Classifier.LearningRate, "lr", classifier.LearningRate, "learning rate of the classifier at the start")
	flags.IntVar(&b.options.To, "to", 0, "pictures that each class has with those that are made (default ten times as many as without, at most 500 more)")
	flags.IntVar(&b.ganSteps, "gan-steps", 0, "that the GAN is trained for (default as augment trains it)")
	flags.StringVar(&b.judgedBy, "judged-by", datasets.Test, "`PART` of the data that judges: test, or validation to choose settings by")
	flags.IntVar(&b.testLimit, "test-limit", 0, "judge by `N` pictures at most; 0: by all")
	flags.StringVar(&b.options.Dir, "out", "", "`DIR` for the results (default runs/bench-DATA)")
	flags.StringVar(&b.markdown, "markdown", "", "write the tables to this `FILE` as well")
	flags.BoolVar(&b.options.Force, "force", false, "measure again what --out holds already")
	flags.BoolVar(&b.asJSON, "json", false, "print one JSON object in place of the tables")
	flags.BoolVar(&b.quiet, "quiet", false, "do not show how far it is")
}

func (b *benchAugment) complete(command *cobra.Command) {
	var arms []string
	for _, arm := range bench.Arms() {
		arms = append(arms, cobra.CompletionWithDesc(arm.Name, arm.Summary))
	}
	for flag, list := range map[string][]string{
		"arms": arms, "channels": {"1", "3"}, "policy": augment.PolicyNames(), "per-class": {"10", "20", "50", "100", "all"},
		"judged-by": {datasets.Test, datasets.Validation},
	} {
		must(command.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(list, cobra.ShellCompDirectiveNoFileComp)))
	}
	must(command.RegisterFlagCompletionFunc("data", completeData))
	must(command.MarkFlagDirname("out"))
	must(command.MarkFlagFilename("labels", "csv", "tsv", "txt"))
	must(command.MarkFlagFilename("markdown", "md"))
}

func (b *benchAugment) run(ctx context.Context) error {
	if err := b.checkFlags(); err != nil {
		return err
	}
	if err := b.openSets(); err != nil {
		return err
	}
	if err := b.choosePolicy(); err != nil {
		return err
	}
	choice, err := openBackend(ctx, b.console, b.quiet)
	if err != nil {
		return err
	}
	defer choice.Backend.Finalize()
	b.meter = newStages(b.console, b.quiet)
	defer b.meter.close()
	if err := b.addGAN(choice.Backend); err != nil {
		return err
	}
	b.options.Progress = b.show
	result, err := bench.Run(ctx, choice.Backend, b.options)
	b.meter.close()
	if err != nil && ctx.Err() != nil {
		return interrupted{"ended; what is measured is kept, and the same command goes on with the rest"}
	}
	if err != nil {
		return err
	}
	return b.report(result)
}

// checkFlags returns what can be said against the flags alone.
func (b *benchAugment) checkFlags() error {
	if err := checkPictures(b.sets.Size, b.sets.Channels); err != nil {
		return err
	}
	for _, test := range []struct {
		ok   bool
		flag string
		got  any
		want string
	}{
		{b.options.Seeds >= 1, "seeds", b.options.Seeds, "at least 1"},
		{b.options.Classifier.Steps >= 1, "steps", b.options.Classifier.Steps, "at least 1"},
		{b.options.Classifier.Batch >= 2, "batch", b.options.Classifier.Batch, "at least 2"},
		{b.options.Classifier.LearningRate > 0, "lr", b.options.Classifier.LearningRate, "above 0"},
		{b.options.To >= 0, "to", b.options.To, "at least 1, or 0"},
		{b.ganSteps >= 0, "gan-steps", b.ganSteps, "at least 1, or 0"},
		{b.testLimit >= 0, "test-limit", b.testLimit, "at least 1, or 0"},
	} {
		if !test.ok {
			return misusef("--%s %v must be %s", test.flag, test.got, test.want)
		}
	}
	if err := checkName("value of --judged-by", b.judgedBy, []string{datasets.Test, datasets.Validation}); err != nil {
		return err
	}
	var arms []string
	for _, arm := range bench.Arms() {
		arms = append(arms, arm.Name)
	}
	for _, name := range b.options.Arms {
		if err := checkName("arm", name, arms); err != nil {
			return err
		}
	}
	for _, text := range b.perClass {
		n := bench.All
		if text != "all" {
			var err error
			if n, err = strconv.Atoi(text); err != nil || n < 1 {
				return misusef("--per-class %q is neither a number of at least 1 nor all", text)
			}
		}
		b.options.PerClass = append(b.options.PerClass, n)
	}
	var err error
	if b.options.Imbalance, err = bench.ParseImbalance(b.imbalance); err != nil {
		return misusef("--imbalance: %v", oneLine(err.Error()))
	}
	if b.options.Dir == "" {
		b.options.Dir = filepath.Join("runs", "bench-"+strings.TrimSuffix(sheetName(b.data), ".png"))
	}
	b.options.Data = b.data
	return nil
}

// benchSide is the height and width that pictures are brought to which the classifier could not take, or only slowly.
const benchSide, benchLargest = 32, 64

// openSets opens what is learned from and what judges.
func (b *benchAugment) openSets() error {
	if b.judgedBy == datasets.Validation { // It is a part of the data that a set keeps for learning.
		whole, err := openSet(b.console, b.data, b.quiet, b.sets)
		if err != nil {
			return err
		}
		if b.options.Train, err = whole.Split(datasets.Train); err != nil {
			return err
		}
		if b.options.Test, err = whole.Split(datasets.Validation); err != nil {
			return err
		}
	} else {
		for split, set := range map[string]**datasets.Set{datasets.Train: &b.options.Train, datasets.Test: &b.options.Test} {
			options := b.sets
			options.Split = split
			var err error
			if *set, err = openSet(b.console, b.data, b.quiet, options); err != nil {
				return err
			}
		}
	}
	if err := b.fit(); err != nil {
		return err
	}
	if test := b.options.Test; b.testLimit > 0 && b.testLimit < test.Len() {
		numbers := make([]int, b.testLimit) // Evenly from the set, which may be sorted by class.
		for i := range numbers {
			numbers[i] = i * test.Len() / b.testLimit
		}
		b.options.Test = test.Select(numbers)
	}
	return nil
}

// fit brings pictures that the classifier cannot take to a size that it can.
func (b *benchAugment) fit() error {
	shape := b.options.Train.Shape
	if len(shape) != 3 || b.sets.Size != 0 || shape[0]%4 == 0 && shape[1]%4 == 0 && max(shape[0], shape[1]) <= benchLargest {
		return nil
	}
	for _, set := range []**datasets.Set{&b.options.Train, &b.options.Test} {
		fitted, err := (*set).Fit(datasets.Options{Size: benchSide})
		if err != nil {
			return err
		}
		*set = fitted
	}
	if !b.quiet {
		b.say("pictures of %s are brought to %d×%d; --size chooses another size", shapeText(shape[:2]), benchSide, benchSide)
	}
	return nil
}

// choosePolicy decides on the classical policy.
func (b *benchAugment) choosePolicy() error {
	b.options.Policy = augment.For(b.data, b.options.Train.Shape)
	if b.policy == "" {
		return nil
	}
	policy, err := augment.ParsePolicy(b.policy)
	if err != nil {
		return misusef("--policy: %s", oneLine(err.Error()))
	}
	b.options.Policy = policy
	return nil
}

// addGAN adds the maker of the arms with a GAN. Where there is none for the pictures, that is an error only if such an arm is
// asked for.
func (b *benchAugment) addGAN(backend compute.Backend) error {
	train := b.options.Train
	if train.Points != nil || train.Labels == nil {
		return nil // The bench says what is wrong with them.
	}
	b.enlarge.Policy, b.enlarge.GAN.Steps = b.options.Policy, b.ganSteps
	b.enlarge.Progress = b.meter.update
	maker, err := bench.GAN(backend, train, b.enlarge)
	if err != nil {
		if slices.ContainsFunc(bench.Arms(), func(arm bench.Arm) bool { return arm.Maker != "" && slices.Contains(b.options.Arms, arm.Name) }) {
			return err
		}
		b.say("without the arms of a GAN: %s", oneLine(err.Error()))
		return nil
	}
	b.options.Makers = map[string]bench.Maker{"gan": maker}
	return nil
}

// show shows how far the bench is.
func (b *benchAugment) show(p bench.Progress) {
	if p.Doing == "" {
		return
	}
	number := "all"
	if p.PerClass != bench.All {
		number = strconv.Itoa(p.PerClass)
	}
	stage := fmt.Sprintf("%s, %s a class, seed %d", p.Doing, number, p.Seed)
	if p.Left > 0 {
		stage += fmt.Sprintf(", about %v left", p.Left.Round(time.Second))
	}
	b.meter.update(stage, p.Done, p.Total)
}

// report prints the result and writes its pictures.
func (b *benchAugment) report(result *bench.Result) error {
	plot := filepath.Join(b.options.Dir, "accuracy.png")
	if err := result.WritePlot(plot); err != nil {
		return err
	}
	files := []string{plot}
	if b.markdown != "" {
		if err := result.WriteMarkdown(b.markdown); err != nil {
			return err
		}
		files = append(files, b.markdown)
	}
	if b.asJSON {
		return b.printJSON(result)
	}
	var lines []string
	for _, t := range result.Tables() {
		lines = append(lines, table(t.Rows)...)
		lines = append(lines, "")
	}
	lines = append(lines, result.Verdicts()...)
	for _, note := range result.Notes {
		lines = append(lines, "note: "+note)
	}
	lines = append(lines, "", result.MeasuredBy(), strings.Join(files, "\n"))
	return b.print("%s", strings.Join(lines, "\n"))
}
