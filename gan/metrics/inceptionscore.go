package metrics

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
)

// InceptionScoreOptions says how an InceptionScore splits samples and how it finds its interval.
type InceptionScoreOptions struct {
	Splits     int   // 0 means 10.
	Unshuffled bool  // Samples are split in their order. Otherwise they are shuffled first, as torch-fidelity does it.
	Seed       int64 // Of the shuffle; 0 means 2020, which is torch-fidelity's. From 0 to 2³² - 1.
	Replicates int   // Of the interval; 0 means 100, less than 0 none.
}

// InceptionScore is the score of "Improved Techniques for Training GANs" (Salimans et al. 2016,
// https://arxiv.org/abs/1606.03498), section 4: the exponential of the mean Kullback-Leibler divergence of a sample's
// class probabilities from those of all, exp(E KL(p(y|x) ‖ p(y))). It is from 1, if a classifier sees the same in all samples,
// to the number of classes, if it is sure of each and they are equally frequent. The samples are split into parts and the
// score is the mean over them.
//
// It takes logits batch by batch, keeping sums only; it therefore asks at first how many there will be. It is not safe for
// concurrent use.
type InceptionScore struct {
	n, classes, added int
	parts             []int           // Of each sample.
	sums              []inceptionSums // Of the samples, and then of each replicate.
	random            []*rand.Rand    // Of each replicate.
}

// InceptionScoreResult is the mean of the parts' scores and their standard deviation (divided by their number). Interval is of
// the mean, by a bootstrap in which each sample counts a Poisson number of times, of mean 1, so that it needs no second look
// at the samples. As for FIDInterval, it is the quantiles about the replicates' mean. It is nil without replicates.
type InceptionScoreResult struct {
	Mean      float64   `json:"mean"`
	Deviation float64   `json:"deviation"`
	Interval  *Interval `json:"interval,omitempty"`
}

// NewInceptionScore returns the score of n samples, none of which was added yet, put into the given number of classes. It is an
// error if there are fewer samples than parts or only one class.
func NewInceptionScore(n, classes int, options InceptionScoreOptions) (*InceptionScore, error) {
	if options.Splits == 0 {
		options.Splits = 10
	}
	if options.Seed == 0 {
		options.Seed = 2020
	}
	if options.Replicates == 0 {
		options.Replicates = 100
	}
	switch {
	case options.Splits < 1 || n < options.Splits:
		return nil, errors.Errorf("metrics: an inception score of %d samples in %d parts cannot be; it takes at least 1 part, and 1 sample in each", n, options.Splits)
	case classes < 2:
		return nil, errors.Errorf("metrics: an inception score takes a classifier of at least 2 classes, not %d", classes)
	case options.Replicates == 1:
		return nil, errors.New("metrics: 1 replicate makes no interval; 100 do")
	}
	s := &InceptionScore{n: n, classes: classes, parts: make([]int, n)}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	if !options.Unshuffled {
		random, err := newNumpyRandom(options.Seed)
		if err != nil {
			return nil, err
		}
		order = random.permutation(n)
	}
	for part := range options.Splits {
		for _, sample := range order[part*n/options.Splits : (part+1)*n/options.Splits] {
			s.parts[sample] = part
		}
	}
	s.sums = make([]inceptionSums, 1+max(options.Replicates, 0))
	s.random = make([]*rand.Rand, len(s.sums))
	for i := range s.sums {
		s.sums[i] = newInceptionSums(options.Splits, classes)
		s.random[i] = rand.New(rand.NewPCG(uint64(options.Seed), uint64(i)))
	}
	return s, nil
}

// Add adds samples by their logits, the classifier's outputs before the softmax. It is an error, and none is added, if they
// are no whole number of samples, more than announced, or not finite.
func (s *InceptionScore) Add(logits []float32) error {
	n, err := checkSamples(fmt.Sprintf("the batch after %d samples", s.added), logits, s.classes)
	if err != nil {
		return err
	}
	if s.added+n > s.n {
		return errors.Errorf("metrics: the inception score was to be of %d samples, and there are %d by now", s.n, s.added+n)
	}
	probabilities := make([]float64, len(logits))
	negentropies := make([]float64, n)
	for i := range n {
		negentropies[i] = inceptionSoftmax(probabilities[i*s.classes:(i+1)*s.classes], logits[i*s.classes:])
	}
	parallel(len(s.sums), func(replicate int) {
		for i := range n {
			times := 1.
			if replicate > 0 {
				times = inceptionPoisson(s.random[replicate])
			}
			s.sums[replicate].add(s.parts[s.added+i], times, negentropies[i], probabilities[i*s.classes:(i+1)*s.classes])
		}
	})
	s.added += n
	return nil
}

// Result returns the score. It is an error if not all samples were added.
func (s *InceptionScore) Result() (InceptionScoreResult, error) {
	if s.added != s.n {
		return InceptionScoreResult{}, errors.Errorf("metrics: the inception score was to be of %d samples, and there are %d", s.n, s.added)
	}
	mean, deviation := meanDeviation(s.sums[0].scores())
	result := InceptionScoreResult{Mean: mean, Deviation: deviation}
	if len(s.sums) > 1 {
		replicates := make([]float64, len(s.sums)-1)
		for i := range replicates {
			replicates[i], _ = meanDeviation(s.sums[i+1].scores())
		}
		result.Interval = bootstrapCentred(mean, replicates, 1)
		result.Interval.Low = max(result.Interval.Low, 1)
		result.Interval.High = min(max(result.Interval.High, 1), float64(s.classes))
	}
	return result, nil
}

// inceptionSums are the sums that the scores of the parts need.
type inceptionSums struct {
	classes       int
	samples       []float64 // How many, in each part.
	negentropies  []float64 // Σ p log p, in each part.
	probabilities []float64 // [parts, classes].
}

func newInceptionSums(parts, classes int) inceptionSums {
	return inceptionSums{classes, make([]float64, parts), make([]float64, parts), make([]float64, parts*classes)}
}

func (s inceptionSums) add(part int, times, negentropy float64, probabilities []float64) {
	if times == 0 {
		return
	}
	s.samples[part] += times
	s.negentropies[part] += times * negentropy
	sums := s.probabilities[part*s.classes : (part+1)*s.classes]
	for class, p := range probabilities {
		sums[class] += times * p
	}
}

// scores returns the score of each part that has samples: the mean divergence is the mean of Σ p log p minus Σ q log q, with q
// the mean of p.
func (s inceptionSums) scores() []float64 {
	var scores []float64
	for part, n := range s.samples {
		if n == 0 {
			continue // A small part that a replicate left out.
		}
		divergence := s.negentropies[part] / n
		for _, sum := range s.probabilities[part*s.classes : (part+1)*s.classes] {
			if q := sum / n; q > 0 {
				divergence -= q * math.Log(q)
			}
		}
		scores = append(scores, math.Exp(divergence))
	}
	return scores
}

// inceptionSoftmax writes the probabilities of one sample and returns their Σ p log p.
func inceptionSoftmax(probabilities []float64, logits []float32) float64 {
	largest := math.Inf(-1)
	for class := range probabilities {
		largest = max(largest, float64(logits[class]))
	}
	var sum float64
	for class := range probabilities {
		sum += math.Exp(float64(logits[class]) - largest)
	}
	logSum := math.Log(sum)
	var negentropy float64
	for class := range probabilities {
		logarithm := float64(logits[class]) - largest - logSum
		probabilities[class] = math.Exp(logarithm)
		negentropy += probabilities[class] * logarithm
	}
	return negentropy
}

// inceptionPoisson returns a number of the Poisson distribution of mean 1.
func inceptionPoisson(random *rand.Rand) float64 {
	times := 0.
	for product := random.Float64(); product > 1/math.E; product *= random.Float64() {
		times++
	}
	return times
}
