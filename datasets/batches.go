package datasets

import (
	"iter"
	"sync"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"
)

// Batches is a Set as an endless train.Dataset. Every epoch goes through the set once in another order, which depends on
// the seed and on the number of the epoch alone; what is left of an epoch after its last whole batch is dropped.
//
// The inputs of a batch are the whole set, a tensor uint8 [N, height, width, channels] (float32 [N, 2] for points), and
// the indices of the batch's examples in it, int32 [batchSize]. The first is one and the same tensor in all batches, so
// that it goes to the device once: finalize the indices and labels after use, but not the table (Batch.Finalize would).
// If the set has labels, those of the batch are an int32 [batchSize].
type Batches struct {
	order
	table  *tensors.Tensor
	labels []int32       // Of all examples, or nil.
	hash   func() string // Of the set, computed when first asked for.
}

var _ train.Dataset = (*Batches)(nil)

// Batches returns the set cut into batches of batchSize examples, shuffled by seed. The pictures are copied: changing the
// set afterwards does not change them. It is an error if batchSize is larger than the set.
func (s *Set) Batches(batchSize int, seed int64) (*Batches, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	order, err := newOrder(s.Name, s.Len(), batchSize, seed)
	if err != nil {
		return nil, err
	}
	dimensions := append([]int{s.Len()}, s.Shape...)
	b := &Batches{order: order, labels: s.Labels, hash: sync.OnceValue(s.Hash)}
	if s.Points != nil {
		b.table = tensors.FromFlatDataAndDimensions(s.Points, dimensions...)
	} else {
		b.table = tensors.FromFlatDataAndDimensions(s.Pixels, dimensions...)
	}
	return b, nil
}

// Hash returns the hash of the set, see Set.Hash.
func (b *Batches) Hash() string { return b.hash() }

// Iter returns the batches from the one given to Seek on, or from the first; it never ends. Every call starts there anew.
// The error is always nil, unless Seek was given a negative number.
func (b *Batches) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		if err := b.check(); err != nil {
			yield(train.Batch{}, err)
			return
		}
		for numbers := range b.batches() {
			if !yield(b.batch(numbers), nil) {
				return
			}
		}
	}
}

// batch returns the batch of the examples with these numbers.
func (b *Batches) batch(numbers []int32) train.Batch {
	batch := train.Batch{Inputs: []*tensors.Tensor{b.table, tensors.FromFlatDataAndDimensions(numbers, len(numbers))}}
	if b.labels != nil {
		batch.Labels = []*tensors.Tensor{tensors.FromFlatDataAndDimensions(labelsOf(b.labels, numbers), len(numbers))}
	}
	return batch
}
