package training

import (
	"cmp"
	"context"
	"iter"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/feed"
)

// Train takes n steps on the data, a batch each, and yields what each reports. If the data ends it starts again. What
// batches hold is for the Definition's Step to know; data with a method Kept() int has so many first inputs that are the same
// tensors in all batches, such as a table of all examples; the others are finalized after use. Data that is a gan.Seeker is
// told where to go on.
//
// Training ends when n steps are taken, the caller leaves the loop, the context ends, or an error occurs: ends of the first
// three kinds save a checkpoint if there is a run folder. An end of the context is no error here; ctx.Err tells. Values that
// are no numbers are a *NotANumber that says at which step; the last checkpoint is kept.
func (t *Trainer) Train(ctx context.Context, data train.Dataset, n int) iter.Seq2[Step, error] {
	return func(yield func(Step, error) bool) {
		if n <= 0 {
			return
		}
		if err := t.leave; t.broken != nil || err != nil {
			t.leave = nil
			yield(Step{}, cmp.Or(t.broken, err))
			return
		}
		if err := t.recordData(data); err != nil {
			yield(Step{}, err)
			return
		}
		kept := 0
		if keeps, ok := data.(interface{ Kept() int }); ok {
			kept = keeps.Kept()
		}
		last := t.steps + n
		for batch, err := range feed.From(data, t.steps) {
			if err != nil {
				yield(Step{}, errors.WithMessage(err, t.definition.Task))
				return
			}
			if ctx.Err() != nil {
				break
			}
			step, err := t.takeStep(batch.Inputs)
			for _, input := range batch.Inputs[min(kept, len(batch.Inputs)):] {
				input.MustFinalizeAll()
			}
			if err == nil && t.folder != nil && t.steps%t.definition.saveEvery() == 0 {
				err = t.Save()
			}
			if err != nil {
				yield(Step{}, err)
				return
			}
			if !yield(step, nil) {
				t.leave = t.saveIfRun()
				return
			}
			if t.steps >= last {
				break
			}
		}
		if err := t.saveIfRun(); err != nil {
			yield(Step{}, err)
		}
	}
}

// recordData notes which data the run is trained on, and returns an error if it was other data before.
func (t *Trainer) recordData(data train.Dataset) error {
	now := gan.DescribeData(data)
	if err := now.Follows(t.record.Data, t.definition.Dir); err != nil {
		return err
	}
	if now == t.record.Data {
		return nil
	}
	t.record.Data = now
	if t.folder == nil {
		return nil
	}
	return errors.WithMessage(t.folder.WriteRecord(t.record), t.definition.Task)
}

// takeStep takes one step on the inputs of a batch.
func (t *Trainer) takeStep(inputs []*tensors.Tensor) (Step, error) {
	failed := func(err error) (Step, error) {
		return Step{}, errors.WithMessagef(err, "%s: step %d", t.definition.Task, t.steps+1)
	}
	output, err := t.step.Call1(arguments(inputs)...)
	if err != nil {
		return failed(err)
	}
	defer output.MustFinalizeAll()
	values, err := tensors.CopyFlatData[float32](output)
	if err != nil {
		return failed(err)
	}
	t.steps++
	step := Step{N: t.steps}
	for i, value := range values {
		step.Values = append(step.Values, Value{t.names[i], float64(value)})
	}
	if !step.finite() {
		broken := &NotANumber{Step: step}
		if t.folder != nil {
			broken.Saved = t.folder.Saved
		}
		t.broken = errors.WithMessage(errors.WithStack(broken), t.definition.Task)
		return Step{}, t.broken
	}
	if t.folder == nil {
		return step, nil
	}
	return step, errors.WithMessage(t.folder.Log(t.steps, step), t.definition.Task)
}

// arguments returns tensors as what a program is called with.
func arguments[T any](inputs []T) []any {
	list := make([]any, len(inputs))
	for i, input := range inputs {
		list[i] = input
	}
	return list
}
