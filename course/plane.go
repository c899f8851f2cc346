package course

import (
	"image"
	"image/draw"
	"math"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/display"
)

const (
	planeSide   = 48  // Places of the field, along each axis.
	planeFakes  = 500 // Points that are drawn of the generator,
	planeArrows = 60  // and how many of them have an arrow.
)

// Plane draws a game in the plane as it stands: real points blue, the generator's orange, the ground blue where the
// discriminator takes a point for real and orange where it does not, and arrows where it tells the fakes to go: the slopes of its
// logit, the longest a tenth of the picture. Where points are packed it draws points only: see gan.Trainer.Discriminate.
func Plane(trainer *gan.Trainer, reals *tensors.Tensor) image.Image {
	fakes, err := trainer.Sample(planeFakes)
	Must(err)
	plane := display.Plane{Real: reals, Fake: fakes, Size: 260, Limit: 1}
	for _, value := range Floats(reals) {
		plane.Limit = max(plane.Limit, 1.4*math.Abs(float64(value)))
	}
	if trainer.Config().Pack > 1 {
		return plane.Draw()
	}
	logits, err := trainer.Discriminate(display.Places(plane.Limit, planeSide), nil)
	Must(err)
	field := Floats(logits)
	for i, logit := range field {
		field[i] = float32(1 / (1 + math.Exp(-float64(logit))))
	}
	plane.Field = tensors.FromFlatDataAndDimensions(field, planeSide, planeSide)
	plane.From = tensors.FromFlatDataAndDimensions(Floats(fakes)[:2*planeArrows], planeArrows, 2)
	plane.Arrows, err = trainer.Slopes(plane.From, nil)
	Must(err)
	return plane.Draw()
}

// Beside puts pictures of one size beside one another, so many in a row, on white.
func Beside(columns int, pictures ...image.Image) image.Image {
	if len(pictures) == 0 || columns < 1 {
		Fail("course.Beside needs a picture, and a column.")
	}
	const gap = 4
	size := pictures[0].Bounds().Size().Add(image.Pt(gap, gap))
	rows := (len(pictures) + columns - 1) / columns
	canvas := image.NewRGBA(image.Rect(0, 0, min(columns, len(pictures))*size.X-gap, rows*size.Y-gap))
	draw.Draw(canvas, canvas.Rect, image.White, image.Point{}, draw.Src)
	for i, picture := range pictures {
		corner := image.Pt(i%columns*size.X, i/columns*size.Y)
		draw.Draw(canvas, picture.Bounds().Sub(picture.Bounds().Min).Add(corner), picture, picture.Bounds().Min, draw.Src)
	}
	return canvas
}
