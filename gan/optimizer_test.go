package gan

import (
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// learned returns three weights after updates on batches of numbers, each update on as many batches as there are
// micro-batches.
func learned(t *testing.T, optimizer Optimizer, microBatches int, batches ...[]float32) []float64 {
	t.Helper()
	store := model.NewStore()
	var programs [2]*model.Exec
	for i, apply := range []bool{false, true} {
		var err error
		programs[i], err = model.NewExec(gantest.Go(), store, func(scope *model.Scope, x *Node) *Node {
			scope = scope.At("player").WithInitializer(initializer.One)
			w := scope.VariableWithShape("w", shapes.Make(dtypes.Float32, 3)).SetTrainable(true).NodeValue(x)
			targets := Mul(InsertAxes(x, -1), Const(x.Graph(), [][]float32{{1, -2, 3}}))
			loss := ReduceAllMean(Square(Sub(InsertAxes(w, 0), targets)))
			player{scope, optimizer, "state", microBatches}.learn(loss, nil, apply)
			return loss
		})
		if err != nil {
			t.Fatalf("%+v", err)
		}
	}
	for i, batch := range batches {
		program := programs[0]
		if (i+1)%microBatches == 0 {
			program = programs[1]
		}
		if _, err := program.Call1(batch); err != nil {
			t.Fatalf("%+v", err)
		}
	}
	value, err := store.GetVariable("/player/w").Value()
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return gantest.Float64s(t, value)
}

// TestMicroBatches checks that two batches whose gradients are added up teach what one of both together does, in each of
// two updates.
func TestMicroBatches(t *testing.T) {
	for _, optimizer := range []Optimizer{Adam{LearningRate: 0.1}, RMSProp{LearningRate: 0.1}} {
		whole := learned(t, optimizer, 1, []float32{1, 2, 3, 4}, []float32{5, -6, 7, 8})
		parts := learned(t, optimizer, 2, []float32{1, 2}, []float32{3, 4}, []float32{5, -6}, []float32{7, 8})
		if e := gantest.RelativeError(parts, whole); e > 1e-6 {
			t.Errorf("%T: weights %v of micro-batches, %v of whole ones", optimizer, parts, whole)
		}
	}
}

// TestRMSProp follows Hinton's rule by hand: the corrected mean of squares of a first gradient is its square, so that each
// weight, which starts at 1, moves by the learning rate towards its target, 1, -2 or 3.
func TestRMSProp(t *testing.T) {
	got := learned(t, RMSProp{LearningRate: 0.25}, 1, []float32{1})
	for i, want := range []float64{1, 0.75, 1.25} {
		if math.Abs(got[i]-want) > 1e-5 {
			t.Errorf("weight %d: %g, want %g", i, got[i], want)
		}
	}
}

// TestPack checks which examples are judged together.
func TestPack(t *testing.T) {
	exec, err := NewExec(gantest.Go(), func(x *Node) *Node { return pack(x, 2) })
	if err != nil {
		t.Fatalf("%+v", err)
	}
	output, err := exec.Call1([][]float32{{1, 2}, {3, 4}, {5, 6}, {7, 8}})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if want := tensors.FromValue([][]float32{{1, 2, 5, 6}, {3, 4, 7, 8}}); !want.Equal(output) {
		t.Errorf("packed %s", output.GoStr())
	}
}

// TestWarmUp counts the critic's updates as the official code of "Wasserstein GAN" does: 100 in the first 25 rounds and in
// every 500th, 5 in others.
func TestWarmUp(t *testing.T) {
	config := Config{DiscriminatorSteps: 5, WarmUp: WarmUp{Steps: 25, Every: 500, DiscriminatorSteps: 100}, MicroBatches: 2}
	for step, want := range map[int]int{0: 100, 24: 100, 25: 5, 499: 5, 500: 100, 501: 5, 1000: 100} {
		if got := config.discriminatorSteps(step); got != want {
			t.Errorf("step %d has %d updates, want %d", step, got, want)
		}
	}
	if got, want := config.batchesBefore(501), 2*(25*100+475*5+100); got != want {
		t.Errorf("%d batches before step 501, want %d", got, want)
	}
}

// TestADA has the probability rise by 4·batch/images every fourth update while the discriminator is sure of real
// examples, stay within [0, 1], and fall when it is not.
func TestADA(t *testing.T) {
	store := model.NewStore()
	exec, err := model.NewExec(gantest.Go(), store, func(scope *model.Scope, logits *Node) *Node {
		p := scope.WithInitializer(initializer.Zero).VariableWithShape("p", shapes.Make(dtypes.Float32)).SetTrainable(false)
		after := ADA{Images: 160}.adapt(scope.At("ada"), p.NodeValue(logits), logits, 10)
		p.SetNodeValue(after)
		return after
	})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	sure, unsure := []float32{5, 1, 2, 3, -1, 1, 1, 1, 1, 1}, []float32{1, 1, 1, -1, -1, 1, 1, 1, 1, -1} // Mean signs 0.8 and 0.4.
	for i, test := range []struct {
		logits []float32
		want   float64
	}{
		{sure, 0}, {sure, 0}, {sure, 0}, {sure, 0.25}, {sure, 0.25}, {sure, 0.25}, {sure, 0.25}, {sure, 0.5},
		{unsure, 0.5}, {unsure, 0.5}, {unsure, 0.5}, {unsure, 0.25}, {unsure, 0.25}, {unsure, 0.25}, {unsure, 0.25}, {unsure, 0},
		{unsure, 0}, {unsure, 0}, {unsure, 0}, {unsure, 0},
	} {
		output, err := exec.Call1(test.logits)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if got := tensors.ToScalar[float32](output); math.Abs(float64(got)-test.want) > 1e-6 {
			t.Errorf("update %d: probability %g, want %g", i+1, got, test.want)
		}
	}
}

// TestInstanceNoise measures the noise at the start, half way and at the end.
func TestInstanceNoise(t *testing.T) {
	noise := InstanceNoise{StdDev: 0.5, Until: 10}
	exec, err := model.NewExec(gantest.Go(), model.NewStore(), func(scope *model.Scope, step *Node) *Node {
		x := noise.add(scope, Ones(step.Graph(), shapes.Make(dtypes.Float32, 10_000)), step)
		return Sqrt(ReduceAllMean(Square(AddScalar(x, -1))))
	})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for step, want := range map[float32]float64{0: 0.5, 5: 0.25, 10: 0, 20: 0} {
		output, err := exec.Call1(step)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if got := float64(tensors.ToScalar[float32](output)); math.Abs(got-want) > 0.02*want {
			t.Errorf("step %g: standard deviation %g, want %g", step, got, want)
		}
	}
}
