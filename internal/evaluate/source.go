// Package evaluate judges pictures or points, say the samples of a run, by others, say the data that it learned: it turns
// both into features, as package features does, and those into the scores of package metrics, each with its card. Pictures
// that a run makes from others, as translations and filled holes, it compares with what they should be.
//
// Pictures are read or drawn in pieces, so that the memory it takes does not grow with their number. What was found out about
// the real side is kept in a cache for the next time.
package evaluate

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/nearest"
)

const folderPrefix = "folder:"

// DefaultSamples is how many samples are drawn from a run if nothing is said.
const DefaultSamples = 10_000

// Checkpoints of a run that samples can be drawn from.
const (
	Last = "last"
	Best = "best"
)

// SourceOptions say how a source is opened.
type SourceOptions struct {
	N          int     // Samples to draw from a run; of others the most to take, spread evenly over all. 0: DefaultSamples (of points metrics.PointSamples), and all.
	Seed       int64   // Of the latents of a run, and of toys.
	Size       int     // Height and width that pictures are cropped and resized to; 0: as they are.
	Channels   int     // 1 turns pictures grey, 3 coloured; 0: as they are.
	Checkpoint string  // Of a run: Last, which "" means, too, or Best.
	Truncation float64 // Of a run, see gan.Draw.

	View   datasets.View // Which examples of a data set or folder are taken; of runs and arrays there is none.
	Labels string        // Of a folder, see datasets.Options.

	// Progress, if not nil, is called with how much of a folder was read or of a run was drawn.
	Progress func(what string, done, total int)
}

func (o SourceOptions) progress(what string) func(done, total int) {
	if o.Progress == nil {
		return nil
	}
	return func(done, total int) { o.Progress(what, done, total) }
}

// Source is one side of an evaluation: pictures or points.
type Source struct {
	Name    string       // As the user called it; of a folder "folder:DIR".
	Data    string       // The name of the data set: it itself, or what the run was trained on; "" if that is not known.
	Hash    string       // SHA-256 of what it holds; of a run it is known once that was drawn.
	Shape   []int        // Of one example: [height, width, channels], or [2].
	Labels  []int32      // The class of each example, or nil.
	Classes int          // Their number, 0 without labels.
	Modes   [][2]float64 // Of points, the centres of the Gaussians they are from, if they are known.
	Sigma   float64      // Their standard deviation.
	Split   string       // Which of its examples are taken: "all", or in the words of datasets.View.
	Notes   []string     // What the user should know, one line each.
	Run     *RunInfo     // What was drawn from, nil for other sources.

	viewed  bool  // Options.View was obeyed.
	count   int   // Examples taken.
	total   int   // Examples there are.
	natural []int // Shape before fitting.
	fit     datasets.Options

	// pictures returns those with the numbers, out of all there are, of the natural shape, one after another.
	pictures func(numbers []int) ([]uint8, error)
	points   []float32

	draw  func(ctx context.Context, backend compute.Backend) error // Of a run that was not drawn yet.
	close func() error
}

// RunInfo says what samples were drawn from.
type RunInfo struct {
	Dir        string
	Step       int
	Checkpoint string
	Truncation float64
}

// OpenSource opens what the user calls by that name: a data set ("digits", "folder:DIR"), a folder of pictures, an array of
// pictures (FILE.npy, uint8 [n, height, width, channels] or [n, height, width]), or the folder of a run, which Draw then
// draws from. Close it after use.
func OpenSource(name string, options SourceOptions) (*Source, error) {
	source, err := openSource(name, options)
	if err != nil {
		return nil, err
	}
	if source.Name == "" {
		source.Name = name
	}
	if source.Split = cmp.Or(options.View.String(), "all"); source.Split != "all" && !source.viewed {
		_ = source.Close()
		return nil, errors.Errorf("%s is no data set or folder of pictures, of which some (%s) could be taken", name, source.Split)
	}
	if len(source.Shape) == 3 {
		source.natural, source.fit = source.Shape, datasets.Options{Size: options.Size, Channels: options.Channels}
		source.Shape = fitted(source.Shape, options)
	}
	if source.Run == nil && options.N > 0 && options.N < source.total {
		source.take(options.N)
	}
	return source, nil
}

func openSource(name string, options SourceOptions) (*Source, error) {
	info, statErr := os.Stat(name)
	isFolder := statErr == nil && info.IsDir()
	known := knownNames()
	switch {
	case slices.Contains(known, name) || name == "ring": // The toy's other name.
		return openSet(name, options)
	case strings.HasPrefix(name, folderPrefix):
		return openFolder(name, options)
	case strings.EqualFold(filepath.Ext(name), ".npy"):
		return openArray(name)
	case gan.HoldsRun(name):
		return openRun(name, options)
	case isFolder:
		return openFolder(folderPrefix+name, options)
	case statErr == nil:
		return nil, errors.Errorf("%s is a file, and neither an array .npy nor a folder of pictures or of a run", name)
	}
	return nil, errors.Errorf("there is no data set, folder, run or array %q%s (data sets: %s; or folder:DIR, DIR, RUN, FILE.npy)",
		name, nearest.Hint(name, known), strings.Join(known, ", "))
}

// knownNames returns the names of the data sets that are no folders.
func knownNames() []string {
	var names []string
	for _, info := range datasets.List() {
		if !strings.HasPrefix(info.Name, folderPrefix) {
			names = append(names, info.Name)
		}
	}
	return names
}

// fitted returns the shape that pictures of a shape get.
func fitted(shape []int, options SourceOptions) []int {
	shape = slices.Clone(shape)
	if options.Size > 0 {
		shape[0], shape[1] = options.Size, options.Size
	}
	if options.Channels > 0 {
		shape[2] = options.Channels
	}
	return shape
}

// take leaves n examples, spread evenly over all, of whatever order these are in.
func (s *Source) take(n int) {
	s.count = n
	if s.Labels != nil {
		labels := make([]int32, n)
		for i := range labels {
			labels[i] = s.Labels[s.number(i)]
		}
		s.Labels = labels
	}
	if s.points != nil {
		points := make([]float32, 0, 2*n)
		for i := range n {
			at := 2 * s.number(i)
			points = append(points, s.points[at:at+2]...)
		}
		s.points = points
	}
}

// number returns the number of example i of those taken, out of all.
func (s *Source) number(i int) int { return i * s.total / s.count }

// Len returns the number of examples taken.
func (s *Source) Len() int { return s.count }

// ArePictures tells pictures from points.
func (s *Source) ArePictures() bool { return len(s.Shape) == 3 }

// Draw draws the samples of a run, and does nothing for other sources.
func (s *Source) Draw(ctx context.Context, backend compute.Backend) error {
	if s.draw == nil {
		return nil
	}
	draw := s.draw
	s.draw = nil
	return draw(ctx, backend)
}

// Close frees what the source holds.
func (s *Source) Close() error {
	if s.close == nil {
		return nil
	}
	return s.close()
}

// Pictures returns the pictures with these numbers, uint8 [n, height, width, channels].
func (s *Source) Pictures(numbers []int) (*tensors.Tensor, error) {
	all := make([]int, len(numbers))
	for i, number := range numbers {
		all[i] = s.number(number)
	}
	pixels, err := s.pictures(all)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(s.natural, s.Shape) {
		set, err := (&datasets.Set{Name: s.Name, Shape: s.natural, Pixels: pixels}).Fit(s.fit)
		if err != nil {
			return nil, err
		}
		pixels = set.Pixels
	}
	return tensors.FromFlatDataAndDimensions(pixels, append([]int{len(numbers)}, s.Shape...)...), nil
}

// Range returns count pictures from the one numbered first on, uint8 [n, height, width, channels].
func (s *Source) Range(first, count int) (*tensors.Tensor, error) {
	numbers := make([]int, count)
	for i := range numbers {
		numbers[i] = first + i
	}
	return s.Pictures(numbers)
}

// CheckShapes returns an error unless the examples of both sides have one shape.
func CheckShapes(real, fake *Source) error {
	if slices.Equal(real.Shape, fake.Shape) {
		return nil
	}
	if real.ArePictures() != fake.ArePictures() {
		return errors.Errorf("%s holds %s and %s holds %s, which cannot be compared; choose two of a kind", real.Name, kindOf(real), fake.Name, kindOf(fake))
	}
	r, f := real.Shape, fake.Shape
	var mends []string
	if r[0] != f[0] || r[1] != f[1] {
		mends = append(mends, fmt.Sprintf("--size %d", min(f[0], f[1])))
	}
	if r[2] != f[2] {
		mends = append(mends, fmt.Sprintf("--channels %d", f[2]))
	}
	return errors.Errorf("the pictures of %s are %s, those of %s %s; bring both to one shape: %s",
		real.Name, ShapeText(r), fake.Name, ShapeText(f), strings.Join(mends, " "))
}

func kindOf(s *Source) string {
	if s.ArePictures() {
		return "pictures"
	}
	return "points in the plane"
}

// ShapeText returns a shape as people write it: 28×28×1.
func ShapeText(shape []int) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(shape), "[]"), " ", "×")
}
