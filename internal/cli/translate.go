package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/translate"
	"github.com/ganymede-ml/ganymede/internal/picturefiles"
)

// translating is one call of translate.
type translating struct {
	pictureWork
	flags     *pflag.FlagSet
	tiles     tileFlags
	dir       string
	direction string
	noise     int64
	grey      bool

	model   string // A file of PyTorch, in place of a run,
	torch   torchFlags
	trainer *translate.Trainer // of the run; nil for a file.
}

// torchFlags say which network a file of PyTorch holds.
type torchFlags struct {
	arch, norm     string
	in, out, width int
	dropout        bool
}

// resnets and unets are the networks in files of PyTorch: with so many blocks, and of so many pixels.
var (
	resnets = map[string]int{"resnet6": 6, "resnet9": 9}
	unets   = map[string]int{"unet32": 32, "unet64": 64, "unet128": 128, "unet256": 256, "unet512": 512}
)

// torchNetworks returns their names.
func torchNetworks() []string {
	return append(slices.Sorted(maps.Keys(resnets)), slices.SortedFunc(maps.Keys(unets), func(a, b string) int { return unets[a] - unets[b] })...)
}

var directionNames = []string{string(translate.AtoB), string(translate.BtoA)}

func newTranslate(c *console) *cobra.Command {
	t := &translating{pictureWork: pictureWork{console: c}}
	command := &cobra.Command{
		Use:   "translate --run DIR IN OUT",
		Short: "Turn pictures into others, as a run of pix2pix or CycleGAN has learned it",
		Long: `Turn a picture into another, or all pictures of a folder, sub-folders included, into those of another folder,
by the last checkpoint of a run that train --preset pix2pix or cyclegan made, or by a generator that PyTorch
has trained (--model latest_net_G.pth).

Pictures may have any size: they are padded to one that the network takes, and cropped back. Those larger
than --tile pixels are cut into tiles that overlap and are blended, in memory that does not grow with them.
Transparency stays as it is, and the network sees white where nothing can be seen. Grey pictures pass through
a network for colours; coloured ones through a grey network only with --grey, by their brightness.

In a folder, pictures that cannot be read are left out and named; then the exit status is 1. Files that
exist are not replaced, unless --force says so.`,
		Example: `  ganymede translate --run runs/maps drawing.png photo.png
  ganymede translate --run runs/horses --direction BtoA zebras/ horses/
  ganymede translate --run runs/maps --noise 7 drawings/ photos/ --json
  ganymede translate --model latest_net_G.pth --arch resnet9 in/ out/ --tile 1024`,
		Args: t.inAndOut,
		RunE: func(cmd *cobra.Command, _ []string) error {
			t.flags = cmd.Flags()
			return t.run(cmd.Context())
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.StringVar(&t.dir, "run", "", "run `DIR` of pix2pix or CycleGAN")
	flags.StringVar(&t.direction, "direction", "", "`AtoB` or BtoA, with CycleGAN (default AtoB, or the one that was learned)")
	flags.Int64Var(&t.noise, "noise", 0, "draw the generator's dropout by this `SEED` (default none is dropped)")
	t.tiles.bind(flags, fmt.Sprint(defaultTile))
	flags.BoolVar(&t.grey, "grey", false, "take the brightness of coloured pictures for a network that takes grey ones")
	t.pictureWork.bind(flags)
	t.torch.bind(flags, &t.model)
	t.complete(command)
	must(command.MarkFlagDirname("run"))
	must(command.MarkFlagFilename("model", "pth", "pt"))
	for flag, names := range map[string][]string{"direction": directionNames, "arch": torchNetworks(), "norm": {string(translate.InstanceNorm), string(gan.BatchNorm)}} {
		must(command.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp)))
	}
	return command
}

func (t *torchFlags) bind(flags *pflag.FlagSet, model *string) {
	flags.StringVar(model, "model", "", "in place of --run, a generator's weights in a `FILE` of the authors' code in PyTorch;")
	flags.StringVar(&t.arch, "arch", "", "the `NETWORK` that it holds: "+strings.Join(torchNetworks(), ", "))
	flags.StringVar(&t.norm, "norm", "", "its normalization, `instance` or batch (default instance for a resnet, batch for a unet)")
	flags.IntVar(&t.width, "width", 64, "`CHANNELS` of its first layer")
	flags.IntVar(&t.in, "in-channels", 3, "`N` channels of the pictures it takes")
	flags.IntVar(&t.out, "out-channels", 3, "`N` channels of the pictures it makes")
	flags.BoolVar(&t.dropout, "dropout", false, "it is a resnet that was trained with dropout")
}

func (t *translating) run(ctx context.Context) error {
	if err := t.checkFlags(); err != nil {
		return err
	}
	if t.dir != "" {
		if err := t.checkTask(t.dir, translate.Task); err != nil {
			return err
		}
	}
	plan, err := t.request.Plan()
	if err != nil {
		return err
	}
	choice, err := openBackend(ctx, t.console, t.quiet)
	if err != nil {
		return err
	}
	defer choice.Backend.Finalize()
	defer func() {
		if t.trainer != nil {
			_ = t.trainer.Close()
		}
	}()
	translator, err := t.open(choice.Backend)
	if err != nil {
		return err
	}
	defer translator.Close()
	if in, out := translator.In(), translator.Out(); in != 1 && in != 3 || out != 1 && out != 3 {
		return errors.Errorf("the network makes pictures with %d channels of such with %d; files hold 1 (grey) or 3 (colour)", out, in)
	}
	network := picturefiles.Network{Func: translator.Batch, Channels: translator.In(), ToGrey: t.grey}
	if network.Tiling, err = t.tiles.tiling(t.flags, defaultTile, translator.Multiple()); err != nil {
		return err
	}
	network.Tiling.Least = leastSide(translator.Generator())
	return passPictures(ctx, &t.pictureWork, t.dir, "translating", network.Pipeline(plan))
}

// leastSide returns the shortest side that a generator takes.
func leastSide(generator translate.Generator) int {
	const doublings = 10
	side := generator.Multiple()
	for range doublings {
		if generator.Check(side) == nil {
			return side
		}
		side += generator.Multiple()
	}
	return generator.Multiple()
}

// checkFlags returns what can be said against the flags alone.
func (t *translating) checkFlags() error {
	changed := t.flags.Changed
	switch {
	case t.dir == "" && t.model == "":
		return misusef("--run DIR is missing: the folder of a run of pix2pix or CycleGAN (or --model FILE)")
	case t.dir != "" && t.model != "":
		return misusef("--run and --model exclude each other")
	case changed("direction") && !slices.Contains(directionNames, t.direction):
		return misusef("--direction %q must be AtoB or BtoA", t.direction)
	case changed("noise") && t.noise == 0:
		return misusef("--noise 0 means none; choose another seed")
	}
	for _, flag := range []string{"direction", "noise"} {
		if t.model != "" && changed(flag) {
			return misusef("--%s is about a run, and --model names a generator alone", flag)
		}
	}
	for _, flag := range []string{"arch", "norm", "width", "in-channels", "out-channels", "dropout"} {
		if t.dir != "" && changed(flag) {
			return misusef("--%s goes with --model; a run knows its network", flag)
		}
	}
	if err := t.check(); err != nil {
		return err
	}
	if t.model != "" {
		if _, err := t.torch.generator(); err != nil {
			return err
		}
	}
	return t.tiles.check(t.flags)
}

// open returns what the flags ask for.
func (t *translating) open(backend compute.Backend) (*translate.Translator, error) {
	if t.model != "" {
		generator, err := t.torch.generator()
		if err != nil {
			return nil, err
		}
		return translate.LoadTorch(backend, t.model, generator, t.torch.in, t.torch.out)
	}
	trainer, err := translate.Load(backend, t.dir)
	if err != nil {
		return nil, err
	}
	t.trainer = trainer
	if err := t.checkTrained(trainer, t.dir); err != nil {
		return nil, err
	}
	direction := translate.Direction(t.direction)
	if learned := trainer.Directions(); direction != "" && !slices.Contains(learned, direction) {
		return nil, errors.Errorf("the run in %s learned %s alone; leave --direction out, or train another: %s", t.dir, learned[0],
			t.shell("train", "--preset", "pix2pix", "--direction", t.direction))
	}
	if t.noise != 0 && !trainer.Config().Generator.Noisy() {
		return nil, errors.Errorf("--noise: the generator of the run in %s has no dropout to draw; leave it out", t.dir)
	}
	return trainer.Translator(translate.Options{Direction: direction, Noise: t.noise})
}

// generator returns the network that the flags name.
func (t *torchFlags) generator() (translate.Generator, error) {
	switch norms := []string{"", string(translate.InstanceNorm), string(gan.BatchNorm)}; {
	case t.arch == "":
		return nil, misusef("--arch is missing: the network that --model holds, one of %s", strings.Join(torchNetworks(), ", "))
	case !slices.Contains(norms, t.norm):
		return nil, misusef("--norm %q must be instance or batch", t.norm)
	case t.width < 1:
		return nil, misusef("--width %d must be at least 1", t.width)
	case t.in != 1 && t.in != 3 || t.out != 1 && t.out != 3:
		return nil, misusef("--in-channels %d and --out-channels %d must be 1 (grey) or 3 (colour)", t.in, t.out)
	}
	if err := checkName("network", t.arch, torchNetworks()); err != nil {
		return nil, err
	}
	if blocks, isResNet := resnets[t.arch]; isResNet {
		r := translate.ResNet{Blocks: blocks, Channels: t.width, Norm: gan.Norm(t.norm)}
		if t.dropout {
			r.Dropout = 0.5
		}
		return r, nil
	}
	if t.norm == "" {
		t.norm = string(gan.BatchNorm)
	}
	return translate.UNet{Size: unets[t.arch], Channels: t.width, Norm: gan.Norm(t.norm)}, nil
}
