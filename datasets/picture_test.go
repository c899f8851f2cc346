package datasets

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestResizeLikePillow compares with the pictures that Pillow made (testdata/make_golden.py). Its values are rounded and
// those of image/draw cut off, so that they may differ by one.
func TestResizeLikePillow(t *testing.T) {
	for _, test := range []struct {
		file, want string
		size       int
		channels   int
		most       int     // The largest difference allowed.
		mean       float64 // The mean difference allowed.
	}{
		{"scene.png", "want_scene_96.png", 96, 3, 1, 0.5},
		{"scene.png", "want_scene_96_grey.png", 96, 1, 1, 0.5},
		{"scene.png", "want_scene_128.png", 128, 3, 1, 0.5},
		{"scene.png", "want_scene_16.png", 16, 3, 1, 0.5},
		{"scene.png", "want_scene_16_at_once.png", 16, 3, 16, 1.5}, // Averaged in boxes first, and a pixel cropped.
		{"alpha.png", "want_alpha_24.png", 24, 3, 2, 0.5},          // Laid over white with a rounding of its own.
		{"scene.webp", "want_webp_48.png", 48, 3, 0, 0},            // Decoded only, without a loss.
		{"scene.webp", "want_webp_70.png", 70, 3, 1, 0.5},
		{"turned.jpg", "want_turned_32.png", 32, 3, 4, 1}, // The decoders of JPEG differ a little too.
	} {
		square, err := decodePicture(readFile(t, test.file), test.size, maxPicture)
		if err != nil {
			t.Errorf("%s: %v", test.file, err)
			continue
		}
		got := make([]uint8, test.size*test.size*test.channels)
		recolour(got, square, test.channels)
		want := decodePNG(t, test.want, test.channels)
		if len(got) != len(want) {
			t.Errorf("%s: got %d values, want %d", test.want, len(got), len(want))
			continue
		}
		most, sum := 0, 0
		for i := range got {
			difference := int(got[i]) - int(want[i])
			most, sum = max(most, difference, -difference), sum+max(difference, -difference)
		}
		if mean := float64(sum) / float64(len(got)); most > test.most || mean > test.mean {
			t.Errorf("%s: values differ by up to %d, %.2f in the mean; want at most %d, %.2f", test.want, most, mean, test.most, test.mean)
		}
	}
}

// A resized picture of one colour keeps it up to its edges, whatever the sizes.
func TestResizeKeepsFlatColour(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {3, 2}, {31, 31}, {64, 50}, {211, 300}, {1000, 700}} {
		for _, level := range []uint8{0, 1, 100, 200, 255} {
			picture := image.NewGray(image.Rectangle{Max: size})
			for i := range picture.Pix {
				picture.Pix[i] = level
			}
			for i, got := range toSquare(picture, 32).Pix {
				if want := level; got != want && i%4 != 3 || i%4 == 3 && got != 255 {
					t.Fatalf("%v of level %d: value %d of the resized picture is %d", size, level, i, got)
				}
			}
		}
	}
}

// Detail finer than the new pixels turns into its mean, not into other patterns.
func TestResizeDoesNotAlias(t *testing.T) {
	for _, test := range []struct{ side, size int }{{512, 64}, {500, 64}, {100, 40}, {90, 32}, {1000, 28}} {
		picture := image.NewGray(image.Rect(0, 0, test.side, test.side))
		for y := range test.side {
			for x := range test.side {
				if (x+y)%2 == 0 {
					picture.Pix[y*picture.Stride+x] = 255
				}
			}
		}
		resized := toSquare(picture, test.size)
		for y := 1; y < test.size-1; y++ { // At the edge the kernel holds fewer pixels, so that single ones weigh more.
			for x := 1; x < test.size-1; x++ {
				if level := resized.RGBAAt(x, y).R; math.Abs(float64(level)-127.5) > 3 {
					t.Fatalf("a chessboard of %d×%d pixels resized to %d×%d is %d at (%d, %d), want 127 or 128",
						test.side, test.side, test.size, test.size, level, x, y)
				}
			}
		}
	}
}

// All orientations, by the table of the Exif standard: where the first row and column of the file belong.
func TestOrientation(t *testing.T) {
	sides := []string{"", "top left", "top right", "bottom right", "bottom left", "left top", "right top", "right bottom", "left bottom"}
	opposite := map[string]string{"top": "bottom", "bottom": "top", "left": "right", "right": "left"}
	corner := func(vertical, horizontal string) image.Point {
		if vertical == "left" || vertical == "right" {
			vertical, horizontal = horizontal, vertical
		}
		return image.Pt(map[string]int{"left": 4, "right": 27}[horizontal], map[string]int{"top": 4, "bottom": 27}[vertical])
	}
	levels := []uint8{20, 90, 160, 230} // Of the corners of the file: top left, top right, bottom left, bottom right.
	picture := image.NewGray(image.Rect(0, 0, 32, 32))
	for y := range 32 {
		for x := range 32 {
			picture.Pix[y*picture.Stride+x] = levels[x/16+2*(y/16)]
		}
	}
	var encoded bytes.Buffer
	if err := jpeg.Encode(&encoded, picture, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	for orientation := 1; orientation <= 8; orientation++ {
		row, column, _ := strings.Cut(sides[orientation], " ")
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			upright, err := decodePicture(withExif(encoded.Bytes(), order, uint16(orientation)), 32, maxPicture)
			if err != nil {
				t.Fatal(err)
			}
			for i, at := range []image.Point{
				corner(row, column), corner(row, opposite[column]), corner(opposite[row], column), corner(opposite[row], opposite[column]),
			} {
				if got := upright.RGBAAt(at.X, at.Y).R; math.Abs(float64(got)-float64(levels[i])) > 2 {
					t.Errorf("orientation %d, %v: corner %d of the file should be at %v, where the level is %d, want %d",
						orientation, order, i, at, got, levels[i])
				}
			}
		}
	}
	for _, orientation := range []uint16{0, 9, 65535} {
		if got := jpegOrientation(withExif(encoded.Bytes(), binary.BigEndian, orientation)); got != 1 {
			t.Errorf("orientation %d, which means nothing, was taken for %d", orientation, got)
		}
	}
}

// A picture that is not square is turned whole: the square in its middle is the one that comes of cropping first.
func TestOrientationOfWide(t *testing.T) {
	wide := image.NewGray(image.Rect(0, 0, 48, 16))
	for i := range wide.Pix {
		wide.Pix[i] = uint8(20 + i%48/8*15 + i/48/8*110)
	}
	var encoded bytes.Buffer
	if err := jpeg.Encode(&encoded, wide, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	for orientation := 1; orientation <= 8; orientation++ {
		data := withExif(encoded.Bytes(), binary.BigEndian, uint16(orientation))
		upright, err := decodePicture(data, 0, maxPicture)
		if err != nil {
			t.Fatal(err)
		}
		middle, err := decodePicture(data, 16, maxPicture)
		if err != nil {
			t.Fatal(err)
		}
		want, corner := image.Pt(48, 16), image.Pt(16, 0)
		if orientation >= 5 {
			want, corner = image.Pt(16, 48), image.Pt(0, 16)
		}
		if upright.Rect.Size() != want {
			t.Fatalf("orientation %d: %v, want %v", orientation, upright.Rect.Size(), want)
		}
		for y := range 16 {
			for x := range 16 {
				if got, want := upright.RGBAAt(corner.X+x, corner.Y+y), middle.RGBAAt(x, y); got != want {
					t.Fatalf("orientation %d: %v in the middle, at (%d, %d), want %v", orientation, got, x, y, want)
				}
			}
		}
	}
}

// A set that is not the size asked for is resized, and keeps its brightness but for what is cut off below 0 and above 255.
func TestFit(t *testing.T) {
	digits, err := decodeDigits()
	if err != nil {
		t.Fatal(err)
	}
	small := &Set{Name: "some", Shape: digits.Shape, Pixels: digits.Pixels[:100*784], Labels: digits.Labels[:100]}
	large, err := small.Fit(Options{Size: 32})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(large.Shape, []int{32, 32, 1}) || large.Len() != 100 || large.Name != "some" || !slices.Equal(large.Labels, small.Labels) {
		t.Fatalf("%s: %d pictures of %v", large.Name, large.Len(), large.Shape)
	}
	mean := func(pixels []uint8) (mean float64) {
		for _, pixel := range pixels {
			mean += float64(pixel) / float64(len(pixels))
		}
		return mean
	}
	for i := range 100 {
		before, after := mean(small.Pixels[i*784:(i+1)*784]), mean(large.Pixels[i*1024:(i+1)*1024])
		if math.Abs(before-after) > 3 {
			t.Errorf("picture %d: the mean was %.2f and is %.2f", i, before, after)
		}
	}
}

func TestDecodePictureRefusesBombs(t *testing.T) {
	// A few bytes whose header asks for 60,000×60,000 pixels: the head of a PNG with its sum made right.
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, image.NewGray(image.Rect(0, 0, 20, 10))); err != nil {
		t.Fatal(err)
	}
	bomb := pngWithSize(encoded.Bytes(), 60_000, 60_000)
	_, err := decodePicture(bomb, 32, maxPicture)
	if err == nil || !strings.Contains(err.Error(), "its 60000×60000 pixels are more than 100 million") {
		t.Errorf("got %v", err)
	}
	if _, err := decodePicture(encoded.Bytes(), 32, 199); err == nil {
		t.Error("a picture of 200 pixels passed a limit of 199")
	}
	if _, err := decodePicture(encoded.Bytes(), 32, 200); err != nil {
		t.Errorf("a picture of 200 pixels did not pass a limit of 200: %v", err)
	}
}

func TestDecodePictureFormats(t *testing.T) {
	for name, data := range encodings(t) {
		square, err := decodePicture(data, 16, maxPicture)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		// The left half is red, the right half blue, as far as the format can tell colours.
		left, right := square.RGBAAt(3, 8), square.RGBAAt(12, 8)
		if !(left.R > right.R+50) {
			t.Errorf("%s: left %v, right %v", name, left, right)
		}
	}
}

// encodings returns a picture that is red on the left and blue on the right in several formats, by name.
func encodings(t testing.TB) map[string][]byte {
	colour := image.NewNRGBA(image.Rect(0, 0, 40, 30))
	deep := image.NewNRGBA64(colour.Rect)
	grey := image.NewGray16(colour.Rect)
	indexed := image.NewPaletted(colour.Rect, palette.Plan9)
	for y := range 30 {
		for x := range 40 {
			pixel := color.NRGBA{R: 220, G: 20, B: 20, A: 255}
			if x >= 20 {
				pixel = color.NRGBA{R: 20, G: 20, B: 220, A: 255}
			}
			colour.Set(x, y, pixel)
			deep.Set(x, y, pixel)
			grey.SetGray16(x, y, color.Gray16{Y: uint16(pixel.R) << 8})
			indexed.Set(x, y, pixel)
		}
	}
	files := map[string][]byte{}
	for name, encode := range map[string]func(*bytes.Buffer) error{
		"png":         func(b *bytes.Buffer) error { return png.Encode(b, colour) },
		"png 16 bit":  func(b *bytes.Buffer) error { return png.Encode(b, deep) },
		"png grey":    func(b *bytes.Buffer) error { return png.Encode(b, grey) },
		"png indexed": func(b *bytes.Buffer) error { return png.Encode(b, indexed) },
		"gif":         func(b *bytes.Buffer) error { return gif.Encode(b, indexed, nil) },
		"jpeg":        func(b *bytes.Buffer) error { return jpeg.Encode(b, colour, nil) },
	} {
		var file bytes.Buffer
		if err := encode(&file); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		files[name] = file.Bytes()
	}
	return files
}

// pngWithSize returns the PNG file with another size in its header.
func pngWithSize(file []byte, width, height uint32) []byte {
	const typeAt, sizeAt, sumAt = 12, 16, 29 // The header is the first part: after 8 bytes of signature and 4 of length.
	file = bytes.Clone(file)
	binary.BigEndian.PutUint32(file[sizeAt:], width)
	binary.BigEndian.PutUint32(file[sizeAt+4:], height)
	binary.BigEndian.PutUint32(file[sumAt:], crc32.ChecksumIEEE(file[typeAt:sumAt]))
	return file
}

// withExif returns the JPEG file with an Exif segment that notes the orientation after another field.
func withExif(file []byte, order binary.AppendByteOrder, orientation uint16) []byte {
	exif := []byte("Exif\x00\x00MM")
	if fmt.Sprint(order) == "LittleEndian" {
		exif = []byte("Exif\x00\x00II")
	}
	exif = order.AppendUint16(exif, 42)
	exif = order.AppendUint32(exif, 8) // Where the directory begins.
	exif = order.AppendUint16(exif, 2) // Its fields.
	for _, field := range []struct{ tag, value uint16 }{{0x0100, 5}, {0x0112, orientation}} {
		exif = order.AppendUint16(exif, field.tag)
		exif = order.AppendUint16(exif, 3) // Unsigned, 16 bits.
		exif = order.AppendUint32(exif, 1) // One of it.
		exif = order.AppendUint16(exif, field.value)
		exif = order.AppendUint16(exif, 0)
	}
	exif = order.AppendUint32(exif, 0) // No other directory.
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(2+len(exif)))
	return bytes.Join([][]byte{file[:2], segment, exif, file[2:]}, nil)
}

func readFile(t testing.TB, name string) []byte {
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// decodePNG returns the values of a picture in testdata.
func decodePNG(t *testing.T, name string, channels int) []uint8 {
	picture, err := png.Decode(bytes.NewReader(readFile(t, name)))
	if err != nil {
		t.Fatal(err)
	}
	var values []uint8
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			pixel := color.NRGBAModel.Convert(picture.At(x, y)).(color.NRGBA)
			values = append(values, []uint8{pixel.R, pixel.G, pixel.B}[:channels]...)
		}
	}
	return values
}
