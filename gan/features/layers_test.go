package features

import (
	"slices"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// called returns the numbers that the graph makes of one image [1, height, width, 1].
func called(t *testing.T, backend compute.Backend, height, width int, values []float32, f func(x *Node) *Node) []float32 {
	t.Helper()
	y, err := CallOnce(backend, f, tensors.FromFlatDataAndDimensions(slices.Clone(values), 1, height, width, 1))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return tensors.MustCopyFlatData[float32](y)
}

// TestLayersByHand has the numbers of PyTorch's max_pool2d and avg_pool2d(count_include_pad=False), small enough to check by
// hand.
func TestLayersByHand(t *testing.T) {
	image := []float32{
		1, 2, 3, 4,
		5, 6, 7, 8,
		-9, -8, -7, -6,
	}
	for _, test := range []struct {
		name string
		f    func(x *Node) *Node
		want []float32
	}{
		{"max 2, stride 1", func(x *Node) *Node { return maxPool(x, 2, 1, 0) }, []float32{6, 7, 8, 6, 7, 8}},
		{"max 3, stride 2", func(x *Node) *Node { return maxPool(x, 3, 2, 0) }, []float32{7}},
		{"max 3 of negative numbers, padded", func(x *Node) *Node { return maxPool(Neg(x), 3, 2, 1) }, []float32{-1, -2, 9, 8}},
		{"average 2, stride 2", func(x *Node) *Node { return averagePool(x, 2, 2, 0) }, []float32{3.5, 5.5}},
		{"average 3, padded", func(x *Node) *Node { return averagePool(x, 3, 2, 1) }, []float32{3.5, 5, -1.5, 0}},
		{"average of all", averageAll, []float32{0.5}},
		{"relu", relu, []float32{1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0}},
		{"linear", func(x *Node) *Node { // The weight is [out, in].
			return linear(Reshape(x, 2, 6), Const(x.Graph(), [][]float32{{1, 0, 0, 0, 0, 1}}), Const(x.Graph(), []float32{100}))
		}, []float32{107, 101}},
	} {
		gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
			if got := called(t, backend, 3, 4, image, test.f); !slices.Equal(got, test.want) {
				t.Errorf("%s: got %v, want %v", test.name, got, test.want)
			}
		})
	}
}

// TestTorchKernels convolves with a kernel in PyTorch's order: a picture of one pixel at the kernel's place (0, 1), counted
// from its centre, gives that number of the kernel.
func TestTorchKernels(t *testing.T) {
	values := make([]float32, 2*1*3*3) // Two kernels of 3×3.
	for i := range values {
		values[i] = float32(i)
	}
	weights, err := torchKernels(map[string]*tensors.Tensor{
		"kernel": tensors.FromFlatDataAndDimensions(values, 2, 1, 3, 3), "bias": tensors.FromFlatDataAndDimensions([]float32{100, 200}, 2),
	})
	if err != nil {
		t.Fatal(err)
	}
	kernel, bias := tensors.MustCopyFlatData[float32](weights["kernel"]), tensors.MustCopyFlatData[float32](weights["bias"])
	got := called(t, gantest.Go(), 3, 3, []float32{0, 1, 0, 0, 0, 0, 0, 0, 0}, func(x *Node) *Node {
		k := Reshape(Const(x.Graph(), kernel), 3, 3, 1, 2)
		return convolve(x, k, Const(x.Graph(), bias), [2]int{2, 2}, [2]int{1, 1})
	})
	if want := []float32{105, 214, 103, 212, 100, 200, 100, 200}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAreaAverage(t *testing.T) {
	for _, test := range []struct {
		height, width int
		want          []float32
	}{
		{2, 3, []float32{0, 6, 12, 18, 24, 30}},
		{1, 1, []float32{15}},
		{1, 3, []float32{9, 15, 21}},                   // Means of columns.
		{2, 2, []float32{2, 10, 20, 28}},               // (0 + 6/2)/1.5.
		{2, 4, []float32{0, 4, 8, 12, 18, 22, 26, 30}}, // Larger: (0/4 + 6/2)/(3/4).
	} {
		gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
			got := called(t, backend, 2, 3, []float32{0, 6, 12, 18, 24, 30}, func(x *Node) *Node {
				return areaAverage(x, test.height, test.width)
			})
			if e := gantest.RelativeError(every(got, 1), every(test.want, 1)); e > 1e-6 {
				t.Errorf("%dx%d: got %v, want %v", test.height, test.width, got, test.want)
			}
		})
	}
	for from := 1; from < 12; from++ {
		for to := 1; to < 12; to++ {
			matrix := overlaps(from, to)
			for i := range to {
				var sum float32
				for _, part := range matrix[i*from:][:from] {
					sum += part
				}
				if sum < 0.999999 || sum > 1.000001 {
					t.Errorf("from %d to %d: weights of pixel %d sum to %g", from, to, i, sum)
				}
			}
		}
	}
}

func TestColourWords(t *testing.T) {
	for _, test := range []struct {
		shape []int
		want  string
	}{
		{[]int{32, 32, 3}, "TensorFlow 1 bilinear to 299x299"},
		{[]int{28, 28, 1}, "TensorFlow 1 bilinear to 299x299, grey repeated to three channels"},
		{[]int{299, 299, 3}, "none"},
		{[]int{299, 299, 1}, "grey repeated to three channels"},
	} {
		if got, err := (inception{}).Resize(test.shape); err != nil || got != test.want {
			t.Errorf("%v: got %q, %v, want %q", test.shape, got, err, test.want)
		}
	}
	for _, shape := range [][]int{{32, 32, 2}, {32, 32}, nil} {
		_, err := inception{}.Resize(shape)
		wantLine(t, err, "pictures")
	}
}
