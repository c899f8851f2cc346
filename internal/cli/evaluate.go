package cli

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/features"
	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/internal/evaluate"
)

// scoresFolder is where a run keeps the pictures of an evaluation.
const scoresFolder = "scores"

// evaluating is one call of evaluate.
type evaluating struct {
	*console
	flags           *pflag.FlagSet
	realName, fake  string
	task            taskJudging // Of --run.
	options         evaluate.Options
	source          evaluate.SourceOptions
	chosen          chosenData // Of the real side.
	pictures        string     // Folder for them.
	noCache, asJSON bool
	save            bool
}

func newEvaluate(c *console) *cobra.Command {
	e := &evaluating{console: c}
	command := &cobra.Command{
		Use:   "evaluate --real SOURCE --fake SOURCE | --run RUN",
		Short: "Judge samples by numbers, each with a card that says how it was measured",
		Long: `Judge samples, --fake, by real pictures, --real. Either is a data set, a folder of pictures, an array
F.npy (uint8 [n, height, width, channels] or [n, height, width]) or the folder of a run, from which samples
are drawn; without --real a run is judged by the data that it was trained on. --split, --only, --per-class
and --balance choose among the real pictures; of a run's own data, those it was trained on are the default.

` + metricsHelp() + `
Without --metrics: fid, kid and prdc, and where the features come with a classifier is and classes; with
--paired l1, psnr, ssim and perceptual; of points modes and swd.

--features is what pictures are compared by: digits, fashion and emoji are small networks that come with the
program, and the one of the real data's name is the default; pixels is no network, and a poor judge; the
standard is inception:FILE, the file that others compute FID with. Scores by different features, of different
numbers of samples or against other data do not compare; the card of each score, in --json, says all of it.

--run judges a run by its own data. One that makes pictures from pictures is given those of --split (default
test): translations are compared with the pictures they should be, or with others of the kind where pictures
have no partner, and filled holes, drawn by --masks and --seed, with what was there. Beside each score are
those of simple ways to do the same, and by how many percent it is better: of doing nothing (identity), of
the best map of each channel's values, fitted to the pairs that were learned from (affine), and of holes in
the mean colour of the rest. Of both directions of cyclegan the second has scores that end in _BtoA.

Scores of a run are added to its scores.json, and pictures of its best and worst samples and of those nearest
to the data are drawn in its folder scores.`,
		Example: `  ganymede evaluate --real digits --fake runs/mine
  ganymede evaluate --real digits --fake runs/mine --metrics fid,kid,is,prdc,classes --json
  ganymede evaluate --real photos/ --fake samples/ --size 64 --features inception:weights.pth
  ganymede evaluate --real truth.npy --fake restored.npy --paired
  ganymede evaluate --run runs/pix2pix --metrics l1,ssim,perceptual --json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			e.flags = cmd.Flags()
			return e.run(cmd.Context())
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.StringVar(&e.realName, "real", "", "`SOURCE` that judges (default the data of the run)")
	flags.StringVar(&e.fake, "fake", "", "`SOURCE` that is judged")
	flags.StringVar(&e.task.dir, "run", "", "`RUN` that is judged by its own data")
	flags.StringVar(&e.options.Features, "features", "", "`NAME` of the features (default by the real data)")
	flags.StringSliceVar(&e.options.Metrics, "metrics", nil, "`LIST`, such as fid,kid (default those that make sense)")
	flags.IntVar(&e.source.N, "n", 0, fmt.Sprintf("`number` of samples to judge (default %d of a run, else all)", evaluate.DefaultSamples))
	flags.Int64Var(&e.options.Seed, "seed", evaluate.DefaultSeed, "of latents and random subsets")
	flags.IntVar(&e.options.Size, "size", 0, "crop and resize pictures to `N`×N pixels; 0: as they are")
	flags.IntVar(&e.options.Channels, "channels", 0, "make pictures grey (1) or coloured (3); 0: as they are")
	flags.IntVar(&e.options.Bootstrap, "bootstrap", 0, "`number` of replicates for the interval of fid, 0 for none (default 100 where that is quick)")
	flags.BoolVar(&e.options.Paired, "paired", false, "picture i of one side belongs to picture i of the other")
	flags.StringVar(&e.task.direction, "direction", "", "of a run of translate: judge `AtoB` or BtoA alone (default all it learned)")
	flags.StringVar(&e.task.masks, "masks", "", "of a run of inpaint: the `KIND` of holes, "+strings.Join(maskNames(), ", ")+" (default as it learned)")
	bindChosen(flags, &e.chosen)
	bindCheckpoint(command, &e.source.Checkpoint)
	flags.Float64Var(&e.source.Truncation, "truncation", 0, "of a run: give up variety for quality, such as 0.7; 0: do not")
	flags.StringVar(&e.pictures, "pictures", "", "`DIR` for pictures of the best, worst and nearest samples (default RUN/scores)")
	flags.BoolVar(&e.noCache, "no-cache", false, "do not keep statistics of the real pictures, nor use those kept")
	flags.BoolVar(&e.save, "save", true, "add the scores of a run to its scores.json")
	flags.BoolVar(&e.asJSON, "json", false, "print one JSON object, with value, interval and card of each metric")
	completeEvaluate(command)
	return command
}

// metricsHelp lists the metrics.
func metricsHelp() string {
	var lines strings.Builder
	for _, name := range evaluate.MetricNames() {
		fmt.Fprintf(&lines, "  %-11s %s\n", name, evaluate.MetricSummary(name))
	}
	return lines.String()
}

func (e *evaluating) run(ctx context.Context) error {
	if judged, err := e.judgeRun(ctx); judged || err != nil {
		return err
	}
	if err := e.checkFlags(); err != nil {
		return err
	}
	meter := newStages(e.console, e.asJSON)
	defer meter.close()
	e.source.Progress, e.options.Progress = meter.update, meter.update
	defer e.closeSources()
	if err := e.openSources(); err != nil {
		return err
	}
	choice, err := openBackend(ctx, e.console, e.asJSON)
	if err != nil {
		return err
	}
	defer choice.Backend.Finalize()
	result, err := evaluate.Evaluate(ctx, choice.Backend, e.options)
	if err != nil {
		return err
	}
	if e.pictures != "" {
		if err := result.WritePictures(e.pictures); err != nil {
			return err
		}
	}
	if e.save && e.options.Fake.Run != nil {
		if err := result.Save(); err != nil {
			return err
		}
	}
	meter.close()
	return e.report(result)
}

// checkFlags returns what can be said against the flags alone.
func (e *evaluating) checkFlags() error {
	if e.fake == "" {
		return misusef("--fake is missing: a run, a folder of pictures, an array .npy or a data set")
	}
	if err := e.checkCommon(); err != nil {
		return err
	}
	changed := e.flags.Changed
	if !(e.source.Truncation >= 0 && e.source.Truncation < 1e6) {
		return misusef("--truncation %g must be above 0, or 0", e.source.Truncation)
	}
	isRun := gan.HoldsRun(e.fake)
	for _, flag := range []string{"checkpoint", "truncation", "save"} {
		if changed(flag) && !isRun && !(e.realName != "" && gan.HoldsRun(e.realName)) {
			return misusef("--%s is for the samples of a run, and %s is none", flag, e.fake)
		}
	}
	if e.realName == "" && !isRun {
		return misusef("--real is missing: a data set, a folder of pictures, an array .npy or a run")
	}
	if e.pictures == "" && isRun {
		e.pictures = filepath.Join(e.fake, scoresFolder)
	}
	return nil
}

// checkCommon is checkFlags for what every evaluation has.
func (e *evaluating) checkCommon() error {
	if err := checkPictures(e.options.Size, e.options.Channels); err != nil {
		return err
	}
	if err := e.chosen.check(e.flags); err != nil {
		return err
	}
	if err := checkCheckpoint(e.source.Checkpoint); err != nil {
		return err
	}
	changed := e.flags.Changed
	switch {
	case changed("n") && e.source.N < 1:
		return misusef("--n %d must be at least 1", e.source.N)
	case e.options.Seed < 1 || e.options.Seed > math.MaxUint32:
		return misusef("--seed %d must be from 1 to %d", e.options.Seed, uint32(math.MaxUint32))
	case e.options.Bootstrap < 0 || e.options.Bootstrap == 1:
		return misusef("--bootstrap %d must be at least 2, or 0 for no interval", e.options.Bootstrap)
	}
	if changed("bootstrap") && e.options.Bootstrap == 0 {
		e.options.Bootstrap = -1
	}
	if !e.noCache {
		e.options.Cache = evaluate.CacheFolder()
	}
	return evaluate.CheckMetrics(e.options.Metrics)
}

// openSources opens both sides.
func (e *evaluating) openSources() error {
	e.source.Seed, e.source.Size, e.source.Channels = e.options.Seed, e.options.Size, e.options.Channels
	var err error
	if e.options.Fake, err = evaluate.OpenSource(e.fake, e.source); err != nil {
		return err
	}
	real := e.source
	real.View, real.Labels = e.chosen.View, e.chosen.Labels
	if e.realName == "" {
		if err := e.ownData(&real); err != nil {
			return err
		}
	}
	if !gan.HoldsRun(e.realName) {
		real.N = 0 // All of what judges.
	}
	e.options.Real, err = evaluate.OpenSource(e.realName, real)
	return err
}

// ownData chooses the data of the run that is judged, at its size.
func (e *evaluating) ownData(real *evaluate.SourceOptions) error {
	record, err := gan.ReadRecord(e.fake)
	if err != nil {
		return err
	}
	request, err := readRequest(e.fake, record.Data)
	if err != nil {
		return err
	}
	if request.Data == "" {
		return misusef("--real is missing: the run in %s does not tell what it was trained on", e.fake)
	}
	e.realName = request.Data
	switch {
	case e.chosen.words() == "":
		real.View = request.View
	case len(e.chosen.Only) == 0:
		real.View.Only = request.View.Only // The classes that it knows, of another split, say.
	}
	if e.chosen.Labels == "" {
		real.Labels = request.Labels
	}
	if shape := e.options.Fake.Shape; len(shape) == 3 && strings.HasPrefix(request.Data, folderPrefix) {
		real.Size, real.Channels = shape[0], shape[2]
	}
	return nil
}

func (e *evaluating) closeSources() {
	for _, source := range []*evaluate.Source{e.options.Real, e.options.Fake} {
		if source != nil {
			_ = source.Close()
		}
	}
}

// report prints the result.
func (e *evaluating) report(result *evaluate.Result) error {
	for _, note := range result.Notes {
		e.say("note: %s", note)
	}
	if e.asJSON {
		return e.printJSON(result.Scores)
	}
	return e.printScores(result, e.measuredBy(result))
}

// printScores prints the scores as a table, and what they are of.
func (e *evaluating) printScores(result *evaluate.Result, measured string) error {
	rows := [][]string{{"metric", "value", "95 % interval"}}
	for _, name := range result.Beside {
		rows[0] = append(rows[0], name, "better by")
	}
	rows[0] = append(rows[0], "perfect")
	for _, key := range result.Keys {
		rows = append(rows, scoreRow(key, result.Scores[key], result.Beside))
	}
	lines := append(table(rows), "", measured)
	lines = append(lines, result.Pictures...)
	return e.print("%s", strings.Join(lines, "\n"))
}

// scoreRow returns a score as people read it, beside those of others.
func scoreRow(key string, score metrics.Score, beside []string) []string {
	interval := ""
	if score.Low != nil && score.High != nil {
		interval = fmt.Sprintf("%.4g … %.4g", *score.Low, *score.High)
	}
	row := []string{key, fmt.Sprintf("%.4g", score.Value), interval}
	for _, name := range beside {
		its, percent, ok := evaluate.Better(score, name)
		switch {
		case !ok:
			row = append(row, "", "")
		case math.IsNaN(percent):
			row = append(row, fmt.Sprintf("%.4g", its), "")
		default:
			row = append(row, fmt.Sprintf("%.4g", its), fmt.Sprintf("%.0f %%", percent))
		}
	}
	return append(row, evaluate.Perfect(key, score))
}

// table returns rows with their columns one below the other.
func table(rows [][]string) []string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	var lines []string
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			line += cell + strings.Repeat(" ", widths[i]-len([]rune(cell))+2)
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// measuredBy says what the scores are of.
func (e *evaluating) measuredBy(result *evaluate.Result) string {
	fake, real := e.options.Fake, e.options.Real
	of := real.Name
	if real.Split != "all" {
		of += " (" + real.Split + ")"
	}
	line := fmt.Sprintf("%d of %s against %d of %s, %s", fake.Len(), fake.Name, real.Len(), of, evaluate.ShapeText(real.Shape))
	if fake.Run != nil {
		line += fmt.Sprintf(", step %d", fake.Run.Step)
	}
	if result.Extractor != "" {
		line += "; features " + result.Extractor
	}
	return line
}

// completeEvaluate offers the names that flags take.
func completeEvaluate(command *cobra.Command) {
	var metricNames []string
	for _, name := range evaluate.MetricNames() {
		metricNames = append(metricNames, cobra.CompletionWithDesc(name, evaluate.MetricSummary(name)))
	}
	for flag, list := range map[string][]string{
		"metrics": metricNames, "features": features.Names(), "channels": {"1", "3"},
	} {
		must(command.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(list, cobra.ShellCompDirectiveNoFileComp)))
	}
	completeChosen(command)
	for _, flag := range []string{"real", "fake"} {
		must(command.RegisterFlagCompletionFunc(flag, completeSource))
	}
	must(command.MarkFlagDirname("pictures"))
	must(command.MarkFlagDirname("run"))
	must(command.RegisterFlagCompletionFunc("direction", cobra.FixedCompletions(directionNames, cobra.ShellCompDirectiveNoFileComp)))
	must(command.RegisterFlagCompletionFunc("masks", cobra.FixedCompletions(maskNames(), cobra.ShellCompDirectiveNoFileComp)))
}

// completeSource offers the names of data sets, and files and folders.
func completeSource(cmd *cobra.Command, arguments []string, typed string) ([]string, cobra.ShellCompDirective) {
	names, directive := completeData(cmd, arguments, typed)
	if strings.HasPrefix(typed, folderPrefix) {
		return names, directive
	}
	return names, directive &^ cobra.ShellCompDirectiveNoFileComp
}
