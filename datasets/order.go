package datasets

import (
	"iter"
	"math/rand/v2"

	"github.com/pkg/errors"
)

// order is the order in which a training goes through the examples of a data set, batch by batch and without end. Every
// epoch is another one, which depends on the seed and on the number of the epoch alone.
type order struct {
	name      string // Of the data set.
	count     int    // Of its examples.
	batchSize int
	seed      int64
	start     int // The batch to start at.
}

// newOrder returns an order, and an error if there is no batch of that size.
func newOrder(name string, count, batchSize int, seed int64) (order, error) {
	if batchSize < 1 {
		return order{}, errors.Errorf("datasets: a batch of %d examples is too small; it takes at least 1", batchSize)
	}
	if batchSize > count {
		return order{}, errors.Errorf("datasets: a batch of %d examples is larger than %s, which has %d; choose a smaller batch",
			batchSize, name, count)
	}
	return order{name: name, count: count, batchSize: batchSize, seed: seed}, nil
}

// Name returns the name of the data set.
func (o *order) Name() string { return o.name }

// BatchSize returns the number of examples of a batch.
func (o *order) BatchSize() int { return o.batchSize }

// PerEpoch returns the number of batches in one pass over the data set.
func (o *order) PerEpoch() int { return o.count / o.batchSize }

// Seek makes Iter start at this batch, counted from 0 at the start of epoch 0, as if it had gone through all those
// before. So a training run resumes without replaying what it has seen.
func (o *order) Seek(batch int) { o.start = batch }

// check returns an error if there is no batch to start at.
func (o *order) check() error {
	if o.start < 0 {
		return errors.Errorf("datasets: %s: there is no batch %d to start at", o.name, o.start)
	}
	return nil
}

// batches returns the numbers of the examples of one batch after another, from the one to start at on. It never ends.
func (o *order) batches() iter.Seq[[]int32] {
	epoch, first := o.start/o.PerEpoch(), o.start%o.PerEpoch()
	return func(yield func([]int32) bool) {
		for ; ; epoch, first = epoch+1, 0 {
			numbers := o.epoch(epoch)
			for i := first; i < o.PerEpoch(); i++ {
				if !yield(numbers[i*o.batchSize : (i+1)*o.batchSize]) {
					return
				}
			}
		}
	}
}

// epoch returns all examples in the order in which the epoch visits them.
func (o *order) epoch(epoch int) []int32 {
	numbers := make([]int32, o.count)
	for i := range numbers {
		numbers[i] = int32(i)
	}
	rand.New(rand.NewPCG(uint64(o.seed), uint64(epoch))).Shuffle(len(numbers), func(i, j int) {
		numbers[i], numbers[j] = numbers[j], numbers[i]
	})
	return numbers
}

// labelsOf returns the labels of the examples with these numbers.
func labelsOf(labels, numbers []int32) []int32 {
	some := make([]int32, len(numbers))
	for i, number := range numbers {
		some[i] = labels[number]
	}
	return some
}

// drawNumbers returns n different numbers below count, or all of them if there are fewer, drawn by the seed.
func drawNumbers(count, n int, seed int64) []int {
	return rand.New(rand.NewPCG(uint64(seed), 0)).Perm(count)[:min(n, count)]
}
