package augment

import (
	"cmp"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// RandomElastic moves each pixel a little, and its neighbours nearly alike: "Best Practices for Convolutional Neural Networks
// Applied to Visual Document Analysis" (Simard, Steinkraus and Platt 2003, section 2). Two numbers from U[-1, 1) for each
// pixel, one along each axis, are convolved with a Gaussian and multiplied by a factor.
//
// Both are given as parts of the picture's shorter side. Strength is the standard deviation of the displacements far from the
// edge; 0 means 0.03. Smoothness is that of the Gaussian; 0 means 4/29, which is the paper's 4 pixels of 29. The paper's
// factor 34 is a Strength of 0.048. Outside the picture the numbers are reflected.
type RandomElastic struct {
	Strength   float64
	Smoothness float64
	Border     Border
}

// Name returns "elastic".
func (e RandomElastic) Name() string { return "elastic" }

// Check returns an error unless Strength is from 0 to 0.5, and Smoothness 0 or from 0.01 to 0.5.
func (e RandomElastic) Check() error {
	smoothness := error(nil)
	if e.Smoothness != 0 {
		smoothness = checkRange(e.Name(), "smoothness", e.Smoothness, 0.01, 0.5)
	}
	return firstError(checkRange(e.Name(), "strength", e.Strength, 0, 0.5), smoothness, e.Border.check(e.Name()))
}

// Draws returns two for each pixel.
func (e RandomElastic) Draws(shape []int) int { return 2 * shape[0] * shape[1] }

// kernel returns the Gaussian times the root of the factor, for pictures of that size: it is used along both axes.
func (e RandomElastic) kernel(height, width int) []float64 {
	side := float64(min(height, width))
	deviation := cmp.Or(e.Smoothness, 4./29) * side
	kernel := gaussian(deviation, int(math.Ceil(3*deviation)))
	var squares float64 // The convolution with both multiplies variances, 1/3 at first, by its square.
	for _, weight := range kernel {
		squares += weight * weight
	}
	root := math.Sqrt(cmp.Or(e.Strength, 0.03) * side * math.Sqrt(3) / squares)
	for i := range kernel {
		kernel[i] *= root
	}
	return kernel
}

// Graph returns the deformed images.
func (e RandomElastic) Graph(images, draws *Node) *Node {
	checkImages(e.Name(), images)
	ones := OnesLike(column(draws, 0))
	return lookUp(images, lookup{xx: ones, yy: ones}, e.displacements(images, draws), e.Border)
}

// displacements returns how far rows and columns move, each [batch, height·width]. Along each axis the convolution is a
// product with a matrix.
func (e RandomElastic) displacements(images, draws *Node) []*Node {
	height, width := images.Shape().Dim(1), images.Shape().Dim(2)
	kernel := e.kernel(height, width)
	smoothing := func(size int) *Node {
		matrix := make([][]float64, size)
		for i := range matrix {
			matrix[i] = make([]float64, size)
		}
		for k, sources := range neighbours(size, len(kernel)/2) {
			for i, source := range sources {
				matrix[i][source] += kernel[k]
			}
		}
		return ConvertDType(Const(images.Graph(), matrix), images.DType())
	}
	fields := AddScalar(MulScalar(Reshape(draws, -1, 2, height, width), 2), -1)
	fields = Einsum("ij,bfjw->bfiw", smoothing(height), fields)
	fields = Einsum("ij,bfhj->bfhi", smoothing(width), fields)
	field := func(i int) *Node { return Reshape(Slice(fields, AxisRange(), AxisElem(i)), -1, height*width) }
	return []*Node{field(0), field(1)}
}

// Picture returns the deformed picture.
func (e RandomElastic) Picture(p *Picture, draws []float64) *Picture {
	return p.lookUp(nowhere, e.displacement(p, draws), e.Border)
}

func (e RandomElastic) displacement(p *Picture, draws []float64) *displacement {
	kernel := e.kernel(p.Height, p.Width)
	field := func(draws []float64) []float64 {
		numbers := make([]float64, len(draws))
		for i, u := range draws {
			numbers[i] = 2*u - 1
		}
		return smooth(numbers, []int{p.Height, p.Width, 1}, kernel)
	}
	size := p.Height * p.Width
	return &displacement{rows: field(draws[:size]), columns: field(draws[size : 2*size])}
}
