package compare

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/gomlx/compute"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/internal/evaluate"
)

const (
	judgedPictures = 1000 // Of a run, and of the data itself, which are kept apart.
	references     = 4000 // Of the data, that both are judged by.

	// enoughPictures is how many of either give every extractor's features a covariance.
	enoughPictures = 800
	fewestPictures = 50 // That features are worth while of.
)

// Score is a number that says how good samples are.
type Score struct {
	Key string // Of the metric.
	metrics.Score
}

// Text returns the value for people.
func (s Score) Text() string {
	if of := evaluate.Perfect(s.Key, s.Score); s.Key == "modes" {
		return fmt.Sprintf("%.0f of %s", s.Value, of)
	}
	return strconv.FormatFloat(s.Value, 'g', 3, 64)
}

// distance returns how far the value is from what a perfect generator has; infinity if that is not known.
func (s Score) distance() float64 {
	best, err := strconv.ParseFloat(evaluate.Perfect(s.Key, s.Score), 64)
	if err != nil {
		return math.Inf(1)
	}
	return math.Abs(s.Value - best)
}

// Scores are those of a run; none if its data is not there.
type Scores []Score

// MarshalJSON writes them as an object.
func (s Scores) MarshalJSON() ([]byte, error) {
	object := map[string]metrics.Score{}
	for _, score := range s {
		object[score.Key] = score.Score
	}
	return json.Marshal(object)
}

// judge returns the scores of a run's samples, and the same of as many examples of its data, which are no references, unless
// those are known.
func judge(ctx context.Context, backend compute.Backend, run Run, seed int64, known Scores) (scores, floor Scores, err error) {
	if run.Data == nil {
		return nil, nil, nil
	}
	n, real := judgedPictures, run.Data
	if run.Data.Points != nil {
		n = metrics.PointSamples
	}
	samples, err := run.Trainer.Draw(gan.Draw{N: n, Seed: seed})
	if err != nil {
		return nil, nil, err
	}
	made, err := datasets.FromTensor(run.Dir, samples)
	if err != nil {
		return nil, nil, err
	}
	var apart *datasets.Set
	if real.Len() >= 4 {
		apart, real = split(real, n)
	}
	part := "all"
	if real.Len() < run.Data.Len() {
		part = fmt.Sprintf("%d of %d", real.Len(), run.Data.Len())
	}
	if scores, err = scored(ctx, backend, real, made, part, seed); err != nil || apart == nil || known != nil {
		return scores, known, err
	}
	floor, err = scored(ctx, backend, real, apart, part, seed)
	return scores, floor, err
}

// split takes n examples from all over a set, at most a fifth, or half of a few, and returns them and references among the others.
func split(set *datasets.Set, n int) (apart, others *datasets.Set) {
	every := max(5, set.Len()/n)
	if set.Len() < 2*fewestPictures {
		every = 2
	}
	var taken, left []int
	for i := range set.Len() {
		if i%every == every-1 && len(taken) < n {
			taken = append(taken, i)
		} else {
			left = append(left, i)
		}
	}
	if set.Points != nil {
		return set.Select(taken), set
	}
	var chosen []int
	for i := range min(references, len(left)) {
		chosen = append(chosen, left[i*len(left)/min(references, len(left))])
	}
	return set.Select(taken), set.Select(chosen)
}

// scored judges some examples by others.
func scored(ctx context.Context, backend compute.Backend, real, fake *datasets.Set, part string, seed int64) (Scores, error) {
	options := evaluate.Options{
		Real: evaluate.SetSource(real), Fake: evaluate.SetSource(fake), Bootstrap: -1, Cache: evaluate.CacheFolder(),
		Metrics: []string{"modes", "swd"},
	}
	if real.Points == nil {
		options.Metrics = []string{"swd", "diversity"}
		if few := min(real.Len(), fake.Len()); few >= enoughPictures {
			options.Metrics = append(options.Metrics, "fid", "prdc")
		} else if few >= fewestPictures {
			options.Metrics = append(options.Metrics, "kid", "prdc")
		}
	} else if real.Modes == nil {
		options.Metrics = []string{"swd", "diversity"}
	}
	result, err := evaluate.Evaluate(ctx, backend, options)
	if err != nil {
		return nil, errors.WithMessage(err, "scores")
	}
	var scores Scores
	for _, key := range result.Keys {
		score := result.Scores[key]
		score.Card.Seed, score.Card.Split = seed, part
		scores = append(scores, Score{key, score})
	}
	return scores, nil
}

// recorded returns the scores that evaluate added to the run's folder, and how many it has of other steps.
func recorded(dir, checkpoint string, step int) (scores Scores, others int, err error) {
	records, err := evaluate.ReadRecords(dir)
	if err != nil {
		return nil, 0, err
	}
	for _, record := range records {
		if record.Step != step || record.Checkpoint != checkpoint {
			others += len(record.Scores)
			continue
		}
		for _, key := range evaluate.ScoreKeys() {
			if score, ok := record.Scores[key]; ok {
				scores = append(scores, Score{key, score})
			}
		}
	}
	return scores, others, nil
}
