package metrics

import (
	"math"
	"slices"
	"sort"
	"sync"

	"github.com/pkg/errors"
)

// The numbers of neighbours with which the measures of PRDC are commonly given: precision and recall as in their paper and
// in torch-fidelity, density and coverage as in theirs.
const (
	PrecisionRecallNeighbours = 3
	DensityCoverageNeighbours = 5
)

// prdcReplicates is how often the interval of a mean over samples is drawn.
const prdcReplicates = 1000

// PRDCResult holds four measures. Precision and density are means over fake samples, recall and coverage over real
// ones; the intervals come from drawing these samples anew, while the balls stay as they are.
type PRDCResult struct {
	Precision Estimate `json:"precision"` // The part of fake samples in at least one ball about a real sample.
	Recall    Estimate `json:"recall"`    // The part of real samples in at least one ball about a fake sample.
	Density   Estimate `json:"density"`   // In how many balls about real samples a fake sample lies, divided by k. May exceed 1.
	Coverage  Estimate `json:"coverage"`  // The part of real samples in whose balls at least one fake sample lies.
}

// PRDC judges fake features by real ones: whether they lie where the real ones do (precision and density) and whether they
// reach all of those (recall and coverage). Around each sample lies a ball that reaches to its k-th nearest neighbour in
// its own set, and a sample lies in it if it is nearer than that. Precision and recall are those of "Improved Precision and
// Recall Metric for Assessing Generative Models" (Kynkäänniemi et al. 2019, https://arxiv.org/abs/1904.06991), density and
// coverage of "Reliable Fidelity and Diversity Metrics for Generative Models" (Naeem et al. 2020,
// https://arxiv.org/abs/2002.09797), section 3.
//
// All four are equal to those of the latter's published code, the package prdc, with float32 features: distances are
// computed in float64 and compared in float32, as there. Equal samples are at distance 0 here, and there at what rounding
// leaves of it, so that sets in which samples occur more than k times can differ. torch-fidelity counts the surface of a ball
// as inside, which matters for such sets only, too.
//
// The time grows with the product of the numbers of samples, the memory with their sum: 10,000 + 10,000 of 128
// features take 3 seconds on two cores. It is an error if a set has fewer than k + 1 samples, or if all real ones are alike.
func PRDC(fake, real []float32, size, k int) (PRDCResult, error) {
	if k < 1 {
		return PRDCResult{}, errors.Errorf("metrics: balls that reach to the %d-th neighbour cannot be; %d neighbours are common for precision and recall, %d for density and coverage",
			k, PrecisionRecallNeighbours, DensityCoverageNeighbours)
	}
	var sets [2]prdcSet
	for i, values := range [][]float32{fake, real} {
		name := []string{"the fake set", "the real set"}[i]
		n, err := checkSamples(name, values, size)
		if err != nil {
			return PRDCResult{}, err
		}
		if n < k+1 {
			return PRDCResult{}, errors.Errorf("metrics: %s holds %d samples, and balls that reach to the %d-th neighbour take at least %d", name, n, k, k+1)
		}
		sets[i] = newPRDCSet(values, n, size)
	}
	prdcNumberEqual(sets[0], sets[1])
	if slices.Min(sets[1].equal) == slices.Max(sets[1].equal) {
		return PRDCResult{}, errors.New("metrics: the samples of the real set are all alike, so that nothing can lie among them")
	}
	fakes, reals := sets[0].limits(k), sets[1].limits(k)
	return prdcCompare(sets[0], sets[1], fakes, reals).result(k), nil
}

// prdcSet is a set of samples.
type prdcSet struct {
	n, size int
	values  []float32
	squares []float64 // The squared length of each sample.
	equal   []int     // The same number for equal samples, of both sets.
}

func newPRDCSet(values []float32, n, size int) prdcSet {
	set := prdcSet{n, size, values, make([]float64, n), make([]int, n)}
	for i := range n {
		for _, v := range values[i*size : (i+1)*size] {
			set.squares[i] += float64(v) * float64(v)
		}
	}
	return set
}

// prdcNumberEqual gives equal samples equal numbers.
func prdcNumberEqual(sets ...prdcSet) {
	numbers := map[string]int{}
	key := make([]byte, 0, 4*sets[0].size)
	for _, set := range sets {
		for i := range set.n {
			key = key[:0]
			for _, v := range set.values[i*set.size : (i+1)*set.size] {
				bits := math.Float32bits(v + 0) // -0 becomes 0.
				key = append(key, byte(bits), byte(bits>>8), byte(bits>>16), byte(bits>>24))
			}
			number, ok := numbers[string(key)]
			if !ok {
				number = len(numbers)
				numbers[string(key)] = number
			}
			set.equal[i] = number
		}
	}
}

// prdcBlock is how many samples of a set are float64 at a time.
const prdcBlock = 256

// blocks returns how many blocks there are, and block where one begins and ends.
func (s prdcSet) blocks() int { return (s.n + prdcBlock - 1) / prdcBlock }
func (s prdcSet) block(index int) (first, last int) {
	return index * prdcBlock, min((index+1)*prdcBlock, s.n)
}

// wide returns samples as float64.
func (s prdcSet) wide(first, last int) []float64 {
	wide := make([]float64, (last-first)*s.size)
	for i, v := range s.values[first*s.size : last*s.size] {
		wide[i] = float64(v)
	}
	return wide
}

// eachDistance calls f with the squared distances of sample i of s and those of other from the j-th on, for all pairs of a
// block of each, or, with above, those in which j is larger than i. f may not keep them.
func (s prdcSet) eachDistance(block int, other prdcSet, otherBlock int, above bool, f func(i, j int, distances []float64)) {
	first, last := s.block(block)
	otherFirst, otherLast := other.block(otherBlock)
	eachProduct(s.wide(first, last), other.wide(otherFirst, otherLast), s.size, above, func(i, j int, products []float64) {
		i, j = first+i, otherFirst+j
		square, squares, equal := s.squares[i], other.squares[j:], other.equal[j:]
		for column, product := range products {
			sum := square + squares[column]
			distance := sum - 2*product
			if distance < 1e-6*sum { // Most digits cancelled.
				distance = 0
				if s.equal[i] != equal[column] {
					distance = prdcSquaredDistance(s.values[i*s.size:(i+1)*s.size], other.values[(j+column)*s.size:])
				}
			}
			products[column] = distance
		}
		f(i, j, products)
	})
}

func prdcSquaredDistance(a, b []float32) float64 {
	var sum float64
	for i, v := range a {
		difference := float64(v) - float64(b[i])
		sum += difference * difference
	}
	return sum
}

// limits returns, for each sample, the squared distance from which on another sample is outside its ball.
func (s prdcSet) limits(k int) []float32 {
	nearest := make([]float64, s.n*k) // The k smallest squared distances of each sample, ascending.
	for i := range nearest {
		nearest[i] = math.Inf(1)
	}
	insert := func(sample int, distance float64) {
		smallest := nearest[sample*k : (sample+1)*k]
		if distance >= smallest[k-1] {
			return
		}
		at := sort.SearchFloat64s(smallest, distance)
		copy(smallest[at+1:], smallest[at:k-1])
		smallest[at] = distance
	}
	var pairs [][2]int
	for i := range s.blocks() {
		for j := i; j < s.blocks(); j++ {
			pairs = append(pairs, [2]int{i, j})
		}
	}
	locks := make([]sync.Mutex, s.blocks())
	parallel(len(pairs), func(pair int) {
		left, right := pairs[pair][0], pairs[pair][1]
		s.eachDistance(left, s, right, left == right, func(i, j int, distances []float64) {
			locks[left].Lock()
			for _, distance := range distances {
				insert(i, distance)
			}
			locks[left].Unlock()
			locks[right].Lock()
			for column, distance := range distances {
				insert(j+column, distance)
			}
			locks[right].Unlock()
		})
	})
	limits := make([]float32, s.n)
	for i := range limits {
		limits[i] = prdcLimit(float32(nearest[(i+1)*k-1]))
	}
	return limits
}

// prdcLimit returns the smallest number whose root is not smaller than that of square: float32 has several with the same root.
func prdcLimit(square float32) float32 {
	root := func(x float32) float32 { return float32(math.Sqrt(float64(x))) }
	limit, radius := square, root(square)
	for limit > 0 {
		below := math.Nextafter32(limit, 0)
		if root(below) < radius {
			break
		}
		limit = below
	}
	return limit
}

// prdcCounts holds what the four measures are means of.
type prdcCounts struct {
	balls   []float64 // In how many balls about real samples each fake sample lies.
	reached []float64 // 1 for each real sample that lies in a ball about a fake one.
	covered []float64 // 1 for each real sample in whose ball a fake one lies.
}

// prdcCompare counts who lies in whose ball.
func prdcCompare(fake, real prdcSet, fakeLimits, realLimits []float32) prdcCounts {
	counts := prdcCounts{make([]float64, fake.n), make([]float64, real.n), make([]float64, real.n)}
	var lock sync.Mutex // Of balls.
	parallel(real.blocks(), func(block int) {
		balls := make([]float64, fake.n)
		for fakeBlock := range fake.blocks() {
			real.eachDistance(block, fake, fakeBlock, false, func(i, j int, distances []float64) {
				for column, wide := range distances {
					distance := float32(wide)
					if distance < realLimits[i] {
						balls[j+column]++
						counts.covered[i] = 1
					}
					if distance < fakeLimits[j+column] {
						counts.reached[i] = 1
					}
				}
			})
		}
		lock.Lock()
		defer lock.Unlock()
		for i, n := range balls {
			counts.balls[i] += n
		}
	})
	return counts
}

func (c prdcCounts) result(k int) PRDCResult {
	precise := make([]float64, len(c.balls))
	for i, n := range c.balls {
		precise[i] = min(n, 1)
	}
	density := bootstrapMean(c.balls, prdcReplicates, 2)
	for _, value := range []*float64{&density.Value, &density.Interval.Low, &density.Interval.High} {
		*value *= 1 / float64(k)
	}
	return PRDCResult{
		Precision: bootstrapMean(precise, prdcReplicates, 0),
		Recall:    bootstrapMean(c.reached, prdcReplicates, 1),
		Density:   density,
		Coverage:  bootstrapMean(c.covered, prdcReplicates, 3),
	}
}
