package datasets

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"sync"

	"github.com/pkg/errors"
	_ "golang.org/x/image/bmp"
	xdraw "golang.org/x/image/draw"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"
)

const (
	// maxPicture is the most pixels a picture may have. A few bytes of a file can ask for any number of them.
	maxPicture = 100_000_000

	// largePicture is the number of pixels above which pictures are decoded one at a time, to save memory.
	largePicture = 32_000_000

	// maxBytes is the most memory that the pixels of a set may take.
	maxBytes = 16 << 30

	// reducingGap is how many times larger than asked for pictures stay until the last, smooth step of resizing.
	reducingGap = 3
)

// largePictures is held while a large picture is being decoded.
var largePictures sync.Mutex

// decodeConfig returns what the head of a picture file says of it, its width and height above all, and an error if they
// are out of the range up to maxPixels.
func decodeConfig(file io.Reader, maxPixels int) (config image.Config, format string, err error) {
	config, format, err = image.DecodeConfig(file)
	if err != nil {
		return config, "", err
	}
	if config.Width < 1 || config.Height < 1 {
		return config, format, errors.New("it has no pixels")
	}
	if config.Width > maxPixels/config.Height {
		return config, format, errors.Errorf("its %d×%d pixels are more than %g million", config.Width, config.Height, float64(maxPixels)/1e6)
	}
	return config, format, nil
}

// decodePicture returns the picture in the bytes of a file in one of the formats, of at most maxPixels pixels, the right way
// up: as toSquare does, or with size 0 the whole of it as it is, over white.
func decodePicture(data []byte, size, maxPixels int) (*image.RGBA, error) {
	picture, format, err := decode(data, maxPixels)
	if err != nil {
		return nil, err
	}
	var opaque *image.RGBA
	if size == 0 {
		opaque = overWhite(picture, picture.Bounds())
	} else {
		opaque = toSquare(picture, size)
	}
	return orient(opaque, orientation(data, format)), nil
}

// decode returns the picture in the bytes of a file as it is stored: the first if there are several.
func decode(data []byte, maxPixels int) (picture image.Image, format string, err error) {
	if picture := quickPNG(data); picture != nil && picture.Bounds().Dx() <= maxPixels/picture.Bounds().Dy() {
		return picture, "png", nil
	}
	config, format, err := decodeConfig(bytes.NewReader(data), maxPixels)
	if err != nil {
		return nil, format, err
	}
	switch format {
	case "webp":
		err = checkWebP(data, config)
	case "tiff":
		err = checkTIFF(data)
	}
	if err != nil {
		return nil, format, err
	}
	if config.Width*config.Height > largePicture {
		largePictures.Lock()
		defer largePictures.Unlock()
	}
	if picture, _, err = image.Decode(bytes.NewReader(data)); err != nil {
		return nil, format, err
	}
	switch canvas := image.Rect(0, 0, config.Width, config.Height); {
	case format == "gif" && picture.Bounds() != canvas:
		picture = overWhite(picture, canvas) // The first frame of an animation need not fill the canvas.
	case format == "webp":
		picture = webpColours(picture)
	}
	if picture.Bounds().Empty() {
		return nil, format, errors.New("it has no pixels")
	}
	return picture, format, nil
}

// checkTIFF returns an error for a TIFF file whose decoder may mistake black for white.
func checkTIFF(data []byte) error {
	const compressionTag, firstFax, lastFax = 0x0103, 2, 4
	if compression := tiffField(data, compressionTag); compression >= firstFax && compression <= lastFax {
		return errors.New("it is a TIFF compressed as faxes are (CCITT), which is not read; save it as PNG")
	}
	return nil
}

// overWhite returns what the rectangle holds of the picture, on white. It may be the picture itself.
func overWhite(picture image.Image, rectangle image.Rectangle) *image.RGBA {
	if same, ok := picture.(*image.RGBA); ok && same.Rect == rectangle && rectangle.Min == (image.Point{}) && same.Stride == 4*rectangle.Dx() && same.Opaque() {
		return same
	}
	opaque := image.NewRGBA(image.Rect(0, 0, rectangle.Dx(), rectangle.Dy()))
	draw.Draw(opaque, opaque.Rect, image.White, image.Point{}, draw.Src)
	if indexed, ok := picture.(*image.Paletted); ok {
		// Laying the colours over white, rather than the pixels, is much faster.
		onWhite := *indexed
		onWhite.Palette = make(color.Palette, len(indexed.Palette))
		for i, colour := range indexed.Palette {
			pixel := image.NewRGBA(image.Rect(0, 0, 1, 1))
			draw.Draw(pixel, pixel.Rect, image.White, image.Point{}, draw.Src)
			draw.Draw(pixel, pixel.Rect, image.NewUniform(colour), image.Point{}, draw.Over)
			onWhite.Palette[i] = pixel.RGBAAt(0, 0)
		}
		draw.Draw(opaque, opaque.Rect, &onWhite, rectangle.Min, draw.Src)
		return opaque
	}
	draw.Draw(opaque, opaque.Rect, picture, rectangle.Min, draw.Over)
	return opaque
}

// toSquare returns the square in the middle of the picture, over white, resized to size×size.
//
// It resizes with the kernel of Catmull and Rom, widened when shrinking so that each pixel of the picture counts, on the
// values as they are (not on linear light), as Pillow's BICUBIC does. Pictures that are much too large are first averaged
// over whole boxes of pixels, as by Pillow's reducing_gap, which looks the same and is several times faster; to make
// the boxes fit, the square gives up less than a third of a new pixel.
func toSquare(picture image.Image, size int) *image.RGBA {
	bounds := picture.Bounds()
	side := min(bounds.Dx(), bounds.Dy())
	factor := max(1, side/reducingGap/size)
	side -= side % factor
	corner := bounds.Min.Add(image.Pt((bounds.Dx()-side)/2, (bounds.Dy()-side)/2))

	square := reduce(overWhite(picture, image.Rectangle{Min: corner, Max: corner.Add(image.Pt(side, side))}), factor)
	if square.Rect.Dx() == size {
		return square
	}
	resized := image.NewRGBA(image.Rect(0, 0, size, size))
	xdraw.CatmullRom.Scale(resized, resized.Rect, square, square.Rect, xdraw.Src, nil)
	return resized
}

// reduce returns the opaque square picture with each box of factor×factor pixels averaged into one.
// The side of the square must be a multiple of factor.
func reduce(square *image.RGBA, factor int) *image.RGBA {
	if factor == 1 {
		return square
	}
	side := square.Rect.Dx() / factor
	reduced := image.NewRGBA(image.Rect(0, 0, side, side))
	area := factor * factor
	sums := make([][3]int, side)
	for y := range side {
		clear(sums)
		for row := y * factor; row < (y+1)*factor; row++ {
			pixels := square.Pix[row*square.Stride:]
			for x := range sums {
				sum := sums[x]
				for _, end := 0, 4*factor; end > 0; end -= 4 {
					sum[0] += int(pixels[0])
					sum[1] += int(pixels[1])
					sum[2] += int(pixels[2])
					pixels = pixels[4:]
				}
				sums[x] = sum
			}
		}
		for x, sum := range sums {
			pixel := reduced.Pix[y*reduced.Stride+4*x:]
			for c := range sum {
				pixel[c] = uint8((sum[c] + area/2) / area)
			}
			pixel[3] = 0xff
		}
	}
	return reduced
}

// recolour writes the opaque picture to pixels, with 3 channels or with the 1 channel of its brightness: .299 red + .587
// green + .114 blue, as JPEG and image/color have it.
func recolour(pixels []uint8, picture *image.RGBA, channels int) {
	from := picture.Pix
	if channels == 3 {
		for ; len(from) >= 4 && len(pixels) >= 3; from, pixels = from[4:], pixels[3:] {
			pixels[0], pixels[1], pixels[2] = from[0], from[1], from[2]
		}
		return
	}
	for i := range len(from) / 4 {
		rgb := from[4*i : 4*i+3]
		pixels[i] = uint8((19595*uint32(rgb[0]) + 38470*uint32(rgb[1]) + 7471*uint32(rgb[2]) + 1<<15) >> 16)
	}
}

// isGrey says whether all pixels, of 3 channels, are grey.
func isGrey(pixels []uint8) bool {
	for i := 0; i < len(pixels); i += 3 {
		if pixels[i] != pixels[i+1] || pixels[i] != pixels[i+2] {
			return false
		}
	}
	return true
}

// newPixels returns room for count pictures, and an error if they need more memory than is sensible.
func newPixels(count, height, width, channels int) ([]uint8, error) {
	if bytes := float64(count) * float64(height) * float64(width) * float64(channels); bytes > maxBytes {
		return nil, errors.Errorf("datasets: %d pictures of %d×%d×%d take %.0f GiB of memory, more than %d; choose a smaller size",
			count, height, width, channels, bytes/(1<<30), maxBytes>>30)
	}
	return make([]uint8, count*height*width*channels), nil
}
