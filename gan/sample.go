package gan

import (
	"iter"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"
)

// sampleBatch is how many examples are generated at a time: one program serves any number of samples.
const sampleBatch = 100

// Draw says which samples to draw from a trained generator.
type Draw struct {
	N    int   // Their number.
	Seed int64 // Of the latents; the first samples of a longer list are those of a shorter one.

	// Classes are those of the samples, in turn; none means every class in turn. They are for trainings with a Condition.
	Classes []int

	// Truncation trades variety for quality; 0 means none. Latents with a number beyond ±Truncation are drawn again in
	// that number ("Large Scale GAN Training for High Fidelity Natural Image Synthesis", Brock et al. 2018,
	// https://arxiv.org/abs/1809.11096, section 3.1). A StyleBased architecture has its styles drawn to their mean
	// instead, by this factor: 1 leaves them where they are, 0.7 is usual (Karras et al. 2018, appendix B).
	Truncation float64
}

// Sample returns n examples by the generator, or by its moving average if there is one: images as uint8
// [n, height, width, channels], points as float32 [n, 2]. Their latents are those of the configuration's seed, so that
// the samples of one step after another show the same examples improve.
func (t *Trainer) Sample(n int) (*tensors.Tensor, error) { return t.SampleSeed(n, t.config.Seed) }

// SampleSeed is Sample with the latents of another seed.
func (t *Trainer) SampleSeed(n int, seed int64) (*tensors.Tensor, error) {
	return t.Draw(Draw{N: n, Seed: seed})
}

// Draw returns samples as Sample does.
func (t *Trainer) Draw(d Draw) (*tensors.Tensor, error) {
	if len(t.config.Arch.ExampleShape()) == 3 {
		return joined[uint8](t, d.N, t.Draws(d))
	}
	return joined[float32](t, d.N, t.Draws(d))
}

// Draws returns samples as Draw does, a few at a time, so that any number of them fits into memory.
func (t *Trainer) Draws(d Draw) iter.Seq2[*tensors.Tensor, error] {
	latents, classes, err := t.drawn(d)
	if err != nil {
		return func(yield func(*tensors.Tensor, error) bool) { yield(nil, err) }
	}
	return t.generateAll(latents, classes, d.psi(t.config.Arch))
}

// drawn returns the latents and the classes, one-hot, of the samples, flat.
func (t *Trainer) drawn(d Draw) (latents, classes []float32, err error) {
	if d.N < 1 {
		return nil, nil, errors.Errorf("gan: cannot draw %d samples, want at least 1", d.N)
	}
	if d.Truncation < 0 {
		return nil, nil, errors.Errorf("gan: truncation must be above 0, or 0 for none, got %g", d.Truncation)
	}
	if classes, err = t.oneHot(d.N, d.Classes); err != nil {
		return nil, nil, err
	}
	threshold := d.Truncation
	if _, ok := t.config.Arch.(StyleBased); ok {
		threshold = 0
	}
	return drawLatents(d.N*t.config.Arch.LatentSize(), d.Seed, threshold), classes, nil
}

// psi returns the factor of the styles.
func (d Draw) psi(arch Architecture) float32 {
	if _, ok := arch.(StyleBased); ok && d.Truncation > 0 {
		return float32(d.Truncation)
	}
	return 1
}

// oneHot returns the classes of n samples in turn, one-hot, flat; nil for none means every class. It is nil if nothing is
// conditioned.
func (t *Trainer) oneHot(n int, classes []int) ([]float32, error) {
	count := t.config.Condition.Classes
	if count == 0 {
		if len(classes) > 0 {
			return nil, errors.New("gan: this generator cannot be asked for a class: it was trained without a condition")
		}
		return nil, nil
	}
	weights := make([]float32, n*count)
	for i := range n {
		class := i % count
		if len(classes) > 0 {
			class = classes[i%len(classes)]
		}
		if class < 0 || class >= count {
			return nil, errors.Errorf("gan: there is no class %d, want 0 to %d", class, count-1)
		}
		weights[i*count+class] = 1
	}
	return weights, nil
}

// Generate returns the examples for latents of one's own, float32 [n, LatentSize], as Sample does. Batch normalization
// uses its running statistics, so that an example depends on its latent alone.
//
// Classes are how much of each class the examples are to have, float32 [n, number of classes], for trainings with a
// Condition, and nil for others; nil there means every class in turn.
func (t *Trainer) Generate(latents, classes *tensors.Tensor) (*tensors.Tensor, error) {
	size := t.config.Arch.LatentSize()
	if latents.DType() != dtypes.Float32 || latents.Rank() != 2 || latents.Shape().Dim(1) != size {
		return nil, errors.Errorf("gan: latents must be float32 [n, %d], got %s", size, latents.Shape())
	}
	n := latents.Shape().Dim(0)
	values, err := tensors.CopyFlatData[float32](latents)
	if err != nil {
		return nil, errors.WithMessage(err, "gan: latents")
	}
	weights, err := t.classWeights(n, classes)
	if err != nil {
		return nil, err
	}
	return t.generateFlat(n, values, weights)
}

// classWeights returns how much of each class n examples have, flat; nil classes mean every class in turn. It is nil if
// nothing is conditioned.
func (t *Trainer) classWeights(n int, classes *tensors.Tensor) ([]float32, error) {
	if classes == nil {
		return t.oneHot(n, nil)
	}
	count := t.config.Condition.Classes
	if classes.DType() != dtypes.Float32 || classes.Rank() != 2 || classes.Shape().Dim(0) != n || classes.Shape().Dim(1) != count {
		return nil, errors.Errorf("gan: the classes of %d examples must be float32 [%d, %d], got %s", n, n, count, classes.Shape())
	}
	weights, err := tensors.CopyFlatData[float32](classes)
	return weights, errors.WithMessage(err, "gan: classes")
}

// generateFlat returns the n examples for flat latents and flat weights of classes.
func (t *Trainer) generateFlat(n int, latents, classes []float32) (*tensors.Tensor, error) {
	all := t.generateAll(latents, classes, 1)
	if len(t.config.Arch.ExampleShape()) == 3 {
		return joined[uint8](t, n, all)
	}
	return joined[float32](t, n, all)
}

// generateAll generates examples batch by batch; the last batch is filled up with zeros.
func (t *Trainer) generateAll(latents, classes []float32, psi float32) iter.Seq2[*tensors.Tensor, error] {
	return func(yield func(*tensors.Tensor, error) bool) {
		latentSize, classCount := t.config.Arch.LatentSize(), t.config.Condition.Classes
		generate := t.generate
		if t.averages() {
			if err := t.calibrateAverage(); err != nil {
				yield(nil, err)
				return
			}
			generate = t.average
		}
		n := len(latents) / latentSize
		for start := 0; start < n; start += sampleBatch {
			output, err := generate.Call1(t.inputs(sampleBatch, chunk(latents, start, latentSize), chunk(classes, start, classCount), psi)...)
			if err != nil {
				yield(nil, errors.WithMessage(err, "gan: generate"))
				return
			}
			examples, err := firstOf(output, min(sampleBatch, n-start))
			if !yield(examples, err) || err != nil {
				return
			}
		}
	}
}

// chunk returns a batch of vectors of the size, from the one numbered start on, filled up with zeros.
func chunk(values []float32, start, size int) []float32 {
	if size == 0 {
		return nil
	}
	batch := make([]float32, sampleBatch*size)
	copy(batch, values[start*size:])
	return batch
}

// inputs returns what the programs that generate are given.
func (t *Trainer) inputs(n int, latents, classes []float32, psi float32) []any {
	list := []any{tensors.FromFlatDataAndDimensions(latents, n, t.config.Arch.LatentSize())}
	if t.config.Condition.active() {
		list = append(list, tensors.FromFlatDataAndDimensions(classes, n, t.config.Condition.Classes))
	}
	if _, ok := t.config.Arch.(StyleBased); ok {
		list = append(list, tensors.FromScalar(psi))
	}
	return list
}

// generateGraph returns the examples for the inputs, by the generator in the scope.
func (t *Trainer) generateGraph(scope *model.Scope, inputs []*Node) *Node {
	var classes *Node
	latents := inputs[0]
	if t.config.Condition.active() {
		classes = inputs[1]
	}
	arch, ok := t.config.Arch.(StyleBased)
	if !ok {
		return t.config.generate(scope, latents, classes)
	}
	latents, classes = t.config.Condition.latents(scope, arch, latents, classes)
	styles := arch.Truncate(scope, arch.Styles(scope, latents, classes), inputs[len(inputs)-1])
	return arch.Synthesis(scope, styles)
}

// firstOf returns the first examples of a batch, and frees it.
func firstOf(batch *tensors.Tensor, count int) (*tensors.Tensor, error) {
	if batch.DType() == dtypes.Uint8 {
		return firstOfType[uint8](batch, count)
	}
	return firstOfType[float32](batch, count)
}

func firstOfType[T uint8 | float32](batch *tensors.Tensor, count int) (*tensors.Tensor, error) {
	dimensions := batch.Shape().Dimensions
	flat, err := tensors.CopyFlatData[T](batch)
	if err != nil {
		return nil, errors.WithMessage(err, "gan: generate")
	}
	size := len(flat) / dimensions[0]
	batch.MustFinalizeAll()
	return tensors.FromFlatDataAndDimensions(flat[:count*size], append([]int{count}, dimensions[1:]...)...), nil
}

// joined returns n examples, which come a few at a time, as one tensor.
func joined[T uint8 | float32](t *Trainer, n int, parts iter.Seq2[*tensors.Tensor, error]) (*tensors.Tensor, error) {
	var examples []T
	for part, err := range parts {
		if err != nil {
			return nil, err
		}
		flat, err := tensors.CopyFlatData[T](part)
		if err != nil {
			return nil, errors.WithMessage(err, "gan: generate")
		}
		examples = append(examples, flat...)
	}
	return tensors.FromFlatDataAndDimensions(examples, append([]int{n}, t.config.Arch.ExampleShape()...)...), nil
}
