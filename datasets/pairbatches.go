package datasets

import (
	"iter"
	"sync"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/pkg/errors"
)

// PairBatches is Pairs as an endless train.Dataset. Every epoch goes through the pairs once in another order, which depends
// on the seed and on the number of the epoch alone; what is left of an epoch after its last whole batch is dropped. Of
// unpaired pictures each side has an order and epochs of its own, so that the larger side is seen whole, too, and chance says
// which pictures meet.
//
// The inputs of a batch are all pictures of A, uint8 [N, height, width, channels], all of B, and the indices of the batch's
// pictures in each, int32 [batchSize]; paired indices are equal. The first two are the same tensors in all batches, so that
// they go to the device once: finalize the others after use, but not these (Batch.Finalize would). There are no labels.
type PairBatches struct {
	a, b   order
	paired bool
	tables [2]*tensors.Tensor
	hash   func() string // Of the pairs, computed when first asked for.
}

var _ train.Dataset = (*PairBatches)(nil)

// Batches returns the pairs cut into batches of batchSize from each side, shuffled by seed. The pictures are copied: changing
// the pairs afterwards does not change them. It is an error if batchSize is larger than a side.
func (p *Pairs) Batches(batchSize int, seed int64) (*PairBatches, error) {
	batches := &PairBatches{paired: p.Paired, hash: sync.OnceValue(p.Hash)}
	for i, side := range []*Set{p.A, p.B} {
		if err := side.check(); err != nil {
			return nil, err
		}
		dimensions := append([]int{side.Len()}, side.Shape...)
		batches.tables[i] = tensors.FromFlatDataAndDimensions(side.Pixels, dimensions...)
	}
	if p.Paired && p.A.Len() != p.B.Len() {
		return nil, errors.Errorf("datasets: %s: pairs have as many pictures on either side, got %d and %d", p.Name, p.A.Len(), p.B.Len())
	}
	var err error
	if batches.a, err = newOrder(p.Name, p.A.Len(), batchSize, seed); err != nil {
		return nil, err
	}
	// Of sides with as many pictures each, equal seeds would let the same ones meet in every epoch.
	batches.b, err = newOrder(p.Name, p.B.Len(), batchSize, ^seed)
	return batches, err
}

// Name returns the name of the pairs.
func (b *PairBatches) Name() string { return b.a.name }

// Hash returns the hash of the pairs, see Pairs.Hash.
func (b *PairBatches) Hash() string { return b.hash() }

// BatchSize returns the number of pictures of a batch from each side.
func (b *PairBatches) BatchSize() int { return b.a.batchSize }

// PerEpoch returns the number of batches in one pass over the pairs, of unpaired pictures over the larger side.
func (b *PairBatches) PerEpoch() int { return max(b.a.PerEpoch(), b.b.PerEpoch()) }

// Kept returns 2: so many first inputs stay the same tensors in all batches.
func (b *PairBatches) Kept() int { return 2 }

// Seek makes Iter start at this batch, counted from 0 at the start, as if it had gone through all those before.
func (b *PairBatches) Seek(batch int) {
	b.a.Seek(batch)
	b.b.Seek(batch)
}

// Iter returns the batches from the one given to Seek on, or from the first; it never ends. Every call starts there anew.
// The error is always nil, unless Seek was given a negative number.
func (b *PairBatches) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		if err := b.a.check(); err != nil {
			yield(train.Batch{}, err)
			return
		}
		others, stop := iter.Pull(b.b.batches())
		defer stop()
		for numbers := range b.a.batches() {
			partners := numbers
			if !b.paired {
				partners, _ = others()
			}
			if !yield(b.batch(numbers, partners), nil) {
				return
			}
		}
	}
}

// batch returns the batch of A's and B's pictures with these numbers.
func (b *PairBatches) batch(numbers, partners []int32) train.Batch {
	return train.Batch{Inputs: []*tensors.Tensor{
		b.tables[0], b.tables[1],
		tensors.FromFlatDataAndDimensions(numbers, len(numbers)), tensors.FromFlatDataAndDimensions(partners, len(partners)),
	}}
}
