package display

import (
	"cmp"
	"image"
	"image/color"
	"slices"
)

// paletteSize is the most colours that a GIF holds.
const paletteSize = 256

// grayRamp returns the palette of all grey levels in order.
func grayRamp() color.Palette {
	ramp := make(color.Palette, paletteSize)
	for level := range ramp {
		ramp[level] = color.Gray{Y: uint8(level)}
	}
	return ramp
}

// counted is a colour and how many pixels have it.
type counted struct {
	rgb   [3]uint8
	count int
}

// choosePalette returns the colours of the frames, and white, if they are few enough (exact), otherwise colours near them.
func choosePalette(frames []image.Image) (palette color.Palette, exact bool) {
	counts := countColors(frames)
	counts[[3]uint8{255, 255, 255}]++ // The ground of a frame smaller than the animation.
	colors := make([]counted, 0, len(counts))
	for rgb, count := range counts {
		colors = append(colors, counted{rgb, count})
	}
	slices.SortFunc(colors, func(a, b counted) int { return slices.Compare(a.rgb[:], b.rgb[:]) })
	if len(colors) > paletteSize {
		return medianCut(colors), false
	}
	for _, c := range colors {
		palette = append(palette, color.RGBA{R: c.rgb[0], G: c.rgb[1], B: c.rgb[2], A: 255})
	}
	return palette, true
}

// countColors counts the pixels of each colour.
func countColors(frames []image.Image) map[[3]uint8]int {
	counts := map[[3]uint8]int{}
	for _, frame := range frames {
		switch frame := frame.(type) {
		case *image.Gray:
			for _, level := range frame.Pix {
				counts[[3]uint8{level, level, level}]++
			}
		case *image.RGBA:
			for i := 0; i < len(frame.Pix); i += 4 {
				counts[[3]uint8(frame.Pix[i:i+3])]++
			}
		}
	}
	return counts
}

// medianCut splits the colours, box after box, until there are as many boxes as a palette holds, each time the box whose
// longest side times its pixels is greatest, at the median pixel of that side; the palette has the mean of each box
// (Heckbert 1982, "Color image quantization for frame buffer display", https://doi.org/10.1145/965145.801294, which
// splits the box with the most pixels: weighing the side in keeps rare but distinct colours).
func medianCut(colors []counted) color.Palette {
	boxes := []colorBox{newColorBox(colors)}
	for len(boxes) < paletteSize {
		widest := 0
		for i := range boxes {
			if boxes[i].weight() > boxes[widest].weight() {
				widest = i
			}
		}
		if boxes[widest].weight() == 0 {
			break
		}
		low, high := boxes[widest].split()
		boxes[widest] = low
		boxes = append(boxes, high)
	}
	palette := make(color.Palette, len(boxes))
	for i := range boxes {
		palette[i] = boxes[i].mean()
	}
	return palette
}

// colorBox is a set of colours with the extent of the box around them.
type colorBox struct {
	colors  []counted
	pixels  int
	channel int // the longest side
	side    int // its length; 0 for a single colour
}

// newColorBox measures the box around colours.
func newColorBox(colors []counted) colorBox {
	box := colorBox{colors: colors}
	for channel := range 3 {
		low, high := 255, 0
		for _, c := range colors {
			low, high = min(low, int(c.rgb[channel])), max(high, int(c.rgb[channel]))
		}
		if high-low > box.side {
			box.channel, box.side = channel, high-low
		}
	}
	for _, c := range colors {
		box.pixels += c.count
	}
	return box
}

// weight is the urgency to split the box.
func (b colorBox) weight() int { return b.side * b.pixels }

// split divides a box of at least two colours at the median of its longest side.
func (b colorBox) split() (low, high colorBox) {
	slices.SortStableFunc(b.colors, func(x, y counted) int {
		return cmp.Compare(x.rgb[b.channel], y.rgb[b.channel])
	})
	middle, seen := 0, 0
	for middle < len(b.colors)-1 && (middle == 0 || 2*seen < b.pixels) {
		seen += b.colors[middle].count
		middle++
	}
	return newColorBox(b.colors[:middle]), newColorBox(b.colors[middle:])
}

// mean is the average of the box's pixels.
func (b colorBox) mean() color.RGBA {
	var sums [3]int
	for _, c := range b.colors {
		for channel, level := range c.rgb {
			sums[channel] += int(level) * c.count
		}
	}
	average := func(sum int) uint8 { return uint8((sum + b.pixels/2) / b.pixels) }
	return color.RGBA{R: average(sums[0]), G: average(sums[1]), B: average(sums[2]), A: 255}
}
