package translate

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"
)

// Jitter moves and mirrors the pictures that a training learns from, drawn anew in each step: pix2pix's random jitter
// (section 6.2). Partners are moved alike; pictures without partner each for itself. The zero value leaves them as they are.
type Jitter struct {
	// Crop enlarges pictures by this part of their size before a square of their own size is cut out, all places equally
	// likely: 30/256, the papers', makes 286 pixels of 256. They are enlarged by bicubic interpolation, as the authors' code
	// does, and cut at whole pixels.
	Crop float64 `json:"crop,omitempty"`
	Flip bool    `json:"flip,omitempty"` // Every other picture is mirrored, left to right.
}

// PaperJitter is that of both papers.
var PaperJitter = Jitter{Crop: 30. / 256, Flip: true}

// Check returns an error if Crop is out of range.
func (j Jitter) Check() error {
	if j.Crop >= 0 && j.Crop <= 1 {
		return nil
	}
	return errors.Errorf("translate: Jitter.Crop must be in [0, 1], got %g; %g is the papers'", j.Crop, PaperJitter.Crop)
}

// margin returns by how many pixels pictures of the size are enlarged.
func (j Jitter) margin(size int) int { return int(math.Round(j.Crop * float64(size))) }

// draws draws what moves a batch of pictures, numbers from U[0, 1) shaped [3, batch]; nil if they stay as they are.
func (j Jitter) draws(scope *model.Scope, g *Graph, batch int) *Node {
	if j == (Jitter{}) {
		return nil
	}
	return scope.RandomUniform(g, shapes.Make(dtypes.Float32, 3, batch))
}

// apply moves images, shaped [batch, size, size, channels], by the draws.
func (j Jitter) apply(images, draws *Node) *Node {
	if draws == nil {
		return images
	}
	row := func(i int) *Node { return Squeeze(Slice(draws, AxisElem(i)), 0) } // [batch]
	size := images.Shape().Dim(1)
	margin := j.margin(size)
	flips := LessThan(row(2), Const(draws.Graph(), float32(0.5)))
	if margin == 0 {
		if !j.Flip {
			return images
		}
		return Where(flips, Reverse(images, 2), images)
	}
	offset := func(i int) *Node { return MinScalar(Floor(MulScalar(row(i), margin+1)), margin) }
	pixels := Iota(draws.Graph(), shapes.Make(dtypes.Float32, 1, size), 1)
	rows := Add(pixels, Reshape(offset(0), -1, 1)) // [batch, size], of the enlarged pictures
	columns := Add(pixels, Reshape(offset(1), -1, 1))
	if j.Flip {
		mirrored := Add(AddScalar(Neg(pixels), size-1), Reshape(offset(1), -1, 1))
		columns = Where(flips, mirrored, columns)
	}
	images = Einsum("boi,biwc->bowc", bicubic(rows, size, size+margin), images)
	images = Einsum("boi,bhic->bhoc", bicubic(columns, size, size+margin), images)
	return ClipScalar(images, -1, 1) // The kernel overshoots at edges.
}

// bicubic returns the weights with which pixels of a row of size pixels make up those of the row enlarged, at the places given,
// shaped [batch, places]; the result is shaped [batch, places, size]. The kernel is Keys' with a = -1/2, and weights beyond the
// edges go to the others, as in Pillow's Image.resize.
func bicubic(places *Node, size, enlarged int) *Node {
	const a = -0.5
	centres := AddScalar(MulScalar(AddScalar(places, 0.5), float64(size)/float64(enlarged)), -0.5)
	pixels := Iota(places.Graph(), shapes.Make(dtypes.Float32, 1, 1, size), 2)
	d := Abs(Sub(InsertAxes(centres, -1), pixels))
	near := OnePlus(Mul(Square(d), AddScalar(MulScalar(d, a+2), -(a+3))))              // (a+2)d³ - (a+3)d² + 1
	far := MulScalar(AddScalar(Mul(d, AddScalar(Mul(d, AddScalar(d, -5)), 8)), -4), a) // a(d³ - 5d² + 8d - 4)
	weights := Where(LessThan(d, OnesLike(d)), near, Where(LessThan(d, MulScalar(OnesLike(d), 2)), far, ZerosLike(d)))
	return Div(weights, ReduceAndKeep(weights, ReduceSum, 2))
}
