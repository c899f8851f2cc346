package display

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"

	"github.com/gomlx/gomlx/core/tensors"
)

// Grid draws samples as tiles, row after row, enlarged so that a person can read them and with a thin separator between
// them. Zero columns choose a nearly square grid. Points are drawn as a [Scatter] instead. It is Tiles{Columns: columns}.
func Grid(samples *tensors.Tensor, columns int) image.Image {
	return Tiles{Columns: columns}.Draw(samples)
}

// Strip draws interpolations: each of the rows is one of them, its samples side by side without a separator. Samples
// hold the rows one after another, all of the same length. It panics if their number is not a multiple of rows.
func Strip(samples *tensors.Tensor, rows int) image.Image {
	decoded, err := decode(samples)
	if err != nil {
		panic(err.Error())
	}
	if rows < 1 || decoded.n%rows != 0 {
		panic(fmt.Sprintf("display: %d samples do not make %d rows of the same length", decoded.n, rows))
	}
	return Tiles{Columns: decoded.n / rows, Gap: -1, RowGap: 4}.draw(decoded)
}

// Tiles says how to draw a grid of samples.
type Tiles struct {
	// Columns is the number of tiles in a row. Zero chooses: as many as rows, or a few more where that fills the last row.
	Columns int

	// Scale enlarges each tile by this factor, repeating pixels. Zero chooses the least factor that makes a tile at least
	// 48 pixels wide or high (28 pixels become 56), or less of it where the picture would exceed 2048 pixels.
	Scale int

	// Gap is the number of pixels between columns and around the grid. Zero means 2; negative, none.
	Gap int

	// RowGap is the number of pixels between rows. Zero means the same as Gap; negative, none.
	RowGap int

	// RowNames are written to the left of the rows, on white: classes, steps or models. Rows beyond them have no name.
	RowNames []string
}

// separatorLevel is the grey between tiles: apart from the black around digits and the white around drawings.
const separatorLevel = 72

// Draw returns the grid: an [image.Gray] for samples of one channel, where each pixel is exactly the sample's, otherwise
// an [image.RGBA] or, with alpha, an [image.NRGBA]. Points are drawn by [Cloud] with its defaults.
// It panics if samples are neither images nor points.
func (t Tiles) Draw(samples *tensors.Tensor) image.Image {
	if isPoints(samples) {
		return Cloud{}.Draw(samples)
	}
	decoded, err := decode(samples)
	if err != nil {
		panic(err.Error())
	}
	return t.draw(decoded)
}

// draw is Draw after decoding.
func (t Tiles) draw(p *pixels) image.Image {
	columns := t.Columns
	if columns <= 0 {
		columns = nearSquare(p.n)
	}
	rows := (p.n + columns - 1) / columns
	gap := orDefault(t.Gap, 2)
	rowGap := orDefault(t.RowGap, gap)
	scale := t.Scale
	if scale <= 0 {
		scale = readableScale(p, columns, rows)
	}
	cellWidth, cellHeight := p.width*scale+gap, p.height*scale+rowGap
	names := newNames(t.RowNames, rows)

	left := names.width
	bounds := image.Rect(0, 0, left+columns*cellWidth+gap, rows*cellHeight-rowGap+2*gap)
	canvas := newCanvas(bounds, p.channels)
	draw.Draw(canvas, bounds, image.NewUniform(color.Gray{Y: separatorLevel}), image.Point{}, draw.Src)
	draw.Draw(canvas, image.Rect(0, 0, left, bounds.Max.Y), image.White, image.Point{}, draw.Src)
	for i := range p.n {
		x := left + gap + i%columns*cellWidth
		y := gap + i/columns*cellHeight
		enlarge(canvas, image.Pt(x, y), p.image(i), scale)
	}
	for row := range rows {
		names.write(canvas, row, gap+row*cellHeight+p.height*scale/2)
	}
	return canvas
}

// orDefault returns value, or what its zero means, or 0 for a negative value.
func orDefault(value, zero int) int {
	if value == 0 {
		return zero
	}
	return max(value, 0)
}

// nearSquare returns the least number of columns, at least the square root of n, that fills the last row of a grid not
// much wider than high; or that square root rounded up.
func nearSquare(n int) int {
	root := int(math.Ceil(math.Sqrt(float64(n))))
	for columns := root; 2*columns*columns <= 5*n; columns++ {
		if n%columns == 0 {
			return columns
		}
	}
	return root
}

// readableScale chooses the enlargement, see Tiles.Scale.
func readableScale(p *pixels, columns, rows int) int {
	const readable, largest = 48, 2048
	tile := max(p.width, p.height)
	scale := (readable + tile - 1) / tile
	fits := largest / max(columns*p.width, rows*p.height)
	return max(1, min(scale, fits))
}

// newCanvas returns an empty picture that keeps the pixels of images with that many channels as they are.
func newCanvas(bounds image.Rectangle, channels int) draw.Image {
	switch channels {
	case 1:
		return image.NewGray(bounds)
	case 3:
		return image.NewRGBA(bounds)
	default:
		return image.NewNRGBA(bounds)
	}
}

// enlarge copies picture to canvas at a place, each pixel scale times wider and higher. Both have the same type, one of
// newCanvas's.
func enlarge(canvas draw.Image, at image.Point, picture image.Image, scale int) {
	to, toStride, size := pixelBytes(canvas)
	from, fromStride, _ := pixelBytes(picture)
	bounds := picture.Bounds()
	for y := range bounds.Dy() * scale {
		row := to[(at.Y+y)*toStride+at.X*size:]
		source := from[y/scale*fromStride:]
		for x := range bounds.Dx() * scale {
			copy(row[x*size:(x+1)*size], source[x/scale*size:])
		}
	}
}

// pixelBytes returns the bytes of a picture made by newCanvas, how many there are from a row to the next, and to a pixel.
func pixelBytes(picture image.Image) (pix []uint8, stride, size int) {
	switch picture := picture.(type) {
	case *image.Gray:
		return picture.Pix, picture.Stride, 1
	case *image.RGBA:
		return picture.Pix, picture.Stride, 4
	case *image.NRGBA:
		return picture.Pix, picture.Stride, 4
	}
	panic(fmt.Sprintf("display: a %T has no bytes to copy", picture))
}
