package display

import (
	"image"
	"image/draw"
	"image/gif"
	"io"
	"time"

	"github.com/pkg/errors"
)

var errNoFrames = errors.New("display: the animation has no frame: call Add first")

// Animation collects frames and writes them as an animated GIF that repeats for ever. Its zero value is ready to use.
type Animation struct {
	// Delay is how long each frame is shown, in steps of 10 ms. Zero means 150 ms.
	Delay time.Duration

	// Hold is how long the last frame is shown. Zero means 2 s.
	Hold time.Duration

	frames []image.Image // *image.Gray or opaque *image.RGBA, with their corner at (0, 0)
}

// Add appends a copy of the picture as a frame. Transparent parts become white.
func (a *Animation) Add(picture image.Image) {
	from := picture.Bounds()
	bounds := image.Rect(0, 0, from.Dx(), from.Dy())
	var frame draw.Image = image.NewRGBA(bounds)
	if _, isGray := picture.(*image.Gray); isGray {
		frame = image.NewGray(bounds)
	}
	draw.Draw(frame, bounds, image.White, image.Point{}, draw.Src)
	draw.Draw(frame, bounds, picture, from.Min, draw.Over)
	a.frames = append(a.frames, frame)
}

// Len returns the number of frames.
func (a *Animation) Len() int { return len(a.frames) }

// Encode writes the animation as a GIF, as large as its largest frame; smaller ones lie in its upper left corner, on
// white.
//
// Grey frames keep their levels exactly, and so do frames in colour that use no more than 256 colours together. Others
// share the 256 colours that stand for them best (median cut, weighted by how often a colour occurs) and are dithered.
// It returns an error if there is no frame or w fails.
func (a *Animation) Encode(w io.Writer) error {
	var size image.Point
	isGray := true
	for _, frame := range a.frames {
		size.X, size.Y = max(size.X, frame.Bounds().Dx()), max(size.Y, frame.Bounds().Dy())
		if _, ok := frame.(*image.Gray); !ok {
			isGray = false
		}
	}
	if len(a.frames) == 0 {
		return errNoFrames
	}

	paint := newPainter(a.frames, isGray)
	movie := gif.GIF{Config: image.Config{ColorModel: paint.palette, Width: size.X, Height: size.Y}}
	for _, frame := range a.frames {
		movie.Image = append(movie.Image, paint.frame(frame, size))
		movie.Delay = append(movie.Delay, hundredths(a.Delay, 150*time.Millisecond))
	}
	movie.Delay[len(movie.Delay)-1] = hundredths(a.Hold, 2*time.Second)
	return gif.EncodeAll(w, &movie)
}

// WriteFile writes the animation to a file like [SavePNG]: making folders, and whole or not at all.
func (a *Animation) WriteFile(path string) error {
	if len(a.frames) == 0 {
		return errNoFrames
	}
	return writeFile(path, a.Encode)
}

// hundredths converts to a GIF's unit, at least 20 ms: browsers slow down what is faster.
func hundredths(duration, zero time.Duration) int {
	if duration == 0 {
		duration = zero
	}
	return max(2, int(duration.Round(10*time.Millisecond)/(10*time.Millisecond)))
}
