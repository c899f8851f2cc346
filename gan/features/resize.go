package features

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

// areaAverage returns the images at another height and width: each new pixel is the mean of the area that it covers, old
// pixels it covers in part counted by that part. Images of that size already are returned as they are.
func areaAverage(x *Node, height, width int) *Node {
	x = areaAverageAxis(x, 1, height)
	return areaAverageAxis(x, 2, width)
}

func areaAverageAxis(x *Node, axis, size int) *Node {
	d := x.Shape().Dimensions
	switch {
	case d[axis] == size:
		return x
	case d[axis]%size == 0:
		split := append(append(append([]int{}, d[:axis]...), size, d[axis]/size), d[axis+1:]...)
		return ReduceMean(Reshape(x, split...), axis+1)
	}
	matrix := ConstTensor(x.Graph(), tensors.FromFlatDataAndDimensions(overlaps(d[axis], size), size, d[axis]))
	if axis == 1 {
		return Einsum("yh,bhwc->bywc", matrix, x)
	}
	return Einsum("xw,bhwc->bhxc", matrix, x)
}

// overlaps returns the matrix [to, from] of how much of each new pixel's extent lies in each old pixel; rows sum to 1.
func overlaps(from, to int) []float32 {
	matrix := make([]float32, to*from)
	for i := range to {
		// In units of 1/to of an old pixel: the new one reaches from i·from to (i+1)·from, the old one from j·to to (j+1)·to.
		for j := i * from / to; j < from && j*to < (i+1)*from; j++ {
			common := min((i+1)*from, (j+1)*to) - max(i*from, j*to)
			matrix[i*from+j] = float32(common) / float32(from)
		}
	}
	return matrix
}

// areaWords tells in words what areaAverage does to pictures of the size.
func areaWords(shape []int, height, width int) string {
	if shape[0] == height && shape[1] == width {
		return "none"
	}
	return fmt.Sprintf("area average to %dx%d", height, width)
}

// resizeTensorFlow1 returns the images at another height and width as TensorFlow 1 resized them for the Inception network
// of FID, and torch-fidelity's interpolate_bilinear_2d_like_tensorflow1x after it: new pixel i lies at i·from/to, between
// the old pixels before and after it. Corners are not aligned, pixel centres are not at one half, and nothing is smoothed
// before images are made smaller.
func resizeTensorFlow1(x *Node, height, width int) *Node {
	// Pixels are taken along the first axis.
	d := x.Shape().Dimensions
	if d[1] == height && d[2] == width {
		return x
	}
	x = interpolateFirst(TransposeAllAxes(x, 2, 0, 1, 3), width)  // [width, batch, old height, channels]
	x = interpolateFirst(TransposeAllAxes(x, 2, 1, 0, 3), height) // [height, batch, width, channels]
	return TransposeAllAxes(x, 1, 0, 2, 3)
}

// interpolateFirst interpolates along the first axis, in the same float32 steps as the reference.
func interpolateFirst(x *Node, to int) *Node {
	from := x.Shape().Dim(0)
	scale := float32(float64(from) / float64(to))
	low, high, part := make([]int32, to), make([]int32, to), make([]float32, to)
	for i := range to {
		position := float32(i) * scale
		low[i] = int32(position)
		high[i] = min(low[i]+1, int32(from-1))
		part[i] = position - float32(low[i])
	}
	take := func(indices []int32) *Node {
		return Gather(x, ConstTensor(x.Graph(), tensors.FromFlatDataAndDimensions(indices, to, 1)), true)
	}
	a, b := take(low), take(high)
	parts := ConstTensor(x.Graph(), tensors.FromFlatDataAndDimensions(part, to, 1, 1, 1))
	return Add(a, Mul(Sub(b, a), parts))
}

// repeatGrey returns images of three channels: those of one have it repeated.
func repeatGrey(x *Node) *Node {
	if x.Shape().Dim(3) != 1 {
		return x
	}
	return Concatenate([]*Node{x, x, x}, 3)
}

// colourWords returns the words for resizing pictures [height, width, channels] for a network of three channels, with
// what is done to grey ones added. It is an error if they have neither one channel nor three.
func colourWords(network, resize string, shape []int) (string, error) {
	if len(shape) != 3 {
		return "", errors.Errorf("features: pictures must be [height, width, channels], got %v", shape)
	}
	switch shape[2] {
	case 3:
		return resize, nil
	case 1:
		if resize == "none" {
			return "grey repeated to three channels", nil
		}
		return resize + ", grey repeated to three channels", nil
	}
	return "", errors.Errorf("features: %s takes pictures of 1 or 3 channels, got %d", network, shape[2])
}
