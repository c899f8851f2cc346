package gan

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"
)

// opinions are the programs that ask the discriminator; nil until they are wanted.
type opinions struct{ logits, slopes *model.Exec }

// Discriminate returns the discriminator's logits for examples, float32 [n]: above 0 where it takes them for real, and the
// probability that it gives to that is sigmoid(logit), if its Loss speaks of probabilities. Examples are shaped like the
// data's: pictures uint8 [n, height, width, channels], or float32 in [-1, 1], points float32 [n, 2]. Classes are as in
// Generate.
//
// It sees the examples as they are, without augmentation and noise, and batch normalization uses its running statistics, so
// that an opinion depends on the example alone. Only a discriminator that compares the examples of a batch
// (DCGAN.MinibatchStdDev) still sees 100 at a time. It is an error if examples are packed (Config.Pack): such a discriminator
// has no opinion of one.
func (t *Trainer) Discriminate(examples, classes *tensors.Tensor) (*tensors.Tensor, error) {
	if t.opinions.logits == nil {
		var err error
		if t.opinions.logits, err = model.NewExec(t.backend, t.store, func(scope *model.Scope, inputs []*Node) *Node {
			_, logits := t.opinionGraph(scope, inputs)
			return logits
		}); err != nil {
			return nil, errors.WithMessage(err, "gan: discriminator")
		}
	}
	return t.opinion(t.opinions.logits, examples, classes, nil)
}

// Slopes returns how the discriminator's logit rises with each number of each example: the gradient of the logit, float32, in
// the shape of the examples; pictures count as float32 in [-1, 1]. That is the direction in which a fake is told to go. How
// hard the generator is pushed in it depends on the loss, too: by 1 - D times the slope with NonSaturating, D times with
// Minimax, once with Wasserstein. Examples and classes are those of Discriminate.
func (t *Trainer) Slopes(examples, classes *tensors.Tensor) (*tensors.Tensor, error) {
	if t.opinions.slopes == nil {
		var err error
		if t.opinions.slopes, err = model.NewExec(t.backend, t.store, func(scope *model.Scope, inputs []*Node) *Node {
			seen, logits := t.opinionGraph(scope, inputs)
			return Gradient(ReduceAllSum(logits), seen)[0]
		}); err != nil {
			return nil, errors.WithMessage(err, "gan: slopes of the discriminator")
		}
	}
	return t.opinion(t.opinions.slopes, examples, classes, t.config.Arch.ExampleShape())
}

// opinionGraph returns the examples as the discriminator sees them, and its logits, [batch].
func (t *Trainer) opinionGraph(scope *model.Scope, inputs []*Node) (seen, logits *Node) {
	var classes *Node
	if len(inputs) > 1 {
		classes = inputs[1]
	}
	seen = Identity(ToFloat(inputs[0]))
	logits = t.config.judge(scope.At(discriminatorScope), seen, classes).Logits
	return seen, ReduceMean(Reshape(logits, logits.Shape().Dim(0), -1), -1) // The mean over patches, where there are some.
}

// opinion runs a program on the examples, a batch at a time, and returns its results, shaped [n, ...shape].
func (t *Trainer) opinion(program *model.Exec, examples, classes *tensors.Tensor, shape []int) (*tensors.Tensor, error) {
	if t.config.Pack > 1 {
		return nil, errors.Errorf("gan: this discriminator judges %d examples together, and has no opinion of one", t.config.Pack)
	}
	want := t.config.Arch.ExampleShape()
	got := examples.Shape()
	isType := got.DType == dtypes.Float32 || got.DType == dtypes.Uint8 && len(want) == 3
	if !isType || got.Rank() < 2 || got.Dim(0) < 1 || !slices.Equal(got.Dimensions[1:], want) {
		return nil, errors.Errorf("gan: the discriminator judges n examples of shape %v, uint8 (pictures) or float32, got %s", want, got)
	}
	n := got.Dim(0)
	if t.steps == 0 {
		// Fresh weights are drawn in the order in which programs first want them. A step wants the generator's first.
		if _, err := t.Sample(1); err != nil {
			return nil, err
		}
	}
	weights, err := t.classWeights(n, classes)
	if err != nil {
		return nil, err
	}
	if got.DType == dtypes.Uint8 {
		return opinionOf[uint8](t, program, examples, weights, append([]int{n}, shape...))
	}
	return opinionOf[float32](t, program, examples, weights, append([]int{n}, shape...))
}

// opinionOf is opinion for examples of a type. The last batch is filled up with the first examples again.
func opinionOf[T uint8 | float32](t *Trainer, program *model.Exec, examples *tensors.Tensor, weights []float32, shape []int) (*tensors.Tensor, error) {
	values, err := tensors.CopyFlatData[T](examples)
	if err != nil {
		return nil, errors.WithMessage(err, "gan: examples")
	}
	n, classCount := shape[0], t.config.Condition.Classes
	batchShape := slices.Clone(examples.Shape().Dimensions)
	batchShape[0] = sampleBatch
	var results []float32
	for start := 0; start < n; start += sampleBatch {
		inputs := []any{tensors.FromFlatDataAndDimensions(repeated(values, start, len(values)/n), batchShape...)}
		if weights != nil {
			inputs = append(inputs, tensors.FromFlatDataAndDimensions(repeated(weights, start, classCount), sampleBatch, classCount))
		}
		output, err := program.Call1(inputs...)
		if err != nil {
			return nil, errors.WithMessage(err, "gan: discriminator")
		}
		batch, err := tensors.CopyFlatData[float32](output)
		if err != nil {
			return nil, errors.WithMessage(err, "gan: discriminator")
		}
		output.MustFinalizeAll()
		size := len(batch) / sampleBatch
		results = append(results, batch[:min(sampleBatch, n-start)*size]...)
	}
	return tensors.FromFlatDataAndDimensions(results, shape...), nil
}

// repeated returns a batch of vectors of the size, from the one numbered start on; after the last one come the first again.
func repeated[T any](values []T, start, size int) []T {
	n := len(values) / size
	batch := make([]T, 0, sampleBatch*size)
	for i := range sampleBatch {
		at := (start + i) % n * size
		batch = append(batch, values[at:at+size]...)
	}
	return batch
}
