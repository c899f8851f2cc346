package augment

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// ADA changes images by the pipeline "bgc" of "Training Generative Adversarial Networks with Limited Data" (appendix B),
// pixel blitting, general geometric transformations and colour, in this order and each with probability p, a scalar from
// 0 to 1 that training adapts:
//
//   - a horizontal flip, of every other image; a turn by 0, 90, 180 or 270 degrees; a move by whole pixels, U(-1/8, 1/8) of the
//     image's size along each axis;
//   - scaling by 2^N(0, 0.2²); a rotation by any angle; stretching by 2^N(0, 0.2²) along one axis and shrinking by as much
//     along the other; a rotation by any angle; a move by N(0, (1/8)²) of the image's size along each axis. The two
//     rotations have probability 1 - √(1 - p) each, so that one of them happens with p;
//   - brightness + N(0, 0.2²); contrast × 2^N(0, 0.5²) around the grey in the middle; a luma flip, of every other image;
//     a rotation of hue by any angle; saturation × 2^N(0, 1).
//
// Images with one channel skip the last three; other numbers of channels than 1 and 3 panic.
//
// Outside the image lies its reflection, as in the paper. Unlike there, all the geometry is one lookup with bilinear
// interpolation, at the image's own resolution: the paper doubles the resolution by a wavelet filter for it, which keeps
// more of the finest detail. Non-square images turned by 90 degrees keep their shape; the reflection fills what is left.
func ADA(scope *model.Scope, x, p *Node) *Node {
	checkImages("ADA", x)
	if channels := x.Shape().Dim(-1); channels != 1 && channels != 3 {
		Panicf("ADA: images must have 1 channel or 3, got %s", x.Shape())
	}
	if !p.IsScalar() {
		Panicf("ADA: the probability must be a scalar, got %s", p.Shape())
	}
	p = StopGradient(ClipScalar(ConvertDType(p, x.DType()), 0, 1)) // Rounding must not make a root of a negative number.
	d := newDraws(scope, x, 21, 7)
	moves := drawGeometry(d, p)
	changes := drawColours(d, p, x.Shape().Dim(-1))
	return changes.apply(moves.apply(x))
}

// geometry holds the moves of ADA, each shaped [batch].
type geometry struct {
	flip                 *Node // 0 or 1.
	turns                *Node // Of 90 degrees: 0, 1, 2 or 3.
	stepRight, stepDown  *Node // Parts of the image's size, rounded to pixels.
	scale                *Node
	angleBefore, stretch *Node // Radians; the factor along x, and 1/stretch along y.
	angleAfter           *Node
	moveRight, moveDown  *Node // Parts of the image's size.
}

// drawGeometry draws the moves, each with probability p.
func drawGeometry(d *draws, p *Node) geometry {
	var m geometry
	m.flip = d.with(p)(d.below(2), 0)
	m.turns = d.with(p)(d.below(4), 0)
	keep := d.with(p)
	m.stepRight, m.stepDown = keep(d.uniform(-0.125, 0.125), 0), keep(d.uniform(-0.125, 0.125), 0)
	rotation := OneMinus(Sqrt(OneMinus(p)))
	m.scale = d.with(p)(d.logNormal(0.2), 1)
	m.angleBefore = d.with(rotation)(d.uniform(-math.Pi, math.Pi), 0)
	m.stretch = d.with(p)(d.logNormal(0.2), 1)
	m.angleAfter = d.with(rotation)(d.uniform(-math.Pi, math.Pi), 0)
	keep = d.with(p)
	m.moveRight, m.moveDown = keep(d.normal(0.125), 0), keep(d.normal(0.125), 0)
	return m
}

// apply moves the images.
func (m geometry) apply(x *Node) *Node {
	height, width := float64(x.Shape().Dim(1)), float64(x.Shape().Dim(2))
	quarter := MulScalar(m.turns, math.Pi/2)
	return identity(m.flip).
		scaled(OneMinus(MulScalar(m.flip, 2)), OnesLike(m.flip)).
		rotated(Round(Cos(quarter)), Round(Sin(quarter))). // Exactly -1, 0 or 1.
		translated(Round(MulScalar(m.stepRight, width)), Round(MulScalar(m.stepDown, height))).
		scaled(m.scale, m.scale).
		rotated(Cos(m.angleBefore), Sin(m.angleBefore)).
		scaled(m.stretch, Inverse(m.stretch)).
		rotated(Cos(m.angleAfter), Sin(m.angleAfter)).
		translated(MulScalar(m.moveRight, width), MulScalar(m.moveDown, height)).
		apply(x, PadReflect)
}
