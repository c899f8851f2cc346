package style

import (
	"image"
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
)

// Colours says whose colours a stylized picture has.
type Colours int

const (
	// StyleColours are those of the style.
	StyleColours Colours = iota

	// MatchedColours are about the content's: the style is recoloured before, so that its red, green and blue have the content's
	// means, deviations and correlations, as the AdaIN paper's official code does (CORAL, section 7.2).
	MatchedColours

	// ContentColours are exactly the content's: only the brightness is taken from the stylized picture, as in "Preserving Color
	// in Neural Artistic Style Transfer" (Gatys et al. 2016, https://arxiv.org/abs/1606.05897, section 4.2).
	ContentColours
)

func (c Colours) check() error {
	if c < StyleColours || c > ContentColours {
		return errors.Errorf("style: there are no colours %d", int(c))
	}
	return nil
}

// finish returns what was drawn in the colours wanted. It changes what it is given.
func (c Colours) finish(drawn, content *image.NRGBA) image.Image {
	if c != ContentColours {
		return drawn
	}
	for i := 0; i < len(drawn.Pix); i += 4 {
		to, from := drawn.Pix[i:i+3], content.Pix[i:i+3]
		difference := brightness(to) - brightness(from)
		for k := range to {
			to[k] = uint8(math.Round(min(max(float64(from[k])+difference, 0), 255)))
		}
	}
	return drawn
}

// brightness is Y of YIQ.
func brightness(rgb []uint8) float64 {
	return 0.299*float64(rgb[0]) + 0.587*float64(rgb[1]) + 0.114*float64(rgb[2])
}

// matchColours gives the style the content's colours: its pixels, each channel with mean 0 and deviation 1, are freed of their
// correlations, given the content's, and then the content's deviations and means. Transparent pixels of both count for
// nothing.
func matchColours(style, content *picture) error {
	from, err := colourMoments(style)
	if err != nil {
		return err
	}
	to, err := colourMoments(content)
	if err != nil {
		return err
	}
	var map3 mat.Dense
	if err := map3.Inverse(from.root); err != nil {
		return errors.Wrap(err, "style: colours")
	}
	map3.Mul(to.root, &map3)
	for i := range style.opacity {
		rgb := style.pixels[3*i:][:3]
		var normal [3]float64
		for c := range normal {
			normal[c] = (float64(rgb[c]) - from.mean[c]) / from.deviation[c]
		}
		for c := range rgb {
			sum := 0.0
			for k := range normal {
				sum += map3.At(c, k) * normal[k]
			}
			rgb[c] = float32(sum*to.deviation[c] + to.mean[c])
		}
	}
	return nil
}

// moments are those of a picture's colours.
type moments struct {
	mean, deviation [3]float64
	root            *mat.Dense // The symmetric square root of the correlations.
}

// colourMoments returns them as the official code has them: deviations divide by one less than the number of pixels, and to the
// sums of products, which its roots are of, 1 is added on the diagonal. Here these are divided by the number of pixels, which two
// pictures of one size do not notice, and the code forgets for others.
func colourMoments(p *picture) (m moments, err error) {
	var n float64
	var sums [3]float64
	for i, opacity := range p.opacity {
		n += float64(opacity)
		for c := range sums {
			sums[c] += float64(opacity * p.pixels[3*i+c])
		}
	}
	if n < 2 {
		return m, errors.New("style: it has too few pixels that are not transparent to have its colours matched")
	}
	for c := range sums {
		m.mean[c] = sums[c] / n
	}
	var products [3][3]float64
	for i, opacity := range p.opacity {
		for a := range 3 {
			for b := range 3 {
				products[a][b] += float64(opacity) * (float64(p.pixels[3*i+a]) - m.mean[a]) * (float64(p.pixels[3*i+b]) - m.mean[b])
			}
		}
	}
	correlations := mat.NewSymDense(3, nil)
	for c := range 3 {
		m.deviation[c] = max(math.Sqrt(products[c][c]/(n-1)), 1e-6)
	}
	for a := range 3 {
		for b := a; b < 3; b++ {
			value := products[a][b] / (m.deviation[a] * m.deviation[b] * n)
			if a == b {
				value += 1 / n
			}
			correlations.SetSym(a, b, value)
		}
	}
	m.root, err = symmetricRoot(correlations)
	return m, err
}

// symmetricRoot returns the symmetric square root of a matrix without negative eigenvalues.
func symmetricRoot(of *mat.SymDense) (*mat.Dense, error) {
	var eigen mat.EigenSym
	if !eigen.Factorize(of, true) {
		return nil, errors.New("style: the colours' correlations have no square root")
	}
	var vectors, scaled, root mat.Dense
	eigen.VectorsTo(&vectors)
	scaled.CloneFrom(&vectors)
	for k, value := range eigen.Values(nil) {
		for row := range 3 {
			scaled.Set(row, k, vectors.At(row, k)*math.Sqrt(max(value, 0)))
		}
	}
	root.Mul(&scaled, vectors.T())
	return &root, nil
}
