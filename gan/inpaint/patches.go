package inpaint

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	_ "github.com/ganymede-ml/ganymede/gan/nn/vjp" // The derivative of Pad.
)

// patches returns the patches of size×size pixels that lie stride apart in the images x, shaped
// [batch, height, width, channels], around every square of stride×stride pixels; zeros lie beyond the edges. The result is
// shaped [batch, height/stride, width/stride, size²·channels]. The stride must divide the size, the height and the width, and
// size less stride must be even.
//
// A patch is kept as squares of stride×stride pixels, row by row, each row by row: what overlap takes.
func patches(x *Node, size, stride int) *Node {
	batch, channels := x.Shape().Dim(0), x.Shape().Dim(3)
	rows, columns := x.Shape().Dim(1)/stride, x.Shape().Dim(2)/stride
	reach, beyond := size/stride, (size-stride)/2
	around := PadAxis{Start: beyond, End: beyond}
	x = Pad(x, ScalarZero(x.Graph(), x.DType()), PadAxis{}, around, around, PadAxis{})
	if stride > 1 {
		x = Reshape(x, batch, rows+reach-1, stride, columns+reach-1, stride, channels)
		x = TransposeAllAxes(x, 0, 1, 3, 2, 4, 5)
		x = Reshape(x, batch, rows+reach-1, columns+reach-1, stride*stride*channels)
	}
	parts := make([]*Node, 0, reach*reach)
	for i := range reach {
		for j := range reach {
			parts = append(parts, Slice(x, AxisRange(), AxisRange(i, i+rows), AxisRange(j, j+columns), AxisRange()))
		}
	}
	return Concatenate(parts, 3)
}

// overlap is the other way round: it returns the images, shaped [batch, stride·rows, stride·columns, channels], whose pixels
// are the means of those of the patches, shaped [batch, rows, columns, size²·channels], that lie over them.
func overlap(x *Node, size, stride int) *Node {
	batch, rows, columns := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2)
	reach, beyond := size/stride, (size-stride)/2
	length := x.Shape().Dim(3) / (reach * reach) // Of a square: stride²·channels.
	var sum *Node
	for i := range reach {
		for j := range reach {
			part := SliceAxis(x, 3, AxisRange((i*reach+j)*length, (i*reach+j+1)*length))
			part = Pad(part, ScalarZero(x.Graph(), x.DType()), PadAxis{},
				PadAxis{Start: i, End: reach - 1 - i}, PadAxis{Start: j, End: reach - 1 - j}, PadAxis{})
			if sum == nil {
				sum = part
			} else {
				sum = Add(sum, part)
			}
		}
	}
	counts := Mul(coverage(x.Graph(), x.DType(), rows, reach, 1), coverage(x.Graph(), x.DType(), columns, reach, 2))
	sum = Div(sum, counts)
	height, width := (rows+reach-1)*stride, (columns+reach-1)*stride
	if stride > 1 {
		sum = Reshape(sum, batch, rows+reach-1, columns+reach-1, stride, stride, -1)
		sum = TransposeAllAxes(sum, 0, 1, 3, 2, 4, 5)
	}
	sum = Reshape(sum, batch, height, width, length/(stride*stride))
	return Slice(sum, AxisRange(), AxisRange(beyond, height-beyond), AxisRange(beyond, width-beyond), AxisRange())
}

// coverage returns how many of count patches, one square apart and reach squares long, lie over each square, along an axis of
// images.
func coverage(g *Graph, dtype dtypes.DType, count, reach, axis int) *Node {
	over := make([]float64, count+reach-1)
	for start := range count {
		for i := range reach {
			over[start+i]++
		}
	}
	dimensions := []int{1, 1, 1, 1}
	dimensions[axis] = len(over)
	return ConvertDType(Const(g, tensors.FromFlatDataAndDimensions(over, dimensions...)), dtype)
}

// everyNth returns every nth pixel of the images x along both axes, from the first on.
func everyNth(x *Node, n int) *Node {
	if n == 1 {
		return x
	}
	return Slice(x, AxisRange(), AxisRange().Stride(n), AxisRange().Stride(n), AxisRange())
}

// padTo returns the images x, shaped [batch, height, width, channels], with as many more rows below and columns to the right
// as make both a multiple, mirrored at the last row and column.
func padTo(x *Node, multiple int) *Node {
	for _, axis := range []int{1, 2} {
		size := x.Shape().Dim(axis)
		if more := (multiple - size%multiple) % multiple; more > 0 {
			mirrored := Reverse(SliceAxis(x, axis, AxisRange(size-1-more, size-1)), axis)
			x = Concatenate([]*Node{x, mirrored}, axis)
		}
	}
	return x
}

// cropTo returns the first rows and columns of the images x, as many as the shape has.
func cropTo(x *Node, shape shapes.Shape) *Node {
	if x.Shape().Dim(1) == shape.Dim(1) && x.Shape().Dim(2) == shape.Dim(2) {
		return x
	}
	return Slice(x, AxisRange(), AxisRange(0, shape.Dim(1)), AxisRange(0, shape.Dim(2)), AxisRange())
}
