package display

import (
	"image"
	"image/color"
	"image/draw"

	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
	plotfont "gonum.org/v1/plot/font"
)

// sans is the typeface of every text in a picture.
var sans = plotfont.Font{Typeface: "Liberation", Variant: "Sans"}

// textPadding is the room left and right of a text, in pixels.
const textPadding = 6

// newFace returns the typeface at text size. A face must not be shared between goroutines.
func newFace() font.Face {
	face := plotfont.DefaultCache.Lookup(sans, 10)
	return face.FontFace(96)
}

// Caption returns the picture with a line of text above it, on white: the step of a frame, or the name of a model.
// A text wider than the picture is cut off. A grey picture stays grey.
func Caption(picture image.Image, text string) image.Image {
	face := newFace()
	metrics := face.Metrics()
	height := metrics.Height.Ceil() + 4
	from := picture.Bounds()
	bounds := image.Rect(0, 0, from.Dx(), from.Dy()+height)
	var canvas draw.Image = image.NewRGBA(bounds)
	if _, isGray := picture.(*image.Gray); isGray {
		canvas = image.NewGray(bounds)
	}
	draw.Draw(canvas, bounds, image.White, image.Point{}, draw.Src)
	draw.Draw(canvas, image.Rect(0, height, bounds.Max.X, bounds.Max.Y), picture, from.Min, draw.Over)
	writeText(canvas, face, text, textPadding, height/2)
	return canvas
}

// writeText writes a line of black text from x on, centred on y between its capitals' top and the baseline.
func writeText(canvas draw.Image, face font.Face, text string, x, y int) {
	drawer := font.Drawer{
		Dst:  canvas,
		Src:  image.NewUniform(color.Gray{Y: 32}),
		Face: face,
		Dot:  fixed.Point26_6{X: fixed.I(x), Y: fixed.I(y) + face.Metrics().CapHeight/2},
	}
	drawer.DrawString(text)
}

// names are texts in a column left of a grid's rows.
type names struct {
	texts []string
	face  font.Face
	width int // of the column, in pixels; 0 without texts
}

// newNames measures the names of the rows.
func newNames(texts []string, rows int) names {
	texts = texts[:min(len(texts), rows)]
	column := names{texts: texts}
	if len(texts) == 0 {
		return column
	}
	column.face = newFace()
	for _, text := range texts {
		column.width = max(column.width, font.MeasureString(column.face, text).Ceil()+2*textPadding)
	}
	return column
}

// write writes the name of a row, if it has one, centred on y.
func (c names) write(canvas draw.Image, row, y int) {
	if row < len(c.texts) {
		writeText(canvas, c.face, c.texts[row], textPadding, y)
	}
}
