package datasets

import (
	"bytes"
	"encoding/binary"
	"image"
)

// jpegOrientation returns the orientation that a JPEG file notes in its Exif data, 1 to 8, and 1, upright, if it notes none
// that can be read. The format: segments of a marker and a length; the Exif segment holds a TIFF header and a directory
// of 12-byte fields, of which tag 0x0112 is the orientation ("Exif 2.3", sections 4.5 and 4.6.4).
func jpegOrientation(data []byte) int {
	const startOfScan, app1, header = 0xda, 0xe1, "Exif\x00\x00"
	for data = data[min(2, len(data)):]; len(data) >= 4 && data[0] == 0xff && data[1] != startOfScan; {
		end := 2 + int(binary.BigEndian.Uint16(data[2:]))
		if end < 4 || end > len(data) {
			break
		}
		if tiff, found := bytes.CutPrefix(data[4:end], []byte(header)); found && data[1] == app1 {
			return tiffOrientation(tiff)
		}
		data = data[end:]
	}
	return 1
}

// tiffOrientation returns the orientation in the first directory of a TIFF structure, or 1.
func tiffOrientation(tiff []byte) int {
	const orientationTag = 0x0112
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	offset := uint64(order.Uint32(tiff[4:]))
	if offset+2 > uint64(len(tiff)) {
		return 1
	}
	fields := tiff[offset+2:]
	for range order.Uint16(tiff[offset:]) {
		if len(fields) < 12 {
			break
		}
		if order.Uint16(fields) == orientationTag {
			if value := int(order.Uint16(fields[8:])); value >= 1 && value <= 8 {
				return value
			}
			break
		}
		fields = fields[12:]
	}
	return 1
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
