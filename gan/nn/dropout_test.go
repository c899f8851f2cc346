package nn_test

import (
	"math"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan/nn"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// TestDropout checks how much is dropped, what becomes of the rest, the derivative, and that the store's generator decides.
func TestDropout(t *testing.T) {
	const n, rate = 10_000, 0.3
	dropped := func(seed int64) (y, dx []float64) {
		store := model.NewStore()
		if err := store.SetRNGStateFromSeed(seed); err != nil {
			t.Fatal(err)
		}
		both, err := model.CallOnce(gantest.Go(), store, func(scope *model.Scope, x *Node) *Node {
			y := nn.Dropout(scope, x, rate)
			return Stack([]*Node{y, Gradient(ReduceAllSum(y), x)[0]}, 0)
		}, tensors.FromFlatDataAndDimensions(slices.Repeat([]float64{7}, n), n))
		if err != nil {
			t.Fatalf("%+v", err)
		}
		values := gantest.Float64s(t, both)
		return values[:n], values[n:]
	}
	y, dx := dropped(1)
	zeros := 0
	for i := range y {
		want := 7.0
		if y[i] == 0 {
			zeros++
			want = 0
		} else {
			want /= 1 - rate
		}
		if math.Abs(y[i]-want) > 1e-12 || math.Abs(dx[i]-want/7) > 1e-12 {
			t.Fatalf("number %d is %g with slope %g, want %g and %g", i, y[i], dx[i], want, want/7)
		}
	}
	if share := float64(zeros) / n; math.Abs(share-rate) > 0.02 { // More than four deviations.
		t.Errorf("%g of the numbers are dropped, want %g", share, rate)
	}
	if again, _ := dropped(1); !slices.Equal(again, y) {
		t.Error("the same seed drops other numbers")
	}
	if other, _ := dropped(2); slices.Equal(other, y) {
		t.Error("another seed drops the same numbers")
	}
}

func TestDropoutRefuses(t *testing.T) {
	for _, rate := range []float64{-0.1, 1, math.NaN()} {
		store := model.NewStore()
		if _, err := model.CallOnce(gantest.Go(), store, func(scope *model.Scope, x *Node) *Node { return nn.Dropout(scope, x, rate) }, []float64{1}); err == nil {
			t.Errorf("a rate of %g is fine", rate)
		}
	}
}
