package datasets

import (
	"iter"
	"math/rand/v2"
	"sync"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/pkg/errors"
)

// Batches is a Set as an endless train.Dataset. Every epoch goes through the set once in another order, which depends on
// the seed and on the number of the epoch alone; what is left of an epoch after its last whole batch is dropped.
//
// The inputs of a batch are the whole set, a tensor uint8 [N, height, width, channels] (float32 [N, 2] for points), and
// the indices of the batch's examples in it, int32 [batchSize]. The first is one and the same tensor in all batches, so
// that it goes to the device once: finalize the indices and labels after use, but not the table (Batch.Finalize would).
// If the set has labels, those of the batch are an int32 [batchSize].
type Batches struct {
	set       *Set
	table     *tensors.Tensor
	batchSize int
	seed      int64
	start     int           // The batch at which Iter starts.
	hash      func() string // Of the set, computed when first asked for.
}

var _ train.Dataset = (*Batches)(nil)

// Batches returns the set cut into batches of batchSize examples, shuffled by seed. The pictures are copied: changing the
// set afterwards does not change them. It is an error if batchSize is larger than the set.
func (s *Set) Batches(batchSize int, seed int64) (*Batches, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if batchSize < 1 {
		return nil, errors.Errorf("datasets: a batch of %d examples is too small; it takes at least 1", batchSize)
	}
	if batchSize > s.Len() {
		return nil, errors.Errorf("datasets: a batch of %d examples is larger than %s, which has %d; choose a smaller batch",
			batchSize, s.Name, s.Len())
	}
	dimensions := append([]int{s.Len()}, s.Shape...)
	b := &Batches{set: s, batchSize: batchSize, seed: seed, hash: sync.OnceValue(s.Hash)}
	if s.Points != nil {
		b.table = tensors.FromFlatDataAndDimensions(s.Points, dimensions...)
	} else {
		b.table = tensors.FromFlatDataAndDimensions(s.Pixels, dimensions...)
	}
	return b, nil
}

// Name returns the name of the set.
func (b *Batches) Name() string { return b.set.Name }

// Hash returns the hash of the set, see Set.Hash.
func (b *Batches) Hash() string { return b.hash() }

// BatchSize returns the number of examples of a batch.
func (b *Batches) BatchSize() int { return b.batchSize }

// PerEpoch returns the number of batches in one pass over the set.
func (b *Batches) PerEpoch() int { return b.set.Len() / b.batchSize }

// Seek makes Iter start at this batch, counted from 0 at the start of epoch 0, as if it had gone through all those
// before. So a training run resumes without replaying what it has seen.
func (b *Batches) Seek(batch int) { b.start = batch }

// Iter returns the batches from the one given to Seek on, or from the first; it never ends. Every call starts there anew.
// The error is always nil, unless Seek was given a negative number.
func (b *Batches) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		if b.start < 0 {
			yield(train.Batch{}, errors.Errorf("datasets: %s: there is no batch %d to start at", b.set.Name, b.start))
			return
		}
		epoch, first := b.start/b.PerEpoch(), b.start%b.PerEpoch()
		for ; ; epoch, first = epoch+1, 0 {
			order := b.order(epoch)
			for i := first; i < b.PerEpoch(); i++ {
				if !yield(b.batch(order[i*b.batchSize:(i+1)*b.batchSize]), nil) {
					return
				}
			}
		}
	}
}

// order returns the examples in the order in which the epoch visits them.
func (b *Batches) order(epoch int) []int32 {
	order := make([]int32, b.set.Len())
	for i := range order {
		order[i] = int32(i)
	}
	rand.New(rand.NewPCG(uint64(b.seed), uint64(epoch))).Shuffle(len(order), func(i, j int) {
		order[i], order[j] = order[j], order[i]
	})
	return order
}

// batch returns the batch of the examples with these indices.
func (b *Batches) batch(indices []int32) train.Batch {
	batch := train.Batch{Inputs: []*tensors.Tensor{b.table, tensors.FromFlatDataAndDimensions(indices, len(indices))}}
	if b.set.Labels != nil {
		labels := make([]int32, len(indices))
		for i, index := range indices {
			labels[i] = b.set.Labels[index]
		}
		batch.Labels = []*tensors.Tensor{tensors.FromFlatDataAndDimensions(labels, len(labels))}
	}
	return batch
}
