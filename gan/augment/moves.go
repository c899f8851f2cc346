package augment

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// moveGraph does one operation by itself.
func moveGraph(m moving, images, draws *Node) *Node {
	checkImages(m.Name(), images)
	height, width := float64(images.Shape().Dim(1)), float64(images.Shape().Dim(2))
	return lookUp(images, m.maps(draws, height, width), nil, m.edge())
}

// movePicture does one operation by itself.
func movePicture(m moving, p *Picture, draws []float64) *Picture {
	return p.lookUp(m.mapOf(draws, float64(p.Height), float64(p.Width)), nil, m.edge())
}

// filled returns the map with zeros for the coefficients that are nil; xx is not.
func (m lookup) filled() lookup {
	zero := ZerosLike(m.xx)
	for _, c := range []**Node{&m.xy, &m.x0, &m.yx, &m.y0} {
		if *c == nil {
			*c = zero
		}
	}
	return m
}

// after returns the map that does first and then m: where first leads, m goes on. Both are filled.
func (m lookup) after(first lookup) lookup {
	sum := func(a, b, c, d *Node) *Node { return Add(Mul(a, b), Mul(c, d)) }
	return lookup{
		xx: sum(m.xx, first.xx, m.xy, first.yx), xy: sum(m.xx, first.xy, m.xy, first.yy), x0: Add(sum(m.xx, first.x0, m.xy, first.y0), m.x0),
		yx: sum(m.yx, first.xx, m.yy, first.yx), yy: sum(m.yx, first.xy, m.yy, first.yy), y0: Add(sum(m.yx, first.x0, m.yy, first.y0), m.y0),
	}
}

// where returns m for the examples for which it happens, and the identity for others.
func (m lookup) where(happens *Node) lookup {
	one, zero := OnesLike(m.xx), ZerosLike(m.xx)
	return lookup{
		xx: Where(happens, m.xx, one), xy: Where(happens, m.xy, zero), x0: Where(happens, m.x0, zero),
		yx: Where(happens, m.yx, zero), yy: Where(happens, m.yy, one), y0: Where(happens, m.y0, zero),
	}
}

// lookUp returns the images whose pixels are taken from where the map leads from their places, or from their places moved
// by the displacements (rows and columns, both [batch, height·width]), if there are any.
func lookUp(images *Node, m lookup, displacements []*Node, border Border) *Node {
	padding, outside := border.padding()
	if outside != 0 {
		images = AddScalar(images, -outside)
	}
	images = m.filled().applyAt(images, displacements, padding)
	if outside != 0 {
		images = AddScalar(images, outside)
	}
	return images
}

// place is the map from a pixel of a result to its place in one picture: a lookup of numbers.
type place struct {
	xx, xy, x0 float64
	yx, yy, y0 float64
}

// nowhere is the map that leaves a picture as it is.
var nowhere = place{xx: 1, yy: 1}

// after returns the map that does first and then m.
func (m place) after(first place) place {
	return place{
		xx: m.xx*first.xx + m.xy*first.yx, xy: m.xx*first.xy + m.xy*first.yy, x0: m.xx*first.x0 + m.xy*first.y0 + m.x0,
		yx: m.yx*first.xx + m.yy*first.yx, yy: m.yx*first.xy + m.yy*first.yy, y0: m.yx*first.x0 + m.yy*first.y0 + m.y0,
	}
}

// displacement moves each place of a picture before it is looked up, in pixels.
type displacement struct{ rows, columns []float64 }

// lookUp returns the picture whose pixels are taken from where the map leads from their places, or from their displaced
// places. Colours are weighed by how opaque they are, so that what a transparent pixel hides does not show.
func (p *Picture) lookUp(m place, by *displacement, border Border) *Picture {
	if m == nowhere && by == nil {
		return p
	}
	padding, outside := border.padding()
	result := &Picture{Height: p.Height, Width: p.Width, Channels: p.Channels, Values: make([]float32, len(p.Values))}
	if p.Alpha != nil {
		result.Alpha = make([]float32, len(p.Alpha))
	}
	middleRow, middleColumn := float64(p.Height-1)/2, float64(p.Width-1)/2
	for i := range p.Height * p.Width {
		row, column := float64(i/p.Width)-middleRow, float64(i%p.Width)-middleColumn
		if by != nil {
			row, column = row+by.rows[i], column+by.columns[i]
		}
		down, right := m.yx*column+m.yy*row+m.y0+middleRow, m.xx*column+m.xy*row+m.x0+middleColumn
		if padding != PadZeros {
			down, right = folded(down, p.Height, padding), folded(right, p.Width, padding)
		}
		p.blend(result, i, down, right, float32(outside))
	}
	return result
}

// folded returns the place along an axis between its first and its last pixel that has the value of one outside.
func folded(at float64, size int, padding Padding) float64 {
	last := float64(size - 1)
	if padding == PadEdge || last == 0 {
		return min(max(at, 0), last)
	}
	at = math.Mod(at, 2*last)
	if at < 0 {
		at += 2 * last
	}
	return last - math.Abs(at-last)
}

// blend sets pixel i of the result to the mean of the four pixels around a place, weighed by how near they are.
func (p *Picture) blend(result *Picture, i int, down, right float64, outside float32) {
	top, left := math.Floor(down), math.Floor(right)
	below, beside := down-top, right-left
	sums := result.Values[i*p.Channels : (i+1)*p.Channels]
	var opaque float32
	for corner, weight := range [4]float64{(1 - below) * (1 - beside), (1 - below) * beside, below * (1 - beside), below * beside} {
		if weight == 0 {
			continue
		}
		row, column := top+float64(corner/2), left+float64(corner%2)
		if row < 0 || column < 0 || row >= float64(p.Height) || column >= float64(p.Width) {
			if p.Alpha == nil {
				for c := range sums {
					sums[c] += float32(weight) * outside
				}
			}
			continue
		}
		at, weight := int(row)*p.Width+int(column), float32(weight)
		if p.Alpha != nil {
			weight *= p.Alpha[at]
			opaque += weight
		}
		for c := range sums {
			sums[c] += weight * p.Values[at*p.Channels+c]
		}
	}
	if p.Alpha == nil {
		return
	}
	result.Alpha[i] = opaque
	if opaque > 0 {
		for c := range sums {
			sums[c] /= opaque
		}
	}
}

// firstError returns the first that is not nil.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
