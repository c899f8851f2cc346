package cli

import (
	"context"
	"image"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/style"
	"github.com/ganymede-ml/ganymede/internal/picturefiles"
)

// Methods of style transfer.
const (
	methodAdaIN = "adain"
	methodGatys = "gatys"

	// gatysSize is the longest side that Gatys works on unless --size says otherwise: it holds the whole picture at once.
	gatysSize = 512
)

// keptColours are whose colours a result has, by the value of --keep-colour.
var keptColours = map[string]style.Colours{"no": style.StyleColours, "exact": style.ContentColours, "matched": style.MatchedColours}

// styling is one call of style.
type styling struct {
	pictureWork
	flags           *pflag.FlagSet
	styles, masks   []string // Files.
	weights         []float64
	alpha           float64
	keepColour      string
	size, styleSize int
	method          string
	steps           int
	dir, encoder    string

	looks []style.Style // What the flags name.
}

func newStyle(c *console) *cobra.Command {
	s := &styling{pictureWork: pictureWork{console: c}}
	command := &cobra.Command{
		Use:   "style --content A.png --style B.png --out O.png",
		Short: "Draw a picture in the style of others",
		Long: `Draw a picture, or all pictures of a folder, in the style of another picture. What is needed comes with the
program; --run takes a decoder that train --preset style made.

Several styles are mixed by their --weights, or each takes its place on the content, where its --mask is
white.
--alpha gives up style for the content's own. --keep-colour takes only the brightness from the style, and
--keep-colour=matched brings the style's colours near the content's before.

--method gatys is the slow way that all began with: it changes the pixels of the content, step by step, until
they have the style's statistics; pictures of more than 512 pixels are made smaller, unless --size says
otherwise. --encoder vgg19:FILE takes the network that the papers judge style by.

Transparency stays as it is. In a folder, pictures that cannot be read are left out and named; then the exit
status is 1. Files that exist are not replaced, unless --force says so.`,
		Example: `  ganymede style --content photo.png --style painting.png --out result.png
  ganymede style --content photos/ --style a.png,b.png --weights 2,1 --alpha 0.8 --out results/
  ganymede style --content photo.png --style a.png,b.png --mask sky.png,ground.png --out result.png
  ganymede style --content photo.png --style painting.png --method gatys --encoder vgg19:weights/vgg19.pth \
    --steps 500 --out result.png`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s.flags = cmd.Flags()
			return s.run(cmd.Context())
		},
	}
	s.bind(command.Flags())
	s.complete(command)
	return command
}

func (s *styling) bind(flags *pflag.FlagSet) {
	flags.SortFlags = false
	flags.StringVar(&s.request.In, "content", "", "`PICTURE` to draw anew, or a folder of them")
	flags.StringSliceVar(&s.styles, "style", nil, "`PICTURE` whose style is wanted; several, as a.png,b.png, are mixed")
	flags.StringVar(&s.request.Out, "out", "", "`FILE` to write, or the folder if the content is one")
	flags.Float64SliceVar(&s.weights, "weights", nil, "`PARTS` of several styles, such as 2,1 (default equal ones)")
	flags.Float64Var(&s.alpha, "alpha", 1, "how much of the style, from 0 to 1")
	flags.StringVar(&s.keepColour, "keep-colour", "no", "keep the content's colours: `exact`, or matched: about")
	flags.Lookup("keep-colour").NoOptDefVal = "exact"
	flags.StringSliceVar(&s.masks, "mask", nil, "where the style is wanted: a `PICTURE` of the content's size, white there; one for each style")
	flags.IntVar(&s.size, "size", 0, "bring the longest side of the content to `N` pixels before (default as it is)")
	flags.IntVar(&s.styleSize, "style-size", 0, "likewise of the styles: the smaller, the finer the texture")
	flags.StringVar(&s.method, "method", methodAdaIN, "`adain`, in one pass, or gatys, in many steps")
	flags.IntVar(&s.steps, "steps", 300, "with gatys: take so many `STEPS`")
	flags.StringVar(&s.dir, "run", "", "run `DIR` whose decoder draws (default the one that comes with the program)")
	flags.StringVar(&s.encoder, "encoder", "", "network that sees style: `small` or vgg19:FILE (default small, or the run's)")
	s.pictureWork.bind(flags)
}

func (s *styling) complete(command *cobra.Command) {
	s.pictureWork.complete(command)
	for flag, names := range map[string][]string{"method": {methodAdaIN, methodGatys}, "keep-colour": {"exact", "matched", "no"}} {
		must(command.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp)))
	}
	must(command.RegisterFlagCompletionFunc("encoder", cobra.FixedCompletions([]string{style.SmallEncoder, style.VGGEncoder + ":"}, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace)))
	must(command.MarkFlagDirname("run"))
}

func (s *styling) run(ctx context.Context) error {
	if err := s.checkFlags(); err != nil {
		return err
	}
	if s.dir != "" {
		if err := s.checkTask(s.dir, style.Task); err != nil {
			return err
		}
	}
	if err := s.readStyles(); err != nil {
		return err
	}
	plan, err := s.request.Plan()
	if err != nil {
		return err
	}
	choice, err := openBackend(ctx, s.console, s.quiet)
	if err != nil {
		return err
	}
	defer choice.Backend.Finalize()
	draw, err := s.open(choice.Backend, plan)
	if err != nil {
		return err
	}
	type drawn struct {
		picture image.Image
		err     error // Why this content cannot be drawn; others may.
	}
	return passPictures(ctx, &s.pictureWork, s.dir, "drawing", picturefiles.Pipeline[image.Image, drawn]{
		Plan: plan,
		Read: func(_ picturefiles.File, picture *image.NRGBA) (image.Image, error) { return picture, nil },
		Run: func(ctx context.Context, batch []image.Image) ([]drawn, error) {
			var list []drawn
			for _, content := range batch {
				picture, err := draw(ctx, content)
				if ctx.Err() != nil {
					return nil, errors.WithStack(ctx.Err())
				}
				list = append(list, drawn{picture, err})
			}
			return list, nil
		},
		Write: func(made drawn) (image.Image, error) { return made.picture, made.err },
	})
}

// checkFlags returns what can be said against the flags alone.
func (s *styling) checkFlags() error {
	switch {
	case s.request.In == "":
		return misusef("--content is missing: the picture to draw anew, or a folder of them")
	case len(s.styles) == 0:
		return misusef("--style is missing: the picture whose style is wanted")
	case s.request.Out == "":
		return misusef("--out is missing: the file to write, or the folder if the content is one")
	case len(s.weights) > 0 && len(s.weights) != len(s.styles):
		return misusef("--weights has %d numbers for %d styles", len(s.weights), len(s.styles))
	case slices.ContainsFunc(s.weights, func(w float64) bool { return !(w > 0 && w < 1e9) }):
		return misusef("--weights must be above 0")
	case len(s.masks) > 0 && len(s.masks) != len(s.styles):
		return misusef("--mask names %d pictures for %d styles; give one for each", len(s.masks), len(s.styles))
	case !(s.alpha >= 0 && s.alpha <= 1):
		return misusef("--alpha %g must lie between 0 and 1", s.alpha)
	case s.size < 0 || s.styleSize < 0:
		return misusef("--size %d and --style-size %d must be numbers of pixels, or 0", s.size, s.styleSize)
	case s.method != methodAdaIN && s.method != methodGatys:
		return misusef("--method %q must be adain or gatys", s.method)
	}
	if _, known := keptColours[s.keepColour]; !known {
		return misusef("--keep-colour=%s must be exact or matched", s.keepColour)
	}
	if err := s.checkMethod(); err != nil {
		return err
	}
	return s.check()
}

// checkMethod returns an error about a flag that is of another method.
func (s *styling) checkMethod() error {
	if s.method == methodAdaIN {
		if s.flags.Changed("steps") {
			return misusef("--steps goes with --method gatys; adain draws in one pass")
		}
		return nil
	}
	switch {
	case s.steps < 1:
		return misusef("--steps %d must be at least 1", s.steps)
	case len(s.styles) > 1:
		return misusef("--method gatys takes one style, not %d", len(s.styles))
	}
	for _, flag := range []string{"weights", "alpha", "keep-colour", "mask", "run"} {
		if s.flags.Changed(flag) {
			return misusef("--%s goes with --method adain", flag)
		}
	}
	return nil
}

// readStyles reads the styles and their masks.
func (s *styling) readStyles() error {
	for i, file := range s.styles {
		look := style.Style{}
		picture, err := readNamed("style", file)
		if err != nil {
			return err
		}
		look.Image = picture
		if len(s.weights) > 0 {
			look.Weight = s.weights[i]
		}
		if len(s.masks) > 0 {
			mask, err := readNamed("mask", s.masks[i])
			if err != nil {
				return err
			}
			look.Mask = mask
		}
		s.looks = append(s.looks, look)
	}
	return nil
}

// readNamed reads a picture that the user names.
func readNamed(what, file string) (image.Image, error) {
	picture, err := datasets.DecodeFile(file)
	if err != nil {
		return nil, errors.Errorf("the %s %s cannot be read: %s", what, file, picturefiles.Reason(err))
	}
	return picture, nil
}

// open returns the function that draws a content.
func (s *styling) open(backend compute.Backend, plan *picturefiles.Plan) (func(ctx context.Context, content image.Image) (image.Image, error), error) {
	if s.method == methodGatys {
		return s.openGatys(backend, plan)
	}
	if name, _, _ := strings.Cut(s.encoder, ":"); s.dir == "" && name != "" && name != style.SmallEncoder {
		return nil, errors.Errorf("the decoder that comes with the program is for the small encoder; train one for %s, and name it with --run: %s",
			name, s.shell("train", "--preset", "style", "--encoder", s.encoder))
	}
	stylizer, err := style.Open(backend, s.dir)
	if err != nil {
		return nil, err
	}
	if name, _, _ := strings.Cut(s.encoder, ":"); name != "" && name != stylizer.EncoderName() {
		return nil, errors.Errorf("--encoder %s: the run in %s has learned from the encoder %s, which it holds; leave --encoder out", s.encoder, s.dir, stylizer.EncoderName())
	}
	options := style.Options{Keep: 1 - s.alpha, Colours: keptColours[s.keepColour], Size: s.size, StyleSize: s.styleSize}
	return func(_ context.Context, content image.Image) (image.Image, error) {
		return stylizer.Stylize(content, s.looks, options)
	}, nil
}

// openGatys returns the function that draws a content step by step.
func (s *styling) openGatys(backend compute.Backend, plan *picturefiles.Plan) (func(ctx context.Context, content image.Image) (image.Image, error), error) {
	if s.encoder == "" {
		s.encoder = style.SmallEncoder
	}
	encoder, err := style.OpenEncoder(s.encoder)
	if err != nil {
		return nil, err
	}
	gatys := style.Gatys{Steps: s.steps, Size: s.size, StyleSize: s.styleSize}
	if !plan.IsFolder {
		meter := newStages(s.console, s.quiet)
		gatys.Progress = func(step int, _ float64) {
			meter.update("drawing", step, s.steps)
			if step == s.steps {
				meter.close()
			}
		}
	}
	shrunk := func(asked int, picture image.Image) int {
		if size := picture.Bounds().Size(); asked == 0 && max(size.X, size.Y) > gatysSize {
			return gatysSize
		}
		return asked
	}
	return func(ctx context.Context, content image.Image) (image.Image, error) {
		one := gatys
		one.Size, one.StyleSize = shrunk(s.size, content), shrunk(s.styleSize, s.looks[0].Image)
		return one.Transfer(ctx, backend, encoder, content, s.looks[0].Image)
	}, nil
}
