package conv_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/gan/nn/conv"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// goldenCase is a case of testdata/golden.json: see bench/golden/make_golden.py, which made it with PyTorch.
type goldenCase struct {
	Name        string
	XShape      []int     `json:"x_shape"`
	KernelShape []int     `json:"kernel_shape"`
	YShape      []int     `json:"y_shape"`
	Strides     [2]int    `json:"strides"`
	Dilations   [2]int    `json:"dilations"`
	Padding     string    `json:"padding"`
	Paddings    [2][2]int `json:"paddings"`

	Y       []float64 `json:"y"`
	DX      []float64 `json:"d_x"`
	DKernel []float64 `json:"d_kernel"`
	PX      []float64 `json:"p_x"`
	PKernel []float64 `json:"p_kernel"`
	QX      []float64 `json:"q_x"`
	QKernel []float64 `json:"q_kernel"`
}

func (c goldenCase) geometry() conv.Geometry {
	return conv.Geometry{Strides: c.Strides, Dilations: c.Dilations, Padding: c.Paddings}
}

// check compares the operation and its derivatives with the golden values: in float64 to eight digits, in float32 to
// four.
func (c goldenCase) check(t *testing.T, backend compute.Backend, op func(x, kernel *Node) *Node) {
	size := 1
	for _, d := range c.YShape {
		size *= d
	}
	got := gantest.Call(t, backend, func(operands []*Node) []*Node {
		x, kernel := operands[0], operands[1]
		y := op(x, kernel)
		weights := tensors.FromFlatDataAndDimensions(gantest.Wave(size, 1, 2.1), c.YShape...)
		first := Gradient(ReduceAllSum(Mul(y, Const(y.Graph(), weights))), x, kernel)
		slopes := Gradient(ReduceAllSum(Sin(y)), x, kernel)
		p := Gradient(ReduceAllSum(Square(slopes[0])), x, kernel)
		q := Gradient(ReduceAllSum(Square(slopes[1])), x, kernel)
		return []*Node{y, first[0], first[1], p[0], p[1], q[0], q[1]}
	}, gantest.Tensor(1, 0.1, c.XShape...), gantest.Tensor(0.5, 1.1, c.KernelShape...))

	for i, want := range [][]float64{c.Y, c.DX, c.DKernel, c.PX, c.PKernel, c.QX, c.QKernel} {
		name := []string{"y", "dx", "dk", "second derivative p by x", "p by k", "q by x", "q by k"}[i]
		if e := gantest.RelativeError(got[i], want); e > 1e-7 {
			t.Errorf("%s: relative error %.2g against PyTorch", name, e)
		}
	}
}

type golden struct {
	Conv      []goldenCase `json:"conv"`
	Transpose []goldenCase `json:"conv_transpose"`
}

func TestConvAgainstPyTorch(t *testing.T) {
	cases := gantest.ReadJSON[golden](t, "../testdata/golden.json").Conv
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		for _, c := range cases {
			t.Run(c.Name, func(t *testing.T) {
				geometry := c.geometry()
				if c.Padding == "same" {
					geometry = conv.Same([2]int(c.XShape[1:3]), [2]int(c.KernelShape[:2]), c.Strides, c.Dilations)
				}
				c.check(t, backend, func(x, kernel *Node) *Node { return conv.Conv(x, kernel, geometry) })
			})
		}
	})
}

func TestTransposedAgainstPyTorch(t *testing.T) {
	cases := gantest.ReadJSON[golden](t, "../testdata/golden.json").Transpose
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		for _, c := range cases {
			t.Run(c.Name, func(t *testing.T) {
				c.check(t, backend, func(v, kernel *Node) *Node {
					return conv.Transposed(v, kernel, c.geometry(), [2]int(c.YShape[1:3]))
				})
			})
		}
	})
}

// geometries are awkward on purpose: strides larger than the kernel, unequal axes, stride with dilation, cropping.
var geometries = []struct {
	image, kernel [2]int
	geometry      conv.Geometry
}{
	{[2]int{5, 5}, [2]int{3, 3}, conv.Geometry{}},
	{[2]int{7, 6}, [2]int{4, 4}, conv.Geometry{Strides: [2]int{2, 2}, Padding: [2][2]int{{1, 1}, {1, 1}}}},
	{[2]int{6, 7}, [2]int{1, 2}, conv.Geometry{Strides: [2]int{3, 2}}},
	{[2]int{8, 5}, [2]int{3, 2}, conv.Geometry{Strides: [2]int{2, 1}, Dilations: [2]int{2, 3}, Padding: [2][2]int{{2, 1}, {0, 3}}}},
	{[2]int{7, 7}, [2]int{2, 2}, conv.Geometry{Strides: [2]int{2, 2}, Padding: [2][2]int{{-1, 0}, {1, -2}}}},
	{[2]int{3, 3}, [2]int{3, 3}, conv.Geometry{Strides: [2]int{4, 4}, Padding: [2][2]int{{5, 5}, {4, 6}}}},
}

// TestAdjoint checks that the three operations solve one trilinear form: the dot products
// ⟨Conv(x, k), v⟩, ⟨x, Transposed(v, k)⟩ and ⟨k, KernelGradient(x, v)⟩ are the same number.
func TestAdjoint(t *testing.T) {
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		for _, c := range geometries {
			t.Run(fmt.Sprint(c), func(t *testing.T) {
				output := c.geometry.OutputSize(c.image, c.kernel)
				got := gantest.Call(t, backend, func(operands []*Node) []*Node {
					x, k, v := operands[0], operands[1], operands[2]
					return []*Node{
						ReduceAllSum(Mul(conv.Conv(x, k, c.geometry), v)),
						ReduceAllSum(Mul(x, conv.Transposed(v, k, c.geometry, c.image))),
						ReduceAllSum(Mul(k, conv.KernelGradient(x, v, c.geometry, c.kernel))),
					}
				},
					gantest.Tensor(1, 0, 2, c.image[0], c.image[1], 2),
					gantest.Tensor(1, 1, c.kernel[0], c.kernel[1], 2, 3),
					gantest.Tensor(1, 2, 2, output[0], output[1], 3))
				if got[0][0] == 0 {
					t.Error("the operands meet nowhere: the case tests nothing")
				}
				for i := range 2 {
					if math.Abs(got[0][0]-got[i+1][0]) > 1e-12*math.Abs(got[0][0])+1e-13 {
						t.Errorf("dot products differ: %.15g, %.15g, %.15g", got[0][0], got[1][0], got[2][0])
					}
				}
			})
		}
	})
}

func TestDerivativesAgainstCentralDifferences(t *testing.T) {
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		for _, c := range geometries {
			t.Run(fmt.Sprint(c), func(t *testing.T) {
				output := c.geometry.OutputSize(c.image, c.kernel)
				x := gantest.Tensor(1, 0, 1, c.image[0], c.image[1], 2)
				k := gantest.Tensor(0.5, 1, c.kernel[0], c.kernel[1], 2, 2)
				v := gantest.Tensor(1, 2, 1, output[0], output[1], 2)
				gantest.CheckDerivatives(t, backend, func(operands []*Node) *Node {
					return conv.Conv(operands[0], operands[1], c.geometry)
				}, x, k)
				gantest.CheckDerivatives(t, backend, func(operands []*Node) *Node {
					return conv.Transposed(operands[0], operands[1], c.geometry, c.image)
				}, v, k)
				gantest.CheckDerivatives(t, backend, func(operands []*Node) *Node {
					return conv.KernelGradient(operands[0], operands[1], c.geometry, c.kernel)
				}, x, v)
			})
		}
	})
}

// TestThirdDerivative differentiates once more than any penalty does: the operations are closed, not merely unrolled.
func TestThirdDerivative(t *testing.T) {
	geometry := conv.Geometry{Strides: [2]int{2, 2}, Padding: [2][2]int{{1, 1}, {1, 1}}}
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		gantest.CheckDerivatives(t, backend, func(operands []*Node) *Node {
			x, k := operands[0], operands[1]
			return Gradient(ReduceAllSum(Sin(conv.Conv(x, k, geometry))), x)[0]
		}, gantest.Tensor(1, 0, 1, 5, 4, 1), gantest.Tensor(0.5, 1, 4, 4, 1, 2))
	})
}

func TestMisuse(t *testing.T) {
	for name, f := range map[string]func(x, k *Node) *Node{
		"channels": func(x, _ *Node) *Node { return conv.Conv(x, Zeros(x.Graph(), shape(3, 3, 5, 2)), conv.Geometry{}) },
		"too large a kernel": func(x, _ *Node) *Node {
			return conv.Conv(x, Zeros(x.Graph(), shape(9, 9, 2, 2)), conv.Geometry{})
		},
		"negative stride": func(x, k *Node) *Node { return conv.Conv(x, k, conv.Geometry{Strides: [2]int{-1, 1}}) },
		"image size": func(x, k *Node) *Node {
			return conv.Transposed(conv.Conv(x, k, conv.Geometry{}), k, conv.Geometry{}, [2]int{9, 9})
		},
		"rank": func(x, k *Node) *Node { return conv.Conv(ReduceSum(x, 0), k, conv.Geometry{}) },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := CallOnce(gantest.Go(), f, gantest.Tensor(1, 0, 1, 5, 5, 2), gantest.Tensor(1, 0, 3, 3, 2, 2))
			if err == nil {
				t.Error("no error")
			}
		})
	}
}

func shape(dimensions ...int) shapes.Shape { return shapes.Make(dtypes.Float64, dimensions...) }
