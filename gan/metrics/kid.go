package metrics

import (
	"math"

	"github.com/pkg/errors"
)

// KID is the kernel inception distance of "Demystifying MMD GANs" (Bińkowski et al. 2018,
// https://arxiv.org/abs/1801.01401), section 4: the squared maximum mean discrepancy of two sets of features, with the kernel
// (Gamma x·y + Coef0)^Degree, as the mean over Subsets pairs of random subsets of SubsetSize samples. It is unbiased, so that
// it can be compared between sets of different sizes and may be negative if they are much alike, and it needs fewer samples
// than features.
//
// Fields left 0 have the values of torch-fidelity, from which it then differs by rounding only: also its subsets are the same.
type KID struct {
	Subsets    int     // 100.
	SubsetSize int     // 1000.
	Degree     int     // 3.
	Gamma      float64 // 1 / size.
	Coef0      float64 // 1.
	Seed       int64   // 2020. From 0 to 2³² - 1.
}

// KIDResult is the mean of the subsets' distances and their standard deviation (of these subsets: divided by their number).
//
// Interval is of the mean. It is from subsampling (Politis & Romano 1994, "Large Sample Confidence Regions Based on
// Subsamples under Minimal Assumptions"): the quantiles of the subsets' distances about their mean, scaled from the m samples
// of a subset to all n of the smaller set. Subsets drawn without replacement differ the less the larger a part of all they
// are, and few of them leave a mean uncertain, so that the scale is not √(m/n) but √(m/(n-m) + 1/Subsets). It is nil if a
// subset is all samples, or if there is one only.
type KIDResult struct {
	Mean      float64   `json:"mean"`
	Deviation float64   `json:"deviation"`
	Interval  *Interval `json:"interval,omitempty"`
}

// Distance returns the distance of fake and real features of the given size. The sets need not be equally large, but exchanging
// them exchanges the subsets. It is an error if either is smaller than a subset.
func (k KID) Distance(fake, real []float32, size int) (KIDResult, error) {
	fakeSamples, err := checkSamples("the fake set", fake, size)
	if err != nil {
		return KIDResult{}, err
	}
	realSamples, err := checkSamples("the real set", real, size)
	if err != nil {
		return KIDResult{}, err
	}
	if k, err = k.withDefaults(size); err != nil {
		return KIDResult{}, err
	}
	n := min(fakeSamples, realSamples)
	if n < k.SubsetSize {
		return KIDResult{}, errors.Errorf("metrics: KID with subsets of %d samples needs as many, and there are %d fake and %d real ones; "+
			"draw more, or set a smaller subset size", k.SubsetSize, fakeSamples, realSamples)
	}
	random, err := newNumpyRandom(k.Seed)
	if err != nil {
		return KIDResult{}, err
	}
	fakeSubsets, realSubsets := make([][]int, k.Subsets), make([][]int, k.Subsets)
	for i := range k.Subsets { // One after the other, as the reference draws them.
		fakeSubsets[i] = random.permutation(fakeSamples)[:k.SubsetSize]
		realSubsets[i] = random.permutation(realSamples)[:k.SubsetSize]
	}
	distances := make([]float64, k.Subsets)
	parallel(k.Subsets, func(i int) {
		distances[i] = k.discrepancy(kidSubset(fake, fakeSubsets[i], size), kidSubset(real, realSubsets[i], size), size)
	})
	mean, deviation := meanDeviation(distances)
	result := KIDResult{Mean: mean, Deviation: deviation}
	if n > k.SubsetSize && k.Subsets > 1 {
		scale := math.Sqrt(float64(k.SubsetSize)/float64(n-k.SubsetSize) + 1/float64(k.Subsets))
		result.Interval = bootstrapCentred(mean, distances, scale)
	}
	return result, nil
}

// withDefaults returns k with the values that fields left 0 mean.
func (k KID) withDefaults(size int) (KID, error) {
	for _, field := range []struct {
		value *int
		or    int
	}{{&k.Subsets, 100}, {&k.SubsetSize, 1000}, {&k.Degree, 3}} {
		if *field.value == 0 {
			*field.value = field.or
		}
	}
	if k.Gamma == 0 {
		k.Gamma = 1 / float64(size)
	}
	if k.Coef0 == 0 {
		k.Coef0 = 1
	}
	if k.Seed == 0 {
		k.Seed = 2020
	}
	if k.Subsets < 1 || k.SubsetSize < 2 || k.Degree < 1 {
		return k, errors.Errorf("metrics: KID of %d subsets of %d samples with a kernel of degree %d cannot be; "+
			"it takes at least 1, 2 and 1", k.Subsets, k.SubsetSize, k.Degree)
	}
	return k, nil
}

// discrepancy returns the unbiased estimate of the squared maximum mean discrepancy of two sets of equally many samples.
func (k KID) discrepancy(fake, real []float64, size int) float64 {
	m := float64(len(fake) / size)
	within := 2 * (k.sum(fake, fake, size, true) + k.sum(real, real, size, true)) // Each pair either way round.
	return within/(m*(m-1)) - 2*k.sum(fake, real, size, false)/(m*m)
}

// sum returns the sum of the kernel over pairs of one of x and one of y, of all pairs or of those above the diagonal.
func (k KID) sum(x, y []float64, size int, above bool) float64 {
	var total float64
	eachProduct(x, y, size, above, func(_, _ int, products []float64) {
		var sum float64
		for _, product := range products {
			base := product*k.Gamma + k.Coef0
			power := base
			for range k.Degree - 1 {
				power *= base
			}
			sum += power
		}
		total += sum
	})
	return total
}

// kidSubset returns some of the samples.
func kidSubset(values []float32, which []int, size int) []float64 {
	subset := make([]float64, 0, len(which)*size)
	for _, i := range which {
		for _, v := range values[i*size : (i+1)*size] {
			subset = append(subset, float64(v))
		}
	}
	return subset
}
