package augment

import (
	"cmp"
	"math"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// RandomNoise adds to each value a number from N(0, s²), where s is from 0 to StdDev and the picture's own; 0 means 0.1.
type RandomNoise struct{ StdDev float64 }

// Name returns "noise".
func (n RandomNoise) Name() string { return "noise" }

// Check returns an error unless StdDev is from 0 to 2.
func (n RandomNoise) Check() error { return checkRange(n.Name(), "standard deviation", n.StdDev, 0, 2) }

// Draws returns one for each value, one more if they are odd in number, and one.
func (n RandomNoise) Draws(shape []int) int { return 1 + 2*pairs(shape) }

// pairs returns how many pairs the values of a picture make.
func pairs(shape []int) int { return (shape[0]*shape[1]*shape[2] + 1) / 2 }

// Graph returns the noisy images. Two draws make two numbers from N(0, 1), by Box and Muller's method.
func (n RandomNoise) Graph(images, draws *Node) *Node {
	checkImages(n.Name(), images)
	dims := images.Shape().Dimensions
	half := pairs(dims[1:])
	deviations := betweenEach(draws, 0, 0, cmp.Or(n.StdDev, 0.1))
	lengths := Slice(draws, AxisRange(), AxisRange(1, 1+half))
	radius := Mul(Sqrt(MulScalar(Log(OneMinus(lengths)), -2)), Reshape(deviations, -1, 1)) // 1 - [0, 1) is never 0.
	angle := MulScalar(Slice(draws, AxisRange(), AxisRange(1+half, 1+2*half)), 2*math.Pi)
	normals := Concatenate([]*Node{Mul(radius, Cos(angle)), Mul(radius, Sin(angle))}, 1)
	normals = Slice(normals, AxisRange(), AxisRange(0, dims[1]*dims[2]*dims[3]))
	return Add(images, Reshape(normals, dims...))
}

// Picture returns the noisy picture.
func (n RandomNoise) Picture(p *Picture, draws []float64) *Picture {
	deviation := between(draws[0], 0, cmp.Or(n.StdDev, 0.1))
	half := pairs(p.shape())
	lengths, angles := draws[1:1+half], draws[1+half:]
	noisy := p.clone()
	for i, length := range lengths {
		radius := deviation * math.Sqrt(-2*math.Log(1-length))
		sin, cos := math.Sincos(2 * math.Pi * angles[i])
		noisy.Values[i] += float32(radius * cos)
		if half+i < len(noisy.Values) {
			noisy.Values[half+i] += float32(radius * sin)
		}
	}
	return noisy
}

// RandomCutout fills a square of the picture with one value, whose side is Side times the picture's shorter one, rounded to
// pixels; 0 means 0.3. Its middle lies anywhere, so that it may reach over the edge, as in "Improved Regularization of
// Convolutional Neural Networks with Cutout" (DeVries and Taylor 2017, https://arxiv.org/abs/1708.04552).
type RandomCutout struct {
	Side float64
	Fill float64 // From -1, black, to 1, white; 0 is the paper's grey in the middle.
}

// Name returns "cutout".
func (c RandomCutout) Name() string { return "cutout" }

// Check returns an error unless Side is from 0 to 1, and Fill from -1 to 1.
func (c RandomCutout) Check() error {
	return firstError(checkRange(c.Name(), "side", c.Side, 0, 1), checkRange(c.Name(), "fill", c.Fill, -1, 1))
}

// Draws returns 2.
func (c RandomCutout) Draws([]int) int { return 2 }

// size returns the side in pixels.
func (c RandomCutout) size(height, width int) int {
	return int(math.Round(cmp.Or(c.Side, 0.3) * float64(min(height, width))))
}

// Graph returns the images with a square filled.
func (c RandomCutout) Graph(images, draws *Node) *Node {
	checkImages(c.Name(), images)
	height, width := images.Shape().Dim(1), images.Shape().Dim(2)
	size := c.size(height, width)
	start := func(i, along int) *Node {
		places := along + 1 - size%2 // The middle of an even square is a corner of pixels, of which there is one more.
		return AddScalar(MinScalar(Floor(betweenEach(draws, i, 0, float64(places))), float64(places-1)), float64(-(size / 2)))
	}
	top, left := start(0, height), start(1, width)
	return AddScalar(Erase(AddScalar(images, -c.Fill), top, left, size), c.Fill)
}

// Picture returns the picture with a square filled.
func (c RandomCutout) Picture(p *Picture, draws []float64) *Picture {
	size := c.size(p.Height, p.Width)
	start := func(u float64, along int) int {
		places := along + 1 - size%2
		return min(int(u*float64(places)), places-1) - size/2
	}
	top, left := start(draws[0], p.Height), start(draws[1], p.Width)
	filled := p.clone()
	for row := max(top, 0); row < min(top+size, p.Height); row++ {
		for column := max(left, 0); column < min(left+size, p.Width); column++ {
			for i := range p.Channels {
				filled.Values[(row*p.Width+column)*p.Channels+i] = float32(c.Fill)
			}
		}
	}
	return filled
}

// RandomBlur blurs the picture by a Gaussian whose standard deviation in pixels is from 0.1 to Pixels and the picture's own;
// 0 means 1. The kernel reaches three times Pixels to each side. Outside lies the picture's reflection. The pixels' alpha
// stays sharp.
type RandomBlur struct{ Pixels float64 }

// Name returns "blur".
func (b RandomBlur) Name() string { return "blur" }

// Check returns an error unless Pixels is 0, or from 0.1 to 32.
func (b RandomBlur) Check() error {
	if b.Pixels == 0 {
		return nil
	}
	return checkRange(b.Name(), "standard deviation in pixels", b.Pixels, sharpest, 32)
}

const sharpest = 0.1 // A standard deviation in pixels that blurs nothing: the next pixel has the weight e⁻⁵⁰.

// Draws returns 1.
func (b RandomBlur) Draws([]int) int { return 1 }

func (b RandomBlur) most() float64 { return cmp.Or(b.Pixels, 1) }
func (b RandomBlur) radius() int   { return int(math.Ceil(3 * b.most())) }

// Graph returns the blurred images. Along each axis the blur is a product with a matrix.
func (b RandomBlur) Graph(images, draws *Node) *Node {
	checkImages(b.Name(), images)
	radius := b.radius()
	deviations := Reshape(betweenEach(draws, 0, sharpest, b.most()), -1, 1)
	steps := AddScalar(Iota(images.Graph(), shapes.Make(images.DType(), 1, 2*radius+1), 1), float64(-radius))
	weights := Exp(MulScalar(Square(Div(steps, deviations)), -0.5))
	weights = Div(weights, ReduceAndKeep(weights, ReduceSum, 1)) // [batch, 2·radius + 1]
	matrices := func(size int) *Node {
		sources := OneHot(Const(images.Graph(), neighbours(size, radius)), size, images.DType()) // [2·radius + 1, size, size]
		return Einsum("bk,kij->bij", weights, sources)
	}
	images = Einsum("bij,bjwc->biwc", matrices(images.Shape().Dim(1)), images)
	return Einsum("bij,bhjc->bhic", matrices(images.Shape().Dim(2)), images)
}

// Picture returns the blurred picture.
func (b RandomBlur) Picture(p *Picture, draws []float64) *Picture {
	kernel := gaussian(between(draws[0], sharpest, b.most()), b.radius())
	blurred := p.clone()
	blurred.Values = smooth(p.Values, p.shape(), kernel)
	return blurred
}

// gaussian returns the weights of a Gaussian with a deviation in pixels, from -radius to radius, of sum 1.
func gaussian(deviation float64, radius int) []float64 {
	weights := make([]float64, 2*radius+1)
	var sum float64
	for i := range weights {
		z := float64(i-radius) / deviation
		weights[i] = math.Exp(-z * z / 2)
		sum += weights[i]
	}
	for i := range weights {
		weights[i] /= sum
	}
	return weights
}

// neighbours returns, for each step from -radius to radius, the pixel so far from each pixel of an axis, reflected at the
// ends.
func neighbours(size, radius int) [][]int32 {
	table := make([][]int32, 2*radius+1)
	for k := range table {
		table[k] = make([]int32, size)
		for i := range size {
			table[k][i] = int32(folded(float64(i+k-radius), size, PadReflect))
		}
	}
	return table
}

// smooth returns values, shaped [height, width, channels], convolved with the kernel along both axes.
func smooth[T float32 | float64](values []T, shape []int, kernel []float64) []T {
	height, row := shape[0], shape[1]*shape[2]
	return smoothBlocks(smoothBlocks(values, 1, height, row, kernel), height, shape[1], shape[2], kernel)
}

// smoothBlocks returns values, shaped [outer, size, inner], convolved with the kernel along the axis in the middle.
func smoothBlocks[T float32 | float64](values []T, outer, size, inner int, kernel []float64) []T {
	radius := len(kernel) / 2
	padded := make([]T, (size+2*radius)*inner)
	result := make([]T, len(values))
	for o := range outer {
		from, to := values[o*size*inner:][:size*inner], result[o*size*inner:][:size*inner]
		for i := range size + 2*radius {
			source := int(folded(float64(i-radius), size, PadReflect))
			copy(padded[i*inner:], from[source*inner:][:inner])
		}
		for k, weight := range kernel {
			for j, v := range padded[k*inner:][:len(to)] {
				to[j] += T(weight) * v
			}
		}
	}
	return result
}
