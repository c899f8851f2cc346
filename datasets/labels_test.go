package datasets_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/datasets"
)

// labelled returns a folder with four pictures, and a function that writes a file with labels outside it.
func labelled(t *testing.T) (root string, write func(content string) string) {
	files := map[string][]byte{}
	for _, name := range []string{"a.png", "b.png", "deep/c.png", "deep/d.png"} {
		files[name] = picture(t, name, 8, 8, red)
	}
	return folder(t, files), func(content string) string {
		file := filepath.Join(t.TempDir(), "classes.csv")
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
}

func TestLabels(t *testing.T) {
	root, write := labelled(t)
	for name, test := range map[string]struct {
		content string
		classes []string
		labels  []int32
	}{
		"no header":             {"a.png,cat\nb.png,dog\ndeep/c.png,cat\ndeep/d.png,ape\n", []string{"ape", "cat", "dog"}, []int32{1, 2, 1, 0}},
		"another order":         {"deep/d.png,ape\nb.png,dog\na.png,cat\ndeep/c.png,cat", []string{"ape", "cat", "dog"}, []int32{1, 2, 1, 0}},
		"header":                {"file,class\na.png,x\nb.png,y\ndeep/c.png,x\ndeep/d.png,y\n", []string{"x", "y"}, []int32{0, 1, 0, 1}},
		"columns by name":       {"Label,size,Filename\nx,9,a.png\ny,9,b.png\nx,9,deep/c.png\ny,9,deep/d.png\n", []string{"x", "y"}, []int32{0, 1, 0, 1}},
		"only a name":           {"breed,image\nx,a.png\ny,b.png\nx,deep/c.png\ny,deep/d.png\n", []string{"x", "y"}, []int32{0, 1, 0, 1}},
		"only a class":          {"id,category\na.png,x\nb.png,y\ndeep/c.png,x\ndeep/d.png,y\n", []string{"x", "y"}, []int32{0, 1, 0, 1}},
		"numbers":               {"a.png,10\nb.png,9\ndeep/c.png,0\ndeep/d.png,none\n", []string{"0", "9", "10", "none"}, []int32{2, 1, 0, 3}},
		"semicolons and marked": {"\ufeffpath;label\r\na.png;x, y\r\nb.png;z\r\n./deep/c.png;z\r\ndeep\\d.png;z\r\n", []string{"x, y", "z"}, []int32{0, 1, 1, 1}},
		"tabs and quotes":       {"a.png\t\"x\ty\"\nb.png\t z \ndeep/c.png\tz\ndeep/d.png\tz\n", []string{"x\ty", "z"}, []int32{0, 1, 1, 1}},
		"absolute":              {fmt.Sprintf("%s,x\nb.png,x\ndeep/c.png,x\ndeep/d.png,y\n", filepath.Join(root, "a.png")), []string{"x", "y"}, []int32{0, 0, 0, 1}},
		"one class":             {"a.png,x\nb.png,x\ndeep/c.png,x\ndeep/d.png,x\n", []string{"x"}, []int32{0, 0, 0, 0}},
	} {
		options := datasets.Options{Labels: write(test.content)}
		set := open(t, "folder:"+root, options)
		if !slices.Equal(set.Classes, test.classes) || !slices.Equal(set.Labels, test.labels) {
			t.Errorf("%s: classes %q, labels %v; want %q, %v", name, set.Classes, set.Labels, test.classes, test.labels)
		}
		stream := openStream(t, "folder:"+root, options)
		if !slices.Equal(stream.Classes, test.classes) || !slices.Equal(stream.Labels, test.labels) {
			t.Errorf("%s: a stream has classes %q, labels %v; want %q, %v", name, stream.Classes, stream.Labels, test.classes, test.labels)
		}
	}
}

// A file inside the folder may start its paths in its own directory, and the class of a picture that is left out does not matter.
func TestLabelsInside(t *testing.T) {
	root := folder(t, map[string][]byte{
		"pictures/a.png": picture(t, "", 8, 8, red), "pictures/b.png": picture(t, "", 8, 8, red), "pictures/broken.png": nil,
		"pictures/labels.csv": []byte("a.png,x\npictures/b.png,y\nbroken.png,z\n"),
	})
	options := datasets.Options{Labels: filepath.Join(root, "pictures", "labels.csv"), SkipBroken: true}
	set := open(t, "folder:"+root, options)
	if !slices.Equal(set.Classes, []string{"x", "y"}) || !slices.Equal(set.Labels, []int32{0, 1}) {
		t.Errorf("got classes %v, labels %v", set.Classes, set.Labels)
	}
	if set := open(t, "folder:"+root, datasets.Options{SkipBroken: true}); !slices.Equal(set.Classes, []string{"pictures"}) {
		t.Errorf("not asked for, the file gives classes %v", set.Classes)
	}
}

func TestLabelsErrors(t *testing.T) {
	root, write := labelled(t)
	all := "a.png,x\nb.png,y\ndeep/c.png,x\ndeep/d.png,y\n"
	for _, test := range []struct{ file, want string }{
		{write("a.png,x\ndeep/d.png,y\n"), `name no class for 2 of 4 pictures, the first "b.png"; add lines`},
		{write(all + "e.png,x\nf.png,x\n"), `name 2 files that are no pictures of the folder, the first "e.png"`},
		{write(all + "./a.png,x\n"), `name "a.png" twice, in lines 1 and 5`},
		{write(all + "e.png,x\ne.png,x\n"), `name "e.png" twice, in lines 5 and 6`},
		{write("a.png,x\nb.png, \n"), `give "b.png" an empty class, in line 2`},
		{write("a.png,x\nb.png\n"), `have no class in line 2`},
		{write("a.png,x\n\"b.png,y\n"), `are no CSV: `},
		{write("a.png,\xe9t\xe9\n"), `not text in UTF-8`},
		{write("\xff\xfea\x00.\x00"), `not text in UTF-8`},
		{write(""), `are none`},
		{write("file,class\n"), `are none`},
		{filepath.Join(root, "none.csv"), `the file with labels cannot be read`},
		{root, `is a folder, not a CSV file`},
	} {
		options := datasets.Options{Labels: test.file}
		_, err := datasets.Open("folder:"+root, options)
		_, streamErr := datasets.OpenStream("folder:"+root, options)
		for _, err := range []error{err, streamErr} {
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line with %q", err, test.want)
			}
		}
	}
}
