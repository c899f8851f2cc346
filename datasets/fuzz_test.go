package datasets

import (
	"bytes"
	"image"
	"path/filepath"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
)

// addPictures adds pictures of all kinds, whole and cut, to what a target starts from.
func addPictures(f *testing.F, endings ...string) {
	files, err := filepath.Glob(filepath.Join("testdata", "hard", "*"))
	if err != nil || len(files) == 0 {
		f.Fatalf("%d files, %v", len(files), err)
	}
	files = append(files, filepath.Join("testdata", "turned.jpg"), filepath.Join("testdata", "alpha.png"), filepath.Join("testdata", "scene.webp"))
	for _, file := range files {
		if strings.HasSuffix(file, ".want.png") || endings != nil && !slices.Contains(endings, filepath.Ext(file)) {
			continue
		}
		relative, err := filepath.Rel("testdata", file)
		if err != nil {
			f.Fatal(err)
		}
		data := readFile(f, relative)
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Add([]byte{})
}

// FuzzDecode looks for files that make a decoder panic, take more memory than their pixels may need, or return something else
// than a square picture.
func FuzzDecode(f *testing.F) {
	addPictures(f)
	const most, size = 1 << 18, 8
	// Twice 8 bytes for a pixel, twice the picture over white, what the decoders need however small the picture is, and what
	// is being done beside this.
	const memory = 24*most + 32<<20
	// A lossless WebP of one pixel may name one of 65,536 groups of five codes, and the decoder makes room for all of them.
	const groups = 65536 * 5 * 544
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<20 {
			return
		}
		limit := uint64(memory)
		if bytes.Contains(data, []byte("VP8L")) {
			limit += groups
		}
		before := allocated()
		square, err := decodePicture(data, size, most)
		if taken := allocated() - before; taken > limit {
			t.Errorf("it took %d MB", taken>>20)
		}
		if err != nil {
			return
		}
		if square.Rect != image.Rect(0, 0, size, size) || !square.Opaque() {
			t.Errorf("got a picture %v, opaque: %v; want 8×8 and opaque", square.Rect, square.Opaque())
		}
	})
}

// allocated returns the bytes that were allocated so far.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// FuzzOrientation looks for files whose orientation cannot be read without a panic, or is none.
func FuzzOrientation(f *testing.F) {
	addPictures(f, ".jpg", ".webp", ".png", ".tif")
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, format := range []string{"jpeg", "png", "webp", "tiff", "gif", "bmp"} {
			if got := orientation(data, format); got < 1 || got > 8 {
				t.Errorf("%s: orientation %d", format, got)
			}
		}
		isAnimated(data)
		losslessSize(data)
	})
}

// FuzzLabels looks for files with labels that make their reading panic, that give a picture no class, or a class of several
// lines of errors.
func FuzzLabels(f *testing.F) {
	for _, text := range []string{
		"", "file,class\n", "a.png,x\nb/c.png,y\n", "class;path\nx;a.png\ny;b\\c.png", "a.png\tx\r\n./b/c.png\t\"y\n\"", "\ufefflabel,image\n1,a.png\n2,b/c.png\n",
		"a.png,x\na.png,y", "a.png,\n", "\"", "\xff\xfe", "a.png,1\nb/c.png,10\n/a.png,2",
	} {
		f.Add([]byte(text))
	}
	names := []string{"a.png", "b/c.png"}
	picture := labelPaths("/labels/file.csv", "/labels", names)
	f.Fuzz(func(t *testing.T, content []byte) {
		given, err := parseLabels(content, picture)
		if err == nil {
			err = checkComplete(given, names)
		}
		if err != nil {
			if message := err.Error(); strings.Contains(message, "\n") {
				t.Errorf("the error has several lines: %q", message)
			}
			return
		}
		labels, classes := classify(names, given)
		if len(given) != len(names) || len(labels) != len(names) || len(classes) < 1 || len(classes) > len(names) {
			t.Fatalf("%v: labels %v, classes %q", given, labels, classes)
		}
		for i, label := range labels {
			if class := classes[label]; class == "" || class != given[names[i]] {
				t.Errorf("%q is of class %q, want %q", names[i], class, given[names[i]])
			}
		}
	})
}
