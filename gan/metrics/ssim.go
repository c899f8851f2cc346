package metrics

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
)

// The window and the constants of SSIM, for values from 0 to 255.
const (
	ssimWindow = 11
	ssimSigma  = 1.5
	ssimC1     = (0.01 * 255) * (0.01 * 255)
	ssimC2     = (0.03 * 255) * (0.03 * 255)
)

// msssimWeights are the exponents of the five scales of MS-SSIM, the finest first.
var msssimWeights = []float64{0.0448, 0.2856, 0.3001, 0.2363, 0.1333}

// SSIM returns how alike the pictures of each pair are: 1 if they are equal, about 0 if they have nothing in common, less if
// one is the other's negative. It is the structural similarity of "Image Quality Assessment: From Error Visibility
// to Structural Similarity" (Wang et al. 2004, https://doi.org/10.1109/TIP.2003.819861), equation 13: a Gaussian window of
// 11×11 with a standard deviation of 1.5, K₁ = 0.01, K₂ = 0.03, averaged over all places where the window lies inside the
// picture, and over the channels. It equals structural_similarity of scikit-image with gaussian_weights=True, sigma=1.5 and
// use_sample_covariance=False.
//
// Pictures are [height, width, channels], one after another. It is an error if they are smaller than the window.
func SSIM(a, b []uint8, shape [3]int) ([]float64, error) {
	n, err := checkPairs(a, b, shape)
	if err != nil {
		return nil, err
	}
	if err := checkWindow(shape); err != nil {
		return nil, err
	}
	size := shape[0] * shape[1] * shape[2]
	values := make([]float64, n)
	parallel(n, func(i int) {
		for channel := range shape[2] {
			ssim, _ := newPlane(a[i*size:], shape, channel).similarity(newPlane(b[i*size:], shape, channel))
			values[i] += ssim / float64(shape[2])
		}
	})
	return values, nil
}

// MSSSIMResult holds how alike the pictures of pairs are.
type MSSSIMResult struct {
	Values []float64 // Of each pair, from 0 to 1.
	Scales int       // How many scales there are: 5, or as many as fit into small pictures.
}

// MSSSIM returns how alike the pictures of each pair are at several scales: the structure at each, and the brightness at the
// coarsest, each raised to a weight and multiplied. It is MS-SSIM of "Multi-Scale Structural Similarity for Image Quality
// Assessment" (Wang, Simoncelli and Bovik 2003, https://doi.org/10.1109/ACSSC.2003.1292216), equation 7. As in the
// package pytorch-msssim, whose values it equals, a scale is half as large as the one before (the mean of 2×2 pixels, after a
// row or column of zeros before an odd number of them), negative similarities count as 0, and the channels are averaged
// last.
//
// Five scales take pictures of more than 160×160. Smaller ones get as many as fit, 2 for 28×28, with the weights of these
// scaled to a sum of 1; their values cannot be compared with those of other numbers of scales.
func MSSSIM(a, b []uint8, shape [3]int) (MSSSIMResult, error) {
	n, err := checkPairs(a, b, shape)
	if err != nil {
		return MSSSIMResult{}, err
	}
	if err := checkWindow(shape); err != nil {
		return MSSSIMResult{}, err
	}
	weights := scaleWeights(shape)
	size := shape[0] * shape[1] * shape[2]
	result := MSSSIMResult{Values: make([]float64, n), Scales: len(weights)}
	parallel(n, func(i int) {
		result.Values[i] = msssim(a[i*size:], b[i*size:], shape, weights)
	})
	return result, nil
}

// msssim returns the multi-scale similarity of the pictures with which a and b begin.
func msssim(a, b []uint8, shape [3]int, weights []float64) float64 {
	var sum float64
	for channel := range shape[2] {
		x, y := newPlane(a, shape, channel), newPlane(b, shape, channel)
		product := 1.
		for scale, weight := range weights {
			ssim, structure := x.similarity(y)
			if scale == len(weights)-1 {
				structure = ssim
			} else {
				x, y = x.half(), y.half()
			}
			product *= math.Pow(max(structure, 0), weight)
		}
		sum += product
	}
	return sum / float64(shape[2])
}

// scaleWeights returns the weights of the scales that pictures have: the window must fit into the coarsest with room to move.
func scaleWeights(shape [3]int) []float64 {
	scales := 1
	for scales < len(msssimWeights) && min(shape[0], shape[1]) > (ssimWindow-1)<<scales {
		scales++
	}
	if scales == len(msssimWeights) {
		return msssimWeights // As published: their sum is 1.0001.
	}
	var sum float64
	for _, weight := range msssimWeights[:scales] {
		sum += weight
	}
	weights := make([]float64, scales)
	for i := range weights {
		weights[i] = msssimWeights[i] / sum
	}
	return weights
}

// plane is one channel of a picture.
type plane struct {
	height, width int
	values        []float64
}

// newPlane returns one channel of the picture with which pixels begin.
func newPlane(pixels []uint8, shape [3]int, channel int) plane {
	p := plane{shape[0], shape[1], make([]float64, shape[0]*shape[1])}
	for i := range p.values {
		p.values[i] = float64(pixels[i*shape[2]+channel])
	}
	return p
}

// similarity returns the means of SSIM and of its second factor, contrast and structure, over all places of the window.
func (p plane) similarity(q plane) (ssim, structure float64) {
	similarities, structures := p.similarities(q)
	n := float64(len(similarities))
	return floats.Sum(similarities) / n, floats.Sum(structures) / n
}

// similarities returns SSIM and its second factor, contrast and structure, at all places of the window.
func (p plane) similarities(q plane) (ssim, structure []float64) {
	meansP, meansQ := p.blur(), q.blur()
	squaresP, squaresQ, products := p.times(p).blur(), q.times(q).blur(), p.times(q).blur()
	ssim, structure = make([]float64, len(meansP.values)), make([]float64, len(meansP.values))
	for i, meanP := range meansP.values {
		meanQ := meansQ.values[i]
		varianceP, varianceQ := squaresP.values[i]-meanP*meanP, squaresQ.values[i]-meanQ*meanQ
		covariance := products.values[i] - meanP*meanQ
		structure[i] = (2*covariance + ssimC2) / (varianceP + varianceQ + ssimC2)
		ssim[i] = structure[i] * (2*meanP*meanQ + ssimC1) / (meanP*meanP + meanQ*meanQ + ssimC1)
	}
	return ssim, structure
}

// times returns the products of the values.
func (p plane) times(q plane) plane {
	product := plane{p.height, p.width, make([]float64, len(p.values))}
	for i, v := range p.values {
		product.values[i] = v * q.values[i]
	}
	return product
}

// gaussian1D is a row of the window, with a sum of 1.
var gaussian1D = func() (window [ssimWindow]float64) {
	var sum float64
	for i := range window {
		x := float64(i - ssimWindow/2)
		window[i] = math.Exp(-x * x / (2 * ssimSigma * ssimSigma))
		sum += window[i]
	}
	for i := range window {
		window[i] /= sum
	}
	return window
}()

// blur returns the weighted means at all places where the window lies inside.
func (p plane) blur() plane {
	width, height := p.width-ssimWindow+1, p.height-ssimWindow+1
	rows := make([]float64, p.height*width) // Blurred from left to right.
	for y := range p.height {
		row := p.values[y*p.width : (y+1)*p.width]
		out := rows[y*width : (y+1)*width]
		for i, weight := range gaussian1D {
			for x, v := range row[i : i+width] {
				out[x] += weight * v
			}
		}
	}
	blurred := plane{height, width, make([]float64, height*width)}
	for y := range height {
		out := blurred.values[y*width : (y+1)*width]
		for i, weight := range gaussian1D {
			for x, v := range rows[(y+i)*width : (y+i+1)*width] {
				out[x] += weight * v
			}
		}
	}
	return blurred
}

// half returns the means of 2×2 pixels, after a row or column of zeros before an odd number of them.
func (p plane) half() plane {
	h := plane{(p.height + 1) / 2, (p.width + 1) / 2, nil}
	h.values = make([]float64, h.height*h.width)
	for y := range p.height {
		for x := range p.width {
			h.values[(y+p.height%2)/2*h.width+(x+p.width%2)/2] += p.values[y*p.width+x] / 4
		}
	}
	return h
}

// checkPictures returns the number of pictures of the shape that pixels hold.
func checkPictures(name string, pixels []uint8, shape [3]int) (int, error) {
	if shape[0] < 1 || shape[1] < 1 || shape[2] < 1 {
		return 0, errors.Errorf("metrics: pictures of shape %v cannot be; give height, width and channels", shape)
	}
	size := shape[0] * shape[1] * shape[2]
	if len(pixels) == 0 || len(pixels)%size != 0 {
		return 0, errors.Errorf("metrics: %s holds %d values, which is no whole number of pictures of shape %v", name, len(pixels), shape)
	}
	return len(pixels) / size, nil
}

// checkPairs returns the number of pairs, or an error if a and b do not make any.
func checkPairs(a, b []uint8, shape [3]int) (int, error) {
	n, err := checkPictures("the first set", a, shape)
	if err != nil {
		return 0, err
	}
	others, err := checkPictures("the second set", b, shape)
	if err != nil {
		return 0, err
	}
	if n != others {
		return 0, errors.Errorf("metrics: %d and %d pictures make no pairs; give as many of both", n, others)
	}
	return n, nil
}

// checkWindow returns an error if the window does not fit into the pictures.
func checkWindow(shape [3]int) error {
	if min(shape[0], shape[1]) < ssimWindow {
		return errors.Errorf("metrics: pictures of %d×%d are smaller than the %d×%d window of SSIM; enlarge them", shape[0], shape[1], ssimWindow, ssimWindow)
	}
	return nil
}
