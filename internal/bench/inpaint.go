package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/features"
	"github.com/ganymede-ml/ganymede/gan/inpaint"
	"github.com/ganymede-ml/ganymede/internal/nearest"
)

// Inpaint says what a bench of filled holes measures: how near several methods come to what holes in test pictures hide.
//
// All methods of a seed are given the same pictures with the same holes, black inside.
type Inpaint struct {
	Data        string        // What the pictures are called, for the reader.
	Train, Test *datasets.Set // What networks learn from, and what is filled. What Test holds too is left out of Train.

	N       int      // Pictures to fill, taken evenly from Test; 0 all.
	Masks   []string // Kinds of holes, of MaskNames.
	Seeds   []int64  // Each draws the holes, and the first weights of the networks that the bench trains.
	Methods []InpaintMethod

	// Judge measures perceptual distances and, if it tells the classes of Test apart, whether it recognises what is filled. Nil
	// means neither.
	Judge *features.Extractor

	Dir   string // The folder of results.jsonl, of the pictures as arrays, and of what else is kept.
	Force bool   // Measure again what is there.

	Progress func(stage string, done, total int) // Called now and then, unless nil.
}

// InpaintMethod is a way to fill holes.
type InpaintMethod struct {
	Name, Title string // For files, and for people.
	Summary     string // One line.
	Learned     bool
	Recipe      string // In words, for the reader; "" if there is nothing to say.
	Settings    any    // All that decides on the result but the seed, as it can be JSON.

	// Open returns what fills holes. It is called once for each seed.
	Open func(ctx context.Context, train *datasets.Set, seed int64, progress func(done, total int)) (Filler, error)
}

// Filler fills the holes of pictures, uint8 [n, height, width, channels], where masks, uint8 [n, height, width, 1], are not 0. The
// result is one of the same shape.
type Filler interface {
	Fill(pictures, masks *tensors.Tensor) (*tensors.Tensor, error)
	Close() error
}

// maskKinds are the kinds of holes by the names that people give.
var maskKinds = []struct {
	name  string
	words string
	masks inpaint.Masks
}{
	{"box", "a box of a quarter of the picture in its centre", inpaint.Masks{Kind: inpaint.CentreMasks, Share: 0.25}},
	{"free", "strokes of a brush", inpaint.Masks{Kind: inpaint.StrokeMasks}},
}

// MaskNames returns the names of the kinds of holes.
func MaskNames() []string {
	var names []string
	for _, kind := range maskKinds {
		names = append(names, kind.name)
	}
	return names
}

// RunInpaint measures all cells that the folder does not hold yet, and returns what all of them say. Each is kept as soon as
// it is there, so that a bench that was ended goes on where it was.
func RunInpaint(ctx context.Context, backend compute.Backend, o Inpaint) (*InpaintResult, error) {
	b, err := newInpaintBench(backend, o)
	if err != nil {
		return nil, err
	}
	for _, seed := range b.Seeds {
		for _, method := range b.Methods {
			if err := b.measure(ctx, method, seed); err != nil {
				return nil, errors.WithMessagef(err, "bench: %s, seed %d", method.Name, seed)
			}
		}
	}
	result := b.result()
	if err := b.writeSheet(); err != nil {
		return nil, err
	}
	return result, b.writeResult(result)
}

// inpaintBench is one call of RunInpaint.
type inpaintBench struct {
	Inpaint
	backend   string
	store     *store[InpaintCell]
	labels    []int32 // Of the pictures to fill, as the judge has them; nil if it cannot tell.
	untouched *Estimate
	notes     []string

	trainHash, testHash string
	done                int // Cells.
}

func newInpaintBench(backend compute.Backend, o Inpaint) (*inpaintBench, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	b := &inpaintBench{Inpaint: o, backend: backend.Name()}
	train, out, err := apart(o.Data, o.Train, o.Test)
	if err != nil {
		return nil, err
	}
	if out > 0 {
		b.notes = append(b.notes, fmt.Sprintf(leftOut, out))
	}
	b.Train, b.Test = train, evenly(o.Test, o.N)
	b.trainHash, b.testHash = b.Train.Hash(), b.Test.Hash()
	if err := b.lookAtTruth(); err != nil {
		return nil, err
	}
	if b.store, err = openStore[InpaintCell](o.Dir); err != nil {
		return nil, err
	}
	for _, seed := range o.Seeds {
		if err := b.writeHoles(seed); err != nil {
			return nil, err
		}
		if o.Force {
			for _, method := range o.Methods {
				var keys []string
				for _, kind := range o.Masks {
					keys = append(keys, b.key(method, kind, seed))
				}
				if err := b.store.forget(keys); err != nil {
					return nil, err
				}
			}
		}
	}
	return b, nil
}

// check returns an error about what cannot be measured.
func (o Inpaint) check() error {
	for _, set := range []*datasets.Set{o.Train, o.Test} {
		if err := checkHasPictures(set); err != nil {
			return err
		}
	}
	if !slices.Equal(o.Train.Shape, o.Test.Shape) {
		return errors.Errorf("bench: the pictures of %s to learn from have the shape %v, those to fill %v", o.Data, o.Train.Shape, o.Test.Shape)
	}
	if shape := o.Test.Shape; min(shape[0], shape[1]) < 11 {
		return errors.Errorf("bench: pictures of %d×%d pixels are too small for SSIM, which takes 11×11", shape[0], shape[1])
	}
	if o.N < 0 || len(o.Seeds) == 0 || len(o.Masks) == 0 || len(o.Methods) == 0 {
		return errors.New("bench: it takes a number of pictures, seeds, kinds of masks and methods")
	}
	for i, kind := range o.Masks {
		if !slices.Contains(MaskNames(), kind) {
			return errors.Errorf("bench: there are no masks %q%s (all: %s)", kind, nearest.Hint(kind, MaskNames()), strings.Join(MaskNames(), ", "))
		}
		if slices.Contains(o.Masks[:i], kind) {
			return errors.Errorf("bench: the masks %q are named twice", kind)
		}
	}
	for i, seed := range o.Seeds {
		if slices.Contains(o.Seeds[:i], seed) {
			return errors.Errorf("bench: seed %d is named twice", seed)
		}
	}
	for i, method := range o.Methods {
		if slices.ContainsFunc(o.Methods[:i], func(m InpaintMethod) bool { return m.Name == method.Name }) {
			return errors.Errorf("bench: the method %q is named twice", method.Name)
		}
	}
	return nil
}

// checkHasPictures returns an error if the set holds no pictures.
func checkHasPictures(set *datasets.Set) error {
	if set.Points != nil {
		return errors.Errorf("bench: %s holds points, which have no holes; choose a data set of pictures", set.Name)
	}
	return nil
}

// evenly returns n examples, evenly from the set, which may be sorted by class; 0 all.
func evenly(set *datasets.Set, n int) *datasets.Set {
	if n == 0 || n >= set.Len() {
		return set
	}
	return set.Select(evenNumbers(set.Len(), n))
}

// holes returns the masks of all pictures, one after another.
func (b *inpaintBench) holes(kind string, seed int64) []uint8 {
	of := maskKinds[slices.Index(MaskNames(), kind)].masks
	var masks []uint8
	for i := range b.Test.Len() {
		masks = append(masks, of.Draw(b.Test.Shape[0], b.Test.Shape[1], uint64(seed)<<32+uint64(i))...)
	}
	return masks
}

// measure measures what is missing of a method.
func (b *inpaintBench) measure(ctx context.Context, method InpaintMethod, seed int64) error {
	missing := slices.DeleteFunc(slices.Clone(b.Masks), func(kind string) bool { return b.has(method, kind, seed) })
	b.done += len(b.Masks) - len(missing)
	if len(missing) == 0 {
		return nil
	}
	stage := fmt.Sprintf("%s, seed %d", method.Title, seed)
	b.tell(stage, b.done, b.total())
	filler, err := method.Open(ctx, b.Train, seed, func(done, total int) { b.tell("training of "+stage, done, total) })
	if err != nil {
		return err
	}
	defer func() { _ = filler.Close() }() // It holds nothing that could be lost.
	for _, kind := range missing {
		if err := ctx.Err(); err != nil {
			return errors.WithStack(err)
		}
		b.tell(stage+", "+kind, b.done, b.total())
		masks := b.holes(kind, seed)
		filled, seconds, err := b.fill(ctx, filler, masks)
		if err != nil {
			return err
		}
		cell, err := b.judge(filled, masks)
		if err != nil {
			return err
		}
		cell.Key, cell.Data, cell.Method, cell.Masks, cell.Seed = b.key(method, kind, seed), b.Data, method.Name, kind, seed
		cell.Seconds, cell.Backend = seconds, b.backend
		if cell.Filled, err = b.writeFilled(method, kind, seed, filled); err != nil {
			return err
		}
		if err := b.store.forget([]string{cell.Key}); err != nil { // One whose array is gone.
			return err
		}
		if err := b.store.add(cell); err != nil {
			return err
		}
		b.done++
	}
	return nil
}

func (b *inpaintBench) total() int { return len(b.Seeds) * len(b.Methods) * len(b.Masks) }

func (b *inpaintBench) tell(stage string, done, total int) {
	if b.Progress != nil {
		b.Progress(stage, done, total)
	}
}

// fillBatch is how many pictures are filled at once.
const fillBatch = 50

// fill returns all pictures filled, and the seconds that one took.
func (b *inpaintBench) fill(ctx context.Context, filler Filler, masks []uint8) ([]uint8, float64, error) {
	n, shape := b.Test.Len(), b.Test.Shape
	area := shape[0] * shape[1]
	size := area * shape[2]
	given := slices.Clone(b.Test.Pixels)
	for i := range given {
		if masks[i/shape[2]] != 0 {
			given[i] = 0
		}
	}
	batch := func(first, count int) ([]uint8, error) {
		pictures := tensors.FromFlatDataAndDimensions(given[first*size:(first+count)*size], append([]int{count}, shape...)...)
		holes := tensors.FromFlatDataAndDimensions(masks[first*area:(first+count)*area], count, shape[0], shape[1], 1)
		filled, err := filler.Fill(pictures, holes)
		if err != nil {
			return nil, err
		}
		return tensors.CopyFlatData[uint8](filled)
	}
	var all []uint8
	var spent time.Duration
	compiled := make(map[int]bool)
	for first := 0; first < n; first += fillBatch {
		if err := ctx.Err(); err != nil {
			return nil, 0, errors.WithStack(err)
		}
		count := min(fillBatch, n-first)
		if !compiled[count] { // A network is compiled at its first batch of a size, which nobody waits for again.
			if _, err := batch(first, count); err != nil {
				return nil, 0, err
			}
			compiled[count] = true
		}
		start := time.Now()
		filled, err := batch(first, count)
		if err != nil {
			return nil, 0, err
		}
		spent += time.Since(start)
		all = append(all, filled...)
	}
	if len(all) != len(given) {
		return nil, 0, errors.Errorf("%d values were given to fill, and %d came back", len(given), len(all))
	}
	for i, value := range all {
		if masks[i/shape[2]] == 0 && value != b.Test.Pixels[i] {
			return nil, 0, errors.Errorf("picture %d was changed outside of its hole", i/size)
		}
	}
	return all, spent.Seconds() / float64(n), nil
}
