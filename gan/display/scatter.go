package display

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"github.com/gomlx/gomlx/core/tensors"
)

// Scatter draws points, float32 [n, 2], over the real ones as grey dots; real may be nil. The axes depend on the real
// points alone, so frames of one training can be compared. It is Cloud{Real: real}.
func Scatter(points, real *tensors.Tensor) image.Image {
	return Cloud{Real: real}.Draw(points)
}

// Cloud says how to draw points in the plane.
type Cloud struct {
	// Real are the points of the data, float32 [n, 2], drawn behind; or nil.
	Real *tensors.Tensor

	// Limit is where both axes end: they run from -Limit to Limit. Zero means 1.25 times the largest coordinate of Real in
	// absolute value, or 1.25 without Real.
	Limit float64

	// Size is the width and height of the picture in pixels. Zero means 400.
	Size int
}

var (
	realDot  = color.NRGBA{R: 150, G: 150, B: 150, A: 160}
	fakeDot  = color.NRGBA{R: 213, G: 94, B: 0, A: 190}
	axisLine = color.Gray{Y: 225}
)

// dotRadius is in pixels.
const dotRadius = 2.0

// Draw returns the picture of points, float32 [n, 2]. A point outside the axes is drawn on the border, so that it is
// seen; one that is not a number is not drawn. It panics if points or Real have another shape.
func (c Cloud) Draw(points *tensors.Tensor) image.Image {
	fakePoints, err := decodePoints("points", points)
	if err != nil {
		panic(err.Error())
	}
	var realPoints []float32
	if c.Real != nil {
		if realPoints, err = decodePoints("real points", c.Real); err != nil {
			panic(err.Error())
		}
	}
	size := c.Size
	if size <= 0 {
		size = 400
	}
	limit := c.Limit
	if limit <= 0 {
		limit = 1.25 * largest(realPoints)
	}

	canvas := image.NewRGBA(image.Rect(0, 0, size, size))
	draw.Draw(canvas, canvas.Bounds(), image.White, image.Point{}, draw.Src)
	for i := range size {
		for _, edge := range []int{0, size / 2, size - 1} {
			canvas.Set(i, edge, axisLine)
			canvas.Set(edge, i, axisLine)
		}
	}
	drawDots(canvas, realPoints, limit, realDot)
	drawDots(canvas, fakePoints, limit, fakeDot)
	return canvas
}

// largest returns the largest finite coordinate in absolute value, or 1 if there is none above 0.
func largest(points []float32) float64 {
	result := 0.0
	for _, value := range points {
		if size := math.Abs(float64(value)); size > result && !math.IsInf(size, 0) {
			result = size
		}
	}
	if result == 0 {
		return 1
	}
	return result
}

// drawDots draws each point as a round dot with a smooth edge; the second coordinate points upwards.
func drawDots(canvas *image.RGBA, points []float32, limit float64, dot color.NRGBA) {
	size := float64(canvas.Bounds().Dx())
	for i := 0; i+1 < len(points); i += 2 {
		px, py := float64(points[i]), float64(points[i+1])
		if math.IsNaN(px) || math.IsNaN(py) {
			continue
		}
		px, py = max(-limit, min(limit, px)), max(-limit, min(limit, py))
		centerX := (px/limit + 1) / 2 * (size - 1)
		centerY := (1 - py/limit) / 2 * (size - 1)
		for y := int(centerY - dotRadius); y <= int(centerY+dotRadius+1); y++ {
			for x := int(centerX - dotRadius); x <= int(centerX+dotRadius+1); x++ {
				distance := math.Hypot(float64(x)-centerX, float64(y)-centerY)
				coverage := max(0, min(1, dotRadius+0.5-distance))
				if coverage > 0 && image.Pt(x, y).In(canvas.Rect) {
					blend(canvas.Pix[canvas.PixOffset(x, y):], dot, coverage)
				}
			}
		}
	}
}

// blend mixes a colour into an opaque pixel, as much as its alpha and the coverage say.
func blend(pixel []uint8, over color.NRGBA, coverage float64) {
	share := coverage * float64(over.A) / 255
	for channel, level := range [3]uint8{over.R, over.G, over.B} {
		pixel[channel] = uint8(math.Round(float64(pixel[channel])*(1-share) + float64(level)*share))
	}
}
