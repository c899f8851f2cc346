package feed_test

import (
	"io"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/feed"
)

// numbers is data of a few batches, each its own number, that ends.
type numbers struct {
	n      int
	broken int // The batch that is an error, from 1 on.
}

func (numbers) Name() string { return "numbers" }
func (d numbers) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		for i := range d.n {
			var err error
			if i+1 == d.broken {
				err = io.ErrUnexpectedEOF
			}
			if !yield(train.Batch{Inputs: []*tensors.Tensor{tensors.FromValue(int32(i))}}, err) {
				return
			}
		}
	}
}

// endless is the same without end, from wherever Seek says.
type endless struct{ from int }

func (*endless) Name() string     { return "endless" }
func (d *endless) Seek(batch int) { d.from = batch }
func (d *endless) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		for i := d.from; yield(train.Batch{Inputs: []*tensors.Tensor{tensors.FromValue(int32(i % 3))}}, nil); i++ {
		}
	}
}

// first returns the numbers of the first batches, and the error after them.
func first(data train.Dataset, position, n int) (got []int32, err error) {
	for batch, err := range feed.From(data, position) {
		if err != nil {
			return got, err
		}
		if got = append(got, tensors.ToScalar[int32](batch.Inputs[0])); len(got) == n {
			break
		}
	}
	return got, nil
}

func TestFrom(t *testing.T) {
	for _, position := range []int{0, 2, 7} {
		want := []int32{}
		for i := range 7 {
			want = append(want, int32((position+i)%3))
		}
		for _, data := range []train.Dataset{numbers{n: 3}, &endless{}} {
			if got, err := first(data, position, len(want)); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s from %d: got %v, %v, want %v", data.Name(), position, got, err, want)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	if _, err := first(numbers{}, 0, 1); err == nil || !strings.Contains(err.Error(), `data "numbers" has no batch`) {
		t.Errorf("without a batch: %v", err)
	}
	got, err := first(numbers{n: 3, broken: 2}, 0, 3)
	if !errors.Is(err, io.ErrUnexpectedEOF) || len(got) != 1 {
		t.Errorf("of a broken batch: %v after %v", err, got)
	}
}
