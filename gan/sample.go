package gan

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

// sampleBatch is how many examples are generated at a time: one program serves any number of samples.
const sampleBatch = 100

// Sample returns n examples by the generator, or by its moving average if there is one: images as uint8
// [n, height, width, channels], points as float32 [n, 2]. Their latents are those of the configuration's seed, so that
// the samples of one step after another show the same examples improve.
func (t *Trainer) Sample(n int) (*tensors.Tensor, error) { return t.SampleSeed(n, t.config.Seed) }

// SampleSeed is Sample with the latents of another seed.
func (t *Trainer) SampleSeed(n int, seed int64) (*tensors.Tensor, error) {
	if n < 1 {
		return nil, errors.Errorf("gan: cannot draw %d samples, want at least 1", n)
	}
	return t.Generate(Latents(n, t.config.Arch.LatentSize(), seed))
}

// Interpolate returns what lies between examples: rows pairs of latents are drawn by the seed, and each row of the result
// goes from the one to the other in columns examples, along the great circle between them, as latents of a high
// dimension all have about the same length ("Sampling Generative Networks", White 2016,
// https://arxiv.org/abs/1609.04468, section 2.1). The result is shaped [rows·columns, ...], row by row.
func (t *Trainer) Interpolate(rows, columns int, seed int64) (*tensors.Tensor, error) {
	if rows < 1 || columns < 2 {
		return nil, errors.Errorf("gan: an interpolation needs at least 1 row of 2 columns, got %d of %d", rows, columns)
	}
	size := t.config.Arch.LatentSize()
	ends, err := tensors.CopyFlatData[float32](Latents(2*rows, size, seed))
	if err != nil {
		return nil, errors.WithMessage(err, "gan: interpolate")
	}
	values := make([]float32, 0, rows*columns*size)
	for row := range rows {
		from, to := ends[2*row*size:(2*row+1)*size], ends[(2*row+1)*size:(2*row+2)*size]
		for column := range columns {
			values = append(values, slerp(from, to, float64(column)/float64(columns-1))...)
		}
	}
	return t.Generate(tensors.FromFlatDataAndDimensions(values, rows*columns, size))
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

// Generate returns the examples for latents of one's own, float32 [n, LatentSize], as Sample does. Batch normalization
// uses its running statistics, so that an example depends on its latent alone.
func (t *Trainer) Generate(latents *tensors.Tensor) (*tensors.Tensor, error) {
	size := t.config.Arch.LatentSize()
	if latents.DType() != dtypes.Float32 || latents.Rank() != 2 || latents.Shape().Dim(1) != size {
		return nil, errors.Errorf("gan: latents must be float32 [n, %d], got %s", size, latents.Shape())
	}
	values, err := tensors.CopyFlatData[float32](latents)
	if err != nil {
		return nil, errors.WithMessage(err, "gan: latents")
	}
	n := latents.Shape().Dim(0)
	if len(t.config.Arch.ExampleShape()) == 3 {
		return generateAll[uint8](t, values, n)
	}
	return generateAll[float32](t, values, n)
}

// generateAll generates the examples batch by batch, the last one filled up with zeros.
func generateAll[T uint8 | float32](t *Trainer, latents []float32, n int) (*tensors.Tensor, error) {
	shape := t.config.Arch.ExampleShape()
	latentSize, exampleSize := t.config.Arch.LatentSize(), 1
	for _, dimension := range shape {
		exampleSize *= dimension
	}
	generate := t.generate
	if t.averages() {
		if err := t.calibrateAverage(); err != nil {
			return nil, err
		}
		generate = t.average
	}
	examples := make([]T, 0, n*exampleSize)
	for start := 0; start < n; start += sampleBatch {
		batch := make([]float32, sampleBatch*latentSize)
		copy(batch, latents[start*latentSize:])
		output, err := generate.Call1(tensors.FromFlatDataAndDimensions(batch, sampleBatch, latentSize))
		if err != nil {
			return nil, errors.WithMessage(err, "gan: generate")
		}
		flat, err := tensors.CopyFlatData[T](output)
		if err != nil {
			return nil, errors.WithMessage(err, "gan: generate")
		}
		output.MustFinalizeAll()
		count := min(sampleBatch, n-start)
		examples = append(examples, flat[:count*exampleSize]...)
	}
	return tensors.FromFlatDataAndDimensions(examples, append([]int{n}, shape...)...), nil
}
