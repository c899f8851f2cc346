package conv

import (
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// phaseFunc builds one phase of the transposed convolution of v: the pixels Strides·q + phase of the padded image, for
// count values of q from first on, shaped [batch, count[0], count[1], in].
type phaseFunc func(v, kernel *Node, phase, first, count [2]int) *Node

// transposeByPhases returns the transposed convolution of v. The pixels of the result that are Strides apart meet the
// same positions of the kernel: each such phase is a convolution of its own, without zeros to multiply by, and the
// phases are woven together.
func (p problem) transposeByPhases(v, kernel *Node, build phaseFunc) *Node {
	batch, in := v.Shape().Dim(0), kernel.Shape().Dim(2)
	var count [2]int
	for axis := range 2 {
		count[axis] = (p.image[axis] + p.Strides[axis] - 1) / p.Strides[axis]
	}
	rows := make([]*Node, p.Strides[0])
	for i := range rows {
		columns := make([]*Node, p.Strides[1])
		for j := range columns {
			// Pixel Strides·q + i of the result is pixel Strides·(q + first) + phase of the padded image.
			var first, phase [2]int
			for axis, pixel := range [2]int{i, j} {
				pixel += p.Padding[axis][0]
				first[axis] = floorDivide(pixel, p.Strides[axis])
				phase[axis] = pixel - first[axis]*p.Strides[axis]
			}
			columns[j] = build(v, kernel, phase, first, count)
		}
		row := concatenate(columns, 3)
		rows[i] = Reshape(row, batch, count[0], 1, count[1]*p.Strides[1]*in)
	}
	x := Reshape(concatenate(rows, 2), batch, count[0]*p.Strides[0], count[1]*p.Strides[1], in)
	return window(x, [2]int{}, p.image)
}

// phaseByConvolution is a phase of a transposed convolution, see phaseFunc: a convolution of v, at stride 1, by every
// Strides-th position of the kernel. There must be no dilation.
func (p problem) phaseByConvolution(v, kernel *Node, phase, first, count [2]int) *Node {
	var taps [2]SliceAxisSpec
	var padding [2][2]int
	for axis := range 2 {
		number := (p.kernel[axis] - phase[axis] + p.Strides[axis] - 1) / p.Strides[axis]
		if number < 1 {
			return Zeros(v.Graph(), shapes.Make(v.DType(), v.Shape().Dim(0), count[0], count[1], kernel.Shape().Dim(2)))
		}
		taps[axis] = AxisRange(phase[axis]).Stride(p.Strides[axis])
		// The first tap meets pixels of v from first on, the last one those from first - (number - 1) on.
		padding[axis] = [2]int{number - 1 - first[axis], first[axis] + count[axis] - p.output[axis]}
	}
	weights := Reverse(Slice(kernel, taps[0], taps[1], AxisRange(), AxisRange()), 0, 1)
	axes := imageAxes()
	axes.KernelInputChannels, axes.KernelOutputChannels = 3, 2
	return ConvGeneral(v, weights, axes, nil, padding[:], nil, nil, 1, 1)
}

// gainsByPhases says whether a transposed convolution by this kernel is faster by phases on this XLA backend. On a CPU
// XLA multiplies by the zeros between the pixels of v: without them a kernel of 4 at stride 2 takes a third to a half of
// the time from 8×8 pixels on, but as long for smaller ones, and longer to few channels. A GPU's library knows the zeros.
func (p problem) gainsByPhases(v, kernel *Node) bool {
	if p.Strides[0]*p.Strides[1] == 1 || p.Dilations != [2]int{1, 1} || kernel.Shape().Dim(2) < 16 || p.output[0]*p.output[1] < 64 {
		return false
	}
	return onCPU(v.Graph().Backend())
}

// onCPU says whether the XLA backend's description names no other device.
func onCPU(backend compute.Backend) bool {
	description := strings.ToLower(backend.Description())
	for _, device := range []string{"cuda", "gpu", "rocm", "tpu", "metal"} {
		if strings.Contains(description, device) {
			return false
		}
	}
	return true
}
