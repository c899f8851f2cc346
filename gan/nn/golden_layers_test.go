package nn_test

import (
	"strings"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan/nn"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// goldenLayers is another part of testdata/golden.json.
type goldenLayers struct {
	ConditionalBatchNorm    []layerCase `json:"conditional_batch_norm"`
	LayerNorm               []layerCase `json:"layer_norm"`
	SelfAttention           []layerCase `json:"self_attention"`
	MinibatchDiscrimination []layerCase `json:"minibatch_discrimination"`
}

type layerCase struct {
	Name         string
	XShape       []int     `json:"x_shape"`
	ClassesShape []int     `json:"classes_shape"`
	Classes      []float64 `json:"classes"`
	Kernels      int       `json:"kernels"`
	Dimensions   int       `json:"dimensions"`

	Y       []float64 `json:"y"`
	DX      []float64 `json:"d_x"`
	PX      []float64 `json:"p_x"`
	DGamma  []float64 `json:"d_gamma"`
	PGamma  []float64 `json:"p_gamma"`
	DBeta   []float64 `json:"d_beta"`
	PBeta   []float64 `json:"p_beta"`
	DKernel []float64 `json:"d_kernel"`
	PKernel []float64 `json:"p_kernel"`
	DTheta  []float64 `json:"d_theta"`
	PTheta  []float64 `json:"p_theta"`
	DPhi    []float64 `json:"d_phi"`
	PPhi    []float64 `json:"p_phi"`
	DG      []float64 `json:"d_g"`
	PG      []float64 `json:"p_g"`
	DOut    []float64 `json:"d_out"`
	POut    []float64 `json:"p_out"`
}

// parameter is a variable of a layer: its path, its value, and the derivatives that PyTorch has for it.
type parameter struct {
	path          string
	value         *tensors.Tensor
	first, second []float64
}

// check compares a layer and its derivatives with PyTorch's, of the first and the second order.
func (c layerCase) check(t *testing.T, parameters []parameter, layer func(scope *model.Scope, x *Node) *Node) {
	want := [][]float64{c.Y, c.DX, c.PX}
	for _, p := range parameters {
		want = append(want, p.first, p.second)
	}
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		store := model.NewStore()
		for _, p := range parameters {
			value, err := p.value.LocalClone()
			if err != nil {
				t.Fatalf("%+v", err)
			}
			scope := store.RootScope()
			names := strings.Split(p.path, "/")
			for _, name := range names[:len(names)-1] {
				scope = scope.At("%s", name)
			}
			scope.VariableWithValue(names[len(names)-1], value)
		}
		got := call(t, backend, store, func(scope *model.Scope, x *Node) []*Node {
			scope.Store().SetTraining(x.Graph(), true)
			y := layer(scope, x)
			operands := []*Node{x}
			for _, p := range parameters {
				operands = append(operands, scope.Store().GetVariable("/"+p.path).NodeValue(x))
			}
			weights := gantest.Tensor(1, 2.1, y.Shape().Dimensions...)
			first := Gradient(ReduceAllSum(Mul(y, Const(y.Graph(), weights))), operands...)
			slope := Gradient(ReduceAllSum(Sin(y)), x)[0]
			second := Gradient(ReduceAllSum(Square(slope)), operands...)
			results := []*Node{y}
			for i := range operands {
				results = append(results, first[i], second[i])
			}
			return results
		}, gantest.Tensor(1, 0.1, c.XShape...))
		for i := range want {
			if e := gantest.RelativeError(got[i], want[i]); e > 1e-6 {
				t.Errorf("value %d of y and first and second derivatives by x and each parameter: relative error %.2g against PyTorch", i, e)
			}
		}
	})
}

// onePlus returns 1 + Wave, PyTorch's gamma.
func onePlus(dimensions ...int) *tensors.Tensor {
	size := 1
	for _, d := range dimensions {
		size *= d
	}
	values := gantest.Wave(size, 0.5, 3.1)
	for i := range values {
		values[i]++
	}
	return tensors.FromFlatDataAndDimensions(values, dimensions...)
}

func TestConditionalBatchNormAgainstPyTorch(t *testing.T) {
	for _, c := range gantest.ReadJSON[goldenLayers](t, "testdata/golden.json").ConditionalBatchNorm {
		t.Run(c.Name, func(t *testing.T) {
			table := []int{c.ClassesShape[1], c.XShape[len(c.XShape)-1]}
			c.check(t, []parameter{
				{"batch_norm/scale", onePlus(table...), c.DGamma, c.PGamma},
				{"batch_norm/offset", gantest.Tensor(0.5, 4.1, table...), c.DBeta, c.PBeta},
			}, func(scope *model.Scope, x *Node) *Node {
				classes := Const(x.Graph(), tensors.FromFlatDataAndDimensions(c.Classes, c.ClassesShape...))
				return nn.BatchNorm(scope, x).Classes(classes).Done()
			})
		})
	}
}

func TestLayerNormAgainstPyTorch(t *testing.T) {
	for _, c := range gantest.ReadJSON[goldenLayers](t, "testdata/golden.json").LayerNorm {
		t.Run(c.Name, func(t *testing.T) {
			channels := c.XShape[len(c.XShape)-1]
			c.check(t, []parameter{
				{"layer_norm/scale", onePlus(channels), c.DGamma, c.PGamma},
				{"layer_norm/offset", gantest.Tensor(0.5, 4.1, channels), c.DBeta, c.PBeta},
			}, nn.LayerNorm)
		})
	}
}

func TestSelfAttentionAgainstPyTorch(t *testing.T) {
	for _, c := range gantest.ReadJSON[goldenLayers](t, "testdata/golden.json").SelfAttention {
		t.Run(c.Name, func(t *testing.T) {
			channels := c.XShape[3]
			keys, values := max(channels/8, 1), max(channels/2, 1)
			c.check(t, []parameter{
				{"self_attention/theta/conv/weights", gantest.Tensor(0.5, 6.1, 1, 1, channels, keys), c.DTheta, c.PTheta},
				{"self_attention/phi/conv/weights", gantest.Tensor(0.5, 7.1, 1, 1, channels, keys), c.DPhi, c.PPhi},
				{"self_attention/g/conv/weights", gantest.Tensor(0.5, 8.1, 1, 1, channels, values), c.DG, c.PG},
				{"self_attention/out/conv/weights", gantest.Tensor(0.5, 9.1, 1, 1, values, channels), c.DOut, c.POut},
				{"self_attention/gamma", onePlus(), c.DGamma, c.PGamma},
			}, func(scope *model.Scope, x *Node) *Node { return nn.SelfAttention(scope, x).Done() })
		})
	}
}

func TestMinibatchDiscriminationAgainstPyTorch(t *testing.T) {
	for _, c := range gantest.ReadJSON[goldenLayers](t, "testdata/golden.json").MinibatchDiscrimination {
		t.Run(c.Name, func(t *testing.T) {
			features := 1
			for _, d := range c.XShape[1:] {
				features *= d
			}
			weights := gantest.Tensor(0.5, 1.1, features, c.Kernels*c.Dimensions)
			c.check(t, []parameter{{"minibatch_discrimination/weights", weights, c.DKernel, c.PKernel}},
				func(scope *model.Scope, x *Node) *Node {
					return nn.MinibatchDiscrimination(scope, x, c.Kernels, c.Dimensions)
				})
		})
	}
}
