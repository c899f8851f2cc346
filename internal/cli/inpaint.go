package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ganymede-ml/ganymede/gan/inpaint"
	"github.com/ganymede-ml/ganymede/internal/picturefiles"
)

// Ways to set what was drawn into a picture.
const (
	blendPoisson = "poisson"
	blendNone    = "none"
)

// inpainting is one call of inpaint.
type inpainting struct {
	pictureWork
	flags *pflag.FlagSet
	dir   string
	mask  string
	blend string
	batch int
	grey  bool
}

func newInpaint(c *console) *cobra.Command {
	p := &inpainting{pictureWork: pictureWork{console: c}}
	command := &cobra.Command{
		Use:   "inpaint --run DIR IN OUT",
		Short: "Fill holes in pictures, as a run has learned it",
		Long: `Fill the hole in a picture, or in all pictures of a folder, sub-folders included, by the last checkpoint of a
run that train --preset inpaint made. What is not in the hole stays as it is.

--mask names a picture of the same size that is white in the hole and black elsewhere; for a folder one for
all of its pictures, or a folder of masks with the same names. Without it the hole is where the picture is
transparent, half or more. What was drawn is set in by --blend poisson, which leaves no seam.

Pictures may have any size. Those larger than the pictures of training are filled in windows around the hole,
which are shrunk for a large one; smaller ones are padded, and cropped back.

In a folder, pictures that cannot be read or have no good mask are left out and named; then the exit status
is 1. Files that exist are not replaced, unless --force says so.`,
		Example: `  ganymede inpaint --run runs/faces --mask hole.png photo.png repaired.png
  ganymede inpaint --run runs/faces cut-out.png repaired.png
  ganymede inpaint --run runs/faces --mask holes/ photos/ repaired/ --json`,
		Args: p.inAndOut,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p.flags = cmd.Flags()
			return p.run(cmd.Context())
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.StringVar(&p.dir, "run", "", "run `DIR` of inpainting")
	flags.StringVar(&p.mask, "mask", "", "`MASK`, white in the hole, or a folder of masks (default the pictures' transparency)")
	flags.StringVar(&p.blend, "blend", blendPoisson, "set what was drawn into the picture by `poisson`, or none: as it is")
	flags.IntVar(&p.batch, "batch", 0, "pass up to `N` pictures of one size at once (default as many as have 512×512 pixels together)")
	flags.BoolVar(&p.grey, "grey", false, "take the brightness of coloured pictures for a network that takes grey ones")
	p.pictureWork.bind(flags)
	p.complete(command)
	must(command.MarkFlagDirname("run"))
	must(command.RegisterFlagCompletionFunc("blend", cobra.FixedCompletions([]string{blendPoisson, blendNone}, cobra.ShellCompDirectiveNoFileComp)))
	return command
}

func (p *inpainting) run(ctx context.Context) error {
	if err := p.checkFlags(); err != nil {
		return err
	}
	if err := p.checkTask(p.dir, inpaint.Task); err != nil {
		return err
	}
	fill := filling{blend: p.blend == blendPoisson}
	if p.mask != "" {
		var err error
		if fill.masks, err = picturefiles.OpenMasks(p.mask); err != nil {
			return err
		}
	}
	plan, err := p.request.Plan()
	if err != nil {
		return err
	}
	choice, err := openBackend(ctx, p.console, p.quiet)
	if err != nil {
		return err
	}
	defer choice.Backend.Finalize()
	trainer, err := inpaint.Load(choice.Backend, p.dir)
	if err != nil {
		return err
	}
	defer func() { _ = trainer.Close() }()
	if err := p.checkTrained(trainer, p.dir); err != nil {
		return err
	}
	if fill.filler, err = trainer.Filler(); err != nil {
		return err
	}
	config := trainer.Config()
	fill.size = config.Size
	network := picturefiles.Network{Channels: config.Channels, ToGrey: p.grey}
	network.Tiling.Multiple, network.Tiling.Batch = config.Game.Multiple(config.Size), p.batch
	return passPictures(ctx, &p.pictureWork, p.dir, "filling holes", fill.pipeline(plan, network))
}

// checkFlags returns what can be said against the flags alone.
func (p *inpainting) checkFlags() error {
	switch {
	case p.dir == "":
		return misusef("--run DIR is missing: the folder of a run that learned to fill holes")
	case p.flags.Changed("mask") && p.mask == "":
		return misusef("--mask needs the name of a picture or a folder; leave it out to take the pictures' transparency")
	case !slices.Contains([]string{blendPoisson, blendNone}, p.blend):
		return misusef("--blend %q must be poisson or none", p.blend)
	}
	if p.flags.Changed("batch") && p.batch < 1 {
		return misusef("--batch %d must be at least 1", p.batch)
	}
	return p.check()
}
