// Package conv has the three convolution operations over images that are closed under differentiation: each one's
// derivatives are the other two, so that gradients of gradients of any order exist, at any stride, kernel size,
// padding and dilation.
//
//	y = Conv(x, k)            dx = Transposed(v, k)    dk = KernelGradient(x, v)
//	x = Transposed(v, k)      dv = Conv(u, k)          dk = KernelGradient(u, v)
//	k = KernelGradient(x, v)  dx = Transposed(v, w)    dv = Conv(x, w)
//
// All three solve one trilinear form, ⟨Conv(x, k), v⟩ = ⟨x, Transposed(v, k)⟩ = ⟨k, KernelGradient(x, v)⟩, for one of
// its arguments. Penalties on a discriminator's slope (WGAN-GP, R1, R2) need the derivative of a derivative, and
// transposed convolutions need a derivative at all; GoMLX v0.28 has neither for convolutions with input dilation.
//
// Images are shaped [batch, height, width, channels] and kernels [height, width, channels of the larger image,
// channels of the smaller image], whatever the operation. All operands have the same float dtype.
//
// On XLA each operation is one convolution of the device, but that some transposed ones are several on a CPU. On the pure
// Go backend it is a matrix product over patches, which is much faster there than the backend's own convolution
// (docs/results.md has the figures).
package conv

import (
	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"

	_ "github.com/ganymede-ml/ganymede/gan/nn/vjp" // The derivative of Reverse, used by Transposed.
)

// Conv returns the convolution (cross-correlation, as everywhere in deep learning) of the images x, shaped
// [batch, height, width, in], with a kernel shaped [kernelHeight, kernelWidth, in, out]. The result is shaped
// [batch, outputHeight, outputWidth, out], see Geometry.OutputSize.
//
// It panics if the shapes do not match or the kernel does not fit.
func Conv(x, kernel *Node, geometry Geometry) *Node {
	checkRanks("Conv", x, kernel)
	if x.Shape().Dim(3) != kernel.Shape().Dim(2) {
		Panicf("conv.Conv: x has %d channels but the kernel takes %d, for shapes %s and %s",
			x.Shape().Dim(3), kernel.Shape().Dim(2), x.Shape(), kernel.Shape())
	}
	problem := newProblem(geometry, sizeOf(x, 1), sizeOf(kernel, 0))
	return lower(problem, opConv, x, kernel)
}

// Transposed returns the transposed convolution of the images v, shaped [batch, height, width, out], with a kernel
// shaped [kernelHeight, kernelWidth, in, out]: the adjoint of Conv, which takes images of imageSize (height, width)
// to the size of v. The result is shaped [batch, imageSize[0], imageSize[1], in].
//
// It panics if the shapes do not match, or if Conv would not take imageSize to the size of v.
func Transposed(v, kernel *Node, geometry Geometry, imageSize [2]int) *Node {
	checkRanks("Transposed", v, kernel)
	if v.Shape().Dim(3) != kernel.Shape().Dim(3) {
		Panicf("conv.Transposed: v has %d channels but the kernel takes %d, for shapes %s and %s",
			v.Shape().Dim(3), kernel.Shape().Dim(3), v.Shape(), kernel.Shape())
	}
	problem := newProblem(geometry, imageSize, sizeOf(kernel, 0))
	problem.checkOutput("Transposed", v)
	return lower(problem, opTranspose, v, kernel)
}

// KernelGradient returns the derivative of ⟨Conv(x, k), v⟩ with respect to the kernel k of kernelSize (height, width), for x
// shaped [batch, height, width, in] and v shaped like Conv's result, [batch, outputHeight, outputWidth, out]. The
// result is shaped [kernelSize[0], kernelSize[1], in, out].
//
// It panics if the shapes do not match.
func KernelGradient(x, v *Node, geometry Geometry, kernelSize [2]int) *Node {
	checkRanks("KernelGradient", x, v)
	if x.Shape().Dim(0) != v.Shape().Dim(0) {
		Panicf("conv.KernelGradient: x and v must have the same batch size, got shapes %s and %s", x.Shape(), v.Shape())
	}
	problem := newProblem(geometry, sizeOf(x, 1), kernelSize)
	problem.checkOutput("KernelGradient", v)
	return lower(problem, opKernel, x, v)
}

// operation names one of the three solutions of the trilinear form.
type operation int

const (
	opConv operation = iota
	opTranspose
	opKernel
)

// problem is a geometry with the sizes (height, width) of its three images. The sizes make the operations exact
// inverses of each other in shape, which a stride alone does not.
type problem struct {
	Geometry
	image  [2]int // The larger image: Conv's operand.
	kernel [2]int
	output [2]int // The smaller image: Conv's result.
}

func newProblem(geometry Geometry, image, kernel [2]int) problem {
	return problem{
		Geometry: geometry.normalized(),
		image:    image,
		kernel:   kernel,
		output:   geometry.OutputSize(image, kernel),
	}
}

// gradients returns the derivatives of ⟨op(a, b), v⟩ with respect to a and b.
func (p problem) gradients(op operation, a, b, v *Node) (da, db *Node) {
	switch op {
	case opConv: // a is x, b is the kernel.
		return Transposed(v, b, p.Geometry, p.image), KernelGradient(a, v, p.Geometry, p.kernel)
	case opTranspose: // a is the small image, b is the kernel, v is image shaped.
		return Conv(v, b, p.Geometry), KernelGradient(v, a, p.Geometry, p.kernel)
	default: // a is x, b is the small image, v is kernel shaped.
		return Transposed(b, v, p.Geometry, p.image), Conv(a, v, p.Geometry)
	}
}

// checkOutput panics if v is not of the size that Conv gives.
func (p problem) checkOutput(name string, v *Node) {
	if sizeOf(v, 1) != p.output {
		Panicf("conv.%s: v is shaped %s, but a kernel of %dx%d with %s takes images of %dx%d to %dx%d", name, v.Shape(),
			p.kernel[0], p.kernel[1], p.Geometry, p.image[0], p.image[1], p.output[0], p.output[1])
	}
}

// sizeOf returns the dimensions of two neighbouring axes, height and width.
func sizeOf(x *Node, heightAxis int) [2]int {
	return [2]int{x.Shape().Dim(heightAxis), x.Shape().Dim(heightAxis + 1)}
}

func checkRanks(name string, a, b *Node) {
	if a.Rank() != 4 || b.Rank() != 4 {
		Panicf("conv.%s: operands must have rank 4, got %s and %s", name, a.Shape(), b.Shape())
	}
	if a.DType() != b.DType() {
		Panicf("conv.%s: operands must have the same dtype, got %s and %s", name, a.Shape(), b.Shape())
	}
}
