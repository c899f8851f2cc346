package health

import "fmt"

// Thresholds of a checkerboard: a share of the energy at period two this many times the data's, and at least so much.
const (
	checkerboardFactor = 4
	checkerboardLeast  = 0.01
)

// checkerboard finds a pattern of period two in samples that are otherwise near the data; noise has it, too.
func (d diagnosis) checkerboard() *Finding {
	limit := max(checkerboardFactor*d.real.Checkerboard, checkerboardLeast)
	since, ok := d.since(1, func(i int) bool { return d.gap(d.looks[i]) < goodGap && d.looks[i].Checkerboard > limit })
	if !ok {
		return nil
	}
	return &Finding{Checkerboard, Note, since, fmt.Sprintf("samples have a checkerboard: %.2g %% of their energy is at period two, "+
		"and %.2g %% of the data's; take kernels that the stride divides, or enlarge and convolve in place of transposed convolutions",
		100*d.last().Checkerboard, 100*d.real.Checkerboard)}
}
