package bench

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/ganymede-ml/ganymede/gan/features"
)

// Estimate is a mean, over seeds or pictures, with its interval of 95 %.
type Estimate struct {
	Value float64  `json:"value"`
	Low   *float64 `json:"low,omitempty"` // Nil where there is no interval.
	High  *float64 `json:"high,omitempty"`
}

// hasInterval tells whether there is one.
func (e Estimate) hasInterval() bool { return e.Low != nil }

// apartFrom tells whether the intervals of both have nothing in common.
func (e Estimate) apartFrom(other Estimate) bool {
	return e.hasInterval() && other.hasInterval() && (*e.Low > *other.High || *e.High < *other.Low)
}

// independent returns the mean of values that seeds or pictures give independently, with Student's interval: mean ± t(0.975, n-1)·s/√n. One value
// has no interval.
func independent(values []float64) Estimate {
	mean := stat.Mean(values, nil)
	n := float64(len(values))
	if n < 2 {
		return Estimate{Value: mean}
	}
	t := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile(0.975)
	half := t * stat.StdDev(values, nil) / math.Sqrt(n)
	low, high := mean-half, mean+half
	return Estimate{mean, &low, &high}
}

// shares returns the mean of the shares that are right of so many, one for each seed, with Student's interval within [0, 1];
// of a single seed Wilson's, which knows of the test pictures alone and of no other seed.
func shares(right, count []int) Estimate {
	values := make([]float64, len(right))
	for i := range right {
		values[i] = float64(right[i]) / float64(count[i])
	}
	estimate := independent(values)
	if len(values) == 1 {
		low, high := features.Wilson(values[0], count[0])
		estimate.Low, estimate.High = &low, &high
		return estimate
	}
	*estimate.Low, *estimate.High = max(*estimate.Low, 0), min(*estimate.High, 1)
	return estimate
}

// differences returns the mean of one minus the other, seed by seed, with Student's interval.
func differences(one, other []float64) Estimate {
	list := make([]float64, len(one))
	for i := range one {
		list[i] = one[i] - other[i]
	}
	return independent(list)
}
