package compare

import (
	"encoding/json"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/metrics"
)

const (
	judgedPictures = 1000 // Of a run, against as many of its data.
	projections    = 128  // Of the sliced Wasserstein distance.
)

// Score is a number that says how good samples are.
type Score struct {
	Key   string // In JSON.
	Name  string // For people.
	Value float64
	Whole bool // It counts something.
	// Best is what a perfect generator has, in an infinity of samples.
	Best float64
}

// Text returns the value for people.
func (s Score) Text() string {
	if s.Whole {
		return fmt.Sprintf("%.0f of %.0f", s.Value, s.Best)
	}
	return fmt.Sprintf("%.3f", s.Value)
}

// Scores are those of a run; none if its data is not there.
type Scores []Score

// MarshalJSON writes them as an object.
func (s Scores) MarshalJSON() ([]byte, error) {
	object := map[string]float64{}
	for _, score := range s {
		object[score.Key] = score.Value
	}
	return json.Marshal(object)
}

// judge returns the scores of a run's samples, and the same of as many examples of its data.
func judge(run Run, seed int64) (scores, floor Scores, err error) {
	switch {
	case run.Data == nil:
		return nil, nil, nil
	case run.Data.Modes != nil:
		return judgePoints(run, seed)
	case run.Data.Pixels != nil:
		return judgePictures(run, seed)
	}
	return nil, nil, nil
}

// judgePoints judges points by the modes of their data.
func judgePoints(run Run, seed int64) (scores, floor Scores, err error) {
	samples, err := run.Trainer.Draw(gan.Draw{N: metrics.PointSamples, Seed: seed})
	if err != nil {
		return nil, nil, err
	}
	points, err := tensors.CopyFlatData[float32](samples)
	if err != nil {
		return nil, nil, errors.WithMessage(err, "samples")
	}
	of := func(points []float32) (Scores, error) {
		result, err := metrics.Modes(points, run.Data.Modes, run.Data.Sigma)
		return Scores{
			{"modes", "Modes", float64(result.Modes), true, float64(len(run.Data.Modes))},
			{"high_quality", "Within 3σ", result.HighQuality, false, 1},
			{"reverse_kl", "Reverse KL", result.ReverseKL, false, 0},
		}, err
	}
	if scores, err = of(points); err != nil {
		return nil, nil, err
	}
	n := min(run.Data.Len(), metrics.PointSamples)
	floor, err = of(run.Data.Points[:2*n])
	return scores, floor, err
}

// judgePictures judges pictures by their distance from the data and by how much they differ from one another.
func judgePictures(run Run, seed int64) (scores, floor Scores, err error) {
	samples, err := run.Trainer.Draw(gan.Draw{N: judgedPictures, Seed: seed})
	if err != nil {
		return nil, nil, err
	}
	pixels, err := tensors.CopyFlatData[uint8](samples)
	if err != nil {
		return nil, nil, errors.WithMessage(err, "samples")
	}
	size := len(pixels) / judgedPictures
	real, other := halves(run.Data, size)
	of := func(values []float32) (Scores, error) {
		distance, err := metrics.SlicedWasserstein(values, real, size, projections, 1)
		if err != nil {
			return nil, err
		}
		diversity, err := metrics.Diversity(values, real, size)
		return Scores{
			{"sliced_wasserstein", "Wasserstein distance", distance, false, 0},
			{"diversity", "Diversity", diversity, false, 1},
		}, err
	}
	if scores, err = of(floats(pixels)); err != nil || len(other) < 2*size {
		return scores, nil, err
	}
	floor, err = of(other)
	return scores, floor, err
}

// halves returns up to judgedPictures of the data, taken from all over it, and as many others.
func halves(set *datasets.Set, size int) (one, other []float32) {
	n := set.Len()
	take := min(2*judgedPictures, n)
	for i := range take {
		example := i * n / take
		values := floats(set.Pixels[example*size : (example+1)*size])
		if i%2 == 0 || take < 4 {
			one = append(one, values...)
		} else {
			other = append(other, values...)
		}
	}
	return one, other
}

// floats returns pixels in [-1, 1].
func floats(pixels []uint8) []float32 {
	values := make([]float32, len(pixels))
	for i, pixel := range pixels {
		values[i] = float32(pixel)/127.5 - 1
	}
	return values
}
