package datasets

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestDecodeFile keeps the transparency, and the colours below it, of all kinds of pictures.
func TestDecodeFile(t *testing.T) {
	const width, height = 5, 3
	colours := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range colours.Pix {
		colours.Pix[i] = uint8(37 * i)
	}
	colours.Pix[3] = 0
	deep := image.NewNRGBA64(colours.Rect)
	palette := color.Palette{color.NRGBA{R: 200, G: 100, B: 50, A: 255}, color.NRGBA{R: 10, G: 200, B: 30, A: 128}}
	indexed := image.NewPaletted(image.Rect(2, 1, 2+width, 1+height), palette)
	for y := range height {
		for x := range width {
			deep.Set(x, y, colours.NRGBAAt(x, y))
			indexed.SetColorIndex(2+x, 1+y, uint8((x+y)%2))
		}
	}
	deepWant := slices.Clone(colours.Pix)
	copy(deepWant, []uint8{0, 0, 0, 0}) // 16 bits of nothing.
	var indexedWant []uint8
	for i := range width * height {
		c := palette[(i%width+i/width)%2].(color.NRGBA)
		indexedWant = append(indexedWant, c.R, c.G, c.B, c.A)
	}
	for name, test := range map[string]struct {
		picture image.Image
		want    []uint8
	}{"8 bits": {colours, colours.Pix}, "16 bits": {deep, deepWant}, "indexed": {indexed, indexedWant}} {
		path := filepath.Join(t.TempDir(), "picture.png")
		writePicture(t, path, func(b *bytes.Buffer) error { return png.Encode(b, test.picture) })
		got, err := DecodeFile(path)
		if err != nil || got.Rect != image.Rect(0, 0, width, height) {
			t.Fatalf("%s: %v, %v", name, got, err)
		}
		for i, value := range got.Pix {
			if difference := int(value) - int(test.want[i]); difference < -1 || difference > 1 || i%4 == 3 && difference != 0 {
				t.Errorf("%s: value %d is %d, want %d", name, i, value, test.want[i])
			}
		}
		if size, err := PictureSize(path); err != nil || size != image.Pt(width, height) {
			t.Errorf("%s: size %v, %v", name, size, err)
		}
	}
}

// TestDecodeFileAsOpen gives opaque pictures the pixels that training sees.
func TestDecodeFileAsOpen(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 8, 8))
	colours := image.NewNRGBA(grey.Rect)
	for i := range grey.Pix {
		grey.Pix[i] = uint8(3 * i)
		copy(colours.Pix[4*i:], []uint8{uint8(2 * i), uint8(255 - 3*i), uint8(i * i), 255})
	}
	for name, encode := range map[string]func(b *bytes.Buffer) error{
		"grey.png":   func(b *bytes.Buffer) error { return png.Encode(b, grey) },
		"colour.png": func(b *bytes.Buffer) error { return png.Encode(b, colours) },
		"colour.jpg": func(b *bytes.Buffer) error { return jpeg.Encode(b, colours, nil) },
		"colour.gif": func(b *bytes.Buffer) error { return gif.Encode(b, colours, nil) },
	} {
		path := filepath.Join(t.TempDir(), name)
		writePicture(t, path, encode)
		want, err := readPicture(path, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeFile(path)
		if err != nil || !slices.Equal(got.Pix, want.Pix) {
			t.Errorf("%s differs from what a set has of it: %v", name, err)
		}
	}
	for _, path := range []string{"testdata/turned.jpg", "testdata/scene.webp"} {
		want, err := readPicture(path, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := DecodeFile(path); err != nil || got.Rect != want.Rect || !slices.Equal(got.Pix, want.Pix) {
			t.Errorf("%s differs from what a set has of it: %v", path, err)
		}
	}
}

func TestDecodeFileErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "broken.png")
	if err := os.WriteFile(path, []byte("\x89PNG no picture"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, filepath.Join(t.TempDir(), "nowhere.png")} {
		if _, err := DecodeFile(path); err == nil {
			t.Errorf("%s was read", path)
		}
		if _, err := PictureSize(path); err == nil {
			t.Errorf("%s has a size", path)
		}
	}
}

func writePicture(t *testing.T, path string, encode func(b *bytes.Buffer) error) {
	t.Helper()
	var data bytes.Buffer
	if err := encode(&data); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}
