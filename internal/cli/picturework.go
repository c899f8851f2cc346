package cli

import (
	"context"
	"slices"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ganymede-ml/ganymede/gan/tiling"
	engine "github.com/ganymede-ml/ganymede/gan/training"
	"github.com/ganymede-ml/ganymede/internal/picturefiles"
)

// pictureWork is what calls of verbs have in common that make pictures of picture files.
type pictureWork struct {
	*console
	request       picturefiles.Request
	asJSON, quiet bool
}

// bind defines the flags.
func (p *pictureWork) bind(flags *pflag.FlagSet) {
	flags.StringVar(&p.request.Format, "format", picturefiles.Formats[0], "with a folder: `png`, or jpg, in which transparency is lost")
	flags.BoolVar(&p.request.Force, "force", false, "replace files that exist")
	flags.BoolVar(&p.asJSON, "json", false, "print the result as a JSON object")
	flags.BoolVarP(&p.quiet, "quiet", "q", false, "show no progress, and print the output's name alone")
}

// complete offers what the flags take.
func (p *pictureWork) complete(command *cobra.Command) {
	must(command.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(picturefiles.Formats, cobra.ShellCompDirectiveNoFileComp)))
}

// check returns what can be said against the flags alone.
func (p *pictureWork) check() error {
	if !slices.Contains(picturefiles.Formats, p.request.Format) {
		return misusef("--format %q must be png or jpg", p.request.Format)
	}
	return nil
}

// inAndOut takes the two arguments of a verb: where pictures are, and where they go.
func (p *pictureWork) inAndOut(_ *cobra.Command, arguments []string) error {
	switch len(arguments) {
	case 0:
		return misusef("IN and OUT are missing: a picture or a folder of them, and what to write")
	case 1:
		return misusef("OUT is missing: the file to write, or the folder if %s is one", arguments[0])
	case 2:
		p.request.In, p.request.Out = arguments[0], arguments[1]
		return nil
	}
	return misusef("%q is one argument too many", arguments[2])
}

// pictureResult is what verbs that make pictures print with --json.
type pictureResult struct {
	Run string `json:"run,omitempty"`
	In  string `json:"in"`
	Out string `json:"out"`
	picturefiles.Result
}

// passPictures passes the pictures through the pipeline, shows how far it is, and prints the result. It is an error if pictures
// were left out.
func passPictures[In, Out any](ctx context.Context, p *pictureWork, run, stage string, pipeline picturefiles.Pipeline[In, Out]) error {
	meter := newStages(p.console, p.quiet)
	pipeline.Progress = func(done, total int) { meter.update(stage, done, total) }
	result, err := pipeline.Do(ctx)
	meter.close()
	switch {
	case ctx.Err() != nil && result.Pictures > 0:
		return interrupted{"interrupted; " + result.String() + " are written to " + p.request.Out}
	case err != nil:
		return err
	}
	if p.asJSON {
		err = p.printJSON(pictureResult{Run: run, In: p.request.In, Out: p.request.Out, Result: result})
	} else {
		err = p.printPictures(pipeline.Plan, result)
	}
	if err != nil {
		return err
	}
	return result.Err()
}

// printPictures tells people what became of the pictures.
func (p *pictureWork) printPictures(plan *picturefiles.Plan, result picturefiles.Result) error {
	if plan.IsFolder {
		for _, failure := range result.Failed {
			p.say("left out %s: %s", failure.Name, oneLine(failure.Error))
		}
	}
	if result.Pictures == 0 {
		return nil
	}
	if !p.quiet {
		p.say("%s", result)
	}
	if plan.IsFolder {
		return p.print("%s", p.request.Out)
	}
	return p.print("%s", plan.Files[0].Out)
}

// defaultTile is the longest side of pictures that pass whole, unless the user, or the network, wants another.
const defaultTile = 512

// tileFlags say how large pictures are cut.
type tileFlags struct{ size, overlap, batch int }

func (t *tileFlags) bind(flags *pflag.FlagSet, standard string) {
	flags.IntVar(&t.size, "tile", 0, "pass pictures up to `N`×N pixels whole, and larger ones in tiles of that size (default "+standard+")")
	flags.IntVar(&t.overlap, "overlap", 0, "`PIXELS` in which tiles overlap, and are blended (default an eighth of --tile)")
	flags.IntVar(&t.batch, "batch", 0, "pass up to `N` pictures, or tiles, of one size at once (default as many as have 512×512 pixels together)")
}

// check returns what can be said against the flags alone.
func (t *tileFlags) check(flags *pflag.FlagSet) error {
	switch {
	case flags.Changed("tile") && t.size < 1:
		return misusef("--tile %d must be a number of pixels above 0", t.size)
	case t.overlap < 0:
		return misusef("--overlap %d must be at least 0", t.overlap)
	case flags.Changed("tile") && t.overlap >= t.size:
		return misusef("--overlap %d must be less than --tile %d", t.overlap, t.size)
	case flags.Changed("batch") && t.batch < 1:
		return misusef("--batch %d must be at least 1", t.batch)
	}
	return nil
}

// tiling returns what the flags say, for a network that takes sides of multiples of so many pixels, and for which tiles of the
// standard size are good.
func (t *tileFlags) tiling(flags *pflag.FlagSet, standard, multiple int) (tiling.Tiling, error) {
	size := standard
	if t.size > 0 {
		size = t.size
	}
	size = max(multiple, size/multiple*multiple)
	overlap := t.overlap
	switch {
	case overlap >= size:
		return tiling.Tiling{}, misusef("--overlap %d must be less than the tiles' %d pixels", overlap, size)
	case overlap == 0 && flags.Changed("overlap"):
		overlap = -1 // None.
	}
	return tiling.Tiling{Size: size, Overlap: overlap, Multiple: multiple, Batch: t.batch}, nil
}

// taskVerbs are the verbs that use runs of each task, and what such a run does. "" is the task of runs of gan.
var taskVerbs = map[string]struct{ verb, does string }{
	"":          {"sample", "draws from noise"},
	"translate": {"translate", "translates pictures"},
	"style":     {"style", "gives pictures the style of others"},
	"inpaint":   {"inpaint", "fills holes"},
}

// checkTask returns an error, with the verb that is for it, if a run is one of another task.
func (c *console) checkTask(dir, task string) error {
	found, err := engine.TaskOf(dir)
	if err != nil || found == task {
		return err
	}
	other, known := taskVerbs[found]
	if !known {
		return errors.Errorf("the run in %s is one of a task %q, which this version does not know", dir, found)
	}
	return errors.Errorf("the run in %s %s; use it with %s", dir, other.does, c.shell(other.verb, "--run", dir))
}

// checkTrained returns an error if a run has nothing to show yet.
func (c *console) checkTrained(trainer interface{ Steps() int }, dir string) error {
	if trainer.Steps() > 0 {
		return nil
	}
	return errors.Errorf("the run in %s has no checkpoint yet; train it first: %s", dir, c.shell("train", "--run", dir, "--resume"))
}
