package nn_test

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan/nn"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// TestConditionalBatchNormSampling has two classes, of scale 1 and 2 and offset 0 and 5, running averages 0 and 1 as at
// the start, and the example 3 of the first, of the second, and of half of both.
func TestConditionalBatchNormSampling(t *testing.T) {
	store := model.NewStore()
	store.RootScope().At("batch_norm").VariableWithValue("scale", [][]float64{{1}, {2}})
	store.RootScope().At("batch_norm").VariableWithValue("offset", [][]float64{{0}, {5}})
	got := call(t, gantest.Go(), store, func(scope *model.Scope, x *Node) []*Node {
		classes := Const(x.Graph(), [][]float32{{1, 0}, {0, 1}, {0.5, 0.5}}) // Of another dtype than x.
		return []*Node{nn.BatchNorm(scope, x).Classes(classes).Done()}
	}, tensors.FromValue([][]float64{{3}, {3}, {3}}))[0]
	for i, want := range []float64{3, 2*3 + 5, 1.5*3 + 2.5} {
		if math.Abs(got[i]-want) > 1e-4 {
			t.Errorf("example %d: got %g, want %g", i, got[i], want)
		}
	}
}
