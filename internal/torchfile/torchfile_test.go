package torchfile

import (
	"bytes"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
)

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func read(data []byte) (map[string]Tensor, error) {
	return Read(bytes.NewReader(data), int64(len(data)), func(name string) bool { return name != "bn.num_batches_tracked" })
}

func TestRead(t *testing.T) {
	want := map[string]Tensor{
		"float32":    {[]int{3, 4}, []float32{0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 2.75}},
		"transposed": {[]int{4, 3}, []float32{0, 1, 2, 0.25, 1.25, 2.25, 0.5, 1.5, 2.5, 0.75, 1.75, 2.75}},
		"part":       {[]int{4}, []float32{1.25, 1.5, 1.75, 2}},
		"float16":    {[]int{4}, []float32{0.5, -2, 65504, 1.0 / (1 << 24)}}, // The last is the smallest there is.
		"bfloat16":   {[]int{2}, []float32{0.5, -3.140625}},
		"float64":    {[]int{2, 1}, []float32{1.0 / 3, 0}},
		"scalar":     {[]int{}, []float32{7}},
		"empty":      {[]int{0, 3}, []float32{}},
		"parameter":  {[]int{2}, []float32{1.5, 2.5}},
	}
	for _, name := range []string{"zip.pth", "legacy.pth"} {
		got, err := read(readFile(t, name))
		if err != nil {
			t.Fatalf("%s: %+v", name, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

// TestReadOld reads what Python 2 and PyTorch before 0.4 wrote.
func TestReadOld(t *testing.T) {
	got, err := read(readFile(t, "old.pth"))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	want := map[string]Tensor{
		"float32": {[]int{3, 4}, []float32{0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 2.75}},
		"part":    {[]int{4}, []float32{1.25, 1.5, 1.75, 2}},
		"scalar":  {[]int{}, []float32{7}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestBadFiles reads what is no state_dict: one line says so.
func TestBadFiles(t *testing.T) {
	zipped, legacy := readFile(t, "zip.pth"), readFile(t, "legacy.pth")
	evil := "\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R."
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"nothing":          {nil, "too few"},
		"text":             {[]byte("hello, world"), "not a file of PyTorch"},
		"truncated zip":    {zipped[:len(zipped)/2], "truncated"},
		"truncated legacy": {legacy[:len(legacy)-3], "truncated"},
		"truncated pickle": {legacy[:300], "truncated"},
		"other zip":        {[]byte("PK\x03\x04 and nothing"), "damaged or truncated"},
		"a damaged number": {damaged(zipped, []byte{0, 0, 0x80, 0x3e}), "checksum"},
		"an object":        {readFile(t, "object.pth"), "no state_dict needs"},
		"a checkpoint":     {readFile(t, "nested.pth"), `"epoch" is not a tensor`},
		"a program":        {withDict(legacy, evil), "os.system, which no state_dict needs"},
		"a huge string":    {withDict(legacy, "\x80\x02X\xff\xff\xff\x7fa."), "truncated"},
		"a huge frame":     {withDict(legacy, "\x80\x04\x95\xff\xff\xff\xff\xff\xff\x00\x00."), "truncated"},
		"a forbidden call": {withDict(legacy, "\x80\x02)\x81."), "instruction 0x81"},
		"a bad stack":      {withDict(legacy, "\x80\x02R."), "its pickle"},
	} {
		_, err := read(test.data)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line with %q", name, err, test.want)
		}
	}
	if _, err := Read(bytes.NewReader(zipped), int64(len(zipped)), nil); err == nil || !strings.Contains(err.Error(), "int64") {
		t.Errorf("a counter is no weight: got %v", err)
	}
}

// damaged returns the file with one bit of the first such bytes changed.
func damaged(data, part []byte) []byte {
	changed := bytes.Clone(data)
	changed[bytes.Index(data, part)] ^= 1
	return changed
}

// withDict returns the file of the legacy format with another pickle in place of its dictionary.
func withDict(legacy []byte, pickle string) []byte {
	start := 0
	for range 3 {
		length, err := checkPickle(legacy[start:])
		if err != nil {
			panic(err)
		}
		start += length
	}
	return append(bytes.Clone(legacy[:start]), pickle...)
}

// TestViews checks that a tensor cannot reach beyond its storage.
func TestViews(t *testing.T) {
	s := storage{element: elements["FloatStorage"], key: "0", count: 6}
	for _, v := range []view{
		{s, 0, []int{7}, []int{1}},
		{s, 1, []int{6}, []int{1}},
		{s, -1, []int{2}, []int{1}},
		{s, 0, []int{2, 3}, []int{4, 1}},
		{s, 0, []int{-2, -3}, []int{3, 1}},
		{s, 0, []int{2}, []int{-1}},
		{s, 0, []int{2}, []int{math.MaxInt}},
		{s, 0, []int{5, 5}, []int{0, 0}}, // An expanded tensor: more numbers than are stored.
		{s, math.MaxInt, []int{2}, []int{1}},
	} {
		if _, err := v.check(); err == nil {
			t.Errorf("offset %d, shape %v, strides %v: no error", v.offset, v.shape, v.strides)
		}
	}
	if count, err := (view{s, 1, []int{2, 2}, []int{3, 1}}).check(); count != 4 || err != nil {
		t.Errorf("got %d numbers, error %v", count, err)
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"zip.pth", "legacy.pth", "object.pth", "old.pth"} {
		f.Add(readFile(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tensors, err := Read(bytes.NewReader(data), int64(len(data)), nil)
		if err != nil {
			return
		}
		for name, tensor := range tensors {
			size := 1
			for _, dim := range tensor.Shape {
				size *= dim
			}
			if size != len(tensor.Values) {
				t.Errorf("%s: shape %v with %d numbers", name, tensor.Shape, len(tensor.Values))
			}
		}
	})
}
