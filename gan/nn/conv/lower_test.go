package conv

import (
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
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
