package datasets

import (
	"encoding/binary"
	"image"

	"github.com/pkg/errors"
)

// checkWebP returns an error for a WebP file that cannot be decoded for a reason which its decoder does not tell, or whose
// pixels are more than its head says.
func checkWebP(data []byte, config image.Config) error {
	if isAnimated(data) {
		return errors.New("it is an animated WebP, of which no frame can be read; save a frame of it as PNG")
	}
	if size, found := losslessSize(data); found && size != image.Pt(config.Width, config.Height) {
		return errors.Errorf("its head says %d×%d pixels, but it holds %d×%d", config.Width, config.Height, size.X, size.Y)
	}
	return nil
}

// webpChunk returns what is there of the first chunk of that type in a WebP file, or nil ("WebP Container Specification"). A chunk is a type, a
// length and content, padded to an even length.
func webpChunk(data []byte, kind string) []byte {
	const container, head = 12, 8
	for data = data[min(container, len(data)):]; len(data) >= head; {
		end := head + uint64(binary.LittleEndian.Uint32(data[4:]))
		if string(data[:4]) == kind {
			return data[head:min(end, uint64(len(data)))]
		}
		data = data[min(end+end%2, uint64(len(data))):]
	}
	return nil
}

// isAnimated tells whether a WebP file holds several pictures.
func isAnimated(data []byte) bool {
	const container, flags, animation = 12, 20, 0x02
	return len(data) > flags && string(data[container:container+4]) == "VP8X" && data[flags]&animation != 0
}

// losslessSize returns the size of the pixels in a WebP file that stores them without loss ("WebP Lossless Bitstream
// Specification", section 3).
func losslessSize(data []byte) (size image.Point, found bool) {
	const signature = 0x2f
	chunk := webpChunk(data, "VP8L")
	if len(chunk) < 5 || chunk[0] != signature {
		return size, false
	}
	bits := binary.LittleEndian.Uint32(chunk[1:])
	return image.Pt(int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1), true
}

// webpColours returns a picture of a WebP file in the colours that it means. Those with losses are stored as brightness and two
// colour differences, in a smaller range than image.YCbCr has (RFC 6386, section 9.2). They are converted as libwebp does, with
// each difference interpolated between the four values around it.
func webpColours(picture image.Image) image.Image {
	var stored *image.YCbCr
	var alpha *image.NYCbCrA
	switch picture := picture.(type) {
	case *image.YCbCr:
		stored = picture
	case *image.NYCbCrA:
		stored, alpha = &picture.YCbCr, picture
	default:
		return picture
	}
	width, height := stored.Rect.Dx(), stored.Rect.Dy()
	converted := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		near, far := neighbours(y, height, stored.CStride)
		for x := range width {
			left, right := neighbours(x, width, 1)
			difference := func(values []uint8) int {
				return (9*int(values[near+left]) + 3*int(values[near+right]) + 3*int(values[far+left]) + int(values[far+right]) + 8) >> 4
			}
			pixel := converted.Pix[converted.PixOffset(x, y):][:4]
			webpColour(pixel, int(stored.Y[y*stored.YStride+x]), difference(stored.Cb), difference(stored.Cr))
			if alpha != nil {
				pixel[3] = alpha.A[y*alpha.AStride+x]
			}
		}
	}
	return converted
}

// neighbours returns the places of the two values of a colour difference around pixel i of size, the nearer one first. There is
// one value for two pixels.
func neighbours(i, size, stride int) (near, far int) {
	near, far = i/2, i/2-1+i%2*2
	return near * stride, min(max(far, 0), (size-1)/2) * stride
}

// webpColour writes the opaque colour of a brightness and its colour differences, in the whole numbers of libwebp.
func webpColour(pixel []uint8, brightness, blue, red int) {
	brightness = brightness * 19077 >> 8
	for c, level := range [3]int{
		brightness + red*26149>>8 - 14234,
		brightness - blue*6419>>8 - red*13320>>8 + 8708,
		brightness + blue*33050>>8 - 17685,
	} {
		pixel[c] = uint8(min(max(level>>6, 0), 255))
	}
	pixel[3] = 0xff
}
