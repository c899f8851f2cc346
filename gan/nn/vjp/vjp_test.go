package vjp_test

import (
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"

	_ "github.com/ganymede-ml/ganymede/gan/nn/vjp"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// TestDerivatives would fail by a panic if GoMLX renamed the parameters that are read by reflection.
func TestDerivatives(t *testing.T) {
	for name, f := range map[string]func(x *Node) *Node{
		"reverse": func(x *Node) *Node { return Reverse(x, 0) },
		"rsqrt":   func(x *Node) *Node { return Rsqrt(AddScalar(x, 2)) },
		"pad": func(x *Node) *Node {
			fill := ReduceAllMean(x)
			return Pad(x, fill, PadAxis{Start: 1, End: 2}, PadAxis{Start: 0, End: 1, Interior: 2})
		},
		"slice": func(x *Node) *Node { return Slice(x, AxisRange(1, 3), AxisRange().Stride(2)) },
	} {
		t.Run(name, func(t *testing.T) {
			gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
				gantest.CheckDerivatives(t, backend, func(operands []*Node) *Node { return f(operands[0]) },
					gantest.Tensor(1, 0.4, 4, 5))
			})
		})
	}
}
