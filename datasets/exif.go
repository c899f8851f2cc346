package datasets

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation returns the orientation, 1 to 8, that a picture file of the format notes, and 1, upright, if it notes none that
// can be read.
func orientation(data []byte, format string) int {
	switch format {
	case "jpeg":
		return jpegOrientation(data)
	case "png":
		return tiffOrientation(pngExif(data))
	case "webp":
		return tiffOrientation(webpExif(data))
	case "tiff":
		return tiffOrientation(data)
	}
	return 1
}

// pngExif returns the Exif data of a PNG file, or nil: the content of its chunk eXIf ("PNG Specification (Third Edition)",
// sections 5.3 and 11.3.4.4). A chunk is a length, a type, content and a sum.
func pngExif(data []byte) []byte {
	const signature, head, sum = 8, 8, 4
	for data = data[min(signature, len(data)):]; len(data) >= head; {
		length := uint64(binary.BigEndian.Uint32(data))
		if head+length+sum > uint64(len(data)) {
			break
		}
		if string(data[4:head]) == "eXIf" {
			return data[head : head+length]
		}
		data = data[head+length+sum:]
	}
	return nil
}

// webpExif returns the Exif data of a WebP file, or nil: the content of its chunk EXIF, which some programs begin as in a JPEG
// file.
func webpExif(data []byte) []byte {
	return bytes.TrimPrefix(webpChunk(data, "EXIF"), []byte(exifHeader))
}

// exifHeader begins the Exif data of a JPEG file.
const exifHeader = "Exif\x00\x00"

// jpegOrientation returns the orientation that a JPEG file notes in its Exif data, 1 to 8, and 1, upright, if it notes none
// that can be read. The format: segments of a marker and a length; the Exif segment holds a TIFF header and a directory
// of 12-byte fields, of which tag 0x0112 is the orientation ("Exif 2.3", sections 4.5 and 4.6.4).
func jpegOrientation(data []byte) int {
	const startOfScan, app1 = 0xda, 0xe1
	for data = data[min(2, len(data)):]; len(data) >= 4 && data[0] == 0xff && data[1] != startOfScan; {
		end := 2 + int(binary.BigEndian.Uint16(data[2:]))
		if end < 4 || end > len(data) {
			break
		}
		if tiff, found := bytes.CutPrefix(data[4:end], []byte(exifHeader)); found && data[1] == app1 {
			return tiffOrientation(tiff)
		}
		data = data[end:]
	}
	return 1
}

// tiffOrientation returns the orientation in the first directory of a TIFF structure, or 1.
func tiffOrientation(tiff []byte) int {
	const orientationTag = 0x0112
	if value := tiffField(tiff, orientationTag); value >= 1 && value <= 8 {
		return int(value)
	}
	return 1
}

// tiffField returns the value, of 16 bits, of the field with that tag in the first directory of a TIFF structure, or 0.
func tiffField(tiff []byte, tag uint16) uint16 {
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	offset := uint64(order.Uint32(tiff[4:]))
	if offset+2 > uint64(len(tiff)) {
		return 0
	}
	fields := tiff[offset+2:]
	for range order.Uint16(tiff[offset:]) {
		if len(fields) < 12 {
			break
		}
		if order.Uint16(fields) == tag {
			return order.Uint16(fields[8:])
		}
		fields = fields[12:]
	}
	return 0
}

// swapsSides is the first orientation with rows and columns swapped.
const swapsSides = 5

// orient returns the picture turned upright, given its orientation: the place of its first row and first column,
// 1 top and left, 2 top and right, 3 bottom and right, 4 bottom and left, and 5 to 8 the same with rows and columns swapped.
func orient(picture *image.RGBA, orientation int) *image.RGBA {
	if orientation == 1 {
		return picture
	}
	width, height := picture.Rect.Dx(), picture.Rect.Dy()
	right, bottom := width-1, height-1
	if orientation >= swapsSides {
		width, height = height, width
	}
	upright := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			var from image.Point
			switch orientation {
			case 2:
				from = image.Pt(right-x, y)
			case 3:
				from = image.Pt(right-x, bottom-y)
			case 4:
				from = image.Pt(x, bottom-y)
			case 5:
				from = image.Pt(y, x)
			case 6:
				from = image.Pt(y, bottom-x)
			case 7:
				from = image.Pt(right-y, bottom-x)
			default:
				from = image.Pt(right-y, x)
			}
			upright.SetRGBA(x, y, picture.RGBAAt(from.X, from.Y))
		}
	}
	return upright
}
