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
	benchData
	benchOutput
	flags *pflag.FlagSet

	perClass  []string
	imbalance string
	policy    string
	judgedBy  string
	testLimit int
	ganSteps  int
	options   bench.Options
	enlarge   enlarge.Options
	meter     *stages
}

func newBenchAugment(c *console) *cobra.Command {
	b := &benchAugment{benchData: benchData{console: c}}
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
	b.bindData(flags, "data set with classes")
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
	flags.BoolVar(&b.options.Force, "force", false, "measure again what --out holds already")
	b.bindOutput(flags)
	b.bindQuiet(flags)
}

func (b *benchAugment) complete(command *cobra.Command) {
	var arms []string
	for _, arm := range bench.Arms() {
		arms = append(arms, cobra.CompletionWithDesc(arm.Name, arm.Summary))
	}
	for flag, list := range map[string][]string{
		"arms": arms, "policy": augment.PolicyNames(), "per-class": {"10", "20", "50", "100", "all"},
		"judged-by": {datasets.Test, datasets.Validation},
	} {
		must(command.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(list, cobra.ShellCompDirectiveNoFileComp)))
	}
	must(command.MarkFlagDirname("out"))
	b.completeData(command)
	b.completeOutput(command)
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
		b.options.Dir = b.folder("bench-")
	}
	b.options.Data = b.data
	return nil
}

// openSets opens what is learned from and what judges.
func (b *benchAugment) openSets() error {
	var err error
	if b.options.Train, b.options.Test, err = b.open(b.judgedBy); err != nil {
		return err
	}
	err = b.fit(&b.options.Train, &b.options.Test, func(shape []int) bool {
		return shape[0]%4 == 0 && shape[1]%4 == 0 && max(shape[0], shape[1]) <= benchLargest
	})
	if err != nil {
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
	return b.present(b.console, result, plot)
}
