package augment

import (
	"image"
	"image/draw"
	"slices"
)

// Picture is a picture in memory, as the file form of operations changes it.
type Picture struct {
	Height, Width, Channels int

	// Values are those of the pixels, row by row, in [-1, 1]: Height × Width × Channels.
	Values []float32

	// Alpha is how opaque each pixel is, from 0 to 1; nil means that all are wholly. Operations that move pixels move
	// it with them, and others keep it.
	Alpha []float32
}

// NewPicture returns the picture of an image: of one channel if the image is grey, else of three. Pictures of 16 bits
// are reduced to 8.
func NewPicture(img image.Image) *Picture {
	bounds := img.Bounds()
	p := &Picture{Height: bounds.Dy(), Width: bounds.Dx(), Channels: 3}
	switch source := img.(type) {
	case *image.Gray:
		p.Channels = 1
	case *image.Gray16:
		p.Channels = 1
		gray := image.NewGray(bounds)
		draw.Draw(gray, bounds, source, bounds.Min, draw.Src)
		img = gray
	case *image.NRGBA:
	default:
		colours := image.NewNRGBA(bounds)
		draw.Draw(colours, bounds, source, bounds.Min, draw.Src)
		img = colours
	}
	p.Values = make([]float32, p.Height*p.Width*p.Channels)
	for row := range p.Height {
		y := bounds.Min.Y + row
		if gray, ok := img.(*image.Gray); ok {
			for column, v := range gray.Pix[gray.PixOffset(bounds.Min.X, y):][:p.Width] {
				p.Values[row*p.Width+column] = fromByte(v)
			}
			continue
		}
		colours := img.(*image.NRGBA)
		p.readColours(row, colours.Pix[colours.PixOffset(bounds.Min.X, y):][:4*p.Width])
	}
	return p
}

// readColours sets a row from its bytes, red, green, blue and alpha of each pixel.
func (p *Picture) readColours(row int, pix []uint8) {
	for column := range p.Width {
		i := row*p.Width + column
		for c := range 3 {
			p.Values[3*i+c] = fromByte(pix[4*column+c])
		}
		if alpha := pix[4*column+3]; alpha != 0xff {
			if p.Alpha == nil {
				p.Alpha = slices.Repeat([]float32{1}, p.Height*p.Width)
			}
			p.Alpha[i] = float32(alpha) / 255
		}
	}
}

// Image returns the picture as an *image.Gray, or an *image.NRGBA if it has three channels or is anywhere transparent.
// Values outside [-1, 1] are cut, others rounded.
func (p *Picture) Image() image.Image {
	bounds := image.Rect(0, 0, p.Width, p.Height)
	if p.Channels == 1 && p.Alpha == nil {
		gray := image.NewGray(bounds)
		for i, v := range p.Values {
			gray.Pix[i] = toByte(v)
		}
		return gray
	}
	img := image.NewNRGBA(bounds)
	for i := range p.Height * p.Width {
		for c := range 3 {
			img.Pix[4*i+c] = toByte(p.Values[i*p.Channels+min(c, p.Channels-1)])
		}
		img.Pix[4*i+3] = 0xff
		if p.Alpha != nil {
			img.Pix[4*i+3] = toByte(2*p.Alpha[i] - 1)
		}
	}
	return img
}

// clone returns a copy that shares nothing.
func (p *Picture) clone() *Picture {
	copied := *p
	copied.Values, copied.Alpha = slices.Clone(p.Values), slices.Clone(p.Alpha)
	return &copied
}

// mapped returns the picture with f done to each value.
func (p *Picture) mapped(f func(v float64) float64) *Picture {
	changed := p.clone()
	for i, v := range changed.Values {
		changed.Values[i] = float32(f(float64(v)))
	}
	return changed
}

// shape returns [height, width, channels].
func (p *Picture) shape() []int { return []int{p.Height, p.Width, p.Channels} }

// fromByte and toByte convert between [0, 255] and [-1, 1].
func fromByte(v uint8) float32 { return float32(v)/127.5 - 1 }

func toByte(v float32) uint8 {
	return uint8(min(max((v+1)*127.5+0.5, 0), 255))
}
