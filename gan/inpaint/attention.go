package inpaint

import (
	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// ContextualAttentionBuilder configures contextual attention. Create it with ContextualAttention, and call Done.
type ContextualAttentionBuilder struct {
	x, masks *Node
	rate     int
	scale    float64
	fuse     bool
}

// ContextualAttention prepares contextual attention over features x, shaped [batch, height, width, channels]: every place
// is put together anew from patches of known places that are like it ("Generative Image Inpainting with Contextual
// Attention", Yu et al. 2018, https://arxiv.org/abs/1801.07892, section 4). Its result is shaped like x. Masks, shaped
// [batch, height, width, 1], are 1 in holes; nil means that all is known. Nothing in it is learned.
//
// At rate r, every r-th feature along both axes is compared: the similarity of two places is the inner product of the 3×3
// patch around the one with that around the other divided by its length (zeros beyond the edge). Neighbouring places shall
// take from neighbouring places: similarities are summed along diagonals of three places, first to the left and right,
// then up and down. Times 10, a softmax over all known places makes them weights; and by these the 2r×2r patches of x
// (3×3 at rate 1) are added up, r apart, where patches overlap their mean.
//
// A place is known if its whole patch is. Where a picture has none such, it is known if it is itself outside the hole; where
// it has not even that, the result is 0.
//
// As the paper's figures and the programs it is known by have it, similarities are summed before the softmax; the paper's
// text sums after it. Patches that hold a bit of hole get no weight at all; those programs give them similarity 0 and drop
// their weight, so that weights do not sum to 1.
func ContextualAttention(x, masks *Node) *ContextualAttentionBuilder {
	if x.Rank() != 4 {
		Panicf("inpaint: contextual attention: x must be shaped [batch, height, width, channels], got %s", x.Shape())
	}
	if masks != nil && (masks.Rank() != 4 || masks.Shape().Dim(1) != x.Shape().Dim(1) || masks.Shape().Dim(2) != x.Shape().Dim(2)) {
		Panicf("inpaint: contextual attention: masks for x shaped %s must be [batch, height, width, 1], got %s", x.Shape(), masks.Shape())
	}
	return &ContextualAttentionBuilder{x: x, masks: masks, rate: 2, scale: 10, fuse: true}
}

// Rate sets how far apart the places are that are compared, 1 or an even number that divides height and width. The default is
// 2.
func (b *ContextualAttentionBuilder) Rate(rate int) *ContextualAttentionBuilder {
	b.rate = rate
	return b
}

// Fuse sets whether similarities are summed along diagonals; the default is true.
func (b *ContextualAttentionBuilder) Fuse(fuse bool) *ContextualAttentionBuilder {
	b.fuse = fuse
	return b
}

// Done builds the attention and returns its result.
func (b *ContextualAttentionBuilder) Done() *Node {
	batch, height, width, channels := b.x.Shape().Dim(0), b.x.Shape().Dim(1), b.x.Shape().Dim(2), b.x.Shape().Dim(3)
	if b.rate < 1 || b.rate > 1 && b.rate%2 != 0 || height%b.rate != 0 || width%b.rate != 0 {
		Panicf("inpaint: contextual attention at rate %d: the rate must be 1 or even, and divide the height and width of %s", b.rate, b.x.Shape())
	}
	rows, columns := height/b.rate, width/b.rate
	places := rows * columns

	queries := Reshape(patches(everyNth(b.x, b.rate), 3, 1), batch, places, 9*channels)
	lengths := Sqrt(MaxScalar(ReduceSum(Square(queries), 2), 1e-8)) // [batch, places]
	similarity := Div(Einsum("bqd,bkd->bqk", queries, queries), InsertAxes(lengths, 1))
	if b.fuse {
		similarity = fuse(similarity, rows, columns)
	}
	similarity = MulScalar(similarity, b.scale)
	var known *Node
	if b.masks != nil {
		known = InsertAxes(knownPlaces(b.masks, b.rate), 1) // [batch, 1, places]
		similarity = Add(similarity, MulScalar(OneMinus(known), -1e9))
	}
	attention := Softmax(similarity, 2)
	if known != nil {
		attention = Mul(attention, known)
	}

	size := max(2*b.rate, 3)
	values := Reshape(patches(b.x, size, b.rate), batch, places, size*size*channels)
	mixed := Einsum("bqk,bkd->bqd", attention, values) // [batch, places, size²·channels]
	return overlap(Reshape(mixed, batch, rows, columns, size*size*channels), size, b.rate)
}

// knownPlaces returns which places, rate apart, may be taken from, shaped [batch, places]: 1 or 0, for masks of the features.
func knownPlaces(masks *Node, rate int) *Node {
	batch := masks.Shape().Dim(0)
	hole := shrinkMask(masks, rate) // [batch, rows, columns, 1]
	whole := Reshape(OneMinus(ReduceMax(patches(hole, 3, 1), 3)), batch, -1)
	centre := Reshape(OneMinus(hole), batch, -1)
	some := InsertAxes(ReduceMax(whole, 1), -1) // [batch, 1]
	return Add(Mul(some, whole), Mul(OneMinus(some), centre))
}

// shrinkMask returns masks, shaped [batch, height, width, 1], for squares of size×size pixels: 1 where a pixel is.
func shrinkMask(masks *Node, size int) *Node {
	if size == 1 {
		return masks
	}
	batch, height, width := masks.Shape().Dim(0), masks.Shape().Dim(1), masks.Shape().Dim(2)
	return ReduceMax(Reshape(masks, batch, height/size, size, width/size, size, 1), 2, 4)
}

// fuse returns similarities, shaped [batch, places, places] for places in rows, summed along diagonals: what a place takes
// from counts with what its left neighbour takes from the left neighbour of that, and so on all around.
func fuse(similarity *Node, rows, columns int) *Node {
	batch, places := similarity.Shape().Dim(0), rows*columns
	similarity = Reshape(similarity, batch, rows, columns, rows, columns)
	similarity = sumAlong(similarity, 2, 4)
	similarity = sumAlong(similarity, 1, 3)
	return Reshape(similarity, batch, places, places)
}

// sumAlong returns the sum of x with x moved by one along both axes together, and with x moved back by one; zeros come in.
func sumAlong(x *Node, axis, otherAxis int) *Node {
	sides := make([]PadAxis, x.Rank())
	sides[axis], sides[otherAxis] = PadAxis{Start: 1, End: 1}, PadAxis{Start: 1, End: 1}
	padded := Pad(x, ScalarZero(x.Graph(), x.DType()), sides...)
	sum := x
	for _, start := range []int{0, 2} {
		window := make([]SliceAxisSpec, x.Rank())
		for i := range window {
			window[i] = AxisRange()
		}
		window[axis] = AxisRange(start, start+x.Shape().Dim(axis))
		window[otherAxis] = AxisRange(start, start+x.Shape().Dim(otherAxis))
		sum = Add(sum, Slice(padded, window...))
	}
	return sum
}
