package npy

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
)

// file returns the path of a file with these contents.
func file(t testing.TB, data string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.npy")
	if err := os.WriteFile(path, []byte(data), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func parts(list ...*tensors.Tensor) func(yield func(*tensors.Tensor, error) bool) {
	return func(yield func(*tensors.Tensor, error) bool) {
		for _, part := range list {
			if !yield(part, nil) {
				return
			}
		}
	}
}

// GoMLX's reader reads what Write wrote, and Open reads it in pieces.
func TestWriteAndRead(t *testing.T) {
	var written bytes.Buffer
	err := Write(&written, []int{3, 2, 2}, parts(
		tensors.FromFlatDataAndDimensions([]uint8{1, 2, 3, 4}, 1, 2, 2), tensors.FromFlatDataAndDimensions([]uint8{5, 6, 7, 8, 9, 10, 11, 12}, 2, 2, 2)))
	if err != nil {
		t.Fatal(err)
	}
	path := file(t, written.String())
	other, err := numpy.FromNpyFile(path)
	if err != nil || other.DType() != dtypes.Uint8 || !slices.Equal(other.Shape().Dimensions, []int{3, 2, 2}) {
		t.Fatalf("GoMLX reads %v (%v)", other, err)
	}
	array, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer array.Close()
	if array.DType != dtypes.Uint8 || !slices.Equal(array.Shape, []int{3, 2, 2}) {
		t.Errorf("got %s %v", array.DType, array.Shape)
	}
	rows, err := array.Rows(1, 2)
	if err != nil || !slices.Equal(rows, []byte{5, 6, 7, 8, 9, 10, 11, 12}) {
		t.Errorf("rows 1 and 2 are %v (%v)", rows, err)
	}
	for _, wrong := range [][2]int{{2, 2}, {-1, 1}, {0, 4}, {1, -1}} {
		if _, err := array.Rows(wrong[0], wrong[1]); err == nil {
			t.Errorf("there are %d rows from %d on", wrong[1], wrong[0])
		}
	}
	hash := sha256.New()
	if err := array.Hash(hash); err != nil || [32]byte(hash.Sum(nil)) != sha256.Sum256(written.Bytes()) {
		t.Errorf("the hash is not the file's (%v)", err)
	}
}

// The header that NumPy 2.4 writes for numpy.zeros((1, 2), dtype).
func TestHeaderAsNumPy(t *testing.T) {
	for dtype, descr := range map[dtypes.DType]string{dtypes.Uint8: "|u1", dtypes.Int32: "<i4", dtypes.Float32: "<f4"} {
		want := "\x93NUMPY\x01\x00v\x00{'descr': '" + descr + "', 'fortran_order': False, 'shape': (1, 2), }" + strings.Repeat(" ", 58) + "\n"
		if got := Header(dtype, []int{1, 2}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := Header(dtypes.Int32, []int{7}); !strings.Contains(got, "'shape': (7,), }") {
		t.Errorf("a tuple of one: %q", got)
	}
}

func TestOpenErrors(t *testing.T) {
	good := Header(dtypes.Uint8, []int{2, 3}) + "abcdef"
	header := func(text string) string { return magic + "\x01\x00" + string(rune(len(text))) + "\x00" + text }
	for _, test := range []struct{ data, want string }{
		{"", "is no array of NumPy"},
		{"PK\x03\x04 an archive", "is no array of NumPy"},
		{magic + "\x09\x00", "version 9"},
		{magic + "\x01\x00\x10", "cut short in its header"},
		{magic + "\x02\x00\xff\xff\xff\xff", "header of 4294967295 bytes"},
		{good[:40], "cut short in its header"},
		{good[:len(good)-1], "is cut short: Uint8 of shape [2 3] takes 6 bytes, and it has 5"},
		{good + "g", "has 1 bytes more"},
		{header("{}"), "no simple type"},
		{header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}"), "no simple type"},
		{header("{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}"), `type "<c8"`},
		{header("{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}"), "high byte first"},
		{header("{'descr': '|u1', 'fortran_order': True, 'shape': (1, 1)}"), "column by column; save numpy.ascontiguousarray"},
		{header("{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,)}"), "impossible shape"},
		{header("{'descr': '|u1', 'fortran_order': False, 'shape': (9, 9999999999, 9999999999)}"), "impossible shape"},
		{header("{'descr': '|u1', 'fortran_order': False, 'shape': (9999999999, 9999999999)}"), "impossible shape"},
	} {
		array, err := Open(file(t, test.data))
		if err == nil {
			_ = array.Close()
		}
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %v, want one line with %q", test.data, err, test.want)
		}
	}
	if _, err := Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("a folder: %v", err)
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there was opened")
	}
}

// Whatever the bytes, reading ends with an error or with as many values as the shape says.
func FuzzOpen(f *testing.F) {
	f.Add([]byte(Header(dtypes.Uint8, []int{2, 3}) + "abcdef"))
	f.Add([]byte(Header(dtypes.Float32, []int{1}) + "abcd"))
	f.Add([]byte(magic + "\x02\x00\x10\x00\x00\x00{'shape': (1, ),"))
	f.Fuzz(func(t *testing.T, data []byte) {
		array, err := Open(file(t, string(data)))
		if err != nil {
			return
		}
		defer array.Close()
		if len(array.Shape) == 0 || array.Shape[0] == 0 {
			return
		}
		rows, err := array.Rows(0, array.Shape[0])
		if err != nil || int64(len(rows)) != int64(len(data))-array.start {
			t.Errorf("%v: %d bytes of %d (%v)", array.Shape, len(rows), len(data), err)
		}
	})
}
