package cli

import (
	"context"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/display"
	"github.com/ganymede-ml/ganymede/internal/atomicfile"
	"github.com/ganymede-ml/ganymede/internal/npy"
)

// An animation goes from one sample to another in so many frames, and back.
const morphFrames = 20

// Kinds of output, by the end of its name.
const (
	outPNG    = ".png"
	outGIF    = ".gif"
	outNPY    = ".npy"
	outFolder = "/"
)

// sampling is one call of sample.
type sampling struct {
	*console
	flags       *pflag.FlagSet
	dir, out    string
	n           int
	seed        int64
	truncation  float64
	checkpoint  string
	interpolate bool
	mixStyles   int // Layers of the row's style, with --mix-styles.
	json        bool

	classes            []string // As the user names them.
	fromClass, toClass string
	labelsOut          string

	kind     string // Of the output.
	trainer  *gan.Trainer
	known    knownClasses
	asked    []int // The classes, none for all in turn.
	from, to int
	cloud    *display.Cloud // Nil unless the run makes points.
}

// sampled is the result of sample.
type sampled struct {
	Run     string `json:"run"`
	Steps   int    `json:"steps"` // Of training.
	Out     string `json:"out"`
	Samples int    `json:"samples"`
	Shape   []int  `json:"shape"` // Of one sample.
	Seed    int64  `json:"seed"`
	Classes []int  `json:"classes,omitempty"` // Those of the samples, in turn.
	Labels  string `json:"labels,omitempty"`  // Where the class of each is.
}

func newSample(c *console) *cobra.Command {
	s := &sampling{console: c}
	command := &cobra.Command{
		Use:   "sample --run DIR",
		Short: "Draw samples from a trained run",
		Long: `Draw samples from the last checkpoint of a run, or its best one. The end of --out says what is made of them:

  F.png   a grid; with --interpolate, rows that go from one sample to another
  F.gif   an animation of samples that turn into others and back
  F.npy   a NumPy array, uint8 [n, height, width, channels], for points float32 [n, 2]
  DIR/    a PNG picture each

The same seed gives the same samples; without --seed they are those of the run's own grid.png. Of a run that
was told classes they are of every class in turn, a column each in a grid, or of those that --class names.

--truncation gives up variety for quality: latents stay within that many standard deviations of the middle,
or, where an architecture has styles, those are drawn to their mean by that factor. --mix-styles 2 shows
what the first two layers of such an architecture decide.`,
		Example: `  ganymede sample --run runs/mine
  ganymede sample --run runs/mine --n 10000 --out samples.npy
  ganymede sample --run runs/mine --seed 7 --n 16 --out morph.gif
  ganymede sample --run runs/mine --n 500 --out pictures/
  ganymede sample --run runs/classes --class 7 --n 1000 --out sevens.npy
  ganymede sample --run runs/classes --interpolate --from-class 3 --to-class 8 --out between.png`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s.flags = cmd.Flags()
			return s.run(cmd.Context())
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.StringVar(&s.dir, "run", "", "run `DIR`")
	flags.IntVar(&s.n, "n", gridSamples, "`number` of samples")
	flags.Int64Var(&s.seed, "seed", 0, "of the latents (default the run's own)")
	flags.StringVar(&s.out, "out", "", "`FILE` or folder to write (default a grid in DIR/samples)")
	flags.BoolVar(&s.interpolate, "interpolate", false, "draw what lies between samples instead")
	flags.IntVar(&s.mixStyles, "mix-styles", 0, "with styles: the first `LAYERS` as one sample for each row has them, the others as one for each column")
	bindCheckpoint(command, &s.checkpoint)
	flags.StringSliceVar(&s.classes, "class", nil, "the `CLASS` of the samples, by number or name; several, as 3,8, in turn")
	flags.StringVar(&s.fromClass, "from-class", "", "with --interpolate or .gif: go from this `CLASS`,")
	flags.StringVar(&s.toClass, "to-class", "", "to this `CLASS`")
	flags.Float64Var(&s.truncation, "truncation", 0, "give up variety for quality, such as 0.7; 0: do not")
	flags.StringVar(&s.labelsOut, "labels-out", "", "with .npy: write the class of each sample, int32 [n], to this `FILE`.npy")
	flags.BoolVar(&s.json, "json", false, "print the result as a JSON object")
	must(command.MarkFlagDirname("run"))
	return command
}

func (s *sampling) run(ctx context.Context) error {
	if err := s.checkFlags(); err != nil {
		return err
	}
	record, err := gan.ReadRecord(s.dir)
	if err != nil {
		return err
	}
	if err := s.chooseClasses(record); err != nil {
		return err
	}
	if !s.flags.Changed("seed") {
		s.seed = record.Config.Seed
	}
	if s.out == "" {
		s.out = filepath.Join(s.dir, samplesFolder, s.defaultName())
	}
	choice, err := openBackend(ctx, s.console, false)
	if err != nil {
		return err
	}
	defer choice.Backend.Finalize()
	if s.trainer, err = s.loadTrained(choice.Backend, s.dir, s.checkpoint); err != nil {
		return err
	}
	defer func() { _ = s.trainer.Close() }()
	shape := s.trainer.Config().Arch.ExampleShape()
	if len(shape) != 3 {
		s.cloud = realCloud(record)
		if s.kind == outFolder {
			return errors.Errorf("the run in %s makes points, which are no pictures one by one: write a .png, .gif or .npy file", s.dir)
		}
	}
	if err := s.write(ctx); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return errors.WithStack(ctx.Err())
	}
	if s.json {
		return s.printJSON(sampled{Run: s.dir, Steps: s.trainer.Steps(), Out: s.out, Samples: s.n, Shape: shape, Seed: s.seed,
			Classes: s.asked, Labels: s.labelsOut})
	}
	if s.labelsOut != "" {
		return s.print("%s\n%s", s.out, s.labelsOut)
	}
	return s.print("%s", s.out)
}

// checkFlags returns what can be said against the flags alone, and finds out the kind of output.
func (s *sampling) checkFlags() error {
	if s.dir == "" {
		return misusef("--run DIR is missing: the folder of a trained run")
	}
	if s.n < 1 {
		return misusef("--n %d must be at least 1", s.n)
	}
	if err := checkCheckpoint(s.checkpoint); err != nil {
		return err
	}
	switch extension := strings.ToLower(filepath.Ext(s.out)); {
	case s.out == "":
		s.kind = outPNG
	case strings.HasSuffix(s.out, "/") || strings.HasSuffix(s.out, string(filepath.Separator)) || isDirectory(s.out):
		s.kind = outFolder
	case slices.Contains([]string{outPNG, outGIF, outNPY}, extension):
		s.kind = extension
	default:
		return misusef("--out %q must end in .png, .gif or .npy, or in / for a folder of pictures", s.out)
	}
	if s.flags.Changed("mix-styles") {
		for _, flag := range []string{"interpolate", "class", "from-class", "truncation"} {
			if s.flags.Changed(flag) {
				return misusef("--mix-styles and --%s exclude each other", flag)
			}
		}
		if s.kind == outGIF {
			return misusef("--mix-styles makes a grid: choose an --out that ends in .png or .npy, or in / for a folder")
		}
		s.interpolate = true // Rows and columns, as there.
	}
	return s.checkClassFlags()
}

// defaultName is the name of a grid that --out does not name.
func (s *sampling) defaultName() string {
	kind := "grid"
	if s.interpolate {
		kind = "interpolation"
	}
	if s.flags.Changed("mix-styles") {
		kind = fmt.Sprintf("styles-mixed-at-%d", s.mixStyles)
	}
	name := fmt.Sprintf("%s-n%d-seed%d", kind, s.n, s.seed)
	switch {
	case s.fromClass != "":
		name += fmt.Sprintf("-class%d-to-%d", s.from, s.to)
	case len(s.asked) > 0:
		name += "-class" + strings.Join(strings.Fields(strings.Trim(fmt.Sprint(s.asked), "[]")), "-")
	}
	if s.truncation > 0 {
		name += fmt.Sprintf("-truncation%g", s.truncation)
	}
	return name + ".png"
}

// write writes the output.
func (s *sampling) write(ctx context.Context) error {
	switch s.kind {
	case outGIF:
		return s.writeGIF()
	case outNPY:
		return s.writeArrays(ctx)
	case outFolder:
		return s.writeFolder(ctx)
	}
	samples, columns, err := s.all()
	if err != nil {
		return err
	}
	if s.interpolate && s.cloud == nil && !s.flags.Changed("mix-styles") {
		return display.SavePNG(s.out, display.Strip(samples, s.n/columns))
	}
	return display.SavePNG(s.out, draw(samples, s.cloud, columns))
}

// all returns all samples at once, and how many belong in a row; 0 leaves that open. Rows of an interpolation are full, so
// that they may take a few samples more or less.
func (s *sampling) all() (samples *tensors.Tensor, columns int, err error) {
	if !s.interpolate {
		columns := len(s.asked)
		if columns == 0 {
			columns = s.known.count
		}
		if columns < 2 || columns > maxClassColumns {
			columns = 0
		}
		samples, err = s.trainer.Draw(s.draw())
		return samples, columns, err
	}
	rows := int(math.Sqrt(float64(s.n)))
	columns = max(2, s.n/rows)
	s.n = rows * columns
	samples, err = s.between(rows, columns)
	return samples, columns, err
}

// draw says which samples to draw.
func (s *sampling) draw() gan.Draw {
	return gan.Draw{N: s.n, Seed: s.seed, Classes: s.asked, Truncation: s.truncation}
}

// between returns what lies between samples, or between two classes, or has the styles of two samples.
func (s *sampling) between(rows, columns int) (*tensors.Tensor, error) {
	if s.flags.Changed("mix-styles") {
		return s.trainer.MixStyles(rows, columns, s.mixStyles, s.seed)
	}
	if s.fromClass != "" {
		return s.trainer.InterpolateClasses(s.from, s.to, rows, columns, s.seed)
	}
	return s.trainer.Interpolate(rows, columns, s.seed)
}

// chunks returns the samples, some at a time.
func (s *sampling) chunks(ctx context.Context) iter.Seq2[*tensors.Tensor, error] {
	return func(yield func(*tensors.Tensor, error) bool) {
		if s.interpolate {
			samples, _, err := s.all()
			yield(samples, err)
			return
		}
		for samples, err := range s.trainer.Draws(s.draw()) {
			if err == nil && ctx.Err() != nil {
				err = errors.WithStack(ctx.Err())
			}
			if !yield(samples, err) || err != nil {
				return
			}
		}
	}
}

// writeArrays writes the samples as an array, and their classes if they are asked for.
func (s *sampling) writeArrays(ctx context.Context) error {
	if s.interpolate { // It may take a few samples more or less.
		rows := int(math.Sqrt(float64(s.n)))
		s.n = rows * max(2, s.n/rows)
	}
	shape := append([]int{s.n}, s.trainer.Config().Arch.ExampleShape()...)
	err := atomicfile.WriteTo(s.out, func(file io.Writer) error { return npy.Write(file, shape, s.chunks(ctx)) })
	if err != nil || s.labelsOut == "" {
		return err
	}
	labels := make([]int32, s.n)
	for i := range labels {
		labels[i] = int32(s.classOf(i))
	}
	return atomicfile.WriteTo(s.labelsOut, func(file io.Writer) error {
		return npy.Write(file, []int{s.n}, func(yield func(*tensors.Tensor, error) bool) { yield(tensors.FromValue(labels), nil) })
	})
}

// writeFolder writes a picture for each sample.
func (s *sampling) writeFolder(ctx context.Context) error {
	digits := max(5, len(fmt.Sprint(s.n-1)))
	i := 0
	for samples, err := range s.chunks(ctx) {
		if err != nil {
			return err
		}
		pictures, err := display.Images(samples)
		if err != nil {
			return err
		}
		for _, picture := range pictures {
			if err := display.SavePNG(filepath.Join(s.out, fmt.Sprintf("%0*d.png", digits, i)), picture); err != nil {
				return err
			}
			i++
		}
	}
	return nil
}

// writeGIF writes an animation in which each of the samples turns into another and back.
func (s *sampling) writeGIF() error {
	samples, err := s.between(s.n, morphFrames)
	if err != nil {
		return err
	}
	if s.cloud == nil {
		return animateMorph[uint8](s, samples)
	}
	return animateMorph[float32](s, samples)
}

// animateMorph writes the animation: the samples come one way after another, the frames go along all ways at once.
func animateMorph[T uint8 | float32](s *sampling, samples *tensors.Tensor) error {
	values, err := tensors.CopyFlatData[T](samples)
	if err != nil {
		return errors.WithMessage(err, "samples")
	}
	size := len(values) / (s.n * morphFrames)
	movie := display.Animation{Delay: 80 * time.Millisecond, Hold: 80 * time.Millisecond}
	for i := range 2*morphFrames - 2 {
		column := i
		if i >= morphFrames {
			column = 2*morphFrames - 2 - i
		}
		frame := make([]T, 0, s.n*size)
		for row := range s.n {
			at := (row*morphFrames + column) * size
			frame = append(frame, values[at:at+size]...)
		}
		dimensions := append([]int{s.n}, s.trainer.Config().Arch.ExampleShape()...)
		movie.Add(draw(tensors.FromFlatDataAndDimensions(frame, dimensions...), s.cloud, 0))
	}
	return movie.WriteFile(s.out)
}

// realCloud draws points over those of the data, if they can be had.
func realCloud(record gan.Record) *display.Cloud {
	set, err := datasets.Open(record.Data.Name, datasets.Options{Seed: record.Config.Seed})
	if err != nil || set.Points == nil {
		return &display.Cloud{}
	}
	return newCloud(set)
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
