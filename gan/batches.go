package gan

import (
	"iter"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/feed"
)

// batches returns the batches of step after step, without end, from the step the trainer is at. A batch is what a phase
// takes: the examples, or the table and indices, and under a condition the labels.
func (t *Trainer) batches(data train.Dataset) iter.Seq2[[][]*tensors.Tensor, error] {
	return func(yield func([][]*tensors.Tensor, error) bool) {
		step := t.steps
		var batches [][]*tensors.Tensor
		for batch, err := range feed.From(data, t.config.batchesBefore(step)) {
			var inputs []*tensors.Tensor
			if err == nil {
				inputs, err = t.fromBatch(batch)
				err = errors.WithMessagef(err, "data %q", data.Name())
			}
			if err != nil {
				yield(nil, errors.WithMessage(err, "gan"))
				return
			}
			batches = append(batches, inputs)
			if len(batches) == t.config.discriminatorSteps(step)*t.config.MicroBatches {
				if !yield(batches, nil) {
					return
				}
				batches = nil
				step++
			}
		}
	}
}

// fromBatch returns what a phase takes of a batch, or an error if it is not what the architecture plays with.
func (t *Trainer) fromBatch(batch train.Batch) ([]*tensors.Tensor, error) {
	n := len(batch.Inputs)
	if n != 1 && n != 2 {
		return nil, errors.Errorf("a batch must have one input (examples) or two (a table and indices), got %d", n)
	}
	want := t.config.Arch.ExampleShape()
	got := batch.Inputs[0].Shape().Dimensions
	if len(got) != len(want)+1 || !slices.Equal(got[1:], want) {
		return nil, errors.Errorf("its examples have the shape %v, but the architecture plays with %v", got[min(1, len(got)):], want)
	}
	size := batch.Inputs[n-1].Shape().Dim(0)
	if size%t.config.Pack != 0 {
		return nil, errors.Errorf("its batches of %d examples cannot be packed %d at a time; use a batch size that %d divides",
			size, t.config.Pack, t.config.Pack)
	}
	inputs := slices.Clone(batch.Inputs)
	t.kept = n - 1
	if t.config.Condition.active() {
		labels, err := t.labels(batch, size)
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, labels)
	}
	return inputs, nil
}

// labels returns the classes of a batch's examples.
func (t *Trainer) labels(batch train.Batch, size int) (*tensors.Tensor, error) {
	count := t.config.Condition.Classes
	if len(batch.Labels) == 0 {
		return nil, errors.Errorf("it has no labels, and the players are to be told %d classes; use data with classes, or no Config.Condition", count)
	}
	labels := batch.Labels[0]
	if labels.DType() != dtypes.Int32 || labels.Rank() != 1 || labels.Shape().Dim(0) != size {
		return nil, errors.Errorf("its labels must be int32 [%d], got %s", size, labels.Shape())
	}
	values, err := tensors.CopyFlatData[int32](labels)
	if err != nil {
		return nil, errors.WithMessage(err, "labels")
	}
	for _, value := range values {
		if value < 0 || int(value) >= count {
			return nil, errors.Errorf("it has an example of class %d, and the players are told classes 0 to %d; set Config.Condition.Classes", value, count-1)
		}
	}
	return labels, nil
}
