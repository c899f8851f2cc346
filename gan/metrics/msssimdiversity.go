package metrics

import (
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/pkg/errors"
)

// msssimReplicates is how often the pairs of MSSSIMDiversity are drawn anew for its interval.
const msssimReplicates = 1000

// MSSSIMDiversity says how pairs are drawn to see how much pictures differ.
type MSSSIMDiversity struct {
	Pairs int   // In each class; 0: 100, the paper's.
	Seed  int64 // Draws the pairs.
}

// MSSSIMDiversityResult says how alike pictures are among each other: the higher, the less diverse.
type MSSSIMDiversityResult struct {
	Mean     float64         `json:"mean"`     // Over the classes.
	Interval *Interval       `json:"interval"` // From drawing the pairs anew; nil if there is one only.
	Classes  map[int]float64 `json:"classes"`  // The mean of each class; nil without labels. Those with less than two pictures are left out.
	Pairs    int             `json:"pairs"`    // That were compared, of all classes.
	Scales   int             `json:"scales"`   // Of MSSSIM.
}

// Of returns the mean MS-SSIM of pairs of different pictures drawn at random from the same class, as section 4.2 of
// "Conditional Image Synthesis with Auxiliary Classifier GANs" (Odena et al. 2016, https://arxiv.org/abs/1610.09585) does:
// a generator that collapses has a higher one than the data. With labels nil all pictures are one class. A class that has
// no more pairs than are to be drawn gives all of them.
//
// Pictures are [height, width, channels], one after another, each with its label. See MSSSIM for the number of scales.
func (d MSSSIMDiversity) Of(pictures []uint8, shape [3]int, labels []int32) (MSSSIMDiversityResult, error) {
	n, err := checkPictures("the set of pictures", pictures, shape)
	if err != nil {
		return MSSSIMDiversityResult{}, err
	}
	if err := checkWindow(shape); err != nil {
		return MSSSIMDiversityResult{}, err
	}
	classes, err := byClass(n, labels)
	if err != nil {
		return MSSSIMDiversityResult{}, err
	}
	perClass := d.Pairs
	if perClass == 0 {
		perClass = 100
	}
	if perClass < 0 {
		return MSSSIMDiversityResult{}, errors.Errorf("metrics: %d pairs cannot be drawn; give at least 1, or 0 for 100", d.Pairs)
	}
	weights := scaleWeights(shape)
	result := MSSSIMDiversityResult{Scales: len(weights)}
	size := len(pictures) / n
	var values [][]float64 // Of each class with pairs.
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		members := classes[class]
		if len(members) < 2 {
			continue
		}
		pairs := drawPairs(members, perClass, rand.New(rand.NewPCG(uint64(d.Seed), uint64(class))))
		similarities := make([]float64, len(pairs))
		parallel(len(pairs), func(i int) {
			similarities[i] = msssim(pictures[pairs[i][0]*size:], pictures[pairs[i][1]*size:], shape, weights)
		})
		values = append(values, similarities)
		result.Pairs += len(pairs)
		if labels != nil {
			if result.Classes == nil {
				result.Classes = map[int]float64{}
			}
			result.Classes[class] = mean(similarities)
		}
	}
	if len(values) == 0 {
		return MSSSIMDiversityResult{}, errors.Errorf("metrics: %d pictures in %d classes make no pair; diversity takes at least 2 of one class", n, len(classes))
	}
	result.Mean, result.Interval = meanOfMeans(values, d.Seed)
	return result, nil
}

// byClass returns the numbers of the pictures of each class.
func byClass(n int, labels []int32) (map[int][]int, error) {
	if labels != nil && len(labels) != n {
		return nil, errors.Errorf("metrics: %d labels for %d pictures", len(labels), n)
	}
	classes := map[int][]int{}
	for i := range n {
		class := 0
		if labels != nil {
			class = int(labels[i])
		}
		classes[class] = append(classes[class], i)
	}
	return classes, nil
}

// drawPairs returns pairs of different members: all, if there are no more than most.
func drawPairs(members []int, most int, random *rand.Rand) [][2]int {
	var pairs [][2]int
	if n := len(members); n*(n-1)/2 <= most {
		for i := range members {
			for j := range i {
				pairs = append(pairs, [2]int{members[j], members[i]})
			}
		}
		return pairs
	}
	for range most {
		i, j := random.IntN(len(members)), random.IntN(len(members)-1)
		if j >= i {
			j++
		}
		pairs = append(pairs, [2]int{members[i], members[j]})
	}
	return pairs
}

func mean(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// meanOfMeans returns the mean of the means of groups of values, and its interval if there is more than one value.
func meanOfMeans(groups [][]float64, seed int64) (float64, *Interval) {
	var total float64
	n := 0
	for _, group := range groups {
		total += mean(group) / float64(len(groups))
		n += len(group)
	}
	if n < 2 {
		return total, nil
	}
	replicates := bootstrapReplicates(msssimReplicates, seed, func(random *rand.Rand) (total float64) {
		for _, group := range groups {
			var sum float64
			for range group {
				sum += group[random.IntN(len(group))]
			}
			total += sum / float64(len(group)*len(groups))
		}
		return total
	})
	low, high := bootstrapQuantiles(replicates)
	return total, &Interval{Low: low, High: high}
}
