package conv

import (
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// TestGoBackendMultipliesMatrices would fail if the pure Go backend changed its name: the operations would still be
// right, and ten times slower.
func TestGoBackendMultipliesMatrices(t *testing.T) {
	g := NewGraph(gobackend.GetBackend(), t.Name())
	x := Zeros(g, shapes.Make(dtypes.Float32, 1, 8, 8, 2))
	k := Zeros(g, shapes.Make(dtypes.Float32, 4, 4, 2, 3))
	y := Conv(x, k, Geometry{Strides: [2]int{2, 2}})
	Gradient(ReduceAllSum(Square(Gradient(ReduceAllSum(Square(y)), x)[0])), k)
	dots := 0
	for _, node := range g.Nodes() {
		switch node.Type() {
		case NodeTypeConvGeneral:
			t.Fatalf("%s is a convolution of the backend", node)
		case NodeTypeDotGeneral:
			dots++
		}
	}
	if dots == 0 {
		t.Error("no matrix product")
	}
}

// TestPhases compares transposed convolutions by phases with the backend's own, where kernels do not reach all phases,
// strides differ, and images are cropped.
func TestPhases(t *testing.T) {
	for _, c := range []struct {
		image, kernel [2]int
		geometry      Geometry
	}{
		{[2]int{8, 8}, [2]int{4, 4}, Geometry{Strides: [2]int{2, 2}, Padding: [2][2]int{{1, 1}, {1, 1}}}},
		{[2]int{7, 6}, [2]int{3, 5}, Geometry{Strides: [2]int{2, 2}, Padding: [2][2]int{{1, 1}, {2, 2}}}},
		{[2]int{9, 8}, [2]int{2, 4}, Geometry{Strides: [2]int{3, 1}, Padding: [2][2]int{{0, 1}, {3, 0}}}},
		{[2]int{7, 7}, [2]int{2, 2}, Geometry{Strides: [2]int{2, 2}, Padding: [2][2]int{{-1, 0}, {1, -2}}}},
	} {
		p := newProblem(c.geometry, c.image, c.kernel)
		got := gantest.Call(t, gantest.Go(), func(operands []*Node) []*Node {
			v, k := operands[0], operands[1]
			return []*Node{p.transposeByPhases(v, k, p.phaseByConvolution), directly(p, opTranspose, v, k)}
		}, gantest.Tensor(1, 0, 2, p.output[0], p.output[1], 3), gantest.Tensor(1, 1, c.kernel[0], c.kernel[1], 2, 3))
		if e := gantest.RelativeError(got[0], got[1]); e > 1e-12 {
			t.Errorf("%v: relative error %.2g", c, e)
		}
	}
}

// TestPhasesOnXLA checks that a transposed convolution large enough for it is made of phases, and that its derivatives to
// second order are those of the pure Go backend.
func TestPhasesOnXLA(t *testing.T) {
	backend := gantest.XLA()
	if backend == nil {
		t.Skip("no XLA plugin is installed")
	}
	geometry := Geometry{Strides: [2]int{2, 2}, Padding: [2][2]int{{1, 1}, {1, 1}}}
	byPhases := false
	f := func(operands []*Node) []*Node {
		v, k := operands[0], operands[1]
		y := Transposed(v, k, geometry, [2]int{16, 16})
		byPhases = y.Type() == NodeTypeSchedulingBarrier
		slopes := Gradient(ReduceAllSum(Sin(y)), v, k)
		penalty := Add(ReduceAllSum(Square(slopes[0])), ReduceAllSum(Square(slopes[1])))
		return append([]*Node{y, slopes[0], slopes[1]}, Gradient(penalty, v, k)...)
	}
	v, k := gantest.Tensor(1, 0, 2, 8, 8, 2), gantest.Tensor(0.5, 1, 4, 4, 16, 2)
	want := gantest.Call(t, gantest.Go(), f, v, k)
	got := gantest.Call(t, backend, f, v, k)
	for i := range want {
		if e := gantest.RelativeError(got[i], want[i]); e > 1e-9 {
			t.Errorf("value %d: relative error %.2g", i, e)
		}
	}
	if byPhases != onCPU(backend) {
		t.Errorf("by phases: %t", byPhases)
	}
}
