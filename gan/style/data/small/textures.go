package main

import (
	"math"
	"math/rand/v2"
)

// canvas is a picture while it is made: colours in 0…1, row by row.
type canvas struct {
	size   int
	pixels []colour
}

type colour [3]float64

func newCanvas(size int) *canvas { return &canvas{size, make([]colour, size*size)} }

// fill sets each pixel to the colour at its place.
func (c *canvas) fill(at func(x, y float64) colour) *canvas {
	for i := range c.pixels {
		c.pixels[i] = at(float64(i%c.size), float64(i/c.size))
	}
	return c
}

func mix(a, b colour, share float64) colour {
	for i := range a {
		a[i] += (b[i] - a[i]) * share
	}
	return a
}

// textures are by the number of their kind, which the encoder learns to tell.
var textures = []func(r *rand.Rand, size int, p palette) *canvas{
	plain, gradient, stripes, checks, grain, clouds, dots, waves, strokes, blobs,
}

// palette is a few colours that go together or not.
type palette []colour

// drawPalette returns 2 to 5 colours: of any hue or of neighbouring ones, bright or dull.
func drawPalette(r *rand.Rand) palette {
	p := make(palette, 2+r.IntN(4))
	hue, width := r.Float64(), r.Float64()
	if r.IntN(2) == 0 {
		width *= 0.2
	}
	dull := r.Float64()
	for i := range p {
		p[i] = hsv(hue+width*r.Float64(), math.Pow(r.Float64(), 0.3+2*dull), math.Pow(r.Float64(), 0.3+r.Float64()))
	}
	return p
}

func hsv(h, s, v float64) colour {
	var c colour
	for i := range c {
		k := math.Mod(6*h+5-2*float64(i), 6)
		c[i] = v - v*s*max(0, min(k, 4-k, 1))
	}
	return c
}

// at returns the colour at a share of the way through the palette, between neighbours.
func (p palette) at(share float64) colour {
	place := min(max(share, 0), 1) * float64(len(p)-1)
	i := min(int(place), len(p)-2)
	return mix(p[i], p[i+1], place-float64(i))
}

// step is like at, without anything between neighbours.
func (p palette) step(share float64) colour {
	return p[min(int(min(max(share, 0), 1)*float64(len(p))), len(p)-1)]
}

func plain(r *rand.Rand, size int, p palette) *canvas {
	return newCanvas(size).fill(func(float64, float64) colour { return p[0] })
}

func gradient(r *rand.Rand, size int, p palette) *canvas {
	sin, cos := math.Sincos(2 * math.Pi * r.Float64())
	x0, y0, radial := r.Float64()*float64(size), r.Float64()*float64(size), r.IntN(2) == 0
	return newCanvas(size).fill(func(x, y float64) colour {
		if radial {
			return p.at(math.Hypot(x-x0, y-y0) / float64(size))
		}
		return p.at(0.5 + ((x-float64(size)/2)*cos+(y-float64(size)/2)*sin)/float64(size))
	})
}

// period returns a length of 3 to 20 pixels, short ones as often as long ones.
func period(r *rand.Rand) float64 { return 3 * math.Pow(20.0/3, r.Float64()) }

func stripes(r *rand.Rand, size int, p palette) *canvas {
	sin, cos := math.Sincos(math.Pi * r.Float64())
	length, phase, sharp := period(r), r.Float64(), r.IntN(2) == 0
	return newCanvas(size).fill(func(x, y float64) colour {
		u := (x*cos+y*sin)/length + phase
		if sharp {
			return p.step(u - math.Floor(u))
		}
		return p.at(0.5 + 0.5*math.Sin(2*math.Pi*u))
	})
}

func checks(r *rand.Rand, size int, p palette) *canvas {
	sin, cos := math.Sincos(math.Pi / 2 * r.Float64() * float64(r.IntN(2)))
	length, ratio := period(r), 0.5+r.Float64()
	return newCanvas(size).fill(func(x, y float64) colour {
		u, v := math.Floor((x*cos+y*sin)/length), math.Floor((y*cos-x*sin)/(length*ratio))
		return p[int(math.Abs(u+v))%2]
	})
}

func grain(r *rand.Rand, size int, p palette) *canvas {
	coloured, spread := r.IntN(2) == 0, 0.1+0.5*r.Float64()
	return newCanvas(size).fill(func(float64, float64) colour {
		c, shared := p[0], r.NormFloat64()
		for i := range c {
			n := shared
			if coloured {
				n = r.NormFloat64()
			}
			c[i] = min(max(c[i]+spread*n, 0), 1)
		}
		return c
	})
}

// clouds are octaves of noise whose strength falls as that of natural pictures, faster or slower.
func clouds(r *rand.Rand, size int, p palette) *canvas {
	noise := fractal(r, size, 0.35+0.4*r.Float64())
	sharp := r.IntN(3) == 0
	return newCanvas(size).fill(func(x, y float64) colour {
		u := noise[int(y)*size+int(x)]
		if sharp {
			return p.step(u)
		}
		return p.at(u)
	})
}

// fractal returns noise in 0…1, each octave of which is so much weaker than the coarser one.
func fractal(r *rand.Rand, size int, falloff float64) []float64 {
	sum := make([]float64, size*size)
	strength := 1.0
	for cell := float64(size) / 1.5; cell >= 1.5; cell /= 2 {
		side := int(float64(size)/cell) + 3
		lattice := make([]float64, side*side)
		for i := range lattice {
			lattice[i] = r.Float64() - 0.5
		}
		for i := range sum {
			x, y := float64(i%size)/cell, float64(i/size)/cell
			ix, iy := int(x), int(y)
			fx, fy := smooth(x-float64(ix)), smooth(y-float64(iy))
			at := func(dx, dy int) float64 { return lattice[(iy+dy)*side+ix+dx] }
			top := at(0, 0) + (at(1, 0)-at(0, 0))*fx
			bottom := at(0, 1) + (at(1, 1)-at(0, 1))*fx
			sum[i] += strength * (top + (bottom-top)*fy)
		}
		strength *= falloff
	}
	low, high := sum[0], sum[0]
	for _, v := range sum {
		low, high = min(low, v), max(high, v)
	}
	for i := range sum {
		sum[i] = (sum[i] - low) / max(high-low, 1e-9)
	}
	return sum
}

func smooth(t float64) float64 { return t * t * (3 - 2*t) }

func dots(r *rand.Rand, size int, p palette) *canvas {
	length := 4 + period(r)
	radius, shift := length*(0.2+0.25*r.Float64()), float64(r.IntN(2))/2
	return newCanvas(size).fill(func(x, y float64) colour {
		row := math.Floor(y / length)
		u := x/length + shift*math.Mod(row, 2)
		column := math.Floor(u)
		distance := math.Hypot((u-column-0.5)*length, y-(row+0.5)*length)
		which := p[1+int(row*7+column*3)%(len(p)-1)]
		return mix(p[0], which, min(max(radius-distance+0.5, 0), 1))
	})
}

func waves(r *rand.Rand, size int, p palette) *canvas {
	noise := fractal(r, size, 0.3)
	rings := 2 + 8*r.Float64()
	return newCanvas(size).fill(func(x, y float64) colour {
		return p.at(0.5 + 0.5*math.Sin(2*math.Pi*rings*noise[int(y)*size+int(x)]))
	})
}

// strokes are short lines along a field of directions, as of a brush.
func strokes(r *rand.Rand, size int, p palette) *canvas {
	c := newCanvas(size).fill(func(float64, float64) colour { return p[0] })
	directions, tones := fractal(r, size, 0.3), fractal(r, size, 0.4)
	length, width := 4+10*r.Float64(), 0.7+2*r.Float64()
	for range int(3 * float64(size*size) / (length * width)) {
		x0, y0 := r.Float64()*float64(size), r.Float64()*float64(size)
		place := int(y0)*size + int(x0)
		sin, cos := math.Sincos(2 * math.Pi * directions[place])
		ink := p.at(tones[place] + 0.2*r.NormFloat64())
		reach := int(length/2 + width + 1)
		c.region(int(x0)-reach, int(y0)-reach, 2*reach+1, func(x, y float64, old colour) colour {
			along, across := (x-x0)*cos+(y-y0)*sin, (y-y0)*cos-(x-x0)*sin
			return mix(old, ink, min(max(min(length/2-math.Abs(along), width/2-math.Abs(across))+0.5, 0), 1))
		})
	}
	return c
}

func blobs(r *rand.Rand, size int, p palette) *canvas {
	c := newCanvas(size).fill(func(float64, float64) colour { return p[0] })
	radius := 2 + 6*r.Float64()
	for range int(float64(size*size) / (radius * radius * 4)) {
		x0, y0, ink := r.Float64()*float64(size), r.Float64()*float64(size), p[r.IntN(len(p))]
		reach := int(3*radius) + 1
		c.region(int(x0)-reach, int(y0)-reach, 2*reach+1, func(x, y float64, old colour) colour {
			return mix(old, ink, math.Exp(-((x-x0)*(x-x0)+(y-y0)*(y-y0))/(2*radius*radius)))
		})
	}
	return c
}

// region changes the pixels of a square, as far as it is on the canvas.
func (c *canvas) region(left, top, side int, change func(x, y float64, old colour) colour) {
	for y := max(top, 0); y < min(top+side, c.size); y++ {
		for x := max(left, 0); x < min(left+side, c.size); x++ {
			i := y*c.size + x
			c.pixels[i] = change(float64(x), float64(y), c.pixels[i])
		}
	}
}
