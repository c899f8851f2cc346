package metrics

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

const (
	// CopyRatio is how near a sample may come to a real one before it counts as its copy: as a part of the distance that real
	// ones usually have to one another.
	CopyRatio = 0.1

	nearestReplicates = 1000 // How often samples are drawn anew for the interval of Copies.
	nearestReals      = 2000 // Of how many real samples the usual distance is taken.
)

// NearestResult says how near samples come to real ones.
type NearestResult struct {
	Index    []int     `json:"index"`    // For each sample, the real one that is nearest to it; of equally near ones the first.
	Distance []float64 `json:"distance"` // Euclidean, from each sample to that one.
	Usual    float64   `json:"usual"`    // The median distance of a real sample to the nearest real one that differs from it.
	Ratio    Estimate  `json:"ratio"`    // The median of Distance, divided by Usual: about 1 if samples are new ones of the same distribution, 0 if they are copies.
	Copies   Estimate  `json:"copies"`   // The part of samples whose Distance is less than CopyRatio of Usual.
}

// Nearest looks for the nearest real sample of each fake one, by the Euclidean distance of their features, size values
// each: a generator that has learned its training data by heart gives copies of them. How near is near is told by the data:
// by the distance that real samples have to their own nearest neighbours, of up to 2,000 of them, evenly spread. Real
// samples that are equal to one another are no neighbours for that.
//
// The interval of Copies comes from drawing the samples anew, that of Ratio from the order of their distances.
//
// The time grows with the product of the numbers of samples, the memory with their sum. It is an error if the real samples
// are all alike.
func Nearest(fake, real []float32, size int) (NearestResult, error) {
	fakes, err := checkSamples("the fake set", fake, size)
	if err != nil {
		return NearestResult{}, err
	}
	reals, err := checkSamples("the real set", real, size)
	if err != nil {
		return NearestResult{}, err
	}
	some := spreadRows(real, reals, size, nearestReals)
	fakeSet, realSet := newPRDCSet(fake, fakes, size), newPRDCSet(real, reals, size)
	someSet := newPRDCSet(some, len(some)/size, size)
	prdcNumberEqual(fakeSet, realSet, someSet)
	_, usual := nearestOther(someSet, realSet, true)
	result := NearestResult{Usual: median(usual)}
	if math.IsInf(result.Usual, 1) {
		return NearestResult{}, errors.New("metrics: the real samples are all alike, so that nothing tells which distance is near")
	}
	result.Index, result.Distance = nearestOther(fakeSet, realSet, false)
	result.Ratio = medianEstimate(result.Distance, result.Usual)
	copies := make([]float64, fakes)
	for i, distance := range result.Distance {
		if distance < CopyRatio*result.Usual {
			copies[i] = 1
		}
	}
	result.Copies = bootstrapMean(copies, nearestReplicates, 0)
	return result, nil
}

// spreadRows returns up to most of n rows, evenly spread.
func spreadRows(values []float32, n, size, most int) []float32 {
	if n <= most {
		return values
	}
	rows := make([]float32, 0, most*size)
	for i := range most {
		row := i * n / most
		rows = append(rows, values[row*size:(row+1)*size]...)
	}
	return rows
}

// nearestOther returns, for each sample of a set, which one of others is nearest and how far it is; with differing, of those
// that are not equal to it, and at an infinite distance if there is none.
func nearestOther(set, others prdcSet, differing bool) ([]int, []float64) {
	nearest, distances := make([]int, set.n), make([]float64, set.n)
	for i := range distances {
		nearest[i], distances[i] = -1, math.Inf(1)
	}
	parallel(set.blocks(), func(block int) {
		for other := range others.blocks() {
			set.eachDistance(block, others, other, false, func(i, j int, squares []float64) {
				for column, square := range squares {
					if square < distances[i] && !(differing && set.equal[i] == others.equal[j+column]) {
						nearest[i], distances[i] = j+column, square
					}
				}
			})
		}
	})
	first := map[int]int{} // Of equal samples.
	for i, number := range others.equal {
		if _, ok := first[number]; !ok {
			first[number] = i
		}
	}
	for i, other := range nearest {
		if other < 0 {
			continue
		}
		nearest[i] = first[others.equal[other]]
		// The products above lose digits.
		distances[i] = math.Sqrt(prdcSquaredDistance(set.values[i*set.size:(i+1)*set.size], others.values[other*set.size:]))
	}
	return nearest, distances
}

// median returns the middle one of the values, or the mean of the middle two.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// medianEstimate returns the median of values divided by unit. Its interval reaches from one of the values to another, between
// which the true median lies 95 % of the time, whatever their distribution; fewer than 10 values have none.
func medianEstimate(values []float64, unit float64) Estimate {
	estimate := Estimate{Value: median(values) / unit}
	n := float64(len(values))
	if n < 10 {
		return estimate
	}
	sorted := slices.Sorted(slices.Values(values))
	reach := 1.96 * math.Sqrt(n) / 2
	low, high := int(math.Floor(n/2-reach)), int(math.Ceil(n/2+reach))
	estimate.Interval = &Interval{Low: sorted[max(low-1, 0)] / unit, High: sorted[min(high, len(sorted)-1)] / unit}
	return estimate
}
