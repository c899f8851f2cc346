package inpaint

import (
	"iter"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/feed"
)

// MaskedData is data with a mask for every picture. See WithMasks.
type MaskedData struct {
	data          train.Dataset
	masks         Masks
	height, width int
	seed          int64
	start         int // The batch to start at.
}

var (
	_ train.Dataset = (*MaskedData)(nil)
	_ gan.Seeker    = (*MaskedData)(nil)
)

// WithMasks returns the data with one more input per batch, the last one: masks, uint8 [batch, height, width, 1], 1 in the
// hole. They are drawn anew for every batch; the seed and the number of the batch decide, so that a training that goes on
// sees the same ones.
//
// The data's own inputs stay as they are: pictures, or a table of all pictures and the indices of the batch's.
func WithMasks(data train.Dataset, masks Masks, height, width int, seed int64) *MaskedData {
	return &MaskedData{data: data, masks: masks, height: height, width: width, seed: seed}
}

// Name returns the name of the data.
func (d *MaskedData) Name() string { return d.data.Name() }

// Seek makes the next iteration start at this batch.
func (d *MaskedData) Seek(batch int) { d.start = batch }

// Kept returns how many of a batch's first inputs are the same tensors in every batch. Where the data does not say, they are
// all but the indices or pictures, as gan.Trainer has it.
func (d *MaskedData) Kept() int {
	if keeps, ok := d.data.(interface{ Kept() int }); ok {
		return keeps.Kept()
	}
	for batch, err := range d.data.Iter() {
		if err != nil {
			break // The training will meet it.
		}
		return max(len(batch.Inputs)-1, 0)
	}
	return 0
}

// BatchSize returns the number of pictures of a batch, 0 if the data does not say.
func (d *MaskedData) BatchSize() int {
	if sized, ok := d.data.(interface{ BatchSize() int }); ok {
		return sized.BatchSize()
	}
	return 0
}

// Hash returns the hash of the data, "" if it has none: masks are no data.
func (d *MaskedData) Hash() string {
	if hashed, ok := d.data.(interface{ Hash() string }); ok {
		return hashed.Hash()
	}
	return ""
}

// Iter returns the batches from the one given to Seek on, or from the first; it never ends, as data that ends starts again.
func (d *MaskedData) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		if err := d.masks.Check(); err != nil {
			yield(train.Batch{}, err)
			return
		}
		number := d.start
		for batch, err := range feed.From(d.data, d.start) {
			if err != nil {
				yield(batch, err)
				return
			}
			if len(batch.Inputs) == 0 {
				yield(batch, errors.Errorf("inpaint: data %q: a batch has no input", d.Name()))
				return
			}
			count := batch.Inputs[len(batch.Inputs)-1].Shape().Dim(0)
			batch.Inputs = append(batch.Inputs[:len(batch.Inputs):len(batch.Inputs)], d.batch(number, count))
			number++
			if !yield(batch, nil) {
				return
			}
		}
	}
}

// batch returns the masks of the batch of that number.
func (d *MaskedData) batch(number, count int) *tensors.Tensor {
	pixels := make([]uint8, 0, count*d.height*d.width)
	for i := range count {
		pixels = append(pixels, d.masks.Draw(d.height, d.width, maskSeed(d.seed, number, i))...)
	}
	return tensors.FromFlatDataAndDimensions(pixels, count, d.height, d.width, 1)
}

// maskSeed returns the seed of a mask: neighbouring numbers give seeds that have nothing in common.
func maskSeed(seed int64, batch, i int) uint64 {
	z := uint64(seed)*0x9E3779B97F4A7C15 + uint64(batch)*0xBF58476D1CE4E5B9 + uint64(i)*0x94D049BB133111EB
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}
