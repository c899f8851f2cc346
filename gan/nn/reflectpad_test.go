package nn_test

import (
	"slices"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/gan/nn"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// TestReflectPad takes PyTorch's example for ReflectionPad2d(2), and padding as wide as an image allows.
func TestReflectPad(t *testing.T) {
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		x := tensors.FromFlatDataAndDimensions([]float64{0, 1, 2, 3, 4, 5, 6, 7, 8}, 1, 3, 3, 1)
		got := gantest.Call(t, backend, func(operands []*Node) []*Node {
			one := Slice(operands[0], AxisRange(), AxisRange(0, 2), AxisRange())
			return []*Node{nn.ReflectPad(operands[0], 2), nn.ReflectPad(one, 1), nn.ReflectPad(one, 0)}
		}, x)
		for i, want := range [][]float64{
			{
				8, 7, 6, 7, 8, 7, 6,
				5, 4, 3, 4, 5, 4, 3,
				2, 1, 0, 1, 2, 1, 0,
				5, 4, 3, 4, 5, 4, 3,
				8, 7, 6, 7, 8, 7, 6,
				5, 4, 3, 4, 5, 4, 3,
				2, 1, 0, 1, 2, 1, 0,
			},
			{
				4, 3, 4, 5, 4,
				1, 0, 1, 2, 1,
				4, 3, 4, 5, 4,
				1, 0, 1, 2, 1,
			},
			{0, 1, 2, 3, 4, 5},
		} {
			if !slices.Equal(got[i], want) {
				t.Errorf("got %v, want %v", got[i], want)
			}
		}
	})
}

func TestReflectPadDerivatives(t *testing.T) {
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		gantest.CheckDerivatives(t, backend, func(operands []*Node) *Node {
			return nn.ReflectPad(operands[0], 3)
		}, gantest.Tensor(1, 0.3, 2, 4, 5, 2))
	})
}

func TestReflectPadRefuses(t *testing.T) {
	for _, pixels := range []int{-1, 3} {
		if _, err := CallOnce(gantest.Go(), func(x *Node) *Node { return nn.ReflectPad(x, pixels) }, gantest.Tensor(1, 0, 1, 5, 3, 1)); err == nil {
			t.Errorf("images of 5×3 pixels can be mirrored by %d", pixels)
		}
	}
}
