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
)

const (
	sampleChunk = 1000 // Samples that are in memory at a time, where they are written one after another.

	// An animation goes from one latent to another in so many frames, and back.
	morphFrames = 20
)

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
	interpolate bool
	json        bool

	kind    string // Of the output.
	trainer *gan.Trainer
	cloud   *display.Cloud // Nil unless the run makes points.
}

// sampled is the result of sample.
type sampled struct {
	Run     string `json:"run"`
	Steps   int    `json:"steps"` // Of training.
	Out     string `json:"out"`
	Samples int    `json:"samples"`
	Shape   []int  `json:"shape"` // Of one sample.
	Seed    int64  `json:"seed"`
}

func newSample(c *console) *cobra.Command {
	s := &sampling{console: c}
	command := &cobra.Command{
		Use:   "sample --run DIR",
		Short: "Draw samples from a trained run",
		Long: `Draw samples from the last checkpoint of a run. The end of --out says what is made of them:

  F.png   a grid; with --interpolate, rows that go from one sample to another
  F.gif   an animation of samples that turn into others and back
  F.npy   a NumPy array, uint8 [n, height, width, channels], for points float32 [n, 2]
  DIR/    a PNG picture each

The same seed gives the same samples; without --seed they are those of the run's own grid.png.`,
		Example: `  ganymede sample --run runs/mine
  ganymede sample --run runs/mine --n 10000 --out samples.npy
  ganymede sample --run runs/mine --seed 7 --n 16 --out morph.gif
  ganymede sample --run runs/mine --n 500 --out pictures/`,
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
	if s.trainer, err = gan.Load(choice.Backend, s.dir); err != nil {
		return err
	}
	defer func() { _ = s.trainer.Close() }()
	if s.trainer.Steps() == 0 {
		return errors.Errorf("the run in %s has no checkpoint yet; train it first: %s", s.dir, s.shell("train", "--run", s.dir, "--resume"))
	}
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
		return s.printJSON(sampled{Run: s.dir, Steps: s.trainer.Steps(), Out: s.out, Samples: s.n, Shape: shape, Seed: s.seed})
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
	return nil
}

// defaultName is the name of a grid that --out does not name.
func (s *sampling) defaultName() string {
	kind := "grid"
	if s.interpolate {
		kind = "interpolation"
	}
	return fmt.Sprintf("%s-n%d-seed%d.png", kind, s.n, s.seed)
}

// write writes the output.
func (s *sampling) write(ctx context.Context) error {
	switch s.kind {
	case outGIF:
		return s.writeGIF()
	case outNPY:
		shape := append([]int{s.n}, s.trainer.Config().Arch.ExampleShape()...)
		return atomicfile.WriteTo(s.out, func(file io.Writer) error { return writeNPY(file, shape, s.chunks(ctx)) })
	case outFolder:
		return s.writeFolder(ctx)
	}
	samples, columns, err := s.all()
	if err != nil {
		return err
	}
	if s.interpolate && s.cloud == nil {
		return display.SavePNG(s.out, display.Strip(samples, s.n/columns))
	}
	return display.SavePNG(s.out, draw(samples, s.cloud, columns))
}

// all returns all samples at once, and how many belong in a row; 0 leaves that open. Rows of an interpolation are full, so
// that they may take a few samples more or less.
func (s *sampling) all() (samples *tensors.Tensor, columns int, err error) {
	if !s.interpolate {
		samples, err = s.trainer.SampleSeed(s.n, s.seed)
		return samples, 0, err
	}
	rows := int(math.Sqrt(float64(s.n)))
	columns = max(2, s.n/rows)
	s.n = rows * columns
	samples, err = s.trainer.Interpolate(rows, columns, s.seed)
	return samples, columns, err
}

// chunks returns the samples, some at a time.
func (s *sampling) chunks(ctx context.Context) iter.Seq2[*tensors.Tensor, error] {
	return func(yield func(*tensors.Tensor, error) bool) {
		if s.interpolate {
			samples, _, err := s.all()
			yield(samples, err)
			return
		}
		size := s.trainer.Config().Arch.LatentSize()
		latents, err := tensors.CopyFlatData[float32](gan.Latents(s.n, size, s.seed))
		if err != nil {
			yield(nil, err)
			return
		}
		for start := 0; start < s.n; start += sampleChunk {
			if ctx.Err() != nil {
				yield(nil, errors.WithStack(ctx.Err()))
				return
			}
			count := min(sampleChunk, s.n-start)
			chunk := tensors.FromFlatDataAndDimensions(latents[start*size:(start+count)*size], count, size)
			if !yield(s.trainer.Generate(chunk)) {
				return
			}
		}
	}
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
	samples, err := s.trainer.Interpolate(s.n, morphFrames, s.seed)
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
