package evaluate

import (
	"math"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/metrics"
)

// normal is how the interval of a mean over pairs is found.
const normal = "95 %, normal"

// ssimWords says by which window pictures are compared.
const ssimWords = "11×11, Gaussian of 1.5"

// shape3 returns the shape of the pictures.
func (s *Source) shape3() [3]int { return [3]int(s.Shape) }

// perPair returns the value of f for each pair, of pictures of the fake side and of the real one, taken some at a time.
func (e *evaluation) perPair(what string, f func(fake, real *tensors.Tensor) ([]float64, error)) ([]float64, error) {
	n := e.Fake.Len()
	values := make([]float64, 0, n)
	for first := 0; first < n; {
		if err := e.ctx.Err(); err != nil {
			return nil, errors.WithStack(err)
		}
		count := min(e.Fake.chunk(), n-first)
		fake, err := e.Fake.Range(first, count)
		if err != nil {
			return nil, err
		}
		real, err := e.Real.Range(first, count)
		if err != nil {
			return nil, err
		}
		some, err := f(fake, real)
		if err != nil {
			return nil, err
		}
		values = append(values, some...)
		fake.MustFinalizeAll()
		real.MustFinalizeAll()
		first += count
		e.say(what, first, n)
	}
	return values, nil
}

// pixelwise is perPair for a function of the pixels.
func (e *evaluation) pixelwise(what string, f func(a, b []uint8, shape [3]int) ([]float64, error)) ([]float64, error) {
	return e.perPair(what, func(fake, real *tensors.Tensor) (values []float64, err error) {
		outer := tensors.ConstFlatData(fake, func(a []uint8) {
			inner := tensors.ConstFlatData(real, func(b []uint8) { values, err = f(a, b, e.Real.shape3()) })
			err = firstError(err, inner)
		})
		return values, firstError(err, outer)
	})
}

func firstError(one, other error) error {
	if one != nil {
		return one
	}
	return other
}

func (e *evaluation) l1() error {
	values, err := e.pixelwise("l1", metrics.L1)
	if err != nil {
		return err
	}
	e.addMean(e.pairCard("l1"), values)
	return nil
}

// psnr counts equal pictures as metrics.Paired does, as if one value differed by 1: their ratio is infinite.
func (e *evaluation) psnr() error {
	values, err := e.pixelwise("psnr", metrics.PSNR)
	if err != nil {
		return err
	}
	e.limitPSNR("psnr", values)
	e.addMean(e.pairCard("psnr"), values)
	return nil
}

// limitPSNR makes infinite ratios finite.
func (e *evaluation) limitPSNR(key string, values []float64) {
	shape, equal := e.Real.shape3(), 0
	most := 10 * math.Log10(255*255*float64(shape[0]*shape[1]*shape[2]))
	for i, value := range values {
		if math.IsInf(value, 1) {
			values[i] = most
			equal++
		}
	}
	if equal > 0 {
		e.note("%d of %d pairs are equal; their %s, which is infinite, counts as %.1f dB", equal, len(values), key, most)
	}
}

func (e *evaluation) ssim() error {
	values, err := e.pixelwise("ssim", metrics.SSIM)
	if err != nil {
		return err
	}
	e.addMean(e.pairCard("ssim", "window", ssimWords), values)
	return nil
}

func (e *evaluation) perceptual() error {
	values, err := e.perPair("perceptual", e.extractor.Distance)
	if err != nil {
		return err
	}
	n := e.Fake.Len()
	e.addMean(e.featureCard("perceptual", n, n, "weights", e.extractor.LayerWeights()), values)
	return nil
}

func (e *evaluation) pairCard(key string, settings ...any) metrics.Card {
	n := e.Fake.Len()
	return e.card(key, n, n, settings...)
}

// addMean adds the mean of values of pairs, with the interval that its standard error gives if there are several.
func (e *evaluation) addMean(card metrics.Card, values []float64) {
	n := float64(len(values))
	var mean, squares float64
	for _, v := range values {
		mean += v / n
	}
	if len(values) < 2 {
		e.add(card, mean, nil, "")
		return
	}
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	const z = 1.959963984540054 // Of 95 %.
	half := z * math.Sqrt(squares/(n-1)/n)
	e.add(card, mean, &metrics.Interval{Low: mean - half, High: mean + half}, normal)
}
