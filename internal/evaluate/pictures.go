package evaluate

import (
	"cmp"
	"image"
	"path/filepath"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/display"
	"github.com/ganymede-ml/ganymede/gan/metrics"
)

const (
	shownSamples = 64
	shownPairs   = 32
	pairColumns  = 4
	readableSide = 48

	// rankedSamples is how many samples the best and the worst are chosen from, and how many real pictures choose.
	rankedSamples   = 1000
	rankedReference = 4000
)

// drawnPicture is a picture with the name of its file.
type drawnPicture struct {
	name    string
	picture image.Image
}

// ranked is a sample by how real it looks.
type ranked struct {
	sample, reference int     // Their numbers in the two sources: the sample, and the real picture nearest to it.
	distance          float64 // Of their features.
	realism           float64
}

// WritePictures draws the samples that look most and least real (best.png, worst.png), and those nearest to a real picture
// beside it (nearest.png), into a folder. It does nothing if no metric was of the features of pictures.
//
// How real a sample looks is its metrics.Realism.
//
// Of a task's run it draws what it made of some pictures, beside those and what they should have become (made.png).
func (r *Result) WritePictures(folder string) error {
	for _, picture := range r.drawn {
		path := filepath.Join(folder, picture.name)
		if err := display.SavePNG(path, picture.picture); err != nil {
			return err
		}
		r.Pictures = append(r.Pictures, path)
	}
	if r.fake == nil {
		return nil
	}
	list, err := r.rank()
	if err != nil {
		return err
	}
	byRealism := slices.Clone(list)
	slices.SortStableFunc(byRealism, func(a, b ranked) int { return cmp.Compare(b.realism, a.realism) })
	shown := min(shownSamples, len(list))
	worst := slices.Clone(byRealism[len(list)-shown:])
	slices.Reverse(worst)
	for _, grid := range []struct {
		name string
		list []ranked
	}{{"best.png", byRealism[:shown]}, {"worst.png", worst}} {
		numbers := make([]int, len(grid.list))
		for i, one := range grid.list {
			numbers[i] = one.sample
		}
		pictures, err := r.options.Fake.Pictures(numbers)
		if err != nil {
			return err
		}
		if err := r.save(folder, grid.name, display.Tiles{}, pictures); err != nil {
			return err
		}
	}
	if r.nearest != nil { // It looked at more samples.
		list = r.neighbours(*r.nearest, spread(kept(r.fake.n), r.fake.n))
	}
	slices.SortStableFunc(list, func(a, b ranked) int { return cmp.Compare(a.distance, b.distance) })
	pairs, err := r.pairs(list[:min(shownPairs, len(list))])
	if err != nil {
		return err
	}
	side := max(r.options.Real.Shape[0], r.options.Real.Shape[1])
	scale := max(1, (readableSide+side-1)/side) // Of one picture, not of the two side by side.
	return r.save(folder, "nearest.png", display.Tiles{Columns: pairColumns, Scale: scale}, pairs)
}

// save draws pictures into a file, and notes it.
func (r *Result) save(folder, name string, tiles display.Tiles, pictures *tensors.Tensor) error {
	path := filepath.Join(folder, name)
	if err := display.SavePNG(path, tiles.Draw(pictures)); err != nil {
		return err
	}
	r.Pictures = append(r.Pictures, path)
	return nil
}

// pairs returns pictures twice as wide: samples with the real picture nearest to each at its right.
func (r *Result) pairs(list []ranked) (*tensors.Tensor, error) {
	shape := r.options.Real.Shape
	row := shape[1] * shape[2]
	wide := make([]uint8, 2*len(list)*shape[0]*row)
	for side, source := range []*Source{r.options.Fake, r.options.Real} {
		numbers := make([]int, len(list))
		for i, one := range list {
			numbers[i] = []int{one.sample, one.reference}[side]
		}
		pictures, err := source.Pictures(numbers)
		if err != nil {
			return nil, err
		}
		err = tensors.ConstFlatData(pictures, func(flat []uint8) {
			for i := range len(flat) / row { // Of all pictures, row by row.
				copy(wide[(2*i+side)*row:], flat[i*row:(i+1)*row])
			}
		})
		if err != nil {
			return nil, errors.WithMessage(err, "pictures")
		}
	}
	return tensors.FromFlatDataAndDimensions(wide, len(list), shape[0], 2*shape[1], shape[2]), nil
}

// rank returns some samples with what is known of how real they look.
func (r *Result) rank() ([]ranked, error) {
	count := kept(r.fake.n)
	chosen := spread(min(rankedSamples, count), count)
	rows := make([]float32, 0, len(chosen)*r.fake.size)
	numbers := make([]int, len(chosen))
	for i, row := range chosen {
		rows = append(rows, r.fake.row(row)...)
		numbers[i] = row * r.fake.n / count
	}
	nearest, err := metrics.Nearest(rows, r.real.features, r.real.size)
	if err != nil {
		return nil, err
	}
	list := r.neighbours(nearest, numbers)
	var real []float32
	for _, row := range spread(min(rankedReference, kept(r.real.n)), kept(r.real.n)) {
		real = append(real, r.real.row(row)...)
	}
	realism, err := metrics.Realism(rows, real, r.real.size, metrics.PrecisionRecallNeighbours)
	for i := range realism {
		list[i].realism = realism[i]
	}
	return list, err
}

// neighbours returns what was found about the samples with the numbers, but for their realism.
func (r *Result) neighbours(nearest metrics.NearestResult, numbers []int) []ranked {
	references := spread(kept(r.real.n), r.real.n)
	list := make([]ranked, len(numbers))
	for i, number := range numbers {
		list[i] = ranked{sample: number, reference: references[nearest.Index[i]], distance: nearest.Distance[i]}
	}
	return list
}

// row returns the features of a kept example.
func (s *statistics) row(i int) []float32 { return s.features[i*s.size : (i+1)*s.size] }
