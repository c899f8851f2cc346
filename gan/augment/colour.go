package augment

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// Brightness adds to each image its offset. offsets is shaped [batch].
func Brightness(x, offsets *Node) *Node {
	checkImages("Brightness", x)
	return Add(x, perExample("Brightness", offsets, x))
}

// Contrast moves the values of each image away from their mean, over all pixels and channels, by its factor: 1 leaves
// them, 0 makes them all alike. factors is shaped [batch].
func Contrast(x, factors *Node) *Node {
	checkImages("Contrast", x)
	mean := ReduceAndKeep(x, ReduceMean, 1, 2, 3)
	return Add(Mul(Sub(x, mean), perExample("Contrast", factors, x)), mean)
}

// Saturation moves the channels of each pixel away from their mean by the image's factor: 1 leaves them, 0 makes them
// grey. Images with one channel stay as they are. factors is shaped [batch].
func Saturation(x, factors *Node) *Node {
	checkImages("Saturation", x)
	if x.Shape().Dim(-1) == 1 {
		return x
	}
	mean := luma(x)
	return Add(Mul(Sub(x, mean), perExample("Saturation", factors, x)), mean)
}

// HueRotation turns the colours of each image around the axis of greys, (1, 1, 1), by its angle in radians; a third of
// a turn, 2π/3, makes red of what was blue, green of red and blue of green. It panics unless images have three
// channels. angles is shaped [batch].
func HueRotation(x, angles *Node) *Node {
	checkImages("HueRotation", x)
	if x.Shape().Dim(-1) != 3 {
		Panicf("HueRotation: images must have red, green and blue, got %s", x.Shape())
	}
	angles = perExample("HueRotation", angles, x)
	// Rodrigues' formula: x cos θ + (v × x) sin θ + v (v·x) (1 - cos θ), where v (v·x) is the mean of the channels.
	turned := Add(Mul(x, Cos(angles)), Mul(crossGrey(x), Sin(angles)))
	return Add(turned, Mul(luma(x), OneMinus(Cos(angles))))
}

// LumaFlip mirrors the brightness of the images whose flip is 1, and leaves their hue and saturation: white becomes
// black, light blue dark blue. Where flip is 0, images stay as they are. flips is shaped [batch].
func LumaFlip(x, flips *Node) *Node {
	checkImages("LumaFlip", x)
	return Sub(x, Mul(luma(x), MulScalar(perExample("LumaFlip", flips, x), 2)))
}

// luma returns the mean of the channels of each pixel, [batch, height, width, 1].
func luma(x *Node) *Node {
	return ReduceAndKeep(x, ReduceMean, 3)
}

// crossGrey returns v × x for each pixel x with three channels, where v = (1, 1, 1)/√3 is the axis of greys.
func crossGrey(x *Node) *Node {
	const s = 0.57735026918962576 // 1/√3.
	matrix := Const(x.Graph(), [][]float64{{0, s, -s}, {-s, 0, s}, {s, -s, 0}})
	return Einsum("bhwc,cd->bhwd", x, ConvertDType(matrix, x.DType()))
}

// colours are the changes of colour of ADA, each shaped [batch].
type colours struct {
	brightness, contrast *Node
	lumaFlip             *Node // 0 or 1; this and the next two are not used with one channel.
	hue, saturation      *Node
}

// drawColours draws them as appendix B of the paper says, each with probability p.
func drawColours(d *draws, p *Node, channels int) colours {
	c := colours{
		brightness: d.with(p)(d.normal(0.2), 0),
		contrast:   d.with(p)(d.logNormal(0.5), 1),
	}
	if channels > 1 {
		c.lumaFlip = d.with(p)(d.below(2), 0)
		c.hue = d.with(p)(d.uniform(-math.Pi, math.Pi), 0)
		c.saturation = d.with(p)(d.logNormal(1), 1)
	}
	return c
}

// apply changes the colours of the images: brightness, contrast around 0, luma flip, hue and saturation. With one channel
// these are a factor and an offset; with three, a matrix and an offset. A pixel's luma m (its mean, along the axis of
// greys) goes through the first three changes alone, its chroma x - m through contrast, hue and saturation alone, so that
//
//	y = contrast · (flip · (m + brightness) + saturation · (cos θ (x - m) + sin θ (v × x)))   with flip = 1 or -1.
func (c colours) apply(x *Node) *Node {
	if x.Shape().Dim(-1) == 1 {
		values := settle(c.contrast, Mul(c.contrast, c.brightness))
		return Add(Mul(x, perExample("ADA", values[0], x)), perExample("ADA", values[1], x))
	}
	flip := Mul(c.contrast, OneMinus(MulScalar(c.lumaFlip, 2)))
	chroma := Mul(c.contrast, c.saturation)
	values := settle(flip, Mul(flip, c.brightness), Mul(chroma, Cos(c.hue)), Mul(chroma, Sin(c.hue)))
	for i := range values {
		values[i] = perExample("ADA", values[i], x)
	}
	mean := luma(x)
	y := Add(Mul(mean, values[0]), values[1])
	return Add(y, Add(Mul(Sub(x, mean), values[2]), Mul(crossGrey(x), values[3])))
}
