package conv

import (
	"fmt"

	. "github.com/gomlx/gomlx/support/exceptions"
)

// Geometry says how a kernel moves over an image: everything about a convolution but its numbers. The zero value is
// stride 1, no dilation and no padding.
//
// With the arrays indexed by axis (0 height, 1 width), position o of the smaller image meets position
//
//	o·Strides + t·Dilations - Padding[axis][0]
//
// of the larger one through position t of the kernel.
type Geometry struct {
	Strides   [2]int    // Steps of the kernel over the larger image; 0 means 1.
	Dilations [2]int    // Distance between neighbouring kernel positions; 0 means 1.
	Padding   [2][2]int // Zeros before and after the larger image, per axis. Negative values crop.
}

// Same returns the geometry whose output has ceil(size/stride) positions per axis, for an image of the given height
// and width and a kernel of the given size: TensorFlow's SAME, with the odd zero after the image.
func Same(imageSize, kernelSize, strides, dilations [2]int) Geometry {
	geometry := Geometry{Strides: strides, Dilations: dilations}.normalized()
	for axis := range 2 {
		size, stride := imageSize[axis], geometry.Strides[axis]
		output := (size + stride - 1) / stride
		total := max(0, (output-1)*stride+geometry.extent(axis, kernelSize[axis])-size)
		geometry.Padding[axis] = [2]int{total / 2, total - total/2}
	}
	return geometry
}

// OutputSize returns the height and width of the smaller image, which a kernel of the given size makes from a larger
// one of the given height and width. It panics if the kernel does not fit the padded image.
func (geometry Geometry) OutputSize(imageSize, kernelSize [2]int) [2]int {
	geometry = geometry.normalized()
	var output [2]int
	for axis := range 2 {
		padded := imageSize[axis] + geometry.Padding[axis][0] + geometry.Padding[axis][1]
		extent := geometry.extent(axis, kernelSize[axis])
		if kernelSize[axis] < 1 || padded < extent {
			Panicf("conv: a kernel of %dx%d with %s does not fit an image of %dx%d",
				kernelSize[0], kernelSize[1], geometry, imageSize[0], imageSize[1])
		}
		output[axis] = (padded-extent)/geometry.Strides[axis] + 1
	}
	return output
}

// String describes the geometry, for messages.
func (geometry Geometry) String() string {
	geometry = geometry.normalized()
	return fmt.Sprintf("strides %v, dilations %v, padding %v", geometry.Strides, geometry.Dilations, geometry.Padding)
}

// normalized returns the geometry with its zero strides and dilations replaced by 1. It panics if one is negative.
func (geometry Geometry) normalized() Geometry {
	for axis := range 2 {
		if geometry.Strides[axis] < 0 || geometry.Dilations[axis] < 0 {
			Panicf("conv: strides and dilations must be positive, got %v and %v", geometry.Strides, geometry.Dilations)
		}
		geometry.Strides[axis] = max(geometry.Strides[axis], 1)
		geometry.Dilations[axis] = max(geometry.Dilations[axis], 1)
	}
	return geometry
}

// extent returns how many positions of the image the dilated kernel covers along the axis.
func (geometry Geometry) extent(axis, kernelSize int) int {
	return (kernelSize-1)*geometry.Dilations[axis] + 1
}
