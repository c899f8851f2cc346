package enlarge

import (
	"context"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/metrics"
)

// judge decides which samples are accepted: those that the filter takes for their class, and that are no copies.
type judge struct {
	*Enlarger
	filter *filter
	spaces []space
}

// verdict is what the judge finds about a sample.
type verdict struct {
	confidence float64 // The probability that the filter gives its class.
	doubted    bool
	nearest    int     // The picture of the set that is nearest to it.
	ratio      float64 // Its distance, as a part of the usual one in the class.
	copied     bool
}

// space is where distances between pictures are measured. There are two: pixels, in which a copy with a little noise is near,
// and the features of the filter, in which one that was moved by a pixel still is.
type space struct {
	size  int
	rows  []float32 // Of the pictures of the set.
	usual []float64 // Of each class: the median distance from a picture to the nearest other one.
}

// newJudge trains the filter and measures the set.
func (e *Enlarger) newJudge(ctx context.Context) (*judge, error) {
	f, err := e.newFilter(ctx)
	if err != nil {
		return nil, err
	}
	e.options.Progress("measuring the pictures", 0, 0)
	rows, _, err := f.look(e.table())
	if err != nil {
		return nil, err
	}
	j := &judge{Enlarger: e, filter: f}
	for _, values := range [][]float32{asNumbers(e.set.Pixels), rows} {
		if values == nil {
			continue
		}
		s, err := e.newSpace(values)
		if err != nil {
			return nil, err
		}
		j.spaces = append(j.spaces, s)
	}
	return j, nil
}

func asNumbers(pixels []uint8) []float32 {
	values := make([]float32, len(pixels))
	for i, pixel := range pixels {
		values[i] = float32(pixel)
	}
	return values
}

// newSpace measures the usual distances between pictures of each class.
func (e *Enlarger) newSpace(rows []float32) (space, error) {
	s := space{size: len(rows) / e.set.Len(), rows: rows}
	for class, list := range e.byClass {
		var own []float32
		for _, i := range list {
			own = append(own, s.row(i)...)
		}
		result, err := metrics.Nearest(own, own, s.size)
		if err != nil {
			return s, errors.WithMessagef(err, "enlarge: the class %q", e.set.Classes[class])
		}
		s.usual = append(s.usual, result.Usual)
	}
	return s, nil
}

func (s space) row(i int) []float32 { return s.rows[i*s.size : (i+1)*s.size] }

// nearest returns which picture of the set is nearest, and how far it is. Of equally near ones it is the first.
func (s space) nearest(row []float32) (index int, distance float64) {
	best := math.Inf(1)
	for i := range len(s.rows) / s.size {
		if square := squaredDistance(row, s.row(i), best); square < best {
			index, best = i, square
		}
	}
	return index, math.Sqrt(best)
}

// squaredDistance returns the square of the Euclidean distance, or something above most if it is more than that.
func squaredDistance(a, b []float32, most float64) float64 {
	const stretch = 64
	sum := 0.0
	for len(a) > 0 && sum <= most {
		n := min(stretch, len(a))
		for i, value := range a[:n] {
			difference := float64(value) - float64(b[i])
			sum += difference * difference
		}
		a, b = a[n:], b[n:]
	}
	return sum
}

// look judges samples of the classes given.
func (j *judge) look(pictures []uint8, labels []int32) ([]verdict, error) {
	n := len(labels)
	rows, probabilities, err := j.filter.look(tensors.FromFlatDataAndDimensions(pictures, append([]int{n}, j.set.Shape...)...))
	if err != nil {
		return nil, err
	}
	samples := [][]float32{asNumbers(pictures), rows}
	verdicts := make([]verdict, n)
	var workers sync.WaitGroup
	for worker := range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := worker; i < n; i += runtime.GOMAXPROCS(0) {
				verdicts[i] = j.verdict(samples, i, int(labels[i]), probabilities[i])
			}
		})
	}
	workers.Wait()
	return verdicts, nil
}

// verdict judges sample i, given what all samples are in the spaces and how probable its classes are.
func (j *judge) verdict(samples [][]float32, i, label int, probabilities []float64) verdict {
	v := verdict{confidence: probabilities[label], ratio: math.Inf(1)}
	v.doubted = v.confidence < j.options.Confidence || v.confidence < slices.Max(probabilities)
	for k, s := range j.spaces {
		index, distance := s.nearest(samples[k][i*s.size : (i+1)*s.size])
		if ratio := distance / s.usual[label]; ratio < v.ratio {
			v.nearest, v.ratio = index, ratio
		}
	}
	v.copied = v.ratio < j.options.CopyRatio
	return v
}
