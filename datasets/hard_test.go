package datasets

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestHardPictures compares pictures of all kinds with what Pillow reads (bench/golden/make_pictures.py): the mean absolute
// difference of the values, of 255. It is 0 where the format leaves no choice.
func TestHardPictures(t *testing.T) {
	const (
		alphaMean = 0.5 // What is laid over white is rounded in another way.
		jpegMean  = 1   // Decoders of JPEG differ in the last step.
	)
	inexact := map[string]float64{
		"alpha16.png": alphaMean, "grey_alpha.png": alphaMean, "indexed2_see_through.png": alphaMean, "indexed8_see_through.png": alphaMean,
		"alpha.webp": alphaMean, "lossy_alpha.webp": alphaMean, "alpha.tif": alphaMean,
		"cmyk.jpg": jpegMean, "progressive.jpg": jpegMean, "grey.jpg": jpegMean,
	}
	files, err := filepath.Glob(filepath.Join("testdata", "hard", "*"))
	if err != nil || len(files) < 70 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		if strings.HasSuffix(name, ".want.png") || name == "animated.webp" || name == "fax.tif" {
			continue
		}
		got, err := decodePicture(readFile(t, filepath.Join("hard", name)), 0, maxPicture)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		pixels := make([]uint8, 3*len(got.Pix)/4)
		recolour(pixels, got, 3)
		want := decodePNG(t, filepath.Join("hard", name+".want.png"), 3)
		if len(pixels) != len(want) {
			t.Errorf("%s: %v has %d values, want %d", name, got.Rect, len(pixels), len(want))
			continue
		}
		sum := 0
		for i := range pixels {
			difference := int(pixels[i]) - int(want[i])
			sum += max(difference, -difference)
		}
		if mean := float64(sum) / float64(len(pixels)); mean > inexact[name] {
			t.Errorf("%s: values differ by %.3f in the mean, want at most %g", name, mean, inexact[name])
		} else {
			t.Logf("%s: %.3f", name, mean)
		}
	}
}

// Pictures that cannot be read say why.
func TestHardPicturesErrors(t *testing.T) {
	hard := func(name string) []byte { return readFile(t, filepath.Join("hard", name)) }
	adobe := hard("cmyk.jpg")
	at := bytes.Index(adobe, []byte("Adobe")) - 4
	length := 2 + int(adobe[at+2])<<8 + int(adobe[at+3])
	unlike := bytes.Clone(hard("turned3.webp"))
	if string(unlike[12:16]) != "VP8X" {
		t.Fatal("the WebP file with Exif data has no extended head")
	}
	unlike[24] = 200 // The canvas's width.
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"an animated WebP":        {hard("animated.webp"), "it is an animated WebP"},
		"CMYK of unknown meaning": {append(bytes.Clone(adobe[:at]), adobe[at+length:]...), "unsupported JPEG feature"},
		"another size inside":     {unlike, "its head says 201×20 pixels, but it holds 30×20"},
		"a fax":                   {hard("fax.tif"), "it is a TIFF compressed as faxes are"},
		"no bytes":                {nil, "unknown format"},
		"text":                    {[]byte("a,b\n"), "unknown format"},
	} {
		if _, err := decodePicture(test.data, 0, maxPicture); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
	// Cut anywhere, a file is broken, or a picture of the same size where the format allows that; it does not panic.
	files, _ := filepath.Glob(filepath.Join("testdata", "hard", "*"))
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for cut := 0; cut < len(data); cut += 1 + len(data)/40 {
			func() {
				defer func() {
					if problem := recover(); problem != nil {
						t.Errorf("%s, cut to %d bytes: %v", file, cut, problem)
					}
				}()
				_, _ = decodePicture(data[:cut], 8, maxPicture)
			}()
		}
	}
}

// A stream knows which way up pictures of each format will be.
func TestStreamTurned(t *testing.T) {
	for _, name := range []string{"turned6.png", "turned6.webp", "turned6.tif", "turned3.png"} {
		root := t.TempDir()
		if err := os.WriteFile(filepath.Join(root, name), readFile(t, filepath.Join("hard", name)), 0o644); err != nil {
			t.Fatal(err)
		}
		stream, err := OpenStream(root, Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := stream.Pictures([]int{0})
		if want := decodePNG(t, filepath.Join("hard", name+".want.png"), 3); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v is not as it should be (%v)", name, stream.Shape, err)
		}
	}
}
