package augment

import (
	"cmp"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// The operations of this file change the colours of each pixel by itself. Brightness, contrast, saturation, hue and gamma
// are those of torchvision's adjust_brightness and its siblings, which are Pillow's; but they do not cut values that
// leave [-1, 1].

// RandomBrightness multiplies how far all values lie above black, -1, by a factor from 1 - By to 1 + By; 0 means 0.2.
// Black stays black. Package function Brightness adds to them instead.
type RandomBrightness struct{ By float64 }

// Name returns "brightness".
func (b RandomBrightness) Name() string { return "brightness" }

// Check returns an error unless By is from 0 to 1.
func (b RandomBrightness) Check() error { return checkRange(b.Name(), "factor", b.By, 0, 1) }

// Draws returns 1.
func (b RandomBrightness) Draws([]int) int { return 1 }

// Graph returns the images with another brightness.
func (b RandomBrightness) Graph(images, draws *Node) *Node {
	factors := perExample(b.Name(), betweenEach(draws, 0, 1-b.by(), 1+b.by()), images)
	return MinusOne(Mul(OnePlus(images), factors))
}

// Picture returns the picture with another brightness.
func (b RandomBrightness) Picture(p *Picture, draws []float64) *Picture {
	factor := between(draws[0], 1-b.by(), 1+b.by())
	return p.mapped(func(v float64) float64 { return (v+1)*factor - 1 })
}

func (b RandomBrightness) by() float64 { return cmp.Or(b.By, 0.2) }

// RandomContrast multiplies how far all values lie from the mean grey of the picture by a factor from 1 - By to 1 + By;
// 0 means 0.2.
type RandomContrast struct{ By float64 }

// Name returns "contrast".
func (c RandomContrast) Name() string { return "contrast" }

// Check returns an error unless By is from 0 to 1.
func (c RandomContrast) Check() error { return checkRange(c.Name(), "factor", c.By, 0, 1) }

// Draws returns 1.
func (c RandomContrast) Draws([]int) int { return 1 }

// Graph returns the images with another contrast.
func (c RandomContrast) Graph(images, draws *Node) *Node {
	factors := perExample(c.Name(), betweenEach(draws, 0, 1-c.by(), 1+c.by()), images)
	mean := grey(ReduceAndKeep(images, ReduceMean, 1, 2)) // [batch, 1, 1, 1]
	return Add(Mul(Sub(images, mean), factors), mean)
}

// Picture returns the picture with another contrast.
func (c RandomContrast) Picture(p *Picture, draws []float64) *Picture {
	factor := between(draws[0], 1-c.by(), 1+c.by())
	var mean float64
	for i := range p.Height * p.Width {
		mean += p.greyAt(i)
	}
	mean /= float64(p.Height * p.Width)
	return p.mapped(func(v float64) float64 { return (v-mean)*factor + mean })
}

func (c RandomContrast) by() float64 { return cmp.Or(c.By, 0.2) }

// RandomSaturation multiplies how far the channels of each pixel lie from its grey by a factor from 1 - By to 1 + By; 0
// means 0.2. Pictures that are not of three channels stay as they are.
type RandomSaturation struct{ By float64 }

// Name returns "saturation".
func (s RandomSaturation) Name() string { return "saturation" }

// Check returns an error unless By is from 0 to 1.
func (s RandomSaturation) Check() error { return checkRange(s.Name(), "factor", s.By, 0, 1) }

// Draws returns 1.
func (s RandomSaturation) Draws([]int) int { return 1 }

// Graph returns the images with another saturation.
func (s RandomSaturation) Graph(images, draws *Node) *Node {
	if images.Shape().Dim(-1) != 3 {
		return images
	}
	factors := perExample(s.Name(), betweenEach(draws, 0, 1-s.by(), 1+s.by()), images)
	greys := grey(images)
	return Add(Mul(Sub(images, greys), factors), greys)
}

// Picture returns the picture with another saturation.
func (s RandomSaturation) Picture(p *Picture, draws []float64) *Picture {
	if p.Channels != 3 {
		return p
	}
	factor := between(draws[0], 1-s.by(), 1+s.by())
	changed := p.clone()
	for i := range p.Height * p.Width {
		grey := p.greyAt(i)
		for c := 3 * i; c < 3*i+3; c++ {
			changed.Values[c] = float32((float64(p.Values[c])-grey)*factor + grey)
		}
	}
	return changed
}

func (s RandomSaturation) by() float64 { return cmp.Or(s.By, 0.2) }

// RandomHue turns the hue of each pixel by up to By of the circle in either direction, 0.5 at most, and keeps its value
// and chroma, as in the colour space HSV; 0 means 0.05. Pictures that are not of three channels stay as they are. Package
// function HueRotation turns around the axis of greys instead.
type RandomHue struct{ By float64 }

// Name returns "hue".
func (h RandomHue) Name() string { return "hue" }

// Check returns an error unless By is from 0 to 0.5.
func (h RandomHue) Check() error { return checkRange(h.Name(), "part of the circle", h.By, 0, 0.5) }

// Draws returns 1.
func (h RandomHue) Draws([]int) int { return 1 }

// Graph returns the images with another hue. With value V, chroma C = V - the least channel, and hue H in sixths of the
// circle, red is V - C · max(0, min(k, 4 - k, 1)) for k = (5 + H) mod 6; green has 3 and blue 1 in place of 5. All is kept
// multiplied by C, so that nothing is divided by it: a grey pixel has no hue, but a gradient.
func (h RandomHue) Graph(images, draws *Node) *Node {
	if images.Shape().Dim(-1) != 3 {
		return images
	}
	sixths := perExample(h.Name(), betweenEach(draws, 0, -6*h.by(), 6*h.by()), images)
	red, green, blue := channel(images, 0), channel(images, 1), channel(images, 2)
	value := Max(red, Max(green, blue))
	chroma := Sub(value, Min(red, Min(green, blue)))
	hue := Where(Equal(value, red), Sub(green, blue),
		Where(Equal(value, green), Add(Sub(blue, red), MulScalar(chroma, 2)), Add(Sub(red, green), MulScalar(chroma, 4))))
	hue = Add(hue, Mul(sixths, chroma))
	circle := MulScalar(chroma, 6)
	safe := Where(Equal(circle, ZerosLike(circle)), OnesLike(circle), circle)
	turned := func(start float64) *Node {
		k := Add(hue, MulScalar(chroma, start))
		k = Sub(k, Mul(circle, StopGradient(Floor(Div(k, safe)))))
		return Sub(value, MaxScalar(Min(Min(k, Sub(MulScalar(chroma, 4), k)), chroma), 0))
	}
	return Concatenate([]*Node{turned(5), turned(3), turned(1)}, 3)
}

// Picture returns the picture with another hue.
func (h RandomHue) Picture(p *Picture, draws []float64) *Picture {
	if p.Channels != 3 {
		return p
	}
	sixths := between(draws[0], -6*h.by(), 6*h.by())
	changed := p.clone()
	for i := range p.Height * p.Width {
		pixel := p.Values[3*i : 3*i+3]
		red, green, blue := float64(pixel[0]), float64(pixel[1]), float64(pixel[2])
		value := max(red, green, blue)
		chroma := value - min(red, green, blue)
		if chroma == 0 {
			continue
		}
		hue := (red-green)/chroma + 4
		switch value {
		case red:
			hue = (green - blue) / chroma
		case green:
			hue = (blue-red)/chroma + 2
		}
		for c, start := range [3]float64{5, 3, 1} {
			k := start + hue + sixths
			k -= 6 * math.Floor(k/6)
			changed.Values[3*i+c] = float32(value - chroma*max(0, min(k, 4-k, 1)))
		}
	}
	return changed
}

func (h RandomHue) by() float64 { return cmp.Or(h.By, 0.05) }

// RandomGamma raises how far values lie above black, as a part of the way to white, to a power from 1/(1 + By) to 1 + By, the
// logarithms of which are equally likely; 0 means 0.2. Below half a step of 8 bits it is a straight line, so that its slope
// is nowhere infinite.
type RandomGamma struct{ By float64 }

// Name returns "gamma".
func (g RandomGamma) Name() string { return "gamma" }

// Check returns an error unless By is from 0 to 4.
func (g RandomGamma) Check() error { return checkRange(g.Name(), "power", g.By, 0, 4) }

// Draws returns 1.
func (g RandomGamma) Draws([]int) int { return 1 }

const straightGamma = 0.5 / 255 // Where the line ends.

// Graph returns the images with another gamma.
func (g RandomGamma) Graph(images, draws *Node) *Node {
	powers := perExample(g.Name(), Exp(betweenEach(draws, 0, -g.bound(), g.bound())), images)
	part := MulScalar(OnePlus(images), 0.5)
	line := Mul(part, Exp(MulScalar(MinusOne(powers), math.Log(straightGamma))))
	curve := Exp(Mul(powers, Log(MaxScalar(part, straightGamma))))
	straight := LessThan(part, AddScalar(ZerosLike(part), straightGamma))
	return MinusOne(MulScalar(Where(straight, line, curve), 2))
}

// Picture returns the picture with another gamma.
func (g RandomGamma) Picture(p *Picture, draws []float64) *Picture {
	power := math.Exp(between(draws[0], -g.bound(), g.bound()))
	slope := math.Pow(straightGamma, power-1)
	return p.mapped(func(v float64) float64 {
		part := (v + 1) / 2
		if part < straightGamma {
			return 2*part*slope - 1
		}
		return 2*math.Pow(part, power) - 1
	})
}

func (g RandomGamma) bound() float64 { return math.Log1p(cmp.Or(g.By, 0.2)) }

// How much red, green and blue add to grey: ITU-R BT.601, as in Pillow.
var greyWeights = [3]float64{0.299, 0.587, 0.114}

// grey returns the grey of each pixel, [batch, height, width, 1]: of other than three channels their mean.
func grey(images *Node) *Node {
	if images.Shape().Dim(-1) != 3 {
		return luma(images)
	}
	return weighted(images, greyWeights[:])
}

// greyAt is grey for pixel i.
func (p *Picture) greyAt(i int) float64 {
	var sum float64
	for c, v := range p.Values[i*p.Channels : (i+1)*p.Channels] {
		if p.Channels == 3 {
			sum += greyWeights[c] * float64(v)
		} else {
			sum += float64(v) / float64(p.Channels)
		}
	}
	return sum
}

// channel returns one channel of images, [batch, height, width, 1].
func channel(images *Node, c int) *Node {
	weights := make([]float64, images.Shape().Dim(3))
	weights[c] = 1
	return weighted(images, weights)
}

// weighted returns the sum of the channels of each pixel with weights, [batch, height, width, 1]. As a product it has
// derivatives to any order, unlike a Slice, and on XLA takes a twentieth of the time of a ReduceSum over so short an axis.
func weighted(images *Node, weights []float64) *Node {
	vector := ConvertDType(Const(images.Graph(), weights), images.DType())
	return Einsum("bhwc,cd->bhwd", images, Reshape(vector, -1, 1))
}
