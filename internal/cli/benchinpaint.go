package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/compute"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/features"
	"github.com/ganymede-ml/ganymede/internal/bench"
)

// benchInpaint is one call of bench inpaint.
type benchInpaint struct {
	benchData
	benchOutput

	runs         []string
	methods      []string
	seeds        string
	seed         int64
	steps, batch int
	features     string
	options      bench.Inpaint
	meter        *stages
	notes        []string
}

// inpaintNetworks are the networks that the bench trains: presets of package inpaint, by the names of methods.
var inpaintNetworks = []struct{ name, preset, summary string }{
	{"context-encoder", "context-encoder", "reconstruction and an adversarial loss (Pathak et al. 2016)"},
	{"gated", "inpaint", "gated convolutions and contextual attention (Yu et al. 2019)"},
}

// defaultMethods are the methods that are compared unless one says otherwise: but for nearest, all of them.
func defaultMethods() []string {
	return slices.DeleteFunc(inpaintMethodNames(), func(name string) bool { return name == "nearest" })
}

func inpaintMethodNames() []string {
	var names []string
	for _, method := range bench.ClassicalInpaint() {
		names = append(names, method.Name)
	}
	for _, network := range inpaintNetworks {
		names = append(names, network.name)
	}
	return names
}

func newBenchInpaint(c *console) *cobra.Command {
	b := &benchInpaint{benchData: benchData{console: c}}
	command := &cobra.Command{
		Use:   "inpaint",
		Short: "Measure how well holes in pictures are filled, by networks and by classical methods",
		Long: `Fill holes in test pictures by networks that are trained here, or by those of --run, and by classical
methods, and say how near each comes to what the holes hide: differences in the hole, the perceptual
distance, and how many of the filled pictures a classifier still recognises, with intervals of 95 %.

` + inpaintHelp() + `
A seed draws the holes, and the first weights of the networks that are trained. All methods of a seed are
given the same pictures with the same holes. Networks learn from the training part of the data, with holes
of all kinds.

What each method filled is kept in the folder --out as arrays (uint8, .npy) with its result, and so are the
runs of the networks; the same command goes on where it was ended. bench/inpaint.py, in the repository,
checks the numbers with OpenCV and scikit-image.`,
		Example: `  ganymede bench inpaint --data digits --steps 300
  ganymede bench inpaint --data fashion --seeds 1,2,3 --json
  ganymede bench inpaint --data folder:photos --size 64 --run R --masks free`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return b.run(cmd.Context(), cmd.Flags()) },
	}
	b.bind(command.Flags())
	b.complete(command)
	return command
}

// inpaintHelp lists the methods.
func inpaintHelp() string {
	var lines strings.Builder
	for _, method := range bench.ClassicalInpaint() {
		fmt.Fprintf(&lines, "  %-16s %s\n", method.Name, method.Summary)
	}
	for _, network := range inpaintNetworks {
		fmt.Fprintf(&lines, "  %-16s %s\n", network.name, network.summary)
	}
	return lines.String()
}

func (b *benchInpaint) bind(flags *pflag.FlagSet) {
	flags.SortFlags = false
	b.bindData(flags, "pictures")
	flags.StringSliceVar(&b.runs, "run", nil, "fill by the networks of these run `FOLDERS`, in place of training some")
	flags.StringSliceVar(&b.methods, "methods", nil, "`LIST` of the methods that are compared (default "+strings.Join(defaultMethods(), ",")+")")
	flags.StringSliceVar(&b.options.Masks, "masks", bench.MaskNames(), "`KINDS` of holes: box, a quarter of the picture in its centre, and free, strokes of a brush")
	flags.IntVar(&b.options.N, "n", 500, "test pictures to fill, `number`; 0: all")
	flags.IntVar(&b.steps, "steps", 0, "that each network is trained for (default as its preset says)")
	flags.IntVar(&b.batch, "batch", 0, "pictures of such a step (default as its preset says)")
	flags.StringVar(&b.seeds, "seeds", "1", "`number` of seeds from --seed on, or several seeds such as 1,2,3")
	flags.Int64Var(&b.seed, "seed", 1, "the first seed")
	flags.StringVar(&b.features, "features", "", "`NETWORK` that measures perceptual distances and recognises classes (default by the data; none: neither)")
	flags.StringVar(&b.options.Dir, "out", "", "`DIR` for results, filled pictures and runs (default runs/inpaint-DATA)")
	flags.BoolVar(&b.options.Force, "force", false, "fill and measure again what --out holds already")
	b.bindOutput(flags)
	b.bindQuiet(flags)
}

func (b *benchInpaint) complete(command *cobra.Command) {
	for flag, list := range map[string][]string{"methods": inpaintMethodNames(), "masks": bench.MaskNames(), "features": append(features.Names(), noName)} {
		must(command.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(list, cobra.ShellCompDirectiveNoFileComp)))
	}
	for _, flag := range []string{"run", "out"} {
		must(command.MarkFlagDirname(flag))
	}
	b.completeData(command)
	b.completeOutput(command)
}

func (b *benchInpaint) run(ctx context.Context, flags *pflag.FlagSet) error {
	if err := b.checkFlags(flags); err != nil {
		return err
	}
	var err error
	if b.options.Train, b.options.Test, err = b.open(datasets.Test); err != nil {
		return err
	}
	err = b.fit(&b.options.Train, &b.options.Test, func(shape []int) bool {
		return shape[0] == shape[1] && shape[0]%4 == 0 && shape[0] <= benchLargest
	})
	if err != nil {
		return err
	}
	choice, err := openBackend(ctx, b.console, b.quiet)
	if err != nil {
		return err
	}
	defer choice.Backend.Finalize()
	if err := b.addMethods(choice.Backend); err != nil {
		return err
	}
	if err := b.openJudge(choice.Backend); err != nil {
		return err
	}
	b.meter = newStages(b.console, b.quiet)
	defer b.meter.close()
	b.options.Progress = b.meter.update
	result, err := bench.RunInpaint(ctx, choice.Backend, b.options)
	b.meter.close()
	if err != nil && ctx.Err() != nil {
		return interrupted{"ended; what is measured and trained is kept, and the same command goes on with the rest"}
	}
	if err != nil {
		return err
	}
	result.Notes = append(result.Notes, b.notes...)
	return b.present(b.console, result, filepath.Join(b.options.Dir, bench.SheetFile))
}

// checkFlags returns what can be said against the flags alone.
func (b *benchInpaint) checkFlags(flags *pflag.FlagSet) error {
	if err := checkPictures(b.sets.Size, b.sets.Channels); err != nil {
		return err
	}
	for _, test := range []struct {
		flag string
		got  int
	}{{"n", b.options.N}, {"steps", b.steps}, {"batch", b.batch}} {
		if test.got < 0 {
			return misusef("--%s %d must be at least 1, or 0", test.flag, test.got)
		}
	}
	if len(b.runs) > 0 {
		for _, flag := range []string{"steps", "batch"} {
			if flags.Changed(flag) {
				return misusef("--%s is for networks that are trained here, and --run has some that are trained already", flag)
			}
		}
	}
	for _, kind := range b.options.Masks {
		if err := checkName("kind of masks", kind, bench.MaskNames()); err != nil {
			return err
		}
	}
	for _, name := range b.methods {
		if err := checkName("method", name, inpaintMethodNames()); err != nil {
			return err
		}
	}
	if err := b.parseSeeds(); err != nil {
		return err
	}
	if b.options.Dir == "" {
		b.options.Dir = b.folder("inpaint-")
	}
	b.options.Data = b.data
	return nil
}

// parseSeeds obeys --seeds and --seed.
func (b *benchInpaint) parseSeeds() error {
	parts := strings.Split(b.seeds, ",")
	for _, part := range parts {
		seed, err := strconv.ParseInt(strings.TrimSpace(part), 10, 64)
		switch {
		case err != nil || seed < 0:
			return misusef("--seeds %q is neither a number of seeds nor a list such as 1,2,3", b.seeds)
		case len(parts) > 1 && slices.Contains(b.options.Seeds, seed):
			return misusef("--seeds %q names %d twice", b.seeds, seed)
		case len(parts) > 1:
			b.options.Seeds = append(b.options.Seeds, seed)
		case seed < 1:
			return misusef("--seeds %d must be at least 1", seed)
		default:
			for i := range seed {
				b.options.Seeds = append(b.options.Seeds, b.seed+i)
			}
		}
	}
	return nil
}

// addMethods adds the methods that are asked for: classical ones, and the networks of --run or those that are trained here.
func (b *benchInpaint) addMethods(backend compute.Backend) error {
	asked := b.methods
	if asked == nil {
		asked = defaultMethods()
	}
	for _, method := range bench.ClassicalInpaint() {
		if slices.Contains(asked, method.Name) {
			b.options.Methods = append(b.options.Methods, method)
		}
	}
	for _, dir := range b.runs {
		method, note, err := bench.RunInpaintMethod(backend, b.options.Train, dir)
		if err != nil {
			return err
		}
		if note != "" {
			b.notes = append(b.notes, note)
		}
		b.options.Methods = append(b.options.Methods, method)
	}
	for _, network := range inpaintNetworks {
		if !slices.Contains(asked, network.name) || len(b.runs) > 0 {
			continue
		}
		method, err := bench.TrainedInpaint(backend, b.options.Train, bench.InpaintTraining{Preset: network.preset, Steps: b.steps, Batch: b.batch,
			Dir: filepath.Join(b.options.Dir, "runs")})
		if err != nil {
			return err
		}
		b.options.Methods = append(b.options.Methods, method)
	}
	return nil
}

// openJudge opens the network that judges. Pixels alone are none.
func (b *benchInpaint) openJudge(backend compute.Backend) error {
	spec := b.features
	if spec == "" {
		spec = features.Default(b.data, b.options.Test.Shape)
	}
	if spec == noName || b.features == "" && spec == features.Pixels {
		return nil
	}
	judge, err := features.Open(backend, spec)
	if err != nil {
		return err
	}
	if _, err := judge.Resize(b.options.Test.Shape); err != nil {
		return err
	}
	b.options.Judge = judge
	return nil
}
