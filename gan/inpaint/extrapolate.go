package inpaint

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/ganymede-ml/ganymede/gan/nn"
)

// smoothings is how often a hole's pixels become the means of their neighbours, at each size.
const smoothings = 6

// extrapolate returns the pictures with their holes filled smoothly from around: nearly the harmonic function of the rim, of
// which each pixel is the mean of its four neighbours. It comes from solving it for pictures half as large first, down to two
// pixels, and smoothing what that gives.
func extrapolate(pictures, masks *Node) *Node {
	known := OneMinus(masks)
	pictures = Mul(pictures, known)
	x := Add(pictures, Mul(roughly(pictures, known), masks))
	for range smoothings {
		x = Add(pictures, Mul(neighbourMean(x), masks))
	}
	return x
}

// roughly returns a first guess of pictures that are 0 where they are not known.
func roughly(pictures, known *Node) *Node {
	least := Scalar(known.Graph(), known.DType(), 1e-6)
	if min(pictures.Shape().Dim(1), pictures.Shape().Dim(2)) <= 2 {
		sums, counts := ReduceAndKeep(pictures, ReduceSum, 1, 2), ReduceAndKeep(known, ReduceSum, 1, 2)
		return BroadcastToDims(Div(sums, Max(counts, least)), pictures.Shape().Dimensions...)
	}
	shares := meanOfSquares(known)
	half := Div(meanOfSquares(pictures), Max(shares, least))
	unknown := ConvertDType(Equal(shares, ScalarZero(shares.Graph(), shares.DType())), shares.DType())
	return cropTo(nn.Enlarge(extrapolate(half, unknown), 2), pictures.Shape())
}

// meanOfSquares returns the means of squares of 2×2 pixels of the images x, mirrored where a row or column is missing.
func meanOfSquares(x *Node) *Node {
	x = padTo(x, 2)
	batch, height, width, channels := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2), x.Shape().Dim(3)
	return ReduceMean(Reshape(x, batch, height/2, 2, width/2, 2, channels), 2, 4)
}

// neighbourMean returns the means of the four neighbours of each pixel of the images x, of three or two at the edges.
func neighbourMean(x *Node) *Node {
	ones := Ones(x.Graph(), shapes.Make(x.DType(), 1, x.Shape().Dim(1), x.Shape().Dim(2), 1))
	return Div(neighbourSum(x), neighbourSum(ones))
}

// neighbourSum returns the sums of the four neighbours of each pixel. Shifted copies take a fraction of the time that a
// convolution of so few channels does.
func neighbourSum(x *Node) *Node {
	height, width := x.Shape().Dim(1), x.Shape().Dim(2)
	around := PadAxis{Start: 1, End: 1}
	padded := Pad(x, ScalarZero(x.Graph(), x.DType()), PadAxis{}, around, around, PadAxis{})
	at := func(y, x int) *Node {
		return Slice(padded, AxisRange(), AxisRange(y, y+height), AxisRange(x, x+width), AxisRange())
	}
	return Add(Add(at(0, 1), at(2, 1)), Add(at(1, 0), at(1, 2)))
}
