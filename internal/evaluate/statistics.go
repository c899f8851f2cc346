package evaluate

import (
	"context"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/ganymede-ml/ganymede/gan/features"
	"github.com/ganymede-ml/ganymede/gan/metrics"
)

const (
	// maxKept is how many examples' features are kept: KID, precision and recall and others compare examples one by one.
	maxKept = 10_000

	// chunkBytes is how many bytes of pictures are worked on at a time, about, and chunkPictures how many pictures at most.
	chunkBytes    = 32 << 20
	chunkPictures = 1024
)

// statistics is what the scores need to know of a side.
type statistics struct {
	n          int
	mean       []float64
	covariance *mat.SymDense
	features   []float32 // Of those kept, one after another.
	counts     []int     // Of the classes that the extractor's classifier puts the examples into, nil without one.
	size       int       // Features of an example.
}

// kept returns how many examples of n have their features kept.
func kept(n int) int { return min(n, maxKept) }

// spread returns the numbers of count examples out of n, evenly spread.
func spread(count, n int) []int {
	numbers := make([]int, count)
	for i := range numbers {
		numbers[i] = i * n / count
	}
	return numbers
}

// moments returns the statistics that the Fréchet distance is of.
func (s *statistics) moments() (*metrics.Moments, error) {
	return metrics.MomentsOf(s.n, s.mean, s.covariance)
}

// extraction goes once through a source.
type extraction struct {
	source    *Source
	extractor *features.Extractor
	logits    func(logits []float32) error // Called with the logits of each chunk, or nil.
	progress  func(done, total int)        // Or nil.
}

// run returns the statistics of the source.
func (x extraction) run(ctx context.Context) (*statistics, error) {
	n := x.source.Len()
	s := &statistics{n: n}
	if classes := len(x.extractor.Classes()); classes > 0 {
		s.counts = make([]int, classes)
	}
	keep := spread(kept(n), n)
	var moments *metrics.Moments
	for first := 0; first < n; {
		if err := ctx.Err(); err != nil {
			return nil, errors.WithStack(err)
		}
		count := min(x.source.chunk(), n-first)
		values, logits, err := x.extract(first, count)
		if err != nil {
			return nil, err
		}
		if moments == nil {
			s.size = len(values) / count
			moments = metrics.NewMoments(s.size)
			s.features = make([]float32, 0, len(keep)*s.size)
		}
		if err := x.add(s, moments, values, logits); err != nil {
			return nil, err
		}
		for ; len(keep) > 0 && keep[0] < first+count; keep = keep[1:] {
			at := (keep[0] - first) * s.size
			s.features = append(s.features, values[at:at+s.size]...)
		}
		first += count
		if x.progress != nil {
			x.progress(first, n)
		}
	}
	s.mean, s.covariance = moments.Mean(), moments.Covariance()
	return s, nil
}

// extract returns the features and the logits of some pictures.
func (x extraction) extract(first, count int) (values, logits []float32, err error) {
	pictures, err := x.source.Range(first, count)
	if err != nil {
		return nil, nil, err
	}
	defer pictures.MustFinalizeAll()
	return x.extractor.Extract(pictures)
}

// add adds the features and logits of some pictures.
func (x extraction) add(s *statistics, moments *metrics.Moments, values, logits []float32) error {
	if err := moments.Add(values); err != nil {
		return errors.WithMessagef(err, "%s, as %s sees it", x.source.Name, x.extractor.Name())
	}
	if classes := len(s.counts); classes > 0 {
		counts, err := metrics.ClassCounts(logits, classes)
		if err != nil {
			return err
		}
		for class, count := range counts {
			s.counts[class] += count
		}
	}
	if x.logits == nil || logits == nil {
		return nil
	}
	return x.logits(logits)
}

// chunk returns how many pictures are worked on at a time.
func (s *Source) chunk() int { return s.fitting(chunkBytes, chunkPictures) }

// fitting returns how many pictures of the source take no more than the bytes, from 1 to most.
func (s *Source) fitting(bytes, most int) int {
	size := 1
	for _, dimension := range s.Shape {
		size *= dimension
	}
	return max(1, min(most, bytes/size))
}
