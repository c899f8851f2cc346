package conv

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// directly builds the operation as one convolution of the backend, in XLA's general form: the operand padded and
// dilated, the window strided and dilated. Extents are chosen so that the result has exactly the size wanted.
func directly(p problem, op operation, a, b *Node) *Node {
	switch op {
	case opConv:
		return ConvGeneral(a, b, imageAxes(), p.Strides[:], p.Padding[:], nil, p.Dilations[:], 1, 1)

	case opTranspose:
		// Every pixel of v, Strides apart, meets the reversed kernel.
		var padding [2][2]int
		for axis := range 2 {
			reach := p.extent(axis, p.kernel[axis]) - 1
			low := reach - p.Padding[axis][0]
			spread := (p.output[axis]-1)*p.Strides[axis] + 1
			padding[axis] = [2]int{low, p.image[axis] - spread - low + reach}
		}
		axes := imageAxes()
		axes.KernelInputChannels, axes.KernelOutputChannels = 3, 2
		return ConvGeneral(a, Reverse(b, 0, 1), axes, nil, padding[:], p.Strides[:], p.Dilations[:], 1, 1)

	default:
		// x is convolved with v, Strides apart, in steps of Dilations; the batch is what is summed over.
		var padding [2][2]int
		for axis := range 2 {
			low := p.Padding[axis][0]
			spread := (p.output[axis]-1)*p.Strides[axis] + 1
			padding[axis] = [2]int{low, p.extent(axis, p.kernel[axis]) - 1 + spread - p.image[axis] - low}
		}
		axes := ConvolveAxesConfig{
			InputBatch: 3, InputSpatial: []int{1, 2}, InputChannels: 0,
			KernelSpatial: []int{1, 2}, KernelInputChannels: 0, KernelOutputChannels: 3,
			OutputBatch: 2, OutputSpatial: []int{0, 1}, OutputChannels: 3,
		}
		return ConvGeneral(a, b, axes, p.Dilations[:], padding[:], nil, p.Strides[:], 1, 1)
	}
}

func imageAxes() ConvolveAxesConfig {
	return ConvolveAxesConfig{
		InputBatch: 0, InputSpatial: []int{1, 2}, InputChannels: 3,
		KernelSpatial: []int{0, 1}, KernelInputChannels: 2, KernelOutputChannels: 3,
		OutputBatch: 0, OutputSpatial: []int{1, 2}, OutputChannels: 3,
	}
}
