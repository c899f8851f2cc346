package display

import (
	"image"
	"image/color"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
)

// Plane is a picture of a game in the plane, as GAN Lab draws it ("GAN Lab: Understanding Complex Deep Generative Models using
// Interactive Visual Experimentation", Kahng et al. 2018, https://arxiv.org/abs/1809.01587): what the discriminator thinks of
// every place, the points of the data and of the generator over it, and where each of the latter is told to go. All its
// parts may be nil.
type Plane struct {
	// Field is the probability that the discriminator gives a place to be real, float32 [n, n], in the order of Places: blue
	// where it is above 1/2, white at 1/2, orange below.
	Field *tensors.Tensor

	Real *tensors.Tensor // Points of the data, float32 [n, 2]: blue.
	Fake *tensors.Tensor // Points of the generator, float32 [n, 2]: orange.

	From, Arrows *tensors.Tensor // Arrows and the points where they begin, float32 [n, 2].

	// Unit is how long an arrow of length 1 is drawn, in the units of the plane. Zero means that the longest arrow is a tenth
	// of the picture. None is drawn longer than a fifth of it.
	Unit float64

	Limit float64 // Both axes run from -Limit to Limit. Zero means as Cloud has it: 1.25 times the largest coordinate of Real.
	Size  int     // Width and height in pixels. Zero means 400.
}

var (
	realPoint  = color.NRGBA{R: 0, G: 73, B: 134, A: 150}
	arrowColor = color.NRGBA{R: 40, G: 40, B: 40, A: 255}

	fieldReal = [3]float64{96, 168, 222}
	fieldFake = [3]float64{250, 178, 112}
)

// fieldShades is how many shades there are from white to full blue or orange: few, so that files are small.
const fieldShades = 20

// Places returns the n·n points at which a Plane of this limit wants its field, float32 [n·n, 2]: row by row from the top, the
// middles of equal squares.
func Places(limit float64, n int) *tensors.Tensor {
	points := make([]float32, 0, 2*n*n)
	middle := func(i int) float32 { return float32(limit * ((2*float64(i)+1)/float64(n) - 1)) }
	for row := range n {
		for column := range n {
			points = append(points, middle(column), -middle(row))
		}
	}
	return tensors.FromFlatDataAndDimensions(points, n*n, 2)
}

// Draw returns the picture. Points outside the axes are drawn on the border, those that are not numbers not at all. It panics
// if a part has another shape.
func (p Plane) Draw() image.Image {
	real, fake := pointsOrNone("real points", p.Real), pointsOrNone("fake points", p.Fake)
	from, arrows := pointsOrNone("arrows' points", p.From), pointsOrNone("arrows", p.Arrows)
	if len(from) != len(arrows) {
		panic("display: as many arrows as points to begin at are wanted")
	}
	size, limit := p.Size, p.Limit
	if size <= 0 {
		size = 400
	}
	if limit <= 0 {
		limit = 1.25 * largest(real)
	}
	canvas := image.NewRGBA(image.Rect(0, 0, size, size))
	p.drawField(canvas)
	drawDots(canvas, real, limit, realPoint)
	drawDots(canvas, fake, limit, fakeDot)
	unit := p.Unit
	if unit <= 0 {
		unit = 0.2 * limit / longest(arrows)
	}
	toPixels := float64(size-1) / (2 * limit)
	for i := 0; i+1 < len(from); i += 2 {
		dx, dy := float64(arrows[i])*unit*toPixels, -float64(arrows[i+1])*unit*toPixels
		if tooLong := math.Hypot(dx, dy) / (0.2 * float64(size)); tooLong > 1 {
			dx, dy = dx/tooLong, dy/tooLong
		}
		drawArrow(canvas, (float64(from[i])+limit)*toPixels, (limit-float64(from[i+1]))*toPixels, dx, dy)
	}
	return canvas
}

// pointsOrNone returns points, or none for nil.
func pointsOrNone(what string, points *tensors.Tensor) []float32 {
	if points == nil {
		return nil
	}
	values, err := decodePoints(what, points)
	if err != nil {
		panic(err.Error())
	}
	return values
}

// longest returns the length of the longest finite arrow, or 1 if there is none above 0.
func longest(arrows []float32) float64 {
	result := 0.0
	for i := 0; i+1 < len(arrows); i += 2 {
		if length := math.Hypot(float64(arrows[i]), float64(arrows[i+1])); length > result && !math.IsInf(length, 0) {
			result = length
		}
	}
	if result == 0 {
		return 1
	}
	return result
}

// drawField fills the canvas with the field, smoothly between its places, or with white.
func (p Plane) drawField(canvas *image.RGBA) {
	n, field := 1, []float32{0.5}
	if p.Field != nil {
		shape := p.Field.Shape()
		if shape.DType != dtypes.Float32 || shape.Rank() != 2 || shape.Dim(0) != shape.Dim(1) {
			panic("display: the field is " + shape.String() + ", want float32 [n, n]")
		}
		n, field = shape.Dim(0), tensors.MustCopyFlatData[float32](p.Field)
	}
	size := canvas.Bounds().Dx()
	between := func(pixel int) (low, high int, share float64) { // The places on both sides of a pixel.
		at := max(0, min(float64(n-1), (float64(pixel)+0.5)/float64(size)*float64(n)-0.5))
		low = int(at)
		return low, min(low+1, n-1), at - float64(low)
	}
	for y := range size {
		top, bottom, down := between(y)
		for x := range size {
			left, right, along := between(x)
			upper := float64(field[top*n+left])*(1-along) + float64(field[top*n+right])*along
			lower := float64(field[bottom*n+left])*(1-along) + float64(field[bottom*n+right])*along
			canvas.SetRGBA(x, y, fieldColor(upper*(1-down)+lower*down))
		}
	}
}

// fieldColor returns the colour of a probability; grey if it is not a number.
func fieldColor(probability float64) color.RGBA {
	if math.IsNaN(probability) {
		return color.RGBA{R: 200, G: 200, B: 200, A: 255}
	}
	full, share := fieldReal, math.Round(fieldShades*max(-1, min(1, 2*probability-1)))/fieldShades
	if share < 0 {
		full, share = fieldFake, -share
	}
	level := func(channel int) uint8 { return uint8(math.Round(255 + (full[channel]-255)*share)) }
	return color.RGBA{R: level(0), G: level(1), B: level(2), A: 255}
}

// drawArrow draws an arrow of (dx, dy) pixels from a place; nothing if it is shorter than a pixel.
func drawArrow(canvas *image.RGBA, x, y, dx, dy float64) {
	length := math.Hypot(dx, dy)
	if !(length >= 1) || math.IsInf(length, 0) || math.IsNaN(x+y) {
		return
	}
	drawStroke(canvas, x, y, x+dx, y+dy)
	head := min(6, length/2) / length
	for _, side := range []float64{-0.5, 0.5} {
		drawStroke(canvas, x+dx, y+dy, x+dx-head*(dx-side*dy), y+dy-head*(dy+side*dx))
	}
}

// drawStroke draws a line a little over a pixel wide with smooth edges.
func drawStroke(canvas *image.RGBA, x0, y0, x1, y1 float64) {
	area := image.Rect(int(min(x0, x1))-2, int(min(y0, y1))-2, int(max(x0, x1))+3, int(max(y0, y1))+3).Intersect(canvas.Rect)
	dx, dy := x1-x0, y1-y0
	squared := max(dx*dx+dy*dy, 1e-12)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			along := max(0, min(1, ((float64(x)-x0)*dx+(float64(y)-y0)*dy)/squared))
			distance := math.Hypot(float64(x)-x0-along*dx, float64(y)-y0-along*dy)
			if coverage := max(0, min(1, 1.1-distance)); coverage > 0 {
				blend(canvas.Pix[canvas.PixOffset(x, y):], arrowColor, coverage)
			}
		}
	}
}
