package augment

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/pkg/errors"
)

// Operation is a classical change of a picture, which needs a few numbers drawn at random. It has two forms that compute
// the same from the same numbers: one inside a graph, on the device and differentiable, and one for a picture in memory.
//
// The operations are structs whose zero fields mean a mild change. Their strengths are bounds: RandomRotation{Degrees: 15}
// turns a picture by anything from -15 to 15 degrees, all angles equally likely. Values may leave [-1, 1]; Policy.Apply
// cuts them at the end, graphs do not, as a gradient should come through.
type Operation interface {
	// Name returns the operation's name in the text form of a Policy: "rotate".
	Name() string

	// Check returns an error that names the field and what it may be, if a field is out of range.
	Check() error

	// Draws returns how many numbers from U[0, 1) an example shaped [height, width, channels] needs.
	Draws(shape []int) int

	// Graph returns the changed images, shaped [batch, height, width, channels]. draws is shaped [batch, Draws(shape)], or has
	// one column if the operation needs none. Derivatives with respect to the images exist to any order.
	Graph(images, draws *Node) *Node

	// Picture returns the same for one picture, and leaves p as it is.
	Picture(p *Picture, draws []float64) *Picture
}

// Border says what lies outside a picture that is moved.
type Border string

// The borders.
const (
	BorderEdge    Border = ""        // The outermost pixel, again and again: a a [a b c d] d d.
	BorderReflect Border = "reflect" // The picture mirrored at its outermost pixels: c b [a b c d] c b.
	BorderGrey    Border = "grey"    // 0, the middle of [-1, 1].
	BorderBlack   Border = "black"   // -1.

	anyBorder Border = "any" // Of operations that never look outside.
)

// check returns an error unless the border is one of those.
func (b Border) check(operation string) error {
	switch b {
	case BorderEdge, BorderReflect, BorderGrey, BorderBlack:
		return nil
	}
	return errors.Errorf("augment: the border of %s is edge, reflect, grey or black, not %q", operation, string(b))
}

// padding returns how to look up pixels, and the value outside where that is a constant.
func (b Border) padding() (padding Padding, outside float64) {
	switch b {
	case BorderReflect:
		return PadReflect, 0
	case BorderGrey:
		return PadZeros, 0
	case BorderBlack:
		return PadZeros, -1
	}
	return PadEdge, 0
}

// checkRange returns an error unless low ≤ value ≤ high.
func checkRange(operation, field string, value, low, high float64) error {
	if value >= low && value <= high {
		return nil
	}
	return errors.Errorf("augment: the %s of %s is from %g to %g, not %g", field, operation, low, high, value)
}

// between returns the number from [low, high) that a number u from [0, 1) stands for.
func between(u, low, high float64) float64 { return low + (high-low)*u }

// betweenEach is between for the numbers of column i of draws, [batch, n], and returns [batch].
func betweenEach(draws *Node, i int, low, high float64) *Node {
	return AddScalar(MulScalar(column(draws, i), high-low), low)
}

// column returns column i of draws, [batch, n], as [batch].
func column(draws *Node, i int) *Node {
	return Reshape(Slice(draws, AxisRange(), AxisElem(i)), -1)
}

const degree = math.Pi / 180
