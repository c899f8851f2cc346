package datasets

import (
	"iter"
	"runtime"
	"sync"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/pkg/errors"
)

// DefaultMemory is how many bytes of decoded pictures StreamBatches hold if nothing else is said: 1 GiB.
const DefaultMemory = 1 << 30

// batchesAhead is how many batches are decoded ahead of the one that is trained on, where the budget allows it.
const batchesAhead = 4

// StreamBatches is a Stream as an endless train.Dataset. It goes through the pictures in the order in which Batches goes
// through a Set of as many examples with the same seed and size of batches.
//
// The input of a batch are its pictures, uint8 [batchSize, height, width, channels]; if the stream has labels, those of the
// batch are an int32 [batchSize]. Both are the caller's, to finalize after use (Batch.Finalize).
//
// Pictures are decoded on all processors ahead of whoever asks for batches, and kept for later epochs as far as there is
// room. What is kept serves all passes of Iter.
type StreamBatches struct {
	order
	stream  *Stream
	decoded *decodedPictures
	ahead   int       // Batches.
	buffers sync.Pool // Of pixels of a batch, used again.
}

var _ train.Dataset = (*StreamBatches)(nil)

// Batches returns the stream cut into batches of batchSize pictures, shuffled by seed. At any time it holds at most budget
// bytes of decoded pictures, 0 meaning DefaultMemory, but always room for three batches: the one handed out last, one that
// is ready and one that is being decoded. With a budget of all pictures and six batches each picture is decoded once. It
// is an error if batchSize is larger than the stream.
func (s *Stream) Batches(batchSize int, seed int64, budget int64) (*StreamBatches, error) {
	order, err := newOrder(s.Name, s.Len(), batchSize, seed)
	if err != nil {
		return nil, err
	}
	if budget < 0 {
		return nil, errors.Errorf("datasets: %s: a budget of %d bytes cannot be; give at least 1, or 0 for the default", s.Name, budget)
	}
	if budget == 0 {
		budget = DefaultMemory
	}
	size := s.pictureSize()
	batch := int64(batchSize) * int64(size)
	// A batch is being decoded and another is with the caller, besides those that wait between them. These get a quarter of
	// the budget.
	ahead := min(max(budget/4/batch-2, 1), batchesAhead)
	return &StreamBatches{
		order: order, stream: s, ahead: int(ahead),
		decoded: newDecodedPictures(s.Len(), size, budget-(ahead+2)*batch),
		buffers: sync.Pool{New: func() any { pixels := make([]uint8, batch); return &pixels }},
	}, nil
}

// Hash returns the hash of the stream, see Stream.Hash.
func (b *StreamBatches) Hash() string { return b.stream.Hash() }

// Iter returns the batches from the one given to Seek on, or from the first; it never ends but with an error: of a picture
// that cannot be read or has changed, in the batch that needs it. Decoding starts and ends with the iteration.
func (b *StreamBatches) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		if err := b.check(); err != nil {
			yield(train.Batch{}, err)
			return
		}
		done := make(chan struct{})
		var working sync.WaitGroup
		defer working.Wait()
		defer close(done)
		for next := range b.decodeAhead(done, &working) {
			next.missing.Wait()
			if next.err != nil {
				yield(train.Batch{}, next.err)
				return
			}
			if !yield(b.batch(next), nil) {
				return
			}
		}
	}
}

// decoding is a batch in the making.
type decoding struct {
	numbers []int32
	pixels  []uint8
	buffer  *[]uint8       // The pixels, for the pool.
	missing sync.WaitGroup // Pictures.

	mutex  sync.Mutex
	err    error // Of the first picture that is broken.
	broken int   // Its place in the batch.
}

// fail notes that the picture at a place is broken.
func (d *decoding) fail(place int, err error) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.err == nil || place < d.broken {
		d.err, d.broken = err, place
	}
}

// task is a picture to decode.
type task struct {
	batch *decoding
	place int
}

// decodeAhead returns the batches in their order, some of which may not be whole yet, until done is closed. All that works
// on them is added to working.
func (b *StreamBatches) decodeAhead(done <-chan struct{}, working *sync.WaitGroup) <-chan *decoding {
	ready, tasks := make(chan *decoding, b.ahead), make(chan task)
	working.Go(func() {
		defer close(ready)
		defer close(tasks)
		for numbers := range b.batches() {
			buffer := b.buffers.Get().(*[]uint8)
			next := &decoding{numbers: numbers, pixels: *buffer, buffer: buffer}
			next.missing.Add(len(numbers))
			select {
			case ready <- next:
			case <-done:
				return
			}
			for place := range numbers {
				select {
				case tasks <- task{next, place}:
				case <-done:
					return
				}
			}
		}
	})
	for range runtime.GOMAXPROCS(0) {
		working.Go(func() {
			for one := range tasks {
				b.decode(one)
			}
		})
	}
	return ready
}

// decode puts a picture into its batch.
func (b *StreamBatches) decode(one task) {
	defer one.batch.missing.Done()
	number, size := one.batch.numbers[one.place], b.stream.pictureSize()
	pixels := one.batch.pixels[one.place*size : (one.place+1)*size]
	if b.decoded.get(number, pixels) {
		return
	}
	if err := b.stream.decode(int(number), pixels); err != nil {
		one.batch.fail(one.place, b.stream.unreadable(int(number), err))
		return
	}
	b.decoded.put(number, pixels)
}

// batch returns a batch that is whole. Its pixels are copied.
func (b *StreamBatches) batch(d *decoding) train.Batch {
	defer b.buffers.Put(d.buffer)
	dimensions := append([]int{len(d.numbers)}, b.stream.Shape...)
	batch := train.Batch{Inputs: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(d.pixels, dimensions...)}}
	if b.stream.Labels != nil {
		batch.Labels = []*tensors.Tensor{tensors.FromFlatDataAndDimensions(labelsOf(b.stream.Labels, d.numbers), len(d.numbers))}
	}
	return batch
}
