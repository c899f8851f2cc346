package display

import (
	"image"
	"image/color"
)

// painter paints frames with the colours of a palette.
type painter struct {
	palette color.Palette
	colors  [][3]int           // the palette's
	exact   map[[3]uint8]uint8 // index of every colour of the frames, or nil if they have too many
	nearest []int16            // index for each of 64³ colours, -1 until it is needed
}

// newPainter chooses the palette for frames.
func newPainter(frames []image.Image, isGray bool) *painter {
	p := &painter{palette: grayRamp()}
	isExact := true
	if !isGray {
		p.palette, isExact = choosePalette(frames)
	}
	p.colors = make([][3]int, len(p.palette))
	for i, entry := range p.palette {
		r, g, b, _ := entry.RGBA()
		p.colors[i] = [3]int{int(r >> 8), int(g >> 8), int(b >> 8)}
	}
	if isExact {
		p.exact = make(map[[3]uint8]uint8, len(p.palette))
		for i, c := range p.colors {
			p.exact[[3]uint8{uint8(c[0]), uint8(c[1]), uint8(c[2])}] = uint8(i)
		}
		return p
	}
	p.nearest = make([]int16, 64*64*64)
	for i := range p.nearest {
		p.nearest[i] = -1
	}
	return p
}

// frame returns the frame on a white ground of the given size.
func (p *painter) frame(frame image.Image, size image.Point) *image.Paletted {
	painted := image.NewPaletted(image.Rectangle{Max: size}, p.palette)
	white := uint8(p.palette.Index(color.White))
	for i := range painted.Pix {
		painted.Pix[i] = white
	}
	if p.exact == nil {
		p.dither(painted, frame)
		return painted
	}
	bounds := frame.Bounds()
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			painted.Pix[y*painted.Stride+x] = p.exact[rgbAt(frame, x, y)]
		}
	}
	return painted
}

// dither paints each pixel in the nearest colour and hands what it missed to the pixels not painted yet: 7/16 to the
// right, 3/16, 5/16 and 1/16 to the three below (Floyd and Steinberg 1976). Colours that the palette has are kept as they
// are and neither take nor hand on an error, so that even areas stay even.
func (p *painter) dither(painted *image.Paletted, frame image.Image) {
	bounds := frame.Bounds()
	own := map[[3]uint8]uint8{}
	for i, c := range p.colors {
		own[[3]uint8{uint8(c[0]), uint8(c[1]), uint8(c[2])}] = uint8(i)
	}
	width := bounds.Dx()
	here, below := make([][3]int, width+2), make([][3]int, width+2) // Sixteenths; index x+1.
	for y := range bounds.Dy() {
		for x := range width {
			rgb := rgbAt(frame, x, y)
			if index, ok := own[rgb]; ok {
				painted.Pix[y*painted.Stride+x] = index
				continue
			}
			var wanted [3]int
			for channel, level := range rgb {
				wanted[channel] = max(0, min(255, int(level)+here[x+1][channel]/16))
			}
			index := p.index(wanted)
			painted.Pix[y*painted.Stride+x] = uint8(index)
			for channel := range 3 {
				missed := wanted[channel] - p.colors[index][channel]
				here[x+2][channel] += 7 * missed
				below[x][channel] += 3 * missed
				below[x+1][channel] += 5 * missed
				below[x+2][channel] += missed
			}
		}
		here, below = below, here
		clear(below)
	}
}

// index returns the palette's nearest colour, by the squared distance to the middle of the 64³ colours' cell.
func (p *painter) index(rgb [3]int) int16 {
	cell := &p.nearest[rgb[0]>>2<<12|rgb[1]>>2<<6|rgb[2]>>2]
	if *cell >= 0 {
		return *cell
	}
	best := 1 << 30
	for i, c := range p.colors {
		distance := 0
		for channel := range 3 {
			difference := rgb[channel]&^3 + 2 - c[channel]
			distance += difference * difference
		}
		if distance < best {
			best, *cell = distance, int16(i)
		}
	}
	return *cell
}

// rgbAt returns a pixel of a frame as Animation keeps it.
func rgbAt(frame image.Image, x, y int) [3]uint8 {
	switch frame := frame.(type) {
	case *image.Gray:
		level := frame.Pix[y*frame.Stride+x]
		return [3]uint8{level, level, level}
	case *image.RGBA:
		return [3]uint8(frame.Pix[y*frame.Stride+4*x:])
	}
	panic("display: a frame is neither grey nor RGBA")
}
