package datasets

import (
	"image"
	"image/color"
	"image/draw"
	"os"
)

// FindPictures returns the path of a directory given by the user, where ~/ is the home directory, and the names of the pictures
// below it, relative to it and with slashes, in order. Hidden files and folders are left out. It is an error if there are none.
func FindPictures(directory string) (root string, names []string, err error) {
	return findPictures(directory)
}

// IsPictureName says whether a file is called as PNG, JPEG, GIF, WebP, BMP or TIFF pictures are.
func IsPictureName(name string) bool { return isPictureName(name) }

// PictureSize returns the size of the picture in a file as its head has it: Exif data may still turn the picture, and swap the
// sides.
func PictureSize(path string) (image.Point, error) { return headSize(path) }

// DecodeFile returns the picture in a file, read and turned upright as Open does it, but whole, and with its transparency. A file
// of several pictures gives the first.
func DecodeFile(path string) (picture *image.NRGBA, err error) {
	defer decoderFailed(&err)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	stored, format, err := decode(data, maxPicture)
	if err != nil {
		return nil, err
	}
	upright := orient((*image.RGBA)(withAlpha(stored)), orientation(data, format))
	return (*image.NRGBA)(upright), nil
}

// withAlpha returns the picture with its colours as they are where it is transparent. It may be the picture itself.
func withAlpha(picture image.Image) *image.NRGBA {
	bounds := picture.Bounds()
	same, ok := picture.(*image.NRGBA)
	if ok && bounds.Min == (image.Point{}) && same.Stride == 4*bounds.Dx() {
		return same
	}
	if opaque, ok := picture.(interface{ Opaque() bool }); ok && opaque.Opaque() {
		return (*image.NRGBA)(overWhite(picture, bounds)) // Without transparency both are the same.
	}
	plain := image.NewNRGBA(image.Rect(0, 0, bounds.Dx(), bounds.Dy()))
	indexed, ok := picture.(*image.Paletted)
	if !ok {
		draw.Draw(plain, plain.Rect, picture, bounds.Min, draw.Src)
		return plain
	}
	colours := make([]color.NRGBA, 256)
	for i, colour := range indexed.Palette {
		colours[i] = color.NRGBAModel.Convert(colour).(color.NRGBA)
	}
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			plain.SetNRGBA(x, y, colours[indexed.ColorIndexAt(bounds.Min.X+x, bounds.Min.Y+y)])
		}
	}
	return plain
}
