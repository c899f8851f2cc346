package gantest

import (
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Call runs the function once on float64 operands and returns its results, flat.
func Call(t *testing.T, backend compute.Backend, f func(operands []*Node) []*Node, operands ...*tensors.Tensor) [][]float64 {
	t.Helper()
	exec, err := NewExec(backend, f)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	defer exec.Finalize()
	outputs, err := exec.Call(clones(t, operands)...)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	results := make([][]float64, len(outputs))
	for i, output := range outputs {
		results[i] = Float64s(t, output)
	}
	return results
}

// Float64s returns the numbers of a float tensor, flat.
func Float64s(t *testing.T, tensor *tensors.Tensor) []float64 {
	t.Helper()
	switch flat := flatCopy(tensor).(type) {
	case []float64:
		return flat
	case []float32:
		values := make([]float64, len(flat))
		for i, x := range flat {
			values[i] = float64(x)
		}
		return values
	default:
		t.Fatalf("gantest: %s is not a tensor of floats", tensor.Shape())
		return nil
	}
}

func flatCopy(tensor *tensors.Tensor) (flat any) {
	tensor.MustConstFlatData(func(data any) {
		switch data := data.(type) {
		case []float64:
			flat = append([]float64(nil), data...)
		case []float32:
			flat = append([]float32(nil), data...)
		}
	})
	return flat
}

// Tensor returns a float64 tensor of the given dimensions filled with Wave.
func Tensor(scale, phase float64, dimensions ...int) *tensors.Tensor {
	size := 1
	for _, d := range dimensions {
		size *= d
	}
	return tensors.FromFlatDataAndDimensions(Wave(size, scale, phase), dimensions...)
}

// CheckDerivatives compares the first and second derivatives of f, which takes float64 operands to one node of any
// shape, with central differences. The scalar differentiated first is ⟨sin f, w⟩ for fixed w; the one differentiated
// next, the sum of the squares of those gradients. Both must be within a relative error of 1e-4.
func CheckDerivatives(t *testing.T, backend compute.Backend, f func(operands []*Node) *Node, operands ...*tensors.Tensor) {
	t.Helper()
	first := func(operands []*Node) *Node {
		y := f(operands)
		weights := Tensor(1, 2.1, y.Shape().Dimensions...)
		return ReduceAllSum(Mul(Sin(y), Const(y.Graph(), weights)))
	}
	second := func(operands []*Node) *Node {
		sum := Scalar(operands[0].Graph(), operands[0].DType(), 0)
		for _, gradient := range Gradient(first(operands), operands...) {
			sum = Add(sum, ReduceAllSum(Square(gradient)))
		}
		return sum
	}
	n := len(operands)
	gradients := Call(t, backend, func(operands []*Node) []*Node {
		return append(Gradient(first(operands), operands...), Gradient(second(operands), operands...)...)
	}, operands...)
	for order, scalar := range []func([]*Node) *Node{first, second} {
		for i, operand := range operands {
			want := differences(t, scalar, operands, i)
			if e := RelativeError(gradients[order*n+i], want); e > 1e-4 {
				t.Errorf("derivative %d with respect to operand %d, shaped %s: relative error %.2g",
					order+1, i, operand.Shape(), e)
			}
		}
	}
}

// differences returns the central differences of the scalar with respect to every number of one operand, taken on the
// pure Go backend, which compiles in no time.
func differences(t *testing.T, scalar func([]*Node) *Node, operands []*tensors.Tensor, which int) []float64 {
	t.Helper()
	const h = 1e-5
	exec, err := NewExec(Go(), scalar)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	defer exec.Finalize()
	values := Float64s(t, operands[which])
	args := clones(t, operands)
	at := func(i int, x float64) float64 {
		moved := append([]float64(nil), values...)
		moved[i] = x
		args[which] = tensors.FromFlatDataAndDimensions(moved, operands[which].Shape().Dimensions...)
		y, err := exec.Call1(args...)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		return tensors.ToScalar[float64](y)
	}
	gradient := make([]float64, len(values))
	for i, x := range values {
		gradient[i] = (at(i, x+h) - at(i, x-h)) / (2 * h)
	}
	return gradient
}

// clones returns copies of the tensors, as a tensor can be used with one backend only.
func clones(t *testing.T, operands []*tensors.Tensor) []any {
	t.Helper()
	args := make([]any, len(operands))
	for i, operand := range operands {
		clone, err := operand.LocalClone()
		if err != nil {
			t.Fatalf("%+v", err)
		}
		args[i] = clone
	}
	return args
}
