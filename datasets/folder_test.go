package datasets_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/datasets"
)

var (
	red  = color.NRGBA{R: 200, A: 255}
	grey = color.NRGBA{R: 90, G: 90, B: 90, A: 255}
)

// picture returns a file of one colour, in the format that the name ends in.
func picture(t *testing.T, name string, width, height int, fill color.NRGBA) []byte {
	t.Helper()
	flat := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{fill})
	var file bytes.Buffer
	var err error
	switch strings.ToLower(filepath.Ext(name)) {
	case ".jpg", ".jpeg":
		err = jpeg.Encode(&file, flat, nil)
	case ".gif":
		err = gif.Encode(&file, flat, nil)
	default:
		err = png.Encode(&file, flat)
	}
	if err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// folder returns a directory with these files, by path.
func folder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	root := t.TempDir()
	for name, data := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestFolderClasses(t *testing.T) {
	webp, err := os.ReadFile("testdata/scene.webp")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{
		"dogs/b.JPG":            picture(t, "b.jpg", 8, 8, red),
		"dogs/deep/er/a.png":    picture(t, "a.png", 8, 8, red),
		"cats/a.gif":            picture(t, "a.gif", 8, 8, red),
		"cats/c.webp":           webp,
		"cats/misnamed.jpg":     picture(t, "a.png", 8, 8, red), // The content counts.
		"cats/.hidden.png":      []byte("broken, but hidden"),
		".cache/a.png":          []byte("broken, but in a hidden directory"),
		"cats/notes.txt":        []byte("no picture"),
		"no pictures/notes.txt": []byte("no picture"),
	}
	root := folder(t, files)
	set := open(t, "folder:"+root, datasets.Options{Size: 8})
	if set.Name != "folder:"+root || set.Len() != 5 || !slices.Equal(set.Shape, []int{8, 8, 3}) || set.Skipped != nil {
		t.Errorf("got %q, %d pictures of %v, skipped %v", set.Name, set.Len(), set.Shape, set.Skipped)
	}
	if !slices.Equal(set.Classes, []string{"cats", "dogs"}) || !slices.Equal(set.Labels, []int32{0, 0, 0, 1, 1}) {
		t.Errorf("classes %v, labels %v", set.Classes, set.Labels)
	}

	// Pictures beside the directories are a class of their own.
	files["a.png"] = picture(t, "a.png", 8, 8, red)
	set = open(t, "folder:"+folder(t, files), datasets.Options{Size: 8})
	if !slices.Equal(set.Classes, []string{".", "cats", "dogs"}) || !slices.Equal(set.Labels, []int32{0, 1, 1, 1, 2, 2}) {
		t.Errorf("with a loose picture: classes %v, labels %v", set.Classes, set.Labels)
	}

	// Pictures without directories have no classes, whatever other directories there are.
	set = open(t, "folder:"+folder(t, map[string][]byte{"b.png": files["a.png"], "notes/a.txt": nil}), datasets.Options{})
	if set.Classes != nil || set.Labels != nil || set.Len() != 1 {
		t.Errorf("flat: classes %v, labels %v", set.Classes, set.Labels)
	}
}

// The order depends on the names, not on which worker is done first.
func TestFolderOrder(t *testing.T) {
	files := map[string][]byte{}
	for i := range 60 {
		name := fmt.Sprintf("%c/%02d.png", 'a'+i%2, i)
		files[name] = picture(t, name, 4+i%7*20, 4+i%3*30, color.NRGBA{R: uint8(i), G: uint8(i), B: uint8(i), A: 255})
	}
	root := folder(t, files)
	var reports []int
	set := open(t, "folder:"+root, datasets.Options{Size: 4, Progress: func(done, total int) { reports = append(reports, done, total) }})
	for i := range 60 {
		want := uint8(2 * i) // First the even ones, in a, then the odd ones, in b.
		if i >= 30 {
			want = uint8(2*(i-30) + 1)
		}
		if set.Pixels[16*i] != want || set.Labels[i] != int32(want%2) {
			t.Fatalf("picture %d is number %d of class %d", i, set.Pixels[16*i], set.Labels[i])
		}
	}
	if again := open(t, "folder:"+root, datasets.Options{Size: 4}); again.Hash() != set.Hash() {
		t.Error("a second time the hash is another")
	}
	for i := range 60 {
		if len(reports) != 120 || reports[2*i] != i+1 || reports[2*i+1] != 60 {
			t.Fatalf("progress reports %v", reports)
		}
	}
}

func TestFolderSizeAndChannels(t *testing.T) {
	for _, test := range []struct {
		name    string
		files   map[string][]byte
		options datasets.Options
		want    []int
		pixel   []uint8
	}{
		{"one square size", map[string][]byte{"a.png": picture(t, "", 20, 20, red), "b.jpg": picture(t, "b.jpg", 20, 20, grey)},
			datasets.Options{}, []int{20, 20, 3}, []uint8{200, 0, 0}},
		{"one size, not square", map[string][]byte{"a.png": picture(t, "", 20, 30, red), "b.png": picture(t, "", 20, 30, red)},
			datasets.Options{}, []int{64, 64, 3}, []uint8{200, 0, 0}},
		{"two square sizes", map[string][]byte{"a.png": picture(t, "", 20, 20, grey), "b.png": picture(t, "", 30, 30, grey)},
			datasets.Options{}, []int{64, 64, 1}, []uint8{90}},
		{"a size asked for", map[string][]byte{"a.png": picture(t, "", 20, 20, red)},
			datasets.Options{Size: 32}, []int{32, 32, 3}, []uint8{200, 0, 0}},
		{"all grey", map[string][]byte{"a.png": picture(t, "", 9, 9, grey), "b.png": picture(t, "", 9, 9, grey)},
			datasets.Options{}, []int{9, 9, 1}, []uint8{90}},
		{"grey in colour", map[string][]byte{"a.png": picture(t, "", 9, 9, grey)},
			datasets.Options{Channels: 3}, []int{9, 9, 3}, []uint8{90, 90, 90}},
		{"colour in grey", map[string][]byte{"a.png": picture(t, "", 9, 9, red)},
			datasets.Options{Channels: 1}, []int{9, 9, 1}, []uint8{60}}, // 0.299 × 200
		{"see-through", map[string][]byte{"a.png": picture(t, "", 9, 9, color.NRGBA{R: 200})},
			datasets.Options{}, []int{9, 9, 1}, []uint8{255}}, // White shines through.
		{"one broken one", map[string][]byte{"a.png": []byte("broken"), "b.png": picture(t, "", 9, 9, grey)},
			datasets.Options{SkipBroken: true}, []int{9, 9, 1}, []uint8{90}},
	} {
		set := open(t, "folder:"+folder(t, test.files), test.options)
		if !slices.Equal(set.Shape, test.want) || !slices.Equal(set.Pixels[:len(test.pixel)], test.pixel) {
			t.Errorf("%s: shape %v, first pixel %v; want %v, %v", test.name, set.Shape, set.Pixels[:len(test.pixel)], test.want, test.pixel)
		}
		if got := len(set.Pixels); got != set.Len()*test.want[0]*test.want[1]*test.want[2] {
			t.Errorf("%s: %d values for %d pictures", test.name, got, set.Len())
		}
	}
}

// The middle of a picture is kept.
func TestFolderCropsTheMiddle(t *testing.T) {
	wide := image.NewGray(image.Rect(0, 0, 90, 30))
	for i := range wide.Pix {
		wide.Pix[i] = uint8(i % 90 / 30 * 100) // A third 0, a third 100, a third 200.
	}
	var file bytes.Buffer
	if err := png.Encode(&file, wide); err != nil {
		t.Fatal(err)
	}
	set := open(t, "folder:"+folder(t, map[string][]byte{"a.png": file.Bytes()}), datasets.Options{Size: 15})
	if slices.Min(set.Pixels) != 100 || slices.Max(set.Pixels) != 100 {
		t.Errorf("got values from %d to %d, want 100 everywhere", slices.Min(set.Pixels), slices.Max(set.Pixels))
	}
}

func TestFolderSkipBroken(t *testing.T) {
	good, cut := picture(t, "", 8, 8, red), picture(t, "a.jpg", 8, 8, red)
	cut = cut[:len(cut)-20]
	root := folder(t, map[string][]byte{
		"a/1.png": good, "a/2.png": []byte("broken"), "b/1.jpg": cut, "c/1.png": nil, "d/1.png": picture(t, "", 8, 8, grey),
	})
	if err := os.Symlink(filepath.Join(root, "nowhere"), filepath.Join(root, "d", "2.png")); err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 8} {
		_, err := datasets.Open("folder:"+root, datasets.Options{Size: size})
		want := `4 of 6 pictures cannot be read, the first, "a/2.png", because: image: unknown format; remove them or leave them out (SkipBroken, --skip-broken)`
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("size %d: got %v, want an error with %q", size, err, want)
		}
		set := open(t, "folder:"+root, datasets.Options{Size: size, SkipBroken: true})
		if !slices.Equal(set.Skipped, []string{"a/2.png", "b/1.jpg", "c/1.png", "d/2.png"}) {
			t.Errorf("size %d: skipped %v", size, set.Skipped)
		}
		if set.Len() != 2 || set.Pixels[0] != 200 || set.Pixels[8*8*3] != 90 {
			t.Errorf("size %d: the wrong pictures were left out: %d remain", size, set.Len())
		}
		if !slices.Equal(set.Classes, []string{"a", "d"}) || !slices.Equal(set.Labels, []int32{0, 1}) {
			t.Errorf("size %d: classes %v, labels %v", size, set.Classes, set.Labels)
		}
	}
}

func TestFolderFollowsLinks(t *testing.T) {
	elsewhere := folder(t, map[string][]byte{"1.png": picture(t, "", 8, 8, red), "deep/2.png": picture(t, "", 8, 8, red)})
	root := folder(t, map[string][]byte{"own/3.png": picture(t, "", 8, 8, red)})
	for name, target := range map[string]string{
		"linked": elsewhere, "own/4.png": filepath.Join(elsewhere, "1.png"), "own/loop": root,
	} {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(root, link); err != nil {
		t.Fatal(err)
	}
	set := open(t, "folder:"+link, datasets.Options{})
	if !slices.Equal(set.Classes, []string{"linked", "own"}) || !slices.Equal(set.Labels, []int32{0, 0, 1, 1}) {
		t.Errorf("classes %v, labels %v", set.Classes, set.Labels)
	}
}

func TestFolderAtHome(t *testing.T) {
	home := folder(t, map[string][]byte{"photos/a.png": picture(t, "", 8, 8, red)})
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	if set := open(t, "folder:~/photos", datasets.Options{}); set.Len() != 1 || set.Name != "folder:~/photos" {
		t.Errorf("got %d pictures of %q", set.Len(), set.Name)
	}
}

func TestFolderErrors(t *testing.T) {
	root := folder(t, map[string][]byte{
		"empty/.hidden":   nil,
		"others/a.heic":   nil,
		"others/b.txt":    nil,
		"broken/a.png":    []byte("no picture"),
		"broken/b/c.jpeg": nil,
		"good/a.png":      picture(t, "", 8, 8, red),
	})
	for _, test := range []struct {
		directory string
		options   datasets.Options
		want      string
	}{
		{"", datasets.Options{}, `"folder:" names no directory; write folder:DIR`},
		{root + "/missing", datasets.Options{}, "there is no folder"},
		{root + "/others/b.txt", datasets.Options{}, "is a file, not a folder"},
		{root + "/others/b.txt/deeper", datasets.Options{}, "cannot be read: stat"},
		{root + "/empty", datasets.Options{}, "is empty; put PNG, JPEG, GIF, WebP, BMP or TIFF pictures into it"},
		{root + "/others", datasets.Options{}, `no PNG, JPEG, GIF, WebP, BMP or TIFF pictures, but 2 other files, such as "a.heic"`},
		{root + "/broken", datasets.Options{}, `none of the 2 pictures can be read, the first, "a.png", because: image: unknown format`},
		{root + "/broken", datasets.Options{SkipBroken: true}, `none of the 2 pictures can be read`},
		{root + "/good", datasets.Options{Size: 100_000}, "choose a smaller size"},
	} {
		_, err := datasets.Open("folder:"+test.directory, test.options)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q, %+v: got %v, want one line with %q", test.directory, test.options, err, test.want)
		}
	}
}

// The sheet that lies beside a manifest is none of the pictures.
func TestFolderLeavesOutTheSheet(t *testing.T) {
	files := map[string][]byte{
		"cats/1.png": picture(t, "", 8, 8, red), "dogs/1.png": picture(t, "", 8, 8, grey), "dogs/sheet.png": picture(t, "", 8, 8, grey),
		"sheet.png": picture(t, "", 80, 20, grey),
	}
	if set := open(t, "folder:"+folder(t, files), datasets.Options{}); set.Len() != 4 {
		t.Errorf("without a manifest there are %d pictures, want 4", set.Len())
	}
	files["manifest.json"] = []byte("{}")
	set := open(t, "folder:"+folder(t, files), datasets.Options{})
	if !slices.Equal(set.Names, []string{"cats/1.png", "dogs/1.png", "dogs/sheet.png"}) || !slices.Equal(set.Classes, []string{"cats", "dogs"}) {
		t.Errorf("with a manifest: %v of %v", set.Names, set.Classes)
	}
}

// What is called like a picture and is none is broken; a directory called so is one.
func TestFolderMisnamed(t *testing.T) {
	good := picture(t, "", 8, 8, red)
	root := folder(t, map[string][]byte{"a.png": good, "x.png/b.png": good, "text.png": []byte("not a picture\n"), "zero.png": nil})
	_, err := datasets.Open("folder:"+root, datasets.Options{})
	if err == nil || !strings.Contains(err.Error(), `2 of 4 pictures cannot be read, the first, "text.png", because: image: unknown format`) {
		t.Errorf("got %v", err)
	}
	set := open(t, "folder:"+root, datasets.Options{SkipBroken: true})
	if !slices.Equal(set.Names, []string{"a.png", "x.png/b.png"}) || !slices.Equal(set.Classes, []string{".", "x.png"}) {
		t.Errorf("got %v of %v", set.Names, set.Classes)
	}
}

func TestFolderUnreadableFile(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	root := folder(t, map[string][]byte{"a.png": picture(t, "", 8, 8, red), "b.png": picture(t, "", 8, 8, red)})
	if err := os.Chmod(filepath.Join(root, "b.png"), 0); err != nil {
		t.Fatal(err)
	}
	_, err := datasets.Open("folder:"+root, datasets.Options{})
	if err == nil || !strings.Contains(err.Error(), "1 of 2 pictures cannot be read, the first, \"b.png\"") || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("got %v", err)
	}
}

func TestFolderUnreadable(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	root := folder(t, map[string][]byte{"open/a.png": picture(t, "", 8, 8, red), "closed/b.png": picture(t, "", 8, 8, red)})
	closed := filepath.Join(root, "closed")
	if err := os.Chmod(closed, 0); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(closed, 0o755)
	if _, err := datasets.Open("folder:"+root, datasets.Options{SkipBroken: true}); err == nil || !strings.Contains(err.Error(), closed) {
		t.Errorf("got %v, want an error that names %s", err, closed)
	}
}
