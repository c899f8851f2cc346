package augment

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// Padding says what lies outside an image.
type Padding int

// The paddings.
const (
	PadZeros   Padding = iota // 0, the grey in the middle of [-1, 1].
	PadReflect                // The image mirrored at its outermost pixels, again and again: c b [a b c d] c b a b.
	PadEdge                   // Its outermost pixels, again and again: a a [a b c d] d d.
)

// Affine returns images whose pixels are taken from those of x at the places an affine map gives, interpolating
// linearly between four neighbours. matrices is shaped [batch, 2, 3]: for a pixel at (column, row) of the result,
// matrix · (column, row, 1) is the place in x. Columns and rows are measured from -1 at the outer edge of the first pixel
// to 1 at that of the last. With PadZeros it equals PyTorch's grid_sample(x, affine_grid(matrices), align_corners=False).
//
// The matrices count as constants: the derivative with respect to them is zero.
func Affine(x, matrices *Node, padding Padding) *Node {
	checkImages("Affine", x)
	if matrices.Rank() != 3 || matrices.Shape().Dim(0) != x.Shape().Dim(0) || matrices.Shape().Dim(1) != 2 || matrices.Shape().Dim(2) != 3 {
		Panicf("Affine: matrices must be shaped [%d, 2, 3], got %s", x.Shape().Dim(0), matrices.Shape())
	}
	element := func(row, column int) *Node {
		return Reshape(Slice(matrices, AxisRange(), AxisElem(row), AxisElem(column)), -1)
	}
	height, width := float64(x.Shape().Dim(1)), float64(x.Shape().Dim(2))
	return lookup{ // In pixels.
		xx: element(0, 0), xy: MulScalar(element(0, 1), width/height), x0: MulScalar(element(0, 2), width/2),
		yx: MulScalar(element(1, 0), height/width), yy: element(1, 1), y0: MulScalar(element(1, 2), height/2),
	}.apply(x, padding)
}

// Translate moves each image down and to the right by whole pixels, up and to the left where these are negative. What
// moves in is 0. down and right are shaped [batch], in x's dtype.
func Translate(x, down, right *Node) *Node {
	checkImages("Translate", x)
	perExample("Translate", down, x)
	perExample("Translate", right, x)
	rows, columns := positions(x)
	return pixelsOrZero(x, Sub(rows, Reshape(down, -1, 1)), Sub(columns, Reshape(right, -1, 1)))
}

// Erase sets a square of size × size pixels of each image to 0, or the part of it that lies inside. top and left, where
// the square begins, are whole numbers shaped [batch], in x's dtype, and may be negative.
func Erase(x, top, left *Node, size int) *Node {
	checkImages("Erase", x)
	inside := func(axis int, start *Node) *Node { // Of the images, 1 where the square's rows or columns are.
		i := Sub(Iota(x.Graph(), shapes.Make(x.DType(), 1, x.Shape().Dim(1), x.Shape().Dim(2), 1), axis), perExample("Erase", start, x))
		begun, over := GreaterOrEqual(i, ZerosLike(i)), LessThan(i, AddScalar(ZerosLike(i), size))
		return ConvertDType(LogicalAnd(begun, over), x.DType())
	}
	return Mul(x, OneMinus(Mul(inside(1, top), inside(2, left))))
}

// lookup is an affine map from the pixels of a result to places in an image, both in pixels from the middle of the
// picture: x = xx·x' + xy·y' + x0, y = yx·x' + yy·y' + y0. All are shaped [batch].
type lookup struct {
	xx, xy, x0 *Node
	yx, yy, y0 *Node
}

// identity returns the map that leaves the images as they are.
func identity(like *Node) lookup {
	one, zero := OnesLike(like), ZerosLike(like)
	return lookup{xx: one, xy: zero, x0: zero, yx: zero, yy: one, y0: zero}
}

// translated returns the map for the images moved by (dx, dy) once they have gone through m.
func (m lookup) translated(dx, dy *Node) lookup {
	m.x0 = Sub(m.x0, Add(Mul(m.xx, dx), Mul(m.xy, dy)))
	m.y0 = Sub(m.y0, Add(Mul(m.yx, dx), Mul(m.yy, dy)))
	return m
}

// scaled returns the map for the images made sx times as wide and sy times as high once they have gone through m.
func (m lookup) scaled(sx, sy *Node) lookup {
	m.xx, m.xy = Div(m.xx, sx), Div(m.xy, sy)
	m.yx, m.yy = Div(m.yx, sx), Div(m.yy, sy)
	return m
}

// rotated returns the map for the images turned by an angle once they have gone through m, given its cosine and sine;
// positive angles turn the axis of columns towards that of rows, clockwise to the eye.
func (m lookup) rotated(cos, sin *Node) lookup {
	turn := func(a, b *Node) (*Node, *Node) { // (a, b) times the inverse of [[cos, -sin], [sin, cos]].
		return Sub(Mul(a, cos), Mul(b, sin)), Add(Mul(a, sin), Mul(b, cos))
	}
	m.xx, m.xy = turn(m.xx, m.xy)
	m.yx, m.yy = turn(m.yx, m.yy)
	return m
}

// apply looks up each pixel of the result in x.
func (m lookup) apply(x *Node, padding Padding) *Node { return m.applyAt(x, nil, padding) }

// applyAt is apply with places displaced, before they are mapped, by numbers of rows and of columns, each shaped [batch,
// height·width]; nil displaces nothing.
func (m lookup) applyAt(x *Node, displacements []*Node, padding Padding) *Node {
	settled := settle(m.xx, m.xy, m.x0, m.yx, m.yy, m.y0)
	m = lookup{xx: settled[0], xy: settled[1], x0: settled[2], yx: settled[3], yy: settled[4], y0: settled[5]}
	height, width := x.Shape().Dim(1), x.Shape().Dim(2)
	middleRow, middleColumn := float64(height-1)/2, float64(width-1)/2
	rows, columns := positions(x)
	rows, columns = AddScalar(rows, -middleRow), AddScalar(columns, -middleColumn)
	if displacements != nil {
		rows, columns = Add(rows, displacements[0]), Add(columns, displacements[1])
	}
	place := func(alongX, alongY, start *Node, middle float64) *Node {
		sum := Add(Mul(Reshape(alongX, -1, 1), columns), Mul(Reshape(alongY, -1, 1), rows))
		return AddScalar(Add(sum, Reshape(start, -1, 1)), middle)
	}
	y := place(m.yx, m.yy, m.y0, middleRow)
	u := place(m.xx, m.xy, m.x0, middleColumn)
	switch padding {
	case PadReflect:
		y, u = reflected(y, height), reflected(u, width)
	case PadEdge:
		y, u = ClipScalar(y, 0, float64(height-1)), ClipScalar(u, 0, float64(width-1))
	}
	return bilinear(x, StopGradient(y), StopGradient(u))
}

// positions returns the row and the column of each pixel of an image, shaped [1, height·width], in x's dtype.
func positions(x *Node) (rows, columns *Node) {
	shape := shapes.Make(x.DType(), 1, x.Shape().Dim(1), x.Shape().Dim(2))
	return Reshape(Iota(x.Graph(), shape, 1), 1, -1), Reshape(Iota(x.Graph(), shape, 2), 1, -1)
}

// reflected folds places along an axis back between its first and its last pixel.
func reflected(places *Node, size int) *Node {
	if size == 1 {
		return ZerosLike(places)
	}
	last := float64(size - 1)
	period := 2 * last
	places = Sub(places, MulScalar(Floor(MulScalar(places, 1/period)), period)) // In [0, period].
	return AddScalar(Neg(Abs(AddScalar(places, -last))), last)
}

// bilinear returns the images' values at places given in pixels, [batch, height·width], between which it interpolates.
func bilinear(x, rows, columns *Node) *Node {
	top, left := Floor(rows), Floor(columns)
	below, right := Sub(rows, top), Sub(columns, left) // The weights of the neighbours below and to the right.
	weigh := func(weight, rows, columns *Node) *Node {
		return Mul(pixelsOrZero(x, rows, columns), Reshape(weight, append(x.Shape().Dimensions[:3:3], 1)...))
	}
	upper := Add(
		weigh(Mul(OneMinus(below), OneMinus(right)), top, left),
		weigh(Mul(OneMinus(below), right), top, OnePlus(left)))
	lower := Add(
		weigh(Mul(below, OneMinus(right)), OnePlus(top), left),
		weigh(Mul(below, right), OnePlus(top), OnePlus(left)))
	return Add(upper, lower)
}

// pixelsOrZero returns the images' values at whole rows and columns, [batch, height·width], and 0 outside. The result
// is shaped as x.
func pixelsOrZero(x, rows, columns *Node) *Node {
	batch, height, width, channels := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2), x.Shape().Dim(3)
	clipped := func(i *Node, size int) (index, isInside *Node) {
		kept := ClipScalar(i, 0, float64(size-1))
		return ConvertDType(kept, dtypes.Int32), Equal(kept, i)
	}
	row, rowInside := clipped(rows, height)
	column, columnInside := clipped(columns, width)
	example := Iota(x.Graph(), shapes.Make(dtypes.Int32, batch, height*width), 0)
	index := Add(MulScalar(example, height*width), Add(MulScalar(row, width), column))
	values := Gather(Reshape(x, -1, channels), Reshape(index, -1, 1))
	isInside := ConvertDType(LogicalAnd(rowInside, columnInside), x.DType())
	return Mul(Reshape(values, batch, height, width, channels), Reshape(isInside, batch, height, width, 1))
}
