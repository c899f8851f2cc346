package main

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/ganymede-ml/ganymede/datasets"
)

// Pictures that encoder and decoder learn from: emoji, and digits and garments in two colours, before textures; textures
// alone; and "dead leaves", shapes of all sizes one upon another, each in a texture of its own, whose edges are spread as those of
// photographs are ("Learning to See by Looking at Noise", Baradad et al. 2021, https://arxiv.org/abs/2106.05963).

const side = 64 // Of a picture.

// noClass is the class of a picture that shows no one thing.
const noClass = 29

// sources are the embedded sets.
type sources struct {
	emoji           [2]*datasets.Set
	fashion, digits *datasets.Set
}

func openSources() (s sources, err error) {
	for i, name := range []string{"emoji", "emoji:twitter"} {
		if s.emoji[i], err = datasets.Open(name, datasets.Options{}); err != nil {
			return s, err
		}
	}
	if s.fashion, err = datasets.Open("fashion", datasets.Options{}); err != nil {
		return s, err
	}
	s.digits, err = datasets.Open("digits", datasets.Options{})
	return s, err
}

// album is pictures with what the encoder learns to tell of them.
type album struct {
	pixels  []uint8 // [n, side, side, 3]
	classes []int32 // Of the thing before the texture: 9 of emoji, 10 of garments, 10 digits, or noClass.
	kinds   []int32 // Of the texture; len(textures) where there are many.
}

// draw returns n pictures, which the seed decides.
func (s sources) draw(n int, seed uint64) album {
	a := album{make([]uint8, n*side*side*3), make([]int32, n), make([]int32, n)}
	var group sync.WaitGroup
	workers := runtime.NumCPU()
	for w := range workers {
		group.Go(func() {
			for i := w; i < n; i += workers {
				var c *canvas
				c, a.classes[i], a.kinds[i] = s.picture(rand.New(rand.NewPCG(seed, uint64(i))))
				for j, pixel := range c.pixels {
					for k, v := range pixel {
						a.pixels[(i*side*side+j)*3+k] = uint8(math.Round(255 * min(max(v, 0), 1)))
					}
				}
			}
		})
	}
	group.Wait()
	return a
}

// picture returns a picture, the class of what is on it, and the kind of its texture.
func (s sources) picture(r *rand.Rand) (c *canvas, class, kind int32) {
	kind = int32(r.IntN(len(textures)))
	ground := textures[kind](r, side, drawPalette(r))
	switch r.IntN(10) {
	case 0, 1, 2:
		set := s.emoji[r.IntN(2)]
		i := r.IntN(set.Len())
		ground.stamp(sprite(set, i), r.Float64()*12-6, r.Float64()*12-6, float64(side)*(0.7+0.6*r.Float64()))
		return ground, set.Labels[i], kind
	case 3, 4:
		set, first := s.fashion, int32(9)
		if r.IntN(3) == 0 {
			set, first = s.digits, 19
		}
		i := r.IntN(set.Len())
		ink := textures[r.IntN(len(textures))](r, side, drawPalette(r))
		ground.stamp(stencil(set, i, ink), r.Float64()*8-4, r.Float64()*8-4, float64(side)*(0.8+0.4*r.Float64()))
		return ground, first + set.Labels[i], kind
	case 5, 6:
		return ground, noClass, kind
	}
	s.leaves(r, ground)
	return ground, noClass, int32(len(textures))
}

// leaves covers the canvas with shapes, large ones first.
func (s sources) leaves(r *rand.Rand, c *canvas) {
	p := drawPalette(r)
	for i := range 6 + r.IntN(30) {
		if r.IntN(6) == 0 {
			p = drawPalette(r)
		}
		size := max(float64(side)*0.9/math.Pow(1+float64(i), 0.3+0.4*r.Float64()), 4)
		x, y := r.Float64()*side-size/2, r.Float64()*side-size/2
		if r.IntN(8) == 0 {
			set := s.emoji[r.IntN(2)]
			c.stamp(sprite(set, r.IntN(set.Len())), x, y, size)
			continue
		}
		q := append(palette{p.at(r.Float64())}, drawPalette(r)[:1]...)
		kind := r.IntN(len(textures))
		if r.IntN(2) == 0 {
			kind = 0
		}
		ink := textures[kind](r, side, q)
		c.leaf(r, ink, x+size/2, y+size/2, size/2)
	}
}

// leaf draws an ellipse, a box or a triangle in the ink.
func (c *canvas) leaf(r *rand.Rand, ink *canvas, x0, y0, radius float64) {
	sin, cos := math.Sincos(2 * math.Pi * r.Float64())
	ratio, shape, soft := 0.4+0.6*r.Float64(), r.IntN(3), 0.7
	if r.IntN(5) == 0 {
		soft = radius / 3
	}
	reach := int(radius*1.5) + 1
	c.region(int(x0)-reach, int(y0)-reach, 2*reach+1, func(x, y float64, old colour) colour {
		u, v := (x-x0)*cos+(y-y0)*sin, ((y-y0)*cos-(x-x0)*sin)/ratio
		var inside float64
		switch shape {
		case 0:
			inside = radius - math.Hypot(u, v)
		case 1:
			inside = radius - max(math.Abs(u), math.Abs(v))
		default:
			inside = min(v+radius/2, radius*0.6-v*0.5-math.Abs(u)*0.87)
		}
		return mix(old, ink.pixels[int(y)*c.size+int(x)], min(max(inside/soft+0.5, 0), 1))
	})
}

// sheet is a small picture with how much of the ground each pixel hides.
type sheet struct {
	width   int
	colour  func(i int, x, y int) colour
	opacity []float64
}

// sprite returns an emoji without its white ground: white is clear as far as it is connected to the edge.
func sprite(set *datasets.Set, i int) sheet {
	width := set.Shape[1]
	pixels := set.Pixels[i*width*width*3:][:width*width*3]
	s := sheet{width: width, opacity: make([]float64, width*width)}
	for j := range s.opacity {
		s.opacity[j] = 1
	}
	white := func(j int) bool { return min(pixels[3*j], pixels[3*j+1], pixels[3*j+2]) > 235 }
	var open []int
	visit := func(j int) {
		if s.opacity[j] == 1 && white(j) {
			s.opacity[j] = 0
			open = append(open, j)
		}
	}
	for j := range width {
		visit(j)
		visit((width-1)*width + j)
		visit(j * width)
		visit(j*width + width - 1)
	}
	for len(open) > 0 {
		j := open[len(open)-1]
		open = open[:len(open)-1]
		if j%width > 0 {
			visit(j - 1)
		}
		if j%width < width-1 {
			visit(j + 1)
		}
		if j >= width {
			visit(j - width)
		}
		if j < width*(width-1) {
			visit(j + width)
		}
	}
	s.colour = func(j, _, _ int) colour {
		return colour{float64(pixels[3*j]) / 255, float64(pixels[3*j+1]) / 255, float64(pixels[3*j+2]) / 255}
	}
	return s
}

// stencil returns a grey picture through which the ink comes.
func stencil(set *datasets.Set, i int, ink *canvas) sheet {
	width := set.Shape[1]
	s := sheet{width: width, opacity: make([]float64, width*width)}
	for j := range s.opacity {
		s.opacity[j] = float64(set.Pixels[i*width*width+j]) / 255
	}
	s.colour = func(_, x, y int) colour { return ink.pixels[y*ink.size+x] }
	return s
}

// stamp draws a sheet, smoothly enlarged to the size, with its corner at a place.
func (c *canvas) stamp(s sheet, left, top, size float64) {
	scale := float64(s.width) / size
	c.region(int(left), int(top), int(size)+1, func(x, y float64, old colour) colour {
		u, v := (x-left+0.5)*scale-0.5, (y-top+0.5)*scale-0.5
		iu, iv := math.Floor(u), math.Floor(v)
		var sum colour
		var cover float64
		for corner := range 4 {
			px, py := int(iu)+corner%2, int(iv)+corner/2
			if px < 0 || py < 0 || px >= s.width || py >= s.width {
				continue
			}
			weight := (1 - math.Abs(u-float64(px))) * (1 - math.Abs(v-float64(py))) * s.opacity[py*s.width+px]
			ink := s.colour(py*s.width+px, int(x), int(y))
			for k := range sum {
				sum[k] += weight * ink[k]
			}
			cover += weight
		}
		for k := range sum {
			sum[k] += old[k] * (1 - cover)
		}
		return sum
	})
}
