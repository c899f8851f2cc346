package nn_test

import (
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan/nn"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// golden is the part of testdata/golden.json that is about layers: see bench/golden/make_golden.py, which made it with
// PyTorch.
type golden struct {
	BatchNorm    []normCase     `json:"batch_norm"`
	InstanceNorm []normCase     `json:"instance_norm"`
	SpectralNorm []spectralCase `json:"spectral_norm"`
}

type normCase struct {
	Name     string
	XShape   []int   `json:"x_shape"`
	Epsilon  float64 `json:"epsilon"`
	Affine   bool    `json:"affine"`
	Mean     []float64
	Variance []float64

	Y      []float64 `json:"y"`
	DX     []float64 `json:"d_x"`
	DGamma []float64 `json:"d_gamma"`
	DBeta  []float64 `json:"d_beta"`
	PX     []float64 `json:"p_x"`
	PGamma []float64 `json:"p_gamma"`
	PBeta  []float64 `json:"p_beta"`
}

type spectralCase struct {
	Name        string
	KernelShape []int     `json:"kernel_shape"`
	Iterations  int       `json:"iterations"`
	U           []float64 `json:"u"`
	UAfter      []float64 `json:"u_after"`
	Y           []float64 `json:"y"`
	DKernel     []float64 `json:"d_kernel"`
	PKernel     []float64 `json:"p_kernel"`
}

func TestBatchNormAgainstPyTorch(t *testing.T) {
	for _, c := range gantest.ReadJSON[golden](t, "testdata/golden.json").BatchNorm {
		t.Run(c.Name, func(t *testing.T) {
			c.check(t, func(scope *model.Scope, x *Node) (*Node, []*Node) {
				y := nn.BatchNorm(scope, x).Epsilon(c.Epsilon).Done()
				return y, affine(scope.At("batch_norm"), x)
			}, "batch_norm")
		})
	}
}

func TestInstanceNormAgainstPyTorch(t *testing.T) {
	for _, c := range gantest.ReadJSON[golden](t, "testdata/golden.json").InstanceNorm {
		t.Run(c.Name, func(t *testing.T) {
			c.check(t, func(scope *model.Scope, x *Node) (*Node, []*Node) {
				if c.Affine {
					y := nn.InstanceNormAffine(scope, x)
					return y, affine(scope.At("instance_norm"), x)
				}
				return nn.InstanceNorm(x), nil
			}, "instance_norm")
		})
	}
}

// affine returns the scale and the offset of the layer in the scope.
func affine(scope *model.Scope, x *Node) []*Node {
	return []*Node{scope.GetVariable("scale").NodeValue(x), scope.GetVariable("offset").NodeValue(x)}
}

func (c normCase) check(t *testing.T, layer func(*model.Scope, *Node) (*Node, []*Node), name string) {
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		channels := c.XShape[len(c.XShape)-1]
		gamma := gantest.Wave(channels, 0.5, 3.1)
		for i := range gamma {
			gamma[i]++
		}
		store := model.NewStore()
		scope := store.RootScope()
		scope.At("%s", name).VariableWithValue("scale", gamma)
		scope.At("%s", name).VariableWithValue("offset", gantest.Wave(channels, 0.5, 4.1))

		got := call(t, backend, store, func(scope *model.Scope, x *Node) []*Node {
			scope.Store().SetTraining(x.Graph(), true)
			y, parameters := layer(scope, x)
			weights := gantest.Tensor(1, 2.1, c.XShape...)
			operands := append([]*Node{x}, parameters...)
			results := append([]*Node{y}, Gradient(ReduceAllSum(Mul(y, Const(y.Graph(), weights))), operands...)...)
			slope := Gradient(ReduceAllSum(Sin(y)), x)[0]
			return append(results, Gradient(ReduceAllSum(Square(slope)), operands...)...)
		}, gantest.Tensor(1, 0.1, c.XShape...))

		want := [][]float64{c.Y, c.DX, c.PX}
		if c.DGamma != nil {
			want = [][]float64{c.Y, c.DX, c.DGamma, c.DBeta, c.PX, c.PGamma, c.PBeta}
		}
		for i := range want {
			if e := gantest.RelativeError(got[i], want[i]); e > 1e-6 {
				t.Errorf("value %d of y, first and second derivatives: relative error %.2g against PyTorch", i, e)
			}
		}
	})
}

func TestSpectralNormAgainstPyTorch(t *testing.T) {
	for _, c := range gantest.ReadJSON[golden](t, "testdata/golden.json").SpectralNorm {
		t.Run(c.Name, func(t *testing.T) {
			gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
				store := model.NewStore()
				store.RootScope().At("spectral_norm").VariableWithValue("u", c.U)
				var got [][]float64
				for range c.Iterations {
					got = call(t, backend, store, func(scope *model.Scope, kernel *Node) []*Node {
						scope.Store().SetTraining(kernel.Graph(), true)
						y := nn.SpectralNorm(scope, kernel)
						weights := gantest.Tensor(1, 2.1, c.KernelShape...)
						first := Gradient(ReduceAllSum(Mul(y, Const(y.Graph(), weights))), kernel)[0]
						slope := Gradient(ReduceAllSum(Sin(y)), kernel)[0]
						return []*Node{y, first, Gradient(ReduceAllSum(Square(slope)), kernel)[0]}
					}, gantest.Tensor(0.5, 1.1, c.KernelShape...))
				}
				u := gantest.Float64s(t, store.GetVariable("/spectral_norm/u").MustValue())
				for i, want := range [][]float64{c.Y, c.DKernel, c.PKernel, c.UAfter} {
					have := append(got, u)[i]
					if e := gantest.RelativeError(have, want); e > 1e-6 {
						t.Errorf("%s: relative error %.2g against PyTorch", []string{"y", "dk", "second", "u"}[i], e)
					}
				}
			})
		})
	}
}

// call runs a function that uses the store's variables once, and returns its results, flat.
func call(t *testing.T, backend compute.Backend, store *model.Store,
	f func(scope *model.Scope, x *Node) []*Node, x *tensors.Tensor) [][]float64 {
	t.Helper()
	exec, err := model.NewExec(backend, store, f)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	outputs, err := exec.Call(x)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	results := make([][]float64, len(outputs))
	for i, output := range outputs {
		results[i] = gantest.Float64s(t, output)
	}
	return results
}
