package conv

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// byMatrixProduct builds the operation as a matrix product over patches: what the pure Go backend does well.
func byMatrixProduct(p problem, op operation, a, b *Node) *Node {
	switch op {
	case opConv:
		columns := p.patches(a)                                         // [pixels, kernel·in]
		weights := Reshape(b, columns.Shape().Dim(1), b.Shape().Dim(3)) // [kernel·in, out]
		y := Dot(columns, weights).Product()                            // [pixels, out]
		return Reshape(y, a.Shape().Dim(0), p.output[0], p.output[1], b.Shape().Dim(3))

	case opTranspose:
		return p.transposeByPhases(a, b, p.phaseByMatrixProduct)

	default:
		// The smaller operand is turned round, and the result: the backend would turn round both operands.
		columns := p.patches(a)                                      // [pixels, kernel·in]
		rows := Reshape(b, columns.Shape().Dim(0), b.Shape().Dim(3)) // [pixels, out]
		k := Dot(Transpose(rows, 0, 1), columns).Product()           // [out, kernel·in]
		return Reshape(Transpose(k, 0, 1), p.kernel[0], p.kernel[1], a.Shape().Dim(3), b.Shape().Dim(3))
	}
}

// patches returns what the kernel sees at each of its positions over x, a row per position, shaped
// [batch·outputHeight·outputWidth, kernelHeight·kernelWidth·in].
func (p problem) patches(x *Node) *Node {
	batch, channels := x.Shape().Dim(0), x.Shape().Dim(3)
	var end [2]int // One past the last position needed, in the padded image.
	for axis := range 2 {
		end[axis] = (p.output[axis]-1)*p.Strides[axis] + p.extent(axis, p.kernel[axis])
	}
	x = window(x, [2]int{-p.Padding[0][0], -p.Padding[1][0]}, end)

	taps := make([]*Node, 0, p.kernel[0]*p.kernel[1])
	for i := range p.kernel[0] {
		for j := range p.kernel[1] {
			taps = append(taps, p.strided(x, i*p.Dilations[0], j*p.Dilations[1]))
		}
	}
	columns := concatenate(taps, 3)
	return Reshape(columns, batch*p.output[0]*p.output[1], len(taps)*channels)
}

// strided returns the pixels of x, Strides apart from the given one on, that one kernel position meets.
func (p problem) strided(x *Node, top, left int) *Node {
	rows := AxisRange(top, top+(p.output[0]-1)*p.Strides[0]+1).Stride(p.Strides[0])
	columns := AxisRange(left, left+(p.output[1]-1)*p.Strides[1]+1).Stride(p.Strides[1])
	return Slice(x, AxisRange(), rows, columns, AxisRange())
}

// phaseByMatrixProduct is a phase of a transposed convolution, see phaseFunc.
func (p problem) phaseByMatrixProduct(v, kernel *Node, phase, first, count [2]int) *Node {
	batch, in, out := v.Shape().Dim(0), kernel.Shape().Dim(2), kernel.Shape().Dim(3)
	var taps [2][]tap
	for axis := range 2 {
		for t := range p.kernel[axis] {
			if distance := phase[axis] - t*p.Dilations[axis]; distance%p.Strides[axis] == 0 {
				taps[axis] = append(taps[axis], tap{kernel: t, start: first[axis] + distance/p.Strides[axis]})
			}
		}
	}
	if len(taps[0]) == 0 || len(taps[1]) == 0 {
		return Zeros(v.Graph(), shapes.Make(v.DType(), batch, count[0], count[1], in))
	}

	var pixels, weights []*Node
	for _, i := range taps[0] {
		for _, j := range taps[1] {
			pixels = append(pixels, window(v, [2]int{i.start, j.start}, count))
			w := Slice(kernel, AxisElem(i.kernel), AxisElem(j.kernel), AxisRange(), AxisRange())
			weights = append(weights, Transpose(Reshape(w, in, out), 0, 1))
		}
	}
	columns := Reshape(concatenate(pixels, 3), batch*count[0]*count[1], len(pixels)*out)
	x := Dot(columns, concatenate(weights, 0)).Product()
	return Reshape(x, batch, count[0], count[1], in)
}

// tap is a position of the kernel and the pixel of v that it meets first.
type tap struct{ kernel, start int }

// window returns the pixels of x from start on, size of them per axis, with zeros outside of x.
func window(x *Node, start, size [2]int) *Node {
	ranges := []SliceAxisSpec{AxisRange(), AxisRange(), AxisRange(), AxisRange()}
	padding := make([]PadAxis, 4)
	slice, pad := false, false
	for axis := range 2 {
		length := x.Shape().Dim(axis + 1)
		from, to := start[axis], start[axis]+size[axis]
		inFrom, inTo := min(max(from, 0), length), min(max(to, 0), length)
		if inFrom >= inTo {
			return Zeros(x.Graph(), shapes.Make(x.DType(), x.Shape().Dim(0), size[0], size[1], x.Shape().Dim(3)))
		}
		if inFrom > 0 || inTo < length {
			ranges[axis+1] = AxisRange(inFrom, inTo)
			slice = true
		}
		if from < inFrom || to > inTo {
			padding[axis+1] = PadAxis{Start: inFrom - from, End: to - inTo}
			pad = true
		}
	}
	if slice {
		x = Slice(x, ranges...)
	}
	if pad {
		x = Pad(x, ScalarZero(x.Graph(), x.DType()), padding...)
	}
	return x
}

func concatenate(nodes []*Node, axis int) *Node {
	if len(nodes) == 1 {
		return nodes[0]
	}
	return Concatenate(nodes, axis)
}

// floorDivide returns a/b rounded down, also for negative a.
func floorDivide(a, b int) int {
	q := a / b
	if a%b != 0 && a < 0 {
		q--
	}
	return q
}
