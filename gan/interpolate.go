package gan

import (
	"math"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

// Interpolate returns what lies between examples: rows pairs of latents are drawn by the seed, and each row of the result
// goes from the one to the other in columns examples, along the great circle between them, as latents of a high
// dimension all have about the same length ("Sampling Generative Networks", White 2016,
// https://arxiv.org/abs/1609.04468, section 2.1). The result is shaped [rows·columns, ...], row by row. With a Condition
// a row is of one class, the rows of every class in turn.
func (t *Trainer) Interpolate(rows, columns int, seed int64) (*tensors.Tensor, error) {
	if err := checkInterpolation(rows, columns); err != nil {
		return nil, err
	}
	size := t.config.Arch.LatentSize()
	ends := drawLatents(2*rows*size, seed, 0)
	latents := make([]float32, 0, rows*columns*size)
	var classes []int
	for row := range rows {
		from, to := ends[2*row*size:(2*row+1)*size], ends[(2*row+1)*size:(2*row+2)*size]
		for column := range columns {
			latents = append(latents, slerp(from, to, float64(column)/float64(columns-1))...)
			if count := t.config.Condition.Classes; count > 0 {
				classes = append(classes, row%count)
			}
		}
	}
	weights, err := t.oneHot(rows*columns, classes)
	if err != nil {
		return nil, err
	}
	return t.generateFlat(rows*columns, latents, weights)
}

// InterpolateClasses returns what lies between classes: each row of the result has one latent, drawn by the seed, and goes
// from one class to the other in columns examples, as the network that is told the class mixes the two. The result is
// shaped [rows·columns, ...], row by row.
func (t *Trainer) InterpolateClasses(from, to, rows, columns int, seed int64) (*tensors.Tensor, error) {
	if err := checkInterpolation(rows, columns); err != nil {
		return nil, err
	}
	ends, err := t.oneHot(2, []int{from, to})
	if err != nil {
		return nil, err
	}
	size, count := t.config.Arch.LatentSize(), t.config.Condition.Classes
	if count == 0 {
		return nil, errors.New("gan: there are no classes to go between: this generator was trained without a condition")
	}
	drawn := drawLatents(rows*size, seed, 0)
	var latents, weights []float32
	for row := range rows {
		for column := range columns {
			fraction := float32(column) / float32(columns-1)
			latents = append(latents, drawn[row*size:(row+1)*size]...)
			for class := range count {
				weights = append(weights, (1-fraction)*ends[class]+fraction*ends[count+class])
			}
		}
	}
	return t.generateFlat(rows*columns, latents, weights)
}

func checkInterpolation(rows, columns int) error {
	if rows < 1 || columns < 2 {
		return errors.Errorf("gan: an interpolation needs at least 1 row of 2 columns, got %d of %d", rows, columns)
	}
	return nil
}

// slerp returns the vector a fraction of the way along the great circle from one vector to another.
func slerp(from, to []float32, fraction float64) []float32 {
	var dot, fromSquare, toSquare float64
	for i := range from {
		dot += float64(from[i]) * float64(to[i])
		fromSquare += float64(from[i]) * float64(from[i])
		toSquare += float64(to[i]) * float64(to[i])
	}
	a, b := 1-fraction, fraction
	angle := math.Acos(max(-1, min(1, dot/math.Sqrt(fromSquare*toSquare))))
	if sine := math.Sin(angle); sine > 1e-6 {
		a, b = math.Sin((1-fraction)*angle)/sine, math.Sin(fraction*angle)/sine
	}
	between := make([]float32, len(from))
	for i := range between {
		between[i] = float32(a*float64(from[i]) + b*float64(to[i]))
	}
	return between
}
