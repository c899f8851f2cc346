package picturefiles

import (
	"image"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/tiling"
)

// ErrColour is for a picture with colours where a grey one is wanted.
var ErrColour = errors.New("it has colours, and the network takes grey pictures; add --grey to take its brightness")

// Pixels are a picture as a network takes it, and the alpha that it does not see.
type Pixels struct {
	tiling.Picture
	Alpha []uint8 // [Height, Width]; nil if the picture is opaque.
}

// FromImage returns the pixels of a picture in 1 or 3 channels. A grey picture gets three equal channels if there have to be 3; if
// there has to be 1, one with colours gives its brightness where toGrey allows it, and ErrColour elsewhere.
//
// Colours are as they are stored, whatever their alpha, but those that nobody sees at all, of alpha 0, are white, as they are in
// training.
func FromImage(picture *image.NRGBA, channels int, toGrey bool) (Pixels, error) {
	size := picture.Rect.Size()
	p := Pixels{Picture: tiling.Picture{Height: size.Y, Width: size.X, Channels: channels, Pixels: make([]uint8, size.X*size.Y*channels)}}
	if !picture.Opaque() {
		p.Alpha = make([]uint8, size.X*size.Y)
	}
	at := 0
	for y := range size.Y {
		row := picture.Pix[y*picture.Stride:][:4*size.X]
		for ; len(row) >= 4; row = row[4:] {
			red, green, blue, alpha := row[0], row[1], row[2], row[3]
			if p.Alpha != nil {
				p.Alpha[at] = alpha
			}
			if alpha == 0 {
				red, green, blue = 0xff, 0xff, 0xff
			}
			switch {
			case channels == 3:
				p.Pixels[3*at], p.Pixels[3*at+1], p.Pixels[3*at+2] = red, green, blue
			case red == green && green == blue:
				p.Pixels[at] = red
			case toGrey:
				p.Pixels[at] = uint8((19595*uint32(red) + 38470*uint32(green) + 7471*uint32(blue) + 1<<15) >> 16) // As image/color.
			default:
				return Pixels{}, ErrColour
			}
			at++
		}
	}
	return p, nil
}

// Image returns the pixels as a picture: grey if they have 1 channel and no alpha, and else coloured.
func (p Pixels) Image() (image.Image, error) {
	rectangle := image.Rect(0, 0, p.Width, p.Height)
	if p.Alpha != nil && len(p.Alpha) != p.Width*p.Height {
		return nil, errors.Errorf("the alpha has %d values, want %d×%d", len(p.Alpha), p.Height, p.Width)
	}
	if p.Channels == 1 && p.Alpha == nil {
		return &image.Gray{Pix: p.Pixels, Stride: p.Width, Rect: rectangle}, nil
	}
	if p.Channels != 1 && p.Channels != 3 {
		return nil, errors.Errorf("pictures of %d channels cannot be written, only grey (1) and coloured (3) ones", p.Channels)
	}
	picture := image.NewNRGBA(rectangle)
	blue := p.Channels - 1
	for i := range p.Width * p.Height {
		from, to := p.Pixels[i*p.Channels:], picture.Pix[4*i:][:4]
		to[0], to[1], to[2], to[3] = from[0], from[blue/2], from[blue], 0xff
		if p.Alpha != nil {
			to[3] = p.Alpha[i]
		}
	}
	return picture, nil
}
