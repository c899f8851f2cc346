package augment

import (
	"cmp"
	"math"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// moving is an operation that is an affine map of the plane. A policy composes those that stand side by side to one map,
// and looks up each pixel once.
type moving interface {
	Operation

	edge() Border
	maps(draws *Node, height, width float64) lookup     // Of each example; a nil coefficient is 0.
	mapOf(draws []float64, height, width float64) place // Of one picture.
}

// RandomFlip mirrors a picture left to right; with Vertical, top to bottom. A policy read from text does so to every
// other picture, unless it says another probability.
type RandomFlip struct{ Vertical bool }

// Name returns "flip" or "flip-vertical".
func (f RandomFlip) Name() string {
	if f.Vertical {
		return "flip-vertical"
	}
	return "flip"
}

// Check returns nil.
func (f RandomFlip) Check() error { return nil }

// Draws returns 0.
func (f RandomFlip) Draws([]int) int { return 0 }

// Graph returns the flipped images.
func (f RandomFlip) Graph(images, draws *Node) *Node { return moveGraph(f, images, draws) }

// Picture returns the flipped picture.
func (f RandomFlip) Picture(p *Picture, draws []float64) *Picture { return movePicture(f, p, draws) }

func (f RandomFlip) edge() Border { return anyBorder }

func (f RandomFlip) maps(draws *Node, _, _ float64) lookup {
	ones := Ones(draws.Graph(), shapes.Make(draws.DType(), draws.Shape().Dim(0)))
	if f.Vertical {
		return lookup{xx: ones, yy: Neg(ones)}
	}
	return lookup{xx: Neg(ones), yy: ones}
}

func (f RandomFlip) mapOf([]float64, float64, float64) place {
	if f.Vertical {
		return place{xx: 1, yy: -1}
	}
	return place{xx: -1, yy: 1}
}

// RandomRotation turns a picture around its middle, by up to Degrees in either direction; 0 means 15.
type RandomRotation struct {
	Degrees float64
	Border  Border
}

// Name returns "rotate".
func (r RandomRotation) Name() string { return "rotate" }

// Check returns an error unless Degrees is from 0 to 180.
func (r RandomRotation) Check() error {
	return firstError(checkRange(r.Name(), "degrees", r.Degrees, 0, 180), r.Border.check(r.Name()))
}

// Draws returns 1.
func (r RandomRotation) Draws([]int) int { return 1 }

// Graph returns the turned images.
func (r RandomRotation) Graph(images, draws *Node) *Node { return moveGraph(r, images, draws) }

// Picture returns the turned picture.
func (r RandomRotation) Picture(p *Picture, draws []float64) *Picture {
	return movePicture(r, p, draws)
}

func (r RandomRotation) edge() Border   { return r.Border }
func (r RandomRotation) angle() float64 { return cmp.Or(r.Degrees, 15) * degree }

func (r RandomRotation) maps(draws *Node, _, _ float64) lookup {
	angle := betweenEach(draws, 0, -r.angle(), r.angle())
	cos, sin := Cos(angle), Sin(angle)
	return lookup{xx: cos, xy: sin, yx: Neg(sin), yy: cos}
}

func (r RandomRotation) mapOf(draws []float64, _, _ float64) place {
	sin, cos := math.Sincos(between(draws[0], -r.angle(), r.angle()))
	return place{xx: cos, xy: sin, yx: -sin, yy: cos}
}

// RandomScale makes a picture larger or smaller around its middle, by a factor from 1 - By to 1 + By; 0 means 0.1.
type RandomScale struct {
	By     float64
	Border Border
}

// Name returns "scale".
func (s RandomScale) Name() string { return "scale" }

// Check returns an error unless By is from 0 to 0.9.
func (s RandomScale) Check() error {
	return firstError(checkRange(s.Name(), "factor", s.By, 0, 0.9), s.Border.check(s.Name()))
}

// Draws returns 1.
func (s RandomScale) Draws([]int) int { return 1 }

// Graph returns the scaled images.
func (s RandomScale) Graph(images, draws *Node) *Node { return moveGraph(s, images, draws) }

// Picture returns the scaled picture.
func (s RandomScale) Picture(p *Picture, draws []float64) *Picture { return movePicture(s, p, draws) }

func (s RandomScale) edge() Border { return s.Border }

func (s RandomScale) maps(draws *Node, _, _ float64) lookup {
	by := cmp.Or(s.By, 0.1)
	inverse := Inverse(betweenEach(draws, 0, 1-by, 1+by))
	return lookup{xx: inverse, yy: inverse}
}

func (s RandomScale) mapOf(draws []float64, _, _ float64) place {
	by := cmp.Or(s.By, 0.1)
	inverse := 1 / between(draws[0], 1-by, 1+by)
	return place{xx: inverse, yy: inverse}
}

// RandomTranslation moves a picture along both axes by up to By times its size, not rounded to pixels; 0 means 0.1.
type RandomTranslation struct {
	By     float64
	Border Border
}

// Name returns "translate".
func (t RandomTranslation) Name() string { return "translate" }

// Check returns an error unless By is from 0 to 1.
func (t RandomTranslation) Check() error {
	return firstError(checkRange(t.Name(), "part of the size", t.By, 0, 1), t.Border.check(t.Name()))
}

// Draws returns 2.
func (t RandomTranslation) Draws([]int) int { return 2 }

// Graph returns the moved images.
func (t RandomTranslation) Graph(images, draws *Node) *Node { return moveGraph(t, images, draws) }

// Picture returns the moved picture.
func (t RandomTranslation) Picture(p *Picture, draws []float64) *Picture {
	return movePicture(t, p, draws)
}

func (t RandomTranslation) edge() Border { return t.Border }

func (t RandomTranslation) maps(draws *Node, height, width float64) lookup {
	by := cmp.Or(t.By, 0.1)
	x0, y0 := betweenEach(draws, 0, by*width, -by*width), betweenEach(draws, 1, by*height, -by*height)
	return lookup{xx: OnesLike(x0), x0: x0, yy: OnesLike(x0), y0: y0}
}

func (t RandomTranslation) mapOf(draws []float64, height, width float64) place {
	by := cmp.Or(t.By, 0.1)
	return place{xx: 1, x0: between(draws[0], by*width, -by*width), yy: 1, y0: between(draws[1], by*height, -by*height)}
}

// RandomShear slants a picture: rows move sideways by their distance from the middle times the tangent of an angle of up to
// Degrees in either direction; 0 means 10.
type RandomShear struct {
	Degrees float64
	Border  Border
}

// Name returns "shear".
func (s RandomShear) Name() string { return "shear" }

// Check returns an error unless Degrees is from 0 to 80.
func (s RandomShear) Check() error {
	return firstError(checkRange(s.Name(), "degrees", s.Degrees, 0, 80), s.Border.check(s.Name()))
}

// Draws returns 1.
func (s RandomShear) Draws([]int) int { return 1 }

// Graph returns the slanted images.
func (s RandomShear) Graph(images, draws *Node) *Node { return moveGraph(s, images, draws) }

// Picture returns the slanted picture.
func (s RandomShear) Picture(p *Picture, draws []float64) *Picture { return movePicture(s, p, draws) }

func (s RandomShear) edge() Border   { return s.Border }
func (s RandomShear) angle() float64 { return cmp.Or(s.Degrees, 10) * degree }

func (s RandomShear) maps(draws *Node, _, _ float64) lookup {
	angle := betweenEach(draws, 0, -s.angle(), s.angle())
	return lookup{xx: OnesLike(angle), xy: Div(Sin(angle), Cos(angle)), yy: OnesLike(angle)}
}

func (s RandomShear) mapOf(draws []float64, _, _ float64) place {
	return place{xx: 1, xy: math.Tan(between(draws[0], -s.angle(), s.angle())), yy: 1}
}

// RandomCrop cuts a window out of a picture and stretches it to the size of the whole. The window has the picture's
// proportions, sides from Keep times to once the picture's, and lies anywhere in it; 0 means 0.8.
type RandomCrop struct{ Keep float64 }

// Name returns "crop".
func (c RandomCrop) Name() string { return "crop" }

// Check returns an error unless Keep is from 0 to 1.
func (c RandomCrop) Check() error { return checkRange(c.Name(), "part to keep", c.Keep, 0, 1) }

// Draws returns 3.
func (c RandomCrop) Draws([]int) int { return 3 }

// Graph returns the cut images.
func (c RandomCrop) Graph(images, draws *Node) *Node { return moveGraph(c, images, draws) }

// Picture returns the cut picture.
func (c RandomCrop) Picture(p *Picture, draws []float64) *Picture { return movePicture(c, p, draws) }

func (c RandomCrop) edge() Border { return anyBorder }

func (c RandomCrop) maps(draws *Node, height, width float64) lookup {
	side := betweenEach(draws, 0, cmp.Or(c.Keep, 0.8), 1)
	room := OneMinus(side) // From one end of where the window's middle can be to the other.
	return lookup{
		xx: side, x0: Mul(room, betweenEach(draws, 1, -width/2, width/2)),
		yy: side, y0: Mul(room, betweenEach(draws, 2, -height/2, height/2)),
	}
}

func (c RandomCrop) mapOf(draws []float64, height, width float64) place {
	side := between(draws[0], cmp.Or(c.Keep, 0.8), 1)
	return place{
		xx: side, x0: (1 - side) * between(draws[1], -width/2, width/2),
		yy: side, y0: (1 - side) * between(draws[2], -height/2, height/2),
	}
}
