package features

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	. "github.com/gomlx/gomlx/support/exceptions"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/nn/conv"
)

// Images are [batch, height, width, channels] and kernels [height, width, in, out] in all functions of this file. Strides
// and paddings are per axis, height and width, and padding is as many pixels on either side, as in PyTorch.

// convolve returns the convolution of the images with the kernel, plus a bias per channel, which may be nil.
func convolve(x, kernel, bias *Node, strides, padding [2]int) *Node {
	y := conv.Conv(x, kernel, conv.Geometry{
		Strides: strides,
		Padding: [2][2]int{{padding[0], padding[0]}, {padding[1], padding[1]}},
	})
	if bias == nil {
		return y
	}
	return Add(y, Reshape(bias, 1, 1, 1, -1))
}

// relu returns the larger of x and 0.
func relu(x *Node) *Node { return Max(x, ScalarZero(x.Graph(), x.DType())) }

// linear returns x, [batch, in], times the transpose of the weight, [out, in] as PyTorch has it, plus the bias, which may
// be nil.
func linear(x, weight, bias *Node) *Node {
	y := DotGeneral(x, []int{1}, nil, weight, []int{1}, nil)
	if bias == nil {
		return y
	}
	return Add(y, Reshape(bias, 1, -1))
}

// maxPool returns the largest number in each window of the size. Padding is never the largest.
func maxPool(x *Node, window, stride, padding int) *Node {
	return pool(x, window, stride, padding, Infinity(x.Graph(), x.DType(), -1), Max)
}

// averagePool returns the mean of each window of the size, of those pixels of it that are in the image: PyTorch's
// count_include_pad=False, TensorFlow's only way.
func averagePool(x *Node, window, stride, padding int) *Node {
	sums := pool(x, window, stride, padding, ScalarZero(x.Graph(), x.DType()), Add)
	height := insideCounts(x.Shape().Dim(1), window, stride, padding)
	width := insideCounts(x.Shape().Dim(2), window, stride, padding)
	factors := make([]float32, 0, len(height)*len(width))
	for _, h := range height {
		for _, w := range width {
			factors = append(factors, 1/float32(h*w))
		}
	}
	shape := []int{1, len(height), len(width), 1}
	return Mul(sums, ConvertDType(ConstTensor(x.Graph(), tensors.FromFlatDataAndDimensions(factors, shape...)), x.DType()))
}

// insideCounts returns, for each window along an axis of the size, how many of its positions are in the image.
func insideCounts(size, window, stride, padding int) []int {
	var counts []int
	for start := -padding; start+window <= size+padding; start += stride {
		counts = append(counts, min(start+window, size)-max(start, 0))
	}
	return counts
}

// averageAll returns the mean over height and width, [batch, channels].
func averageAll(x *Node) *Node { return ReduceMean(x, 1, 2) }

// pool combines the numbers of each window, along the width and then along the height: for small windows that is less
// work than the backends' own reduction of windows, and runs on all of them.
func pool(x *Node, window, stride, padding int, outside *Node, combine func(a, b *Node) *Node) *Node {
	if padding > 0 {
		sides := PadAxis{Start: padding, End: padding}
		x = Pad(x, outside, PadAxis{}, sides, sides, PadAxis{})
	}
	for _, axis := range []int{2, 1} {
		size := x.Shape().Dim(axis)
		if size < window {
			Panicf("features: a window of %d does not fit images of %s", window, x.Shape())
		}
		last := (size - window) / stride * stride
		ranges := []SliceAxisSpec{AxisRange(), AxisRange(), AxisRange(), AxisRange()}
		var combined *Node
		for i := range window {
			ranges[axis] = AxisRange(i, i+last+1).Stride(stride)
			part := Slice(x, ranges...)
			if combined == nil {
				combined = part
			} else {
				combined = combine(combined, part)
			}
		}
		x = combined
	}
	return x
}

// torchKernels returns the weights with those of rank 4, PyTorch's kernels [out, in, height, width], transposed to
// [height, width, in, out]. A network with PyTorch's weights prepares them with it.
func torchKernels(weights map[string]*tensors.Tensor) (map[string]*tensors.Tensor, error) {
	prepared := make(map[string]*tensors.Tensor, len(weights))
	for name, tensor := range weights {
		if tensor.Rank() != 4 {
			prepared[name] = tensor
			continue
		}
		kernel, err := kernelOf(tensor)
		if err != nil {
			return nil, errors.WithMessage(err, name)
		}
		prepared[name] = kernel
	}
	return prepared, nil
}

// kernelOf returns the float32 kernel [height, width, in, out] for PyTorch's, [out, in, height, width].
func kernelOf(tensor *tensors.Tensor) (*tensors.Tensor, error) {
	if tensor.DType() != dtypes.Float32 || tensor.Rank() != 4 {
		return nil, errors.Errorf("a kernel must be float32 [out, in, height, width], got %s", tensor.Shape())
	}
	values, err := tensors.CopyFlatData[float32](tensor)
	if err != nil {
		return nil, err
	}
	d := slices.Clone(tensor.Shape().Dimensions)
	out, in, pixels := d[0], d[1], d[2]*d[3]
	kernel := make([]float32, len(values))
	for o := range out {
		for i := range in {
			for p, value := range values[(o*in+i)*pixels:][:pixels] {
				kernel[(p*in+i)*out+o] = value
			}
		}
	}
	return tensors.FromFlatDataAndDimensions(kernel, d[2], d[3], in, out), nil
}
