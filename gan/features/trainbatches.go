package features

import (
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

// trainingBatches draws what the steps of a training learn from.
type trainingBatches struct {
	Training
	data     Labelled
	pictures []uint8 // Of data.
	changes  augmenter
	order    []int // What is left of this pass.
}

// newTrainingBatches returns the batches of the training, which is filled in.
func newTrainingBatches(t Training, data Labelled) (*trainingBatches, error) {
	pictures, err := tensors.CopyFlatData[uint8](data.Pictures)
	if err != nil {
		return nil, errors.WithMessage(err, "features: pictures")
	}
	random := rand.New(rand.NewPCG(uint64(t.Seed), uint64(data.len())))
	return &trainingBatches{Training: t, data: data, pictures: pictures,
		changes: augmenter{t, data.Pictures.Shape().Dimensions[1:], random}}, nil
}

// next returns the inputs of the next step: pictures, their classes or, with Soft, those' probabilities, and what the learning
// rate is multiplied by, which is given.
func (b *trainingBatches) next(rate float32) []any {
	rows := b.rows()
	return []any{b.changes.batch(b.pictures, rows), b.targets(rows), rate}
}

// rows returns the numbers of the pictures of the next batch: the next ones of this pass. What is left of a pass after its last
// whole batch is dropped, or, with Steps, begins a batch that the next pass ends.
func (b *trainingBatches) rows() []int {
	if b.Steps == 0 && len(b.order) < b.Batch {
		b.order = nil
	}
	for len(b.order) < b.Batch {
		b.order = append(b.order, b.changes.random.Perm(b.data.len())...)
	}
	rows := b.order[:b.Batch]
	b.order = b.order[b.Batch:]
	return rows
}

// targets returns the classes of the rows, int32 [batch], or their probabilities, float32 [batch, classes].
func (b *trainingBatches) targets(rows []int) *tensors.Tensor {
	if b.data.Soft == nil {
		told := make([]int32, len(rows))
		for i, row := range rows {
			told[i] = b.data.Labels[row]
		}
		return tensors.FromFlatDataAndDimensions(told, len(rows))
	}
	classes := len(b.data.Soft) / b.data.len()
	told := make([]float32, 0, len(rows)*classes)
	for _, row := range rows {
		told = append(told, b.data.Soft[row*classes:(row+1)*classes]...)
	}
	return tensors.FromFlatDataAndDimensions(told, len(rows), classes)
}

// augmenter moves and mirrors pictures.
type augmenter struct {
	Training
	shape  []int // Of a picture.
	random *rand.Rand
}

// batch returns the pictures of the rows, changed at random.
func (a augmenter) batch(pictures []uint8, rows []int) *tensors.Tensor {
	size := a.shape[0] * a.shape[1] * a.shape[2]
	batch := make([]uint8, len(rows)*size)
	for i, row := range rows {
		a.change(batch[i*size:(i+1)*size], pictures[row*size:(row+1)*size])
	}
	return tensors.FromFlatDataAndDimensions(batch, append([]int{len(rows)}, a.shape...)...)
}

// change writes the picture moved and mirrored at random to another. Pixels from outside are the nearest inside.
func (a augmenter) change(to, from []uint8) {
	height, width, channels := a.shape[0], a.shape[1], a.shape[2]
	down, right := a.random.IntN(2*a.Shift+1)-a.Shift, a.random.IntN(2*a.Shift+1)-a.Shift
	mirrored := a.Mirror && a.random.IntN(2) == 1
	for y := range height {
		row := min(max(y-down, 0), height-1) * width
		for x := range width {
			column := min(max(x-right, 0), width-1)
			if mirrored {
				column = width - 1 - column
			}
			copy(to[(y*width+x)*channels:][:channels], from[(row+column)*channels:])
		}
	}
}
