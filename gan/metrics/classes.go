package metrics

import (
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/stat/distuv"
)

const (
	// ReachedShare is which part of its share in the reference a class must have among the samples to count as reached.
	ReachedShare = 0.1

	classReplicates = 1000 // How often the samples' classes are drawn anew for an interval.
	classSmoothing  = 0.5  // Examples added to each class.
)

// ClassesResult says which classes samples belong to, compared with a reference, usually the data.
type ClassesResult struct {
	Shares    []float64 `json:"shares"`    // Of each class among the samples.
	Reference []float64 `json:"reference"` // Of each class in the reference.
	KL        Estimate  `json:"kl"`        // Divergence of the samples' classes from the reference's, in nats; 0 if they are equal.
	Reached   int       `json:"reached"`   // Classes that have at least ReachedShare of their share in the reference.
	Of        int       `json:"of"`        // Classes that the reference has.
}

// Classes compares how many samples a classifier puts into each class with the numbers of a reference, such as ClassCounts
// returns. The Kullback-Leibler divergence is Σ p log (p/q), with p the share of a class among the samples and q its
// share in the reference. Half an example is added to each class of both first, so that a class which only the samples have
// costs much but not infinitely much; the shares that are returned are without it.
//
// The interval comes from drawing the samples' classes anew from their shares, 1,000 times with the seed; the
// reference stays. It is an error if the numbers of classes differ, a number is negative or either has no example.
func Classes(samples, reference []int, seed int64) (ClassesResult, error) {
	if len(samples) != len(reference) {
		return ClassesResult{}, errors.Errorf("metrics: %d classes of samples and %d of the reference; give the numbers of the same classes", len(samples), len(reference))
	}
	shares, err := classShares("the set of samples", samples)
	if err != nil {
		return ClassesResult{}, err
	}
	expected, err := classShares("the reference", reference)
	if err != nil {
		return ClassesResult{}, err
	}
	result := ClassesResult{Shares: shares, Reference: expected}
	for i, share := range expected {
		if share == 0 {
			continue
		}
		result.Of++
		if shares[i] >= ReachedShare*share {
			result.Reached++
		}
	}
	q := smoothed(reference)
	result.KL.Value = divergence(smoothed(samples), q)
	replicates := bootstrapReplicates(classReplicates, seed, func(random *rand.Rand) float64 {
		return divergence(smoothed(drawClasses(samples, random)), q)
	})
	// Drawing anew raises the divergence, as drawing the samples has done already.
	interval := bootstrapCentred(result.KL.Value, replicates, 1)
	interval.Low, interval.High = max(interval.Low, 0), max(interval.High, 0)
	result.KL.Interval = interval
	return result, nil
}

// classShares returns each of the numbers, divided by their sum.
func classShares(name string, counts []int) ([]float64, error) {
	total := 0
	for i, count := range counts {
		if count < 0 {
			return nil, errors.Errorf("metrics: class %d of %s has %d examples, want 0 or more", i, name, count)
		}
		total += count
	}
	if total == 0 {
		return nil, errors.Errorf("metrics: %s holds no example of any of %d classes", name, len(counts))
	}
	shares := make([]float64, len(counts))
	for i, count := range counts {
		shares[i] = float64(count) / float64(total)
	}
	return shares, nil
}

// smoothed returns the shares of the classes with classSmoothing examples more of each.
func smoothed(counts []int) []float64 {
	total := classSmoothing * float64(len(counts))
	for _, count := range counts {
		total += float64(count)
	}
	shares := make([]float64, len(counts))
	for i, count := range counts {
		shares[i] = (float64(count) + classSmoothing) / total
	}
	return shares
}

// divergence returns Σ p log (p/q), for shares above 0.
func divergence(p, q []float64) float64 {
	var sum float64
	for i, share := range p {
		sum += share * math.Log(share/q[i])
	}
	return max(sum, 0) // Rounding can leave -1e-17.
}

// drawClasses draws as many examples as there are, with replacement, and returns how many are of each class.
func drawClasses(counts []int, random *rand.Rand) []int {
	from := 0 // Examples of the classes from i on.
	for _, count := range counts {
		from += count
	}
	drawn := make([]int, len(counts))
	for i, left := 0, from; left > 0; i++ {
		drawn[i] = left
		if counts[i] < from {
			share := float64(counts[i]) / float64(from)
			drawn[i] = int(distuv.Binomial{N: float64(left), P: share, Src: random}.Rand())
		}
		from -= counts[i]
		left -= drawn[i]
	}
	return drawn
}

// ClassCounts returns how many samples have each class as their most likely one, from their logits, classes values for each.
// Of equal logits the first counts.
func ClassCounts(logits []float32, classes int) ([]int, error) {
	n, err := checkSamples("the set of logits", logits, classes)
	if err != nil {
		return nil, err
	}
	counts := make([]int, classes)
	for i := range n {
		row := logits[i*classes : (i+1)*classes]
		largest := 0
		for class, logit := range row {
			if logit > row[largest] {
				largest = class
			}
		}
		counts[largest]++
	}
	return counts, nil
}
