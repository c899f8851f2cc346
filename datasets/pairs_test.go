package datasets_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/datasets"
)

func openPairs(t *testing.T, name string, options datasets.Options) *datasets.Pairs {
	t.Helper()
	pairs, err := datasets.OpenPairs(name, options)
	if err != nil {
		t.Fatalf("%q: %v", name, err)
	}
	return pairs
}

// sideBySide returns a PNG file with a grey square of that level left of a red one of another.
func sideBySide(t *testing.T, side int, left, right uint8) []byte {
	both := image.NewNRGBA(image.Rect(0, 0, 2*side, side))
	for i := range 2 * side * side {
		pixel := color.NRGBA{R: left, G: left, B: left, A: 255}
		if i%(2*side) >= side {
			pixel = color.NRGBA{R: right, A: 255}
		}
		both.SetNRGBA(i%(2*side), i/(2*side), pixel)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, both); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// level returns a PNG file of one grey.
func level(t *testing.T, width, height, level int) []byte {
	return picture(t, "", width, height, color.NRGBA{R: uint8(level), G: uint8(level), B: uint8(level), A: 255})
}

func TestPairsSideBySide(t *testing.T) {
	files := map[string][]byte{}
	for i := range 5 {
		files[fmt.Sprintf("%d.png", i)] = sideBySide(t, 9, uint8(10*i), uint8(100+10*i))
	}
	root := folder(t, files)
	for _, size := range []int{0, 4, 20} {
		pairs := openPairs(t, "pairs:"+root, datasets.Options{Size: size})
		side := max(9-9*min(size, 1), size)
		if !pairs.Paired || pairs.Len() != 5 || !slices.Equal(pairs.A.Shape, []int{side, side, 1}) || !slices.Equal(pairs.B.Shape, []int{side, side, 3}) {
			t.Fatalf("size %d: %d pairs of %v and %v", size, pairs.Len(), pairs.A.Shape, pairs.B.Shape)
		}
		for i := range 5 {
			a, b := pairs.A.Pixels[i*side*side:(i+1)*side*side], pairs.B.Pixels[3*i*side*side:3*(i+1)*side*side]
			if slices.Min(a) != uint8(10*i) || slices.Max(a) != uint8(10*i) || b[0] != uint8(100+10*i) || b[3*side*side-3] != b[0] || b[1] != 0 {
				t.Errorf("size %d: pair %d has levels %d to %d, and %v", size, i, slices.Min(a), slices.Max(a), b[:3])
			}
		}
		if pairs.A.Labels != nil || !slices.Equal(pairs.A.Names, pairs.B.Names) || pairs.A.Names[3] != "3.png" {
			t.Errorf("labels %v, names %v and %v", pairs.A.Labels, pairs.A.Names, pairs.B.Names)
		}
	}
	grey := openPairs(t, "pairs:"+root, datasets.Options{Channels: 1})
	if grey.A.Shape[2] != 1 || grey.B.Shape[2] != 1 {
		t.Errorf("in grey they are %v and %v", grey.A.Shape, grey.B.Shape)
	}
}

func TestPairsSplitFolders(t *testing.T) {
	files := map[string][]byte{}
	for i, name := range []string{"train/1", "train/2", "train/3", "val/4", "test/5", "test/6"} {
		files["beside/"+name+".png"] = sideBySide(t, 4, uint8(i), 200)
		files["outside/"+strings.Replace(name, "/", "/A/", 1)+".png"] = level(t, 4, 4, i)
		files["outside/"+strings.Replace(name, "/", "/B/", 1)+".gif"] = picture(t, "b.gif", 4, 4, red)
		files["inside/A/"+name+".png"] = level(t, 4, 4, i)
		files["inside/B/"+name+".png"] = level(t, 4, 4, i)
	}
	root := folder(t, files)
	for _, kind := range []string{"beside", "outside", "inside"} {
		for split, want := range map[string][]uint8{"": {0, 1, 2}, "train": {0, 1, 2}, "validation": {3}, "test": {4, 5}} {
			pairs := openPairs(t, "pairs:"+root+"/"+kind, datasets.Options{View: datasets.View{Split: split}})
			var got []uint8
			for i := range pairs.Len() {
				got = append(got, pairs.A.Pixels[16*i])
			}
			if !slices.Equal(got, want) || pairs.B.Len() != len(want) {
				t.Errorf("%s, split %q: got %v and %d, want %v", kind, split, got, pairs.B.Len(), want)
			}
		}
	}
}

// Without folders for them splits go by A's picture: together they are all pairs, and partners are in one.
func TestPairsSplitsStayTogether(t *testing.T) {
	files := map[string][]byte{}
	for i := range 60 {
		files[fmt.Sprintf("A/%d/%02d.png", i%3, i)] = level(t, 4, 4, i)
		files[fmt.Sprintf("B/%d/%02d.png", i%3, i)] = level(t, 4, 4, 100+i)
	}
	name := "pairs:" + folder(t, files)
	all := map[uint8]bool{}
	for _, split := range []string{"train", "validation", "test"} {
		pairs := openPairs(t, name, datasets.Options{View: datasets.View{Split: split}})
		for i := range pairs.Len() {
			a, b := pairs.A.Pixels[16*i], pairs.B.Pixels[16*i]
			if b != 100+a || all[a] || pairs.A.Labels[i] != int32(a%3) || pairs.B.Labels[i] != int32(a%3) {
				t.Errorf("%s: %d beside %d, labels %d, %d", split, a, b, pairs.A.Labels[i], pairs.B.Labels[i])
			}
			all[a] = true
		}
	}
	if len(all) != 60 {
		t.Errorf("the splits hold %d of 60 pairs", len(all))
	}
	some := openPairs(t, name, datasets.Options{View: datasets.View{PerClass: 2, ViewSeed: 3}})
	if some.Len() != 6 || some.B.Pixels[0] != some.A.Pixels[0]+100 {
		t.Errorf("of 2 a class there are %d", some.Len())
	}
}

// Partners are found by their names, in whatever folders and formats they are.
func TestPairsAligned(t *testing.T) {
	root := folder(t, map[string][]byte{
		"photos/b.png": level(t, 12, 4, 1), "photos/a.b.png": level(t, 12, 4, 2), "photos/z/a.png": level(t, 12, 4, 3),
		"drawings/b.gif": picture(t, "b.gif", 12, 4, red), "drawings/a.b.PNG": level(t, 12, 4, 22), "drawings/z/a.jpg": picture(t, "a.jpg", 12, 4, grey),
		"notes.txt": nil,
	})
	pairs := openPairs(t, "pairs:"+root, datasets.Options{Size: 4})
	if !slices.Equal(pairs.A.Names, []string{"a.b.PNG", "b.gif", "z/a.jpg"}) || !slices.Equal(pairs.B.Names, []string{"a.b.png", "b.png", "z/a.png"}) {
		t.Errorf("got %v and %v", pairs.A.Names, pairs.B.Names)
	}
	if pairs.A.Pixels[0] != 22 || pairs.B.Pixels[0] != 2 || pairs.B.Pixels[2*16] != 3 || pairs.A.Shape[2] != 3 || pairs.B.Shape[2] != 1 {
		t.Errorf("the pictures of %v and %v are mixed up", pairs.A.Shape, pairs.B.Shape)
	}
	broken := folder(t, map[string][]byte{
		"A/1.png": level(t, 4, 4, 1), "A/2.png": level(t, 4, 4, 2), "B/1.png": nil, "B/2.png": level(t, 4, 4, 3),
	})
	_, err := datasets.OpenPairs("pairs:"+broken, datasets.Options{})
	if err == nil || !strings.Contains(err.Error(), "1 of 2 pictures cannot be read") || !strings.Contains(err.Error(), filepath.Join("B", "1.png")) {
		t.Errorf("got %v", err)
	}
	pairs = openPairs(t, "pairs:"+broken, datasets.Options{SkipBroken: true})
	if pairs.Len() != 1 || pairs.B.Len() != 1 || pairs.A.Pixels[0] != 2 || pairs.B.Pixels[0] != 3 || !slices.Equal(pairs.B.Names, []string{"2.png"}) {
		t.Errorf("%d and %d are left", pairs.A.Len(), pairs.B.Len())
	}
}

// Both pictures of a pair are cropped alike.
func TestPairsCropAlike(t *testing.T) {
	wide := image.NewGray(image.Rect(0, 0, 50, 20))
	for i := range wide.Pix {
		wide.Pix[i] = uint8(i % 50 * 5)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, wide); err != nil {
		t.Fatal(err)
	}
	pairs := openPairs(t, "pairs:"+folder(t, map[string][]byte{"A/1.png": file.Bytes(), "B/1.png": file.Bytes()}), datasets.Options{Size: 10})
	if !bytes.Equal(pairs.A.Pixels, pairs.B.Pixels) || pairs.A.Pixels[0] < 15*5 || pairs.A.Pixels[9] > 35*5 {
		t.Errorf("got %v and %v", pairs.A.Pixels[:10], pairs.B.Pixels[:10])
	}
}

func TestUnpaired(t *testing.T) {
	files := map[string][]byte{}
	for i := range 6 {
		files[fmt.Sprintf("cyclegan/trainA/%d.png", i)] = level(t, 4, 4, i)
		files[fmt.Sprintf("cyclegan/testA/%d.png", i)] = level(t, 4, 4, 50+i)
		files[fmt.Sprintf("cyclegan/testB/%d.png", i)] = level(t, 4, 4, 150+i)
		files[fmt.Sprintf("two/horses/%d.png", i)] = level(t, 4, 4, i)
		files[fmt.Sprintf("two/zebras/%d.png", i%4)] = level(t, 6, 6, 100+i)
	}
	for i := range 9 {
		files[fmt.Sprintf("cyclegan/trainB/%d.png", i)] = level(t, 4, 4, 100+i)
	}
	root := folder(t, files)
	train := openPairs(t, "unpaired:"+root+"/cyclegan", datasets.Options{})
	if train.Paired || train.A.Len() != 6 || train.B.Len() != 9 || train.Len() != 6 || train.A.Pixels[16] != 1 || train.B.Pixels[16] != 101 {
		t.Errorf("%d and %d pictures", train.A.Len(), train.B.Len())
	}
	test := openPairs(t, "unpaired:"+root+"/cyclegan", datasets.Options{View: datasets.View{Split: "test"}})
	if test.A.Len() != 6 || test.A.Pixels[0] != 50 || test.B.Pixels[0] != 150 || test.Hash() == train.Hash() {
		t.Errorf("%d test pictures", test.A.Len())
	}
	two := openPairs(t, "unpaired:"+root+"/two", datasets.Options{})
	if two.A.Len() != 6 || two.B.Len() != 4 || !slices.Equal(two.A.Shape, []int{64, 64, 1}) || !slices.Equal(two.B.Shape, two.A.Shape) {
		t.Errorf("%d of %v and %d of %v", two.A.Len(), two.A.Shape, two.B.Len(), two.B.Shape)
	}
}

func TestPairsEmoji(t *testing.T) {
	pairs := openPairs(t, "emoji", datasets.Options{})
	google, twitter := open(t, "emoji", datasets.Options{}), open(t, "emoji:twitter", datasets.Options{})
	if !pairs.Paired || pairs.A.Hash() != google.Hash() || pairs.B.Hash() != twitter.Hash() || openPairs(t, "pairs:emoji", datasets.Options{}).Hash() != pairs.Hash() {
		t.Error("they are not the emoji of both styles")
	}
	test := openPairs(t, "emoji", datasets.Options{Size: 16, View: datasets.View{Split: "test"}})
	if test.Len() < 250 || test.Len() > 500 || !slices.Equal(test.A.Names, test.B.Names) || test.B.Shape[0] != 16 {
		t.Errorf("%d test pairs of %v", test.Len(), test.B.Shape)
	}
	unpaired := openPairs(t, "unpaired:emoji", datasets.Options{Size: 16, View: datasets.View{Split: "test"}})
	together := 0
	for i, name := range unpaired.A.Names {
		if unpaired.B.Names[i] == name {
			together++
		}
	}
	sorted := slices.Sorted(slices.Values(unpaired.B.Names))
	if unpaired.Paired || together > 10 || !slices.Equal(sorted, slices.Sorted(slices.Values(test.A.Names))) || unpaired.Hash() == test.Hash() {
		t.Errorf("%d of %d have their partner beside them", together, unpaired.Len())
	}
}

// The sheet has A's pictures before B's, in one shape.
func TestPairsSheet(t *testing.T) {
	files := map[string][]byte{}
	for i := range 5 {
		files[fmt.Sprintf("%d.png", i)] = sideBySide(t, 4, uint8(10*i), 200)
	}
	pairs := openPairs(t, "pairs:"+folder(t, files), datasets.Options{})
	for n, want := range map[int]int{3: 6, 50: 10} {
		sheet, err := pairs.Sheet(n)
		if err != nil || sheet.Len() != want || !slices.Equal(sheet.Shape, []int{4, 4, 3}) {
			t.Fatalf("%d: %v, %v", n, sheet, err)
		}
		for i := range want {
			first := sheet.Pixels[48*i : 48*i+3]
			if i%2 == 0 && !slices.Equal(first, []uint8{uint8(5 * i), uint8(5 * i), uint8(5 * i)}) || i%2 == 1 && !slices.Equal(first, []uint8{200, 0, 0}) {
				t.Errorf("picture %d begins with %v", i, first)
			}
		}
	}
}

func TestPairsErrors(t *testing.T) {
	one := level(t, 4, 4, 1)
	root := folder(t, map[string][]byte{
		"empty/.hidden": nil,
		"square/1.png":  one, "square/2.png": one,
		"odd/1.png": level(t, 9, 4, 1), "odd/2.png": level(t, 9, 4, 1),
		"mixed/1.png": sideBySide(t, 4, 1, 2), "mixed/2.png": one,
		"three/a/1.png": one, "three/b/1.png": one, "three/c/1.png": one,
		"unequal/A/1.png": one, "unequal/A/2.png": one, "unequal/A/3.png": one, "unequal/B/1.png": one, "unequal/B/4.png": one,
		"sizes/A/1.png": one, "sizes/A/2.png": level(t, 8, 4, 1), "sizes/B/1.png": one, "sizes/B/2.png": one,
		"twice/A/1.png": one, "twice/A/1.gif": picture(t, "a.gif", 4, 4, red), "twice/B/1.png": one,
		"noB/A/1.png": one, "noB/B/notes.txt": nil,
		"split/train/1.png": sideBySide(t, 4, 1, 2), "split/val/broken.png": nil,
		"cycle/trainA/1.png": one, "cycle/trainB/1.png": one, "cycle/testA/1.png": one,
		"halved/trainA/1.png": one, "halved/trainB/notes.txt": nil,
		"file.png": one,
	})
	test := datasets.View{Split: "test"}
	for _, test := range []struct {
		name    string
		options datasets.Options
		want    string
	}{
		{"pairs:" + root + "/none", datasets.Options{}, "there is no folder"},
		{"pairs:" + root + "/file.png", datasets.Options{}, "is a file, not a folder"},
		{"pairs:" + root + "/empty", datasets.Options{}, "is empty"},
		{"pairs:" + root + "/square", datasets.Options{}, `holds neither two folders of pictures called alike nor only pictures with A left and B right: "1.png" has 4×4 pixels`},
		{"pairs:" + root + "/odd", datasets.Options{}, `"1.png" has 9×4 pixels, which is not twice as wide as high`},
		{"pairs:" + root + "/mixed", datasets.Options{}, `"2.png" has 4×4 pixels`},
		{"pairs:" + root + "/three", datasets.Options{}, `"a/1.png" has 4×4 pixels`},
		{"pairs:" + root + "/unequal", datasets.Options{}, `2 of the 3 pictures in "` + root + `/unequal/A" have no partner in "` + root + `/unequal/B", the first "2.png", and 1 of the 2 pictures in "` + root + `/unequal/B" have no partner in`},
		{"pairs:" + root + "/sizes", datasets.Options{}, `"2" has 8×4 pixels in`},
		{"pairs:" + root + "/sizes", datasets.Options{Size: 4}, `"2" has 8×4 pixels in`},
		{"pairs:" + root + "/twice", datasets.Options{}, `"1.gif" and "1.png" in`},
		{"pairs:" + root + "/noB", datasets.Options{}, `holds neither two folders`},
		{"pairs:" + root + "/split", datasets.Options{View: test}, `has no split "test": it lacks the folder test`},
		{"pairs:" + root + "/split", datasets.Options{View: datasets.View{Split: "validation"}}, `none of the 1 pictures can be read, the first, "broken.png"`},
		{"unpaired:" + root + "/cycle", datasets.Options{View: test}, `has no split "test": it lacks the folder testA or testB`},
		{"unpaired:" + root + "/halved", datasets.Options{}, `holds no PNG`},
		{"unpaired:" + root + "/three", datasets.Options{}, `neither the folders trainA and trainB nor just two others, but 3 folders`},
		{"unpaired:" + root + "/square", datasets.Options{}, `but 0 folders`},
		{"pairs:" + root + "/cycle", datasets.Options{Labels: "labels.csv"}, `pairs take no file with labels`},
		{"pair:x", datasets.Options{}, `there are no pairs "pair:x" (all: pairs:DIR`},
		{"emojis", datasets.Options{}, `did you mean`},
		{root, datasets.Options{}, `is a directory; for the pairs in it write "pairs:`},
		{"emoji", datasets.Options{Size: -1}, "size -1"},
	} {
		_, err := datasets.OpenPairs(test.name, test.options)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %v, want one line with %q", test.name, err, test.want)
		}
	}
}
