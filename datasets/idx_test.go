package datasets

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// idxBytes returns an IDX file: big-endian numbers, and then content.
func idxBytes(content []byte, numbers ...uint32) []byte {
	var file []byte
	for _, number := range numbers {
		file = binary.BigEndian.AppendUint32(file, number)
	}
	return append(file, content...)
}

// gzipped returns data as a gzip file.
func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	writer := gzip.NewWriter(&out)
	if _, err := writer.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// writeAll writes files into a new folder, by their names.
func writeAll(t testing.TB, files map[string][]byte) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for name, data := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestDecodeIDX(t *testing.T) {
	file := append(idxBytes([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, idxImages, 2, 2, 3), idxBytes([]byte{7, 3}, idxLabels, 2)...)
	set, err := decodeIDX(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(set.Shape, []int{2, 3, 1}) || !slices.Equal(set.Pixels, file[16:28]) || !slices.Equal(set.Labels, []int32{7, 3}) {
		t.Errorf("got %+v", set)
	}
}

func TestDecodeIDXErrors(t *testing.T) {
	labels := idxBytes([]byte{7, 3}, idxLabels, 2)
	images := idxBytes(make([]byte, 12), idxImages, 2, 2, 3)
	for name, test := range map[string]struct {
		file []byte
		want string
	}{
		"nothing":            {nil, "header of the pictures is cut off"},
		"half a header":      {images[:9], "header of the pictures is cut off"},
		"labels first":       {labels, "header of the pictures is cut off"},
		"another kind":       {idxBytes(make([]byte, 12), 0x0d03, 2, 2, 3), "begins with 0xd03"},
		"no pictures":        {idxBytes(nil, idxImages, 0, 28, 28), "0 pictures of 28×28 pixels, which cannot be"},
		"no pixels":          {idxBytes(nil, idxImages, 5, 0, 28), "which cannot be"},
		"huge side":          {idxBytes(nil, idxImages, 1, 1<<20, 1), "which cannot be"},
		"huge":               {idxBytes(nil, idxImages, 0xffffffff, 4096, 4096), "4294967295 pictures of 4096×4096 pixels, which cannot be"},
		"more than there is": {idxBytes(make([]byte, 100), idxImages, 60_000, 28, 28), "cut off: 100 bytes follow, not 47040000"},
		"cut off":            {images[:20], "its header says 2 pictures of 2×3 pixels: it is cut off: 4 bytes follow, not 12"},
		"no labels":          {images, "header of the labels is cut off"},
		"images twice":       {append(slices.Clone(images), images...), "begins with 0x803"},
		"too few labels":     {append(slices.Clone(images), labels[:9]...), "its header says 2 labels: it is cut off: 1 bytes follow, not 2"},
		"other labels":       {append(slices.Clone(images), idxBytes(nil, idxLabels, 0xffffffff)...), "4294967295 labels, and there are 2 pictures"},
	} {
		_, err := decodeIDX(bytes.NewReader(test.file))
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
}

// TestIDXMemory has a header that promises 256 megabytes: memory goes by what follows.
func TestIDXMemory(t *testing.T) {
	file := idxBytes(make([]byte, 1000), idxImages, 1<<8, 1024, 1024)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := decodeIDX(bytes.NewReader(file)); err == nil {
		t.Error("no error")
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 64<<20 {
		t.Errorf("took %d bytes", took)
	}
}

// mnistFolder returns a folder of files like MNIST's, of so many pictures each.
func mnistFolder(t testing.TB, count int) string {
	t.Helper()
	files := map[string][]byte{}
	for part, kind := range []string{"train", "t10k"} {
		pixels, labels := make([]byte, count*28*28), make([]byte, count)
		for i := range pixels {
			pixels[i] = byte(i*7 + part)
		}
		for i := range labels {
			labels[i] = byte((i + part) % 10)
		}
		files[kind+"-images-idx3-ubyte"] = idxBytes(pixels, idxImages, uint32(count), 28, 28)
		files[kind+"-labels-idx1-ubyte"] = idxBytes(labels, idxLabels, uint32(count))
	}
	return writeAll(t, files)
}

// TestOpenMNIST opens files as they are published, unzipped, and called as some programs unzip them, from all places.
func TestOpenMNIST(t *testing.T) {
	plain := mnistFolder(t, 20)
	want, err := Open("mnist:"+plain, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want.Name != "mnist:"+plain || want.Len() != 20 || want.Pixels[1] != 7 || want.Labels[3] != 3 || want.Classes[9] != "9" {
		t.Errorf("got %s, %d examples, labels %v", want.Name, want.Len(), want.Labels)
	}
	test, err := Open("mnist:"+plain, Options{View: View{Split: Test}})
	if err != nil || test.Pixels[1] != 8 || test.Labels[3] != 4 {
		t.Errorf("test: %v", err)
	}
	cache := t.TempDir()
	t.Setenv("GANYMEDE_DATA", cache)
	dotted := filepath.Join(cache, "fashion-mnist")
	published := filepath.Join(cache, "mnist")
	for _, folder := range []string{dotted, published} {
		if err := os.MkdirAll(folder, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range idxNames {
		data, err := os.ReadFile(filepath.Join(plain, strings.TrimSuffix(name, ".gz")))
		if err != nil {
			t.Fatal(err)
		}
		other := strings.TrimSuffix(strings.Replace(name, "-idx", ".idx", 1), ".gz")
		if err := os.WriteFile(filepath.Join(dotted, other), data, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(published, name), gzipped(t, data), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"mnist", "mnist:" + published, "mnist:" + dotted, "fashion-mnist", "fashion-mnist:" + plain} {
		set, err := Open(name, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if set.Name != name || set.Hash() != want.Hash() {
			t.Errorf("%s: another set, called %s", name, set.Name)
		}
	}
	few, err := Open("mnist", Options{View: View{PerClass: 1, Split: Train}})
	if err != nil || few.Len() != 10 {
		t.Errorf("one of each class: %v", err)
	}
}

func TestOpenMNISTErrors(t *testing.T) {
	t.Setenv("GANYMEDE_DATA", filepath.Join(t.TempDir(), "data"))
	pictures, labels := idxNames[0], idxNames[1]
	good := idxBytes(make([]byte, 2*28*28), idxImages, 2, 28, 28)
	fine := idxBytes([]byte{0, 9}, idxLabels, 2)
	for name, test := range map[string]struct {
		files map[string][]byte
		want  string
	}{
		"empty folder":     {nil, "lacks " + pictures + ", " + labels + " of mnist"},
		"one file":         {map[string][]byte{pictures: good}, "lacks " + labels + " of mnist"},
		"a web page":       {map[string][]byte{pictures: []byte("<!doctype html><title>404</title>"), labels: fine}, pictures + ": it is a web page"},
		"another size":     {map[string][]byte{pictures: idxBytes(make([]byte, 2*32*32), idxImages, 2, 32, 32), labels: fine}, "its pictures are 32×32, not 28×28"},
		"goes on":          {map[string][]byte{pictures: append(slices.Clone(good), 0), labels: fine}, "goes on after what its header says"},
		"a class too many": {map[string][]byte{pictures: good, labels: idxBytes([]byte{0, 10}, idxLabels, 2)}, "label 10 of picture 1 is none of the 10 classes"},
		"half a gzip":      {map[string][]byte{pictures: gzipped(t, good)[:30], labels: fine}, "cut off"},
		"gzip, no end":     {map[string][]byte{pictures: gzipped(t, good)[:len(gzipped(t, good))-4], labels: fine}, "damaged"},
		"too few labels":   {map[string][]byte{pictures: good, labels: idxBytes([]byte{0}, idxLabels, 1)}, "1 labels, and there are 2 pictures"},
	} {
		_, err := Open("mnist:"+writeAll(t, test.files), Options{})
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
	for name, want := range map[string][]string{
		"mnist":             {"ganymede datasets get mnist", "place " + pictures + ", " + labels + " in ", filepath.Join("data", "mnist")},
		"mnist:/no/where":   {`there is no folder "/no/where"`},
		"cifar10":           {"ganymede datasets get cifar10", cifarArchive},
		"fashion-mnist:bad": {"there is no folder"},
	} {
		_, err := Open(name, Options{})
		for _, word := range want {
			if err == nil || !strings.Contains(err.Error(), word) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: got %v, want %s", name, err, word)
			}
		}
	}
	if _, err := Open("mnist", Options{View: View{Split: Validation}}); err == nil || !strings.Contains(err.Error(), "it comes with train and test") {
		t.Errorf("got %v", err)
	}
}

// FuzzIDX looks for files that make the decoder panic, or a set that contradicts itself.
func FuzzIDX(f *testing.F) {
	images, labels := idxBytes(make([]byte, 12), idxImages, 2, 2, 3), idxBytes([]byte{7, 3}, idxLabels, 2)
	f.Add(append(slices.Clone(images), labels...))
	f.Add(gzipped(f, append(slices.Clone(images), labels...)))
	f.Add(idxBytes(nil, idxImages, 0xffffffff, 4096, 4096))
	f.Fuzz(func(t *testing.T, data []byte) {
		var set *Set
		err := readContent(bytes.NewReader(data), func(r io.Reader) (err error) {
			set, err = decodeIDX(r)
			return err
		})
		if err == nil {
			if err := set.check(); err != nil {
				t.Error(err)
			}
		} else if err.Error() == "" {
			t.Error("an error without words")
		}
	})
}
