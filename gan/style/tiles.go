package style

// tile is a part of a picture that the networks see at once, and the part of that which it is for: the rest is margin, so wide
// that nothing beyond it counts.
type tile struct {
	top, left, height, width int
	inner                    [4]int // Top, left, bottom and right, in the picture.
}

// tilesOf cuts a picture into tiles of one size, which no side of is longer than given. All numbers are multiples of 8.
func tilesOf(height, width, side, margin int) []tile {
	var tiles []tile
	for _, v := range spansOf(height, side, margin) {
		for _, h := range spansOf(width, side, margin) {
			tiles = append(tiles, tile{
				v.start, h.start, min(height, side), min(width, side), [4]int{v.from, h.from, v.to, h.to},
			})
		}
	}
	return tiles
}

// span is a tile along one axis: it starts at start and is for what is between from and to.
type span struct{ start, from, to int }

func spansOf(size, side, margin int) []span {
	if size <= side {
		return []span{{0, 0, size}}
	}
	var spans []span
	for start := 0; ; start += side - 2*margin {
		last := start+side >= size
		if last {
			start = size - side
		}
		from := 0
		if n := len(spans); n > 0 {
			from = spans[n-1].to
		}
		if last {
			return append(spans, span{start, from, size})
		}
		spans = append(spans, span{start, from, start + side - margin})
	}
}

// marginOf returns how far the pixels of a picture reach that is encoded and decoded again, rounded up to a multiple of 8.
func marginOf(convolutions []Convolution) int {
	reach, scale := 0, 1
	for _, c := range convolutions {
		if c.Pool {
			reach += scale // The other pixel of the square.
			scale *= 2
		}
		reach += 2 * scale // Once in the encoder, once in the decoder.
	}
	return (reach + scale + multiple - 1) / multiple * multiple // Enlarging spreads over a whole square.
}

// cells returns the tile's part of a map of the content layer's size, of a picture of the width; with inner, 0 in its margin.
func (t tile) cells(of []float32, width, cell int, inner bool) []float32 {
	part := make([]float32, 0, t.height/cell*(t.width/cell))
	for y := t.top; y < t.top+t.height; y += cell {
		for x := t.left; x < t.left+t.width; x += cell {
			value := of[y/cell*(width/cell)+x/cell]
			if inner && (y < t.inner[0] || y >= t.inner[2] || x < t.inner[1] || x >= t.inner[3]) {
				value = 0
			}
			part = append(part, value)
		}
	}
	return part
}
