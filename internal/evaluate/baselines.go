package evaluate

import (
	"math"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
)

// identity returns pictures as they are, grey or coloured as the others are.
func identity(origin, truth *datasets.Set) (*datasets.Set, error) {
	if origin.Shape[2] == truth.Shape[2] {
		return origin, nil
	}
	return origin.Fit(datasets.Options{Channels: truth.Shape[2]})
}

// affine is a map a·x + b for each channel.
type affine struct{ slopes, offsets []float64 }

// fitAffine returns the map whose squared distance from the truth is least, over all pixels of pairs of one shape.
func fitAffine(from, to *datasets.Set) (affine, error) {
	channels := to.Shape[2]
	m := affine{make([]float64, channels), make([]float64, channels)}
	if len(from.Pixels) != len(to.Pixels) || len(to.Pixels) == 0 {
		return m, errors.Errorf("%d values cannot be fitted to %d", len(from.Pixels), len(to.Pixels))
	}
	for c := range channels {
		var n, sumX, sumY, sumXX, sumXY float64
		for i := c; i < len(from.Pixels); i += channels {
			x, y := float64(from.Pixels[i]), float64(to.Pixels[i])
			n++
			sumX += x
			sumY += y
			sumXX += x * x
			sumXY += x * y
		}
		if spread := sumXX - sumX*sumX/n; spread > 0 {
			m.slopes[c] = (sumXY - sumX*sumY/n) / spread
		}
		m.offsets[c] = (sumY - m.slopes[c]*sumX) / n
	}
	return m, nil
}

// apply returns pictures with their values mapped and rounded.
func (m affine) apply(set *datasets.Set) *datasets.Set {
	mapped := *set
	mapped.Pixels = make([]uint8, len(set.Pixels))
	channels := len(m.slopes)
	for i, x := range set.Pixels {
		value := m.slopes[i%channels]*float64(x) + m.offsets[i%channels]
		mapped.Pixels[i] = uint8(math.Round(min(max(value, 0), 255)))
	}
	return &mapped
}

// affineOf returns what the best affine map, fitted to the pairs learned from, makes of pictures.
func affineOf(learnedFrom, learnedTo, origin, truth *datasets.Set) (*datasets.Set, error) {
	from, err := identity(learnedFrom, learnedTo)
	if err != nil {
		return nil, err
	}
	m, err := fitAffine(from, learnedTo)
	if err != nil {
		return nil, err
	}
	if origin, err = identity(origin, truth); err != nil {
		return nil, err
	}
	return m.apply(origin), nil
}

// meanFilled returns pictures whose holes, where the masks are not 0, have the mean colour of what is known of them. Where
// nothing is known that is a middle grey.
func meanFilled(set *datasets.Set, masks []uint8) *datasets.Set {
	filled := *set
	filled.Pixels = append([]uint8(nil), set.Pixels...)
	area, channels := set.Shape[0]*set.Shape[1], set.Shape[2]
	for i := range set.Len() {
		picture, mask := filled.Pixels[i*area*channels:][:area*channels], masks[i*area:][:area]
		for c := range channels {
			sum, known := 0, 0
			for at, hole := range mask {
				if hole == 0 {
					sum += int(picture[at*channels+c])
					known++
				}
			}
			mean := uint8(128)
			if known > 0 {
				mean = uint8((2*sum + known) / (2 * known))
			}
			for at, hole := range mask {
				if hole != 0 {
					picture[at*channels+c] = mean
				}
			}
		}
	}
	return &filled
}
