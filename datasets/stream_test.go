package datasets_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/datasets"
)

func openStream(t *testing.T, name string, options datasets.Options) *datasets.Stream {
	t.Helper()
	stream, err := datasets.OpenStream(name, options)
	if err != nil {
		t.Fatalf("%q: %v", name, err)
	}
	return stream
}

// all returns the numbers of all pictures.
func all(stream *datasets.Stream) []int {
	numbers := make([]int, stream.Len())
	for i := range numbers {
		numbers[i] = i
	}
	return numbers
}

// A stream of square pictures holds what a set of them does, in the same order, and any of them can be had.
func TestStreamIsTheSet(t *testing.T) {
	files := map[string][]byte{"notes.txt": nil}
	for i := range 40 {
		name := fmt.Sprintf("%c/%02d.png", 'a'+i%2, i)
		files[name] = picture(t, name, 9, 9, color.NRGBA{R: uint8(i), G: uint8(2 * i), B: 7, A: 255})
	}
	root := folder(t, files)
	for _, options := range []datasets.Options{{}, {Size: 5}, {Channels: 1}} {
		set, stream := open(t, "folder:"+root, options), openStream(t, root, options)
		if stream.Name != set.Name || !slices.Equal(stream.Shape, set.Shape) || !slices.Equal(stream.Labels, set.Labels) || !slices.Equal(stream.Classes, set.Classes) {
			t.Errorf("%+v: got %q of %v, labels %v, classes %v", options, stream.Name, stream.Shape, stream.Labels, stream.Classes)
		}
		pixels, err := stream.Pictures(all(stream))
		if err != nil || !bytes.Equal(pixels, set.Pixels) {
			t.Errorf("%+v: the pictures are not those of the set (%v)", options, err)
		}
		some, err := stream.Pictures([]int{33, 2})
		size := len(set.Pixels) / set.Len()
		if want := slices.Concat(set.Pixels[33*size:34*size], set.Pixels[2*size:3*size]); err != nil || !bytes.Equal(some, want) {
			t.Errorf("%+v: pictures 33 and 2 are others (%v)", options, err)
		}
	}
}

func TestStreamKeepsItsOwnSize(t *testing.T) {
	wide := image.NewNRGBA(image.Rect(0, 0, 6, 2))
	for i := range 12 {
		wide.Set(i%6, i/6, color.NRGBA{R: uint8(20 * i), A: 255})
	}
	var file bytes.Buffer
	if err := png.Encode(&file, wide); err != nil {
		t.Fatal(err)
	}
	stream := openStream(t, "folder:"+folder(t, map[string][]byte{"a.png": file.Bytes()}), datasets.Options{})
	pixels, err := stream.Pictures([]int{0})
	if err != nil || !slices.Equal(stream.Shape, []int{2, 6, 3}) {
		t.Fatalf("got pictures of %v (%v)", stream.Shape, err)
	}
	for i := range 12 {
		if want := []uint8{uint8(20 * i), 0, 0}; !slices.Equal(pixels[3*i:3*i+3], want) {
			t.Errorf("pixel %d: got %v, want %v", i, pixels[3*i:3*i+3], want)
		}
	}
}

func TestStreamChannels(t *testing.T) {
	grayFile := func(level uint8) []byte {
		var file bytes.Buffer
		if err := png.Encode(&file, &image.Gray{Pix: []uint8{level}, Stride: 1, Rect: image.Rect(0, 0, 1, 1)}); err != nil {
			t.Fatal(err)
		}
		return file.Bytes()
	}
	for _, test := range []struct {
		name       string
		files      map[string][]byte
		options    datasets.Options
		channels   int
		recoloured int
	}{
		{"stored in grey", map[string][]byte{"a.png": grayFile(3), "b.png": grayFile(9)}, datasets.Options{}, 1, 0},
		{"grey, stored in colour", map[string][]byte{"a.png": picture(t, "", 1, 1, grey), "b.png": grayFile(9)}, datasets.Options{}, 1, 0},
		{"grey among colour", map[string][]byte{"a.png": grayFile(3), "b.png": picture(t, "", 1, 1, red), "c.png": grayFile(4)}, datasets.Options{}, 3, 2},
		{"made grey", map[string][]byte{"b.png": picture(t, "", 1, 1, red)}, datasets.Options{Channels: 1}, 1, 0},
	} {
		stream := openStream(t, folder(t, test.files), test.options)
		if stream.Shape[2] != test.channels || stream.Recoloured != test.recoloured {
			t.Errorf("%s: %d channels, %d recoloured; want %d, %d", test.name, stream.Shape[2], stream.Recoloured, test.channels, test.recoloured)
		}
	}
}

// The hash is that of the contents in order, and of how they are labelled and shown.
func TestStreamHash(t *testing.T) {
	one, other := picture(t, "", 4, 4, red), picture(t, "", 4, 4, grey)
	hash := func(files map[string][]byte, options datasets.Options) string {
		return openStream(t, folder(t, files), options).Hash()
	}
	want := hash(map[string][]byte{"a/1.png": one, "b/2.png": other}, datasets.Options{})
	if got := hash(map[string][]byte{"c/3.png": one, "d/4.png": other}, datasets.Options{}); got != want {
		t.Error("other names make another hash")
	}
	for name, got := range map[string]string{
		"order":   hash(map[string][]byte{"a/1.png": other, "b/2.png": one}, datasets.Options{}),
		"content": hash(map[string][]byte{"a/1.png": one, "b/2.png": one}, datasets.Options{}),
		"labels":  hash(map[string][]byte{"a/1.png": one, "a/2.png": other}, datasets.Options{}),
		"number":  hash(map[string][]byte{"a/1.png": one}, datasets.Options{}),
		"size":    hash(map[string][]byte{"a/1.png": one, "b/2.png": other}, datasets.Options{Size: 2}),
	} {
		if got == want {
			t.Errorf("another %s has the same hash", name)
		}
	}
}

func TestStreamSkipBroken(t *testing.T) {
	good := picture(t, "", 8, 8, red)
	root := folder(t, map[string][]byte{"a.png": good, "b.png": good[:len(good)-20], "c.png": []byte("broken")})
	stream := openStream(t, root, datasets.Options{SkipBroken: true})
	if stream.Len() != 1 || !slices.Equal(stream.Skipped, []string{"b.png", "c.png"}) {
		t.Errorf("%d pictures, skipped %v", stream.Len(), stream.Skipped)
	}
}

func TestStreamErrors(t *testing.T) {
	good := picture(t, "", 8, 8, red)
	root := folder(t, map[string][]byte{
		"empty/.hidden": nil,
		"broken/a.png":  good, "broken/b.png": []byte("broken"),
		"mixed/a.png": picture(t, "", 9, 7, red), "mixed/b.png": good, "mixed/c.png": good,
	})
	for _, test := range []struct {
		name    string
		options datasets.Options
		want    string
	}{
		{root + "/missing", datasets.Options{}, "there is no folder"},
		{root + "/empty", datasets.Options{}, "is empty; put PNG"},
		{root + "/broken", datasets.Options{}, `1 of 2 pictures cannot be read, the first, "b.png", because: image: unknown format`},
		{root + "/mixed", datasets.Options{}, `the picture "a.png" has 9×7 pixels, unlike 2 of 3, which have 8×8; bring all to one size (Options.Size, --size)`},
		{root + "/mixed", datasets.Options{Size: -1}, "size -1"},
		{root + "/mixed", datasets.Options{Channels: 2}, "not 2"},
	} {
		_, err := datasets.OpenStream(test.name, test.options)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q, %+v: got %v, want one line with %q", test.name, test.options, err, test.want)
		}
	}
	if got := openStream(t, root+"/mixed", datasets.Options{Size: 4}).Shape; !slices.Equal(got, []int{4, 4, 3}) {
		t.Errorf("with a size the pictures are %v", got)
	}
}

// A file may change, or be cut short, after the folder was opened.
func TestStreamNoticesChanges(t *testing.T) {
	good := picture(t, "", 8, 8, red)
	root := folder(t, map[string][]byte{"a.png": good, "b.png": good})
	stream := openStream(t, root, datasets.Options{})
	for _, test := range []struct {
		spoil func(path string) error
		want  string
	}{
		{func(path string) error { return os.WriteFile(path, picture(t, "", 8, 9, red), 0o644) }, "it has changed since the folder was opened"},
		{func(path string) error { return os.WriteFile(path, good[:len(good)-20], 0o644) }, "it has changed since the folder was opened"},
		{os.Remove, "it is gone since the folder was opened"},
	} {
		if err := test.spoil(filepath.Join(root, "b.png")); err != nil {
			t.Fatal(err)
		}
		_, err := stream.Pictures(all(stream))
		if want := `"b.png" cannot be read, because: ` + test.want + "; mend or remove it"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// A file that is cut short is noticed when it is decoded.
func TestStreamBrokenPicture(t *testing.T) {
	good := picture(t, "", 8, 8, red)
	stream := openStream(t, folder(t, map[string][]byte{"a.png": good, "b.png": good[:len(good)-20]}), datasets.Options{})
	for name, read := range map[string]func() error{
		`"b.png" cannot be read, because: png: invalid format: unexpected EOF; mend or remove it`: func() error { _, err := stream.Pictures([]int{0, 1}); return err },
		`1 of 2 pictures cannot be read, the first, "b.png", because: png: `:                      func() error { _, err := stream.Set(nil); return err },
	} {
		if err := read(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want %q", err, name)
		}
	}
}

// Pictures that are not square keep their shape when only their colours change.
func TestFitKeepsShape(t *testing.T) {
	set := &datasets.Set{Name: "wide", Shape: []int{1, 2, 3}, Pixels: []uint8{200, 0, 0, 10, 10, 10}}
	grey, err := set.Fit(datasets.Options{Channels: 1})
	if err != nil || !slices.Equal(grey.Shape, []int{1, 2, 1}) || !slices.Equal(grey.Pixels, []uint8{60, 10}) { // 0.299 × 200
		t.Errorf("got %v (%v)", grey, err)
	}
}
