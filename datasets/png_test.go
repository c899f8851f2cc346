package datasets

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	"image/png"
	"io"
	"math/rand/v2"
	"testing"
)

// noisy returns pictures that quickPNG reads, of several kinds and sizes: flat, with gradients and with noise.
func noisy() map[string]image.Image {
	pictures := map[string]image.Image{}
	for _, side := range []int{1, 2, 7, 64, 200} {
		for _, noise := range []int{0, 5, 255} {
			random := rand.New(rand.NewPCG(uint64(side), uint64(noise)))
			bounds := image.Rect(0, 0, side, side+3)
			grey, indexed := image.NewGray(bounds), image.NewPaletted(bounds, palette.Plan9)
			colour, alpha := image.NewRGBA(bounds), image.NewNRGBA(bounds)
			for i := range grey.Pix {
				level := uint8(i%side + i/side + random.IntN(noise+1))
				grey.Pix[i], indexed.Pix[i] = level, level
				copy(colour.Pix[4*i:], []uint8{level, level / 2, uint8(random.IntN(noise + 1)), 255})
				copy(alpha.Pix[4*i:], []uint8{level, level / 2, 99, level + 1})
			}
			for kind, picture := range map[string]image.Image{"grey": grey, "indexed": indexed, "colour": colour, "alpha": alpha} {
				pictures[kind+string(rune('0'+side%10))+string(rune('0'+noise%10))] = picture
			}
		}
	}
	return pictures
}

// What quickPNG reads is what image/png reads, at every level of compression.
func TestQuickPNGIsImagePNG(t *testing.T) {
	for name, picture := range noisy() {
		for _, level := range []png.CompressionLevel{png.NoCompression, png.BestSpeed, png.DefaultCompression, png.BestCompression} {
			var file bytes.Buffer
			if err := (&png.Encoder{CompressionLevel: level}).Encode(&file, picture); err != nil {
				t.Fatal(err)
			}
			got := quickPNG(file.Bytes())
			if got == nil {
				t.Errorf("%s: not read, at level %d", name, level)
				continue
			}
			want, err := png.Decode(&file)
			if err != nil {
				t.Fatal(err)
			}
			if difference := differentPixel(got, want); difference != "" {
				t.Errorf("%s, level %d: %s", name, level, difference)
			}
		}
	}
}

// differentPixel says where the pictures differ, or "".
func differentPixel(got, want image.Image) string {
	if got.Bounds() != want.Bounds() {
		return got.Bounds().String() + " is not " + want.Bounds().String()
	}
	for y := want.Bounds().Min.Y; y < want.Bounds().Max.Y; y++ {
		for x := want.Bounds().Min.X; x < want.Bounds().Max.X; x++ {
			r, g, b, a := got.At(x, y).RGBA()
			R, G, B, A := want.At(x, y).RGBA()
			if r != R || g != G || b != B || a != A {
				return "they differ at " + image.Pt(x, y).String()
			}
		}
	}
	return ""
}

// Files with several chunks of pixels, and those that are left to image/png: damaged ones, and kinds that are rare.
func TestQuickPNGChunks(t *testing.T) {
	var file bytes.Buffer
	if err := png.Encode(&file, noisy()["colour45"]); err != nil {
		t.Fatal(err)
	}
	whole := file.Bytes()
	want := quickPNG(whole)
	const head = 33 // Of the signature and the first chunk.
	length := int(binary.BigEndian.Uint32(whole[head:]))
	content := whole[head+8 : head+8+length]
	parts := bytes.Join([][]byte{whole[:head], pngChunk("tEXt", []byte("a\x00b")), pngChunk("IDAT", content[:100]), pngChunk("IDAT", content[100:]), pngChunk("IEND", nil)}, nil)
	if got := quickPNG(parts); want == nil || got == nil || differentPixel(got, want) != "" {
		t.Errorf("in parts: got %v", got != nil)
	}
	deep := bytes.Clone(whole[:head])
	deep[24] = 16
	for name, other := range map[string][]byte{
		"cut":            whole[:len(whole)-20],
		"no end":         whole[:len(whole)-12],
		"another byte":   append(append(bytes.Clone(whole[:60]), whole[60]^1), whole[61:]...),
		"between parts":  bytes.Join([][]byte{whole[:head], pngChunk("IDAT", content[:100]), pngChunk("tEXt", nil), pngChunk("IDAT", content[100:]), pngChunk("IEND", nil)}, nil),
		"short content":  bytes.Join([][]byte{whole[:head], pngChunk("IDAT", content[:len(content)-5]), pngChunk("IEND", nil)}, nil),
		"a wrong sum":    bytes.Join([][]byte{whole[:head], pngChunk("IDAT", append(bytes.Clone(content[:len(content)-1]), content[len(content)-1]^1)), pngChunk("IEND", nil)}, nil),
		"unknown chunk":  bytes.Join([][]byte{whole[:head], pngChunk("IDAQ", nil), whole[head:]}, nil),
		"a clear colour": bytes.Join([][]byte{whole[:head], pngChunk("tRNS", make([]byte, 6)), whole[head:]}, nil),
		"16 bits":        append(pngWithSize(deep, 64, 67), whole[head:]...),
		"another size":   pngWithSize(whole, 64, 66),
		"a huge size":    pngWithSize(whole, 1<<31, 1<<31),
		"empty":          nil,
	} {
		if quickPNG(other) != nil {
			t.Errorf("%s: it was read", name)
		}
	}
}

// pngChunk returns a chunk of a PNG file.
func pngChunk(kind string, content []byte) []byte {
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	chunk = append(append(chunk, kind...), content...)
	return binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
}

// FuzzQuickPNG looks for rows of pixels that quickPNG reads in another way than image/png.
func FuzzQuickPNG(f *testing.F) {
	for kind := range uint8(8) {
		f.Add(kind, uint8(2), []byte("\x00abcdef\x01abcdef\x02abcdef\x03abcdef\x04abcdef"), []byte("abcdefghi"))
	}
	f.Add(uint8(alphaPNG), uint8(3), []byte("\x04abcdefghijkl\x03abcdefghijkl"), []byte{})
	f.Add(uint8(indexedPNG), uint8(1), []byte("\x00\x01\x01\x01\x04\x01"), []byte("abcdef"))
	f.Fuzz(func(t *testing.T, kind, width uint8, rows, palette []byte) {
		depth := map[uint8]int{greyPNG: 1, indexedPNG: 1, colourPNG: 3, alphaPNG: 4}[kind]
		if depth == 0 {
			depth = 2
		}
		height := len(rows) / (1 + int(width)*depth)
		head := make([]byte, 13)
		binary.BigEndian.PutUint32(head, uint32(width))
		binary.BigEndian.PutUint32(head[4:], uint32(height))
		head[8], head[9] = 8, kind
		file := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", head)...)
		if len(palette) > 0 {
			file = append(file, pngChunk("PLTE", palette)...)
		}
		rows = rows[:height*(1+int(width)*depth)]
		file = append(file, pngChunk("IDAT", compressed(t, rows, int(width)%10))...)
		file = append(file, pngChunk("IEND", nil)...)
		got := quickPNG(file)
		want, err := png.Decode(bytes.NewReader(file))
		switch {
		case got == nil && err == nil && (kind == greyPNG || kind == colourPNG && len(palette) == 0 || kind == alphaPNG && len(palette) == 0):
			t.Errorf("only image/png reads it")
		case got != nil && err != nil:
			t.Errorf("only image/png does not read it: %v", err)
		case got != nil:
			if difference := differentPixel(got, want); difference != "" {
				t.Error(difference)
			}
		}
	})
}

// FuzzInflate looks for data that is unpacked in another way than by compress/zlib, or not at all though that made it.
func FuzzInflate(f *testing.F) {
	for _, text := range []string{"", "a", "abcabcabcabcabcabc", string(bytes.Repeat([]byte{0}, 300))} {
		for _, level := range []int{0, 1, 9} {
			f.Add(compressed(f, []byte(text), level), level, true)
			f.Add([]byte(text), level, false)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, level int, isCompressed bool) {
		var unpacker inflater
		if !isCompressed {
			got := make([]byte, len(data))
			if !unpacker.unpack(got, compressed(t, data, (level%10+10)%10)) || !bytes.Equal(got, data) {
				t.Errorf("%d bytes do not come back", len(data))
			}
			return
		}
		reader, err := zlib.NewReader(bytes.NewReader(data))
		if err != nil {
			if unpacker.unpack(nil, data) {
				t.Error("what is no zlib was unpacked")
			}
			return
		}
		want, err := io.ReadAll(io.LimitReader(reader, 1<<16))
		got := make([]byte, len(want))
		if unpacker.unpack(got, data) && (err != nil || !bytes.Equal(got, want)) {
			t.Errorf("unpacked to something else (%v)", err)
		}
	})
}

// compressed returns the data as compress/zlib packs it.
func compressed(t testing.TB, data []byte, level int) []byte {
	var packed bytes.Buffer
	writer, err := zlib.NewWriterLevel(&packed, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writer.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func BenchmarkDecodePNG(b *testing.B) {
	picture := image.NewRGBA(image.Rect(0, 0, 64, 64))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 64 * 64 {
		picture.SetRGBA(i%64, i/64, color.RGBA{R: uint8(i/64*3 + random.IntN(8)), G: uint8(i%64 + random.IntN(8)), B: uint8(random.IntN(8)), A: 255})
	}
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		b.Fatal(err)
	}
	for name, read := range map[string]func([]byte) image.Image{
		"quick":     quickPNG,
		"image/png": func(data []byte) image.Image { picture, _ := png.Decode(bytes.NewReader(data)); return picture },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(64 * 64 * 3)
			for b.Loop() {
				if read(file.Bytes()) == nil {
					b.Fatal("not read")
				}
			}
		})
	}
}
