package evaluate

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/internal/npy"
)

func bytesOf(t *testing.T, pictures *tensors.Tensor, err error) []uint8 {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	flat, err := tensors.CopyFlatData[uint8](pictures)
	if err != nil {
		t.Fatal(err)
	}
	return flat
}

// A few of an array are spread evenly over it, and read from wherever they lie.
func TestArray(t *testing.T) {
	t.Chdir(t.TempDir())
	pixels := make([]uint8, 10*4)
	for i := range pixels {
		pixels[i] = uint8(i)
	}
	writePixels(t, "a.npy", pixels, 10, 2, 2)
	source := open(t, "a.npy", SourceOptions{N: 4})
	if source.Len() != 4 || !slices.Equal(source.Shape, []int{2, 2, 1}) || len(source.Hash) != 64 {
		t.Errorf("%d of %v, hash %q", source.Len(), source.Shape, source.Hash)
	}
	pictures, err := source.Range(0, 4)
	if got, want := bytesOf(t, pictures, err), []uint8{0, 1, 2, 3, 8, 9, 10, 11, 20, 21, 22, 23, 28, 29, 30, 31}; !slices.Equal(got, want) {
		t.Errorf("got %v, want numbers 0, 2, 5 and 7: %v", got, want)
	}
	pictures, err = source.Pictures([]int{3, 0})
	if got, want := bytesOf(t, pictures, err), []uint8{28, 29, 30, 31, 0, 1, 2, 3}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// All kinds of sources are brought to the same size and channels.
func TestFittedSources(t *testing.T) {
	t.Chdir(t.TempDir())
	writePixels(t, "a.npy", make([]uint8, 3*20*20), 3, 20, 20)
	writeFolder(t, "pics", 3)
	for _, name := range []string{"a.npy", "pics", "folder:pics", "fashion"} {
		source := open(t, name, SourceOptions{Size: 8, Channels: 3})
		pictures, err := source.Range(0, 2)
		if got := bytesOf(t, pictures, err); !slices.Equal(source.Shape, []int{8, 8, 3}) || len(got) != 2*8*8*3 {
			t.Errorf("%s: %v, %d bytes", name, source.Shape, len(got))
		}
	}
}

func TestSourceOfSet(t *testing.T) {
	source := open(t, "digits", SourceOptions{N: 100})
	if source.Len() != 100 || source.Classes != 10 || source.Data != "digits" || len(source.Labels) != 100 {
		t.Errorf("%d of %q with %d classes", source.Len(), source.Data, source.Classes)
	}
	all := open(t, "digits", SourceOptions{})
	for i, label := range source.Labels {
		if label != all.Labels[100*i] {
			t.Fatalf("label %d is %d, want %d", i, label, all.Labels[100*i])
		}
	}
	if points := open(t, "grid", SourceOptions{N: 10}); len(points.points) != 20 || len(points.Modes) != 25 || points.ArePictures() {
		t.Errorf("%d numbers, %d modes", len(points.points), len(points.Modes))
	}
}

func TestSpread(t *testing.T) {
	if got := spread(4, 10); !reflect.DeepEqual(got, []int{0, 2, 5, 7}) {
		t.Errorf("got %v", got)
	}
	for _, n := range []int{1, 9, 10_000, 10_001, 123_456} {
		numbers := spread(kept(n), n)
		if !slices.IsSorted(numbers) || numbers[0] != 0 || numbers[len(numbers)-1] >= n || len(slices.Compact(slices.Clone(numbers))) != len(numbers) {
			t.Errorf("of %d: not %d different numbers in order", n, len(numbers))
		}
	}
}

func TestOpenSourceErrors(t *testing.T) {
	t.Chdir(t.TempDir())
	write := func(path, data string) {
		if err := os.WriteFile(path, []byte(data), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("floats.npy", npy.Header(dtypes.Float32, []int{1, 1, 1, 1})+"abcd")
	write("wide.npy", npy.Header(dtypes.Int32, []int{1, 1, 1, 1})+"abcd")
	write("flat.npy", npy.Header(dtypes.Uint8, []int{2, 2})+"abcd")
	write("five.npy", npy.Header(dtypes.Uint8, []int{1, 1, 1, 1, 4})+"abcd")
	write("two.npy", npy.Header(dtypes.Uint8, []int{1, 1, 2, 2})+"abcd")
	write("none.npy", npy.Header(dtypes.Uint8, []int{0, 2, 2, 1}))
	write("cut.npy", npy.Header(dtypes.Uint8, []int{5, 1, 1})+"abcd")
	write("text.npy", "no array")
	write("notes.txt", "text")
	for _, folder := range []string{"empty", "run"} {
		if err := os.Mkdir(folder, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	write("run/run.json", "{")
	for _, test := range []struct{ name, want string }{
		{"digit", `there is no data set, folder, run or array "digit"; did you mean digits`},
		{"nowhere.npy", "nowhere.npy: no such file"},
		{"floats.npy", "floats.npy holds numbers of type Float32, want uint8 [n, height, width, channels] or [n, height, width]; scale it to 0…255"},
		{"wide.npy", "numbers of type Int32"},
		{"flat.npy", "shape [2 2]"},
		{"five.npy", "shape [1 1 1 1 4]"},
		{"two.npy", "with 1 or 3 channels"},
		{"none.npy", "is empty: its shape is [0 2 2 1]"},
		{"cut.npy", "cut.npy is cut short"},
		{"text.npy", "is no array of NumPy"},
		{"notes.txt", "notes.txt is a file, and neither an array .npy nor a folder"},
		{"empty", `the folder "empty" is empty`},
		{"folder:nowhere", "there is no folder"},
		{"run", "run.json is damaged"},
	} {
		source, err := OpenSource(test.name, SourceOptions{})
		if err == nil {
			_ = source.Close()
		}
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line with %q", test.name, err, test.want)
		}
	}
}
