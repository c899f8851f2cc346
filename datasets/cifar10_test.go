package datasets

import (
	"archive/tar"
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// cifarFile returns a file as CIFAR-10 has them, of records with these labels: the pixel at row y and column x of the first is
// red y, green 100+x and blue y+x, and each further picture is brighter by one.
func cifarFile(labels ...byte) []byte {
	var file []byte
	for i, label := range labels {
		file = append(file, label)
		for _, value := range []func(y, x int) int{
			func(y, _ int) int { return y }, func(_, x int) int { return 100 + x }, func(y, x int) int { return y + x },
		} {
			for y := range 32 {
				for x := range 32 {
					file = append(file, byte(value(y, x)+i))
				}
			}
		}
	}
	return file
}

// tarball returns a gzipped tar file of members, in the order of their names unless order says another.
func tarball(t testing.TB, files map[string][]byte, order ...string) []byte {
	t.Helper()
	if order == nil {
		for name := range files {
			order = append(order, name)
		}
		slices.Sort(order)
	}
	var out bytes.Buffer
	writer := tar.NewWriter(&out)
	for _, name := range order {
		if err := writer.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o666, Size: int64(len(files[name]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := writer.Write(files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return gzipped(t, out.Bytes())
}

// cifarBatches returns the six files of CIFAR-10, of two pictures each: the classes of batch i are i and 9 - i.
func cifarBatches() map[string][]byte {
	files := map[string][]byte{"cifar-10-batches-bin/test_batch.bin": cifarFile(0, 9), "cifar-10-batches-bin/batches.meta.txt": []byte("airplane\n")}
	for i := range byte(5) {
		files[fmt.Sprintf("cifar-10-batches-bin/data_batch_%d.bin", i+1)] = cifarFile(i+1, 8-i)
	}
	return files
}

// TestOpenCIFAR opens the archive, its files, and those in the folder that it has.
func TestOpenCIFAR(t *testing.T) {
	files := cifarBatches()
	flat := map[string][]byte{}
	for name, data := range files {
		flat[filepath.Base(name)] = data
	}
	backwards := []string{}
	for i := 5; i > 0; i-- {
		backwards = append(backwards, fmt.Sprintf("cifar-10-batches-bin/data_batch_%d.bin", i))
	}
	cache := writeAll(t, map[string][]byte{"cifar10/" + cifarArchive: tarball(t, files)})
	t.Setenv("GANYMEDE_DATA", cache)
	for _, name := range []string{
		"cifar10", "cifar10:" + writeAll(t, files), "cifar10:" + writeAll(t, flat),
		"cifar10:" + writeAll(t, map[string][]byte{cifarArchive: tarball(t, files, append(backwards, "cifar-10-batches-bin/test_batch.bin")...)}),
	} {
		set, err := Open(name, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if set.Len() != 10 || !slices.Equal(set.Labels, []int32{1, 8, 2, 7, 3, 6, 4, 5, 5, 4}) || set.Classes[8] != "ship" {
			t.Errorf("%s: %d examples, labels %v", name, set.Len(), set.Labels)
		}
		for i := range set.Len() {
			for _, at := range [][2]int{{0, 0}, {3, 0}, {0, 7}, {31, 30}} {
				y, x := at[0], at[1]
				pixel := set.Pixels[((i*32+y)*32+x)*3:][:3]
				if bright := i % 2; !slices.Equal(pixel, []uint8{uint8(y + bright), uint8(100 + x + bright), uint8(y + x + bright)}) {
					t.Errorf("%s: pixel (%d, %d) of picture %d is %v", name, y, x, i, pixel)
				}
			}
		}
		test, err := Open(name, Options{View: View{Split: Test}})
		if err != nil || test.Len() != 2 || !slices.Equal(test.Labels, []int32{0, 9}) {
			t.Errorf("%s, test: %v", name, err)
		}
	}
}

func TestOpenCIFARErrors(t *testing.T) {
	with := func(name string, data []byte) map[string][]byte {
		files := cifarBatches()
		files["cifar-10-batches-bin/"+name] = data
		return files
	}
	without := cifarBatches()
	delete(without, "cifar-10-batches-bin/data_batch_3.bin")
	cut := tarball(t, cifarBatches())
	for name, test := range map[string]struct {
		files map[string][]byte
		want  string
	}{
		"empty folder":     {nil, "lacks " + cifarArchive + " of cifar10"},
		"a batch missing":  {without, "lacks " + cifarArchive + " of cifar10"},
		"cut off":          {with("data_batch_2.bin", cifarFile(1, 2)[:5000]), "data_batch_2.bin: 5000 bytes are no whole number of CIFAR's records of 3073"},
		"empty":            {with("data_batch_2.bin", nil), "0 bytes are no whole number"},
		"a class too many": {with("data_batch_5.bin", cifarFile(3, 10)), "data_batch_5.bin: label 10 of picture 1 is none of the 10 classes"},
		"a web page":       {with("data_batch_1.bin", []byte("<html>")), "it is a web page"},
		"archive cut off":  {map[string][]byte{cifarArchive: cut[:len(cut)-100]}, cifarArchive + ": "},
		"archive lacks":    {map[string][]byte{cifarArchive: tarball(t, without)}, "it lacks data_batch_3.bin"},
		"archive label":    {map[string][]byte{cifarArchive: tarball(t, with("data_batch_1.bin", cifarFile(77)))}, "data_batch_1.bin: label 77"},
		"no archive":       {map[string][]byte{cifarArchive: []byte("<html>")}, "neither a tar nor a zip file"},
	} {
		_, err := Open("cifar10:"+writeAll(t, test.files), Options{})
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
}

// TestCIFARBomb has an archive that would unpack to far more than its size.
func TestCIFARBomb(t *testing.T) {
	files := map[string][]byte{"cifar-10-batches-bin/data_batch_1.bin": make([]byte, 3073*2000)}
	_, err := Open("cifar10:"+writeAll(t, map[string][]byte{cifarArchive: tarball(t, files)}), Options{})
	if err == nil || !strings.Contains(err.Error(), "bomb") {
		t.Errorf("got %v", err)
	}
}

// FuzzCIFAR looks for files that make the reader panic, or a set that contradicts itself.
func FuzzCIFAR(f *testing.F) {
	f.Add(cifarFile(3))
	f.Add(cifarFile(3, 10))
	f.Add(tarball(f, map[string][]byte{"test_batch.bin": cifarFile(3)}))
	f.Fuzz(func(t *testing.T, data []byte) {
		set := &Set{Shape: []int{32, 32, 3}}
		if err := appendCIFAR(set, bytes.NewReader(data)); err == nil {
			if err := set.check(); err != nil || set.Len()*cifarRecord != len(data) {
				t.Errorf("%d examples of %d bytes, error %v", set.Len(), len(data), err)
			}
		}
		if set, err := readCIFARArchive(bytes.NewReader(data), int64(len(data)), Test); err == nil {
			if err := set.check(); err != nil {
				t.Error(err)
			}
		}
	})
}
