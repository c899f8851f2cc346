package datasets

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// toyExamples is the number of points that the authors of PacGAN draw for these two sets.
const toyExamples = 100_000

const toySource = "made in code as in section 4.1 of \"PacGAN: The power of two samples in generative adversarial networks\" " +
	"(Lin et al. 2018, https://arxiv.org/abs/1712.04086)"

// rings is the "2D-ring" of PacGAN: eight Gaussians of standard deviation 0.01 on the unit circle, the first at (1, 0),
// counter-clockwise.
var rings = newToy("rings", []string{"ring"}, "8 Gaussians on a ring; points in the plane", 0.01, ringModes())

// grid is the "2D-grid" of PacGAN: 25 Gaussians of standard deviation 0.05 at {-4, -2, 0, 2, 4}², column by column.
var grid = newToy("grid", nil, "25 Gaussians on a grid; points in the plane", 0.05, gridModes())

// mode is one of the equally likely Gaussians of a toy.
type mode struct {
	name string
	x, y float64
}

func ringModes() []mode {
	var modes []mode
	for i := range 8 {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / 8)
		modes = append(modes, mode{fmt.Sprintf("%d°", 45*i), cos, sin})
	}
	return modes
}

func gridModes() []mode {
	var modes []mode
	for x := -4; x <= 4; x += 2 {
		for y := -4; y <= 4; y += 2 {
			modes = append(modes, mode{fmt.Sprintf("(%d, %d)", x, y), float64(x), float64(y)})
		}
	}
	return modes
}

// newToy returns the entry of a mixture of round Gaussians of standard deviation sigma. The label of a point is its mode.
func newToy(name string, aliases []string, summary string, sigma float64, modes []mode) entry {
	classes := make([]string, len(modes))
	for i, mode := range modes {
		classes[i] = mode.name
	}
	return entry{
		Info: Info{
			Name:     name,
			Examples: toyExamples,
			Shape:    []int{2},
			Classes:  classes,
			Licence:  "none needed",
			Source:   toySource,
			Summary:  summary,
		},
		aliases: aliases,
		open: func(options Options) (*Set, error) {
			set := &Set{Shape: []int{2}, Points: make([]float32, 2*toyExamples), Labels: make([]int32, toyExamples), Sigma: sigma}
			for _, mode := range modes {
				set.Modes = append(set.Modes, [2]float64{mode.x, mode.y})
			}
			random := rand.New(rand.NewPCG(uint64(options.Seed), 0))
			for i := range set.Labels {
				label := random.IntN(len(modes))
				set.Labels[i] = int32(label)
				// The conversions keep the product from being fused with the sum, so that all processors agree.
				set.Points[2*i] = float32(modes[label].x + float64(sigma*random.NormFloat64()))
				set.Points[2*i+1] = float32(modes[label].y + float64(sigma*random.NormFloat64()))
			}
			return set, nil
		},
	}
}
