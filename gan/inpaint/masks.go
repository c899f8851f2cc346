package inpaint

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/pkg/errors"
)

// MaskKind is a kind of hole.
type MaskKind string

// The kinds. "" is MixedMasks.
const (
	MixedMasks  MaskKind = "mixed"   // One of the others: strokes half of the time, a box in the centre or anywhere otherwise.
	CentreMasks MaskKind = "centre"  // A box in the centre.
	BoxMasks    MaskKind = "box"     // A box anywhere.
	StrokeMasks MaskKind = "strokes" // Strokes of a brush: free-form masks.
)

// MaskKinds are all kinds.
var MaskKinds = []MaskKind{MixedMasks, CentreMasks, BoxMasks, StrokeMasks}

// Masks draws holes. Its zero value draws what networks are trained with: boxes of a quarter of the picture and strokes.
//
// A box in the centre has exactly the share of the area, as nearly as whole pixels allow; each side of a box anywhere is
// shortened by up to a quarter, as DeepFill's are (128 pixels of 256, less up to 32).
//
// Strokes are those of "Free-Form Image Inpainting with Gated Convolution" (Yu et al. 2019,
// https://arxiv.org/abs/1806.03589, algorithm 1), which leaves its limits open: one to four lines of 4 to 12 bends, each
// turning by 2π/5 ± 2π/15 and every other one the other way round, of a length about an eighth of the picture's diagonal
// and a width of 12 to 40 pixels of 256. A drawing with less than a twentieth or more than half of the picture is drawn anew.
type Masks struct {
	Kind  MaskKind `json:"kind,omitempty"`
	Share float64  `json:"share,omitempty"` // Of the picture's area that a box has, in (0, 0.9]; 0 means 0.25.
}

// Check returns an error if there is no such kind or share.
func (m Masks) Check() error {
	if m.Kind != "" && !slices.Contains(MaskKinds, m.Kind) {
		return errors.Errorf("inpaint: there are no masks %q; Masks.Kind is one of %q", m.Kind, MaskKinds)
	}
	if !(m.Share >= 0 && m.Share <= 0.9) {
		return errors.Errorf("inpaint: Masks.Share is the part of a picture that a box hides, above 0 and at most 0.9, got %g", m.Share)
	}
	return nil
}

// Draw returns a mask of height×width values, row by row: 1 in the hole, 0 elsewhere. The seed decides. There is always some
// hole, and always some picture left.
//
// It panics, as Check returns an error, if the fields are out of range, and if height or width is less than 4.
func (m Masks) Draw(height, width int, seed uint64) []uint8 {
	if err := m.Check(); err != nil {
		panic(err)
	}
	if height < 4 || width < 4 {
		panic(errors.Errorf("inpaint: a picture of %d×%d pixels is too small for a hole; it takes 4×4", height, width))
	}
	c := canvas{make([]uint8, height*width), height, width, rand.New(rand.NewPCG(seed, 0x6d61736b))}
	kind := m.Kind
	if kind == "" || kind == MixedMasks {
		kind = []MaskKind{StrokeMasks, StrokeMasks, CentreMasks, BoxMasks}[c.IntN(4)]
	}
	side := math.Sqrt(m.Share)
	if m.Share == 0 {
		side = 0.5
	}
	switch kind {
	case CentreMasks:
		h, w := portion(height, side), portion(width, side)
		c.box((height-h)/2, (width-w)/2, h, w)
	case BoxMasks:
		h, w := portion(height, side*(0.75+0.25*c.Float64())), portion(width, side*(0.75+0.25*c.Float64()))
		c.box(c.IntN(height-h+1), c.IntN(width-w+1), h, w)
	default:
		c.strokes()
	}
	return c.pixels
}

// portion returns a part of the size in whole pixels, at least one, and not all.
func portion(size int, part float64) int {
	return min(max(int(math.Round(part*float64(size))), 1), size-1)
}

// canvas is a mask being drawn.
type canvas struct {
	pixels        []uint8
	height, width int
	*rand.Rand
}

// box draws a rectangle.
func (c canvas) box(top, left, height, width int) {
	for y := top; y < top+height; y++ {
		for x := left; x < left+width; x++ {
			c.pixels[y*c.width+x] = 1
		}
	}
}

// strokes draws lines until they hide neither too little nor too much of the picture.
func (c canvas) strokes() {
	for range 100 {
		clear(c.pixels)
		for range 1 + c.IntN(4) {
			c.stroke()
		}
		hidden := 0
		for _, v := range c.pixels {
			hidden += int(v)
		}
		if area := c.height * c.width; hidden > 0 && 20*hidden >= area && 2*hidden <= area {
			return
		}
	}
	// Only pictures of few pixels, or many times as wide as high, come here.
	clear(c.pixels)
	c.box(c.height/4, c.width/4, max(c.height/2, 1), max(c.width/2, 1))
}

// stroke draws one line with bends.
func (c canvas) stroke() {
	const mean, spread = 2 * math.Pi / 5, 2 * math.Pi / 15 // Of the angles.
	diagonal := math.Hypot(float64(c.height), float64(c.width))
	scale := float64(min(c.height, c.width)) / 256
	x, y := c.Float64()*float64(c.width), c.Float64()*float64(c.height)
	brush := math.Max(scale*(12+28*c.Float64()), 1)
	start := c.Float64() * 2 * math.Pi // The paper turns the whole mask round at random.
	for i := range 4 + c.IntN(9) {
		angle := mean + spread*(2*c.Float64()-1)
		if i%2 == 0 {
			angle = 2*math.Pi - angle
		}
		length := diagonal / 8 * math.Min(math.Max(1+0.35*c.NormFloat64(), 0), 2)
		toX := math.Min(math.Max(x+length*math.Cos(start+angle), 0), float64(c.width))
		toY := math.Min(math.Max(y+length*math.Sin(start+angle), 0), float64(c.height))
		c.line(x, y, toX, toY, brush/2)
		x, y = toX, toY
	}
}

// line draws all pixels whose centre is no farther than radius from the line between two points, so that its ends are round.
func (c canvas) line(x0, y0, x1, y1, radius float64) {
	top, bottom := int(math.Floor(math.Min(y0, y1)-radius)), int(math.Ceil(math.Max(y0, y1)+radius))
	left, right := int(math.Floor(math.Min(x0, x1)-radius)), int(math.Ceil(math.Max(x0, x1)+radius))
	dx, dy := x1-x0, y1-y0
	length2 := dx*dx + dy*dy
	for y := max(top, 0); y < min(bottom, c.height); y++ {
		for x := max(left, 0); x < min(right, c.width); x++ {
			px, py := float64(x)+0.5-x0, float64(y)+0.5-y0
			along := 0.0
			if length2 > 0 {
				along = math.Min(math.Max((px*dx+py*dy)/length2, 0), 1)
			}
			if math.Hypot(px-along*dx, py-along*dy) <= radius {
				c.pixels[y*c.width+x] = 1
			}
		}
	}
}
