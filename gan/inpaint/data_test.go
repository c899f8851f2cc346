package inpaint_test

import (
	"iter"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"
)

// pictures is data of batches of smooth stripes, count batches to a pass: what is hidden follows from what is not.
type pictures struct {
	count, size, channels int
	start                 int
	each                  int // Pictures of a batch; 0 means 2.
}

func (p *pictures) Name() string   { return "test" }
func (p *pictures) BatchSize() int { return max(p.each, 2) }
func (p *pictures) Hash() string   { return "pictures" }
func (p *pictures) Seek(batch int) { p.start = batch }

func (p *pictures) Iter() iter.Seq2[train.Batch, error] { return p.from(p.start, p.start+1000) }

// from returns the batches of these numbers.
func (p *pictures) from(first, end int) iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		for number := first; number < end; number++ {
			values := stripes(p.BatchSize(), p.size, p.channels, uint64(number%p.count))
			batch := train.Batch{Inputs: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(values, p.BatchSize(), p.size, p.size, p.channels)}}
			if !yield(batch, nil) {
				return
			}
		}
	}
}

// finite is data that ends after a pass and cannot seek.
type finite struct{ p *pictures }

func (f finite) Name() string                        { return f.p.Name() }
func (f finite) Iter() iter.Seq2[train.Batch, error] { return f.p.from(0, f.p.count) }

// stripes returns n square pictures, light above a line and dark below it, drawn by the seed.
func stripes(n, size, channels int, seed uint64) []uint8 {
	random := rand.New(rand.NewPCG(seed, 1))
	values := make([]uint8, 0, n*size*size*channels)
	for range n {
		slope, offset := random.Float64()-0.5, random.Float64()*float64(size)/2
		for y := range size {
			for x := range size {
				for c := range channels {
					v := uint8(40 + 10*c)
					if float64(y) < offset+float64(size)/4+slope*float64(x) {
						v = 220
					}
					values = append(values, v)
				}
			}
		}
	}
	return values
}

// tabled is data whose batches are a table, one tensor for all, and indices, as those of a datasets.Batches; it does not say
// that the table is kept.
type tabled struct{ table *tensors.Tensor }

func newTabled(count, size int) tabled {
	return tabled{tensors.FromFlatDataAndDimensions(stripes(count, size, 1, 5), count, size, size, 1)}
}

func (tabled) Name() string { return "tabled" }

func (d tabled) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		for number := int32(0); ; number++ {
			indices := tensors.FromFlatDataAndDimensions([]int32{number % 5, number % 3}, 2)
			if !yield(train.Batch{Inputs: []*tensors.Tensor{d.table, indices}}, nil) {
				return
			}
		}
	}
}
