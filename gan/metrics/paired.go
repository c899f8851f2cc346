package metrics

import "math"

// pairedReplicates is how often pairs are drawn anew for the interval of a mean over them.
const pairedReplicates = 1000

// L1 returns the mean absolute difference of the pictures of each pair, as a part of the whole range: 0 if they are equal, 1 if
// one is black and the other white. Pictures are [height, width, channels], one after another.
func L1(a, b []uint8, shape [3]int) ([]float64, error) {
	return perPair(a, b, shape, func(a, b []uint8) float64 {
		var sum float64
		for i, v := range a {
			sum += math.Abs(float64(v) - float64(b[i]))
		}
		return sum / (255 * float64(len(a)))
	})
}

// PSNR returns the peak signal-to-noise ratio of the pictures of each pair in decibels: 10 log₁₀(255² / mean squared
// difference). It is +Inf for equal pictures.
func PSNR(a, b []uint8, shape [3]int) ([]float64, error) {
	return perPair(a, b, shape, func(a, b []uint8) float64 {
		var squares float64
		for i, v := range a {
			difference := float64(v) - float64(b[i])
			squares += difference * difference
		}
		return decibels(squares, len(a))
	})
}

// decibels returns the signal-to-noise ratio of so many values with a sum of squared differences.
func decibels(squares float64, n int) float64 {
	return 10 * math.Log10(255*255*float64(n)/squares)
}

// perPair returns the value of f for each pair.
func perPair(a, b []uint8, shape [3]int, f func(a, b []uint8) float64) ([]float64, error) {
	n, err := checkPairs(a, b, shape)
	if err != nil {
		return nil, err
	}
	size := len(a) / n
	values := make([]float64, n)
	parallel(n, func(i int) {
		values[i] = f(a[i*size:(i+1)*size], b[i*size:(i+1)*size])
	})
	return values, nil
}

// PairedResult says how near pictures come to the ones they should be: means over the pairs. The intervals come from drawing
// the pairs anew; a single pair has none.
type PairedResult struct {
	L1    Estimate `json:"l1"`
	PSNR  Estimate `json:"psnr"` // Equal pictures count as if one value differed by 1, the least difference there is: 77 dB for 28×28 grey.
	SSIM  Estimate `json:"ssim"`
	Pairs int      `json:"pairs"`
	Equal int      `json:"equal"` // Pairs whose pictures are equal.
}

// Paired compares pictures with the ones they should be, as of an image translated, enlarged or filled in: a and b hold as many,
// [height, width, channels], in the same order. See L1, PSNR and SSIM, which take them pair by pair.
func Paired(a, b []uint8, shape [3]int) (PairedResult, error) {
	differences, err := L1(a, b, shape)
	if err != nil {
		return PairedResult{}, err
	}
	ratios, err := PSNR(a, b, shape)
	if err != nil {
		return PairedResult{}, err
	}
	similarities, err := SSIM(a, b, shape)
	if err != nil {
		return PairedResult{}, err
	}
	result := PairedResult{Pairs: len(ratios)}
	for i, ratio := range ratios {
		if math.IsInf(ratio, 1) {
			result.Equal++
			ratios[i] = decibels(1, len(a)/len(ratios))
		}
	}
	result.L1 = meanOfPairs(differences)
	result.PSNR = meanOfPairs(ratios)
	result.SSIM = meanOfPairs(similarities)
	return result, nil
}

// meanOfPairs returns the mean with its interval, if there are two values at least.
func meanOfPairs(values []float64) Estimate {
	if len(values) == 1 {
		return Estimate{Value: values[0]}
	}
	return bootstrapMean(values, pairedReplicates, 0)
}
