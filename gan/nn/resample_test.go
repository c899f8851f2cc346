package nn_test

import (
	"fmt"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan/nn"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// TestResampledConvolutions compares the layers that take resizing and convolution together with the two one after the
// other, by the same kernel.
func TestResampledConvolutions(t *testing.T) {
	for _, kernel := range []int{1, 2, 3, 4, 5} {
		for _, scale := range []int{2, 3} {
			t.Run(fmt.Sprintf("kernel %d scale %d", kernel, scale), func(t *testing.T) {
				store := model.NewStore()
				store.RootScope().At("conv").VariableWithValue("weights", gantest.Tensor(0.5, 1.1, kernel, kernel, 2, 3))
				store.RootScope().At("conv_resize").VariableWithValue("weights", gantest.Tensor(0.5, 1.1, kernel, kernel, 2, 3))
				got := call(t, gantest.Go(), store, func(scope *model.Scope, x *Node) []*Node {
					convolve := func(x *Node) *nn.ConvBuilder {
						return nn.Conv(scope.ResetVisited(), x).Channels(3).KernelSize(kernel).PadSame()
					}
					mean := func(x *Node) *Node { // Of scale×scale pixels.
						batch, height, width, channels := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2), x.Shape().Dim(3)
						return ReduceMean(Reshape(x, batch, height/scale, scale, width/scale, scale, channels), 2, 4)
					}
					return []*Node{
						nn.ConvResize(scope, x).Channels(3).KernelSize(kernel).PadSame().Scale(scale).Done(),
						convolve(nn.Enlarge(x, scale)).Done(),
						convolve(x).MeanPool(scale).Done(),
						mean(convolve(x).Done()),
					}
				}, gantest.Tensor(1, 0.1, 2, 6, 12, 2))
				for i, name := range []string{"resize", "", "mean pool"} {
					if e := gantest.RelativeError(got[i], got[min(i+1, 3)]); name != "" && e > 1e-12 {
						t.Errorf("%s: relative error %.2g", name, e)
					}
				}
			})
		}
	}
}

func TestPools(t *testing.T) {
	x := tensors.FromFlatDataAndDimensions([]float64{
		1, 2, 5, 5,
		3, 6, 5, 5,
	}, 1, 2, 4, 1)
	got := gantest.Call(t, gantest.Go(), func(x []*Node) []*Node {
		largest := nn.MaxPool2(x[0])
		return []*Node{nn.AveragePool2(x[0]), largest, ReduceAllSum(Gradient(ReduceAllSum(largest), x[0])[0])}
	}, x)
	// Of four pixels that are equal one takes the gradient, so that it sums to the number of squares.
	for i, want := range [][]float64{{3, 5}, {6, 5}, {2}} {
		if gantest.RelativeError(got[i], want) != 0 {
			t.Errorf("result %d: got %v, want %v", i, got[i], want)
		}
	}
}

func TestMisusedResampling(t *testing.T) {
	for name, layer := range map[string]func(scope *model.Scope, x *Node) *Node{
		"odd pool": func(_ *model.Scope, x *Node) *Node { return nn.AveragePool2(x) },
		"odd mean": func(s *model.Scope, x *Node) *Node {
			return nn.Conv(s, x).Channels(1).KernelSize(3).PadSame().MeanPool(2).Done()
		},
		"stride": func(s *model.Scope, x *Node) *Node {
			return nn.Conv(s, x).Channels(1).KernelSize(3).PadSame().Strides(2).MeanPool(3).Done()
		},
		"transposed": func(s *model.Scope, x *Node) *Node {
			return nn.ConvTranspose(s, x).Channels(1).KernelSize(3).MeanPool(2).Done()
		},
		"odd attention": func(s *model.Scope, x *Node) *Node { return nn.SelfAttention(s, x).Done() },
	} {
		exec, err := model.NewExec(gantest.Go(), model.NewStore(), layer)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := exec.Call1(gantest.Tensor(1, 0, 1, 5, 4, 2)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
