package gan_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// bowl judges by D(x) = Σ xᵢ²/2, whose slope at x is x itself.
func bowl(x *Node) gan.Judgement {
	return gan.Judgement{Logits: MulScalar(ReduceAndKeep(Square(x), ReduceSum, 1), 0.5)}
}

// penalize returns the penalty on the bowl, and its own slopes at the real and at the fake examples.
func penalize(t *testing.T, backend compute.Backend, penalty gan.Penalty, real, fake [][]float64) (value float64, atReal, atFake []float64) {
	t.Helper()
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(1); err != nil {
		t.Fatalf("%+v", err)
	}
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, x []*Node) []*Node {
		judgedReal := gan.Judged{Examples: x[0], Judgement: bowl(x[0])}
		judgedFake := gan.Judged{Examples: x[1], Judgement: bowl(x[1])}
		value := penalty.Graph(scope, bowl, judgedReal, judgedFake)
		return append([]*Node{value}, Gradient(value, x...)...)
	})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	outputs, err := exec.Call(tensors.FromValue(real), tensors.FromValue(fake))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return gantest.Float64s(t, outputs[0])[0], gantest.Float64s(t, outputs[1]), gantest.Float64s(t, outputs[2])
}

func TestZeroCentered(t *testing.T) {
	real := [][]float64{{1, 2, 0}, {-5, 0, 0}} // (5 + 25)/2 = 15.
	fake := [][]float64{{0, 0, 2}, {0, 0, 0}}  // (4 + 0)/2 = 2.
	for _, test := range []struct {
		penalty        gan.Penalty
		want           float64
		atReal, atFake float64 // The slopes at the -5 and at the 2: gamma/2 · 2x/2, as the mean is over two examples.
	}{
		{gan.R1{}, 5 * 15, 5 * -5, 0}, // The paper's gamma of 10.
		{gan.R1{Gamma: 0.1}, 0.05 * 15, 0.05 * -5, 0},
		{gan.R1{Gamma: 0.1, Every: 8}, 0.4 * 15, 0.4 * -5, 0}, // Lazy: eight times the weight in every eighth step.
		{gan.R2{}, 5 * 2, 0, 5 * 2},
		{gan.R2{Gamma: 0.1, Every: 8}, 0.4 * 2, 0, 0.4 * 2},
		{gan.R1R2{}, 5 * (15 + 2), 5 * -5, 5 * 2},
		{gan.R1R2{Gamma: 0.1, Every: 8}, 0.4 * (15 + 2), 0.4 * -5, 0.4 * 2},
	} {
		t.Run(fmt.Sprintf("%T%+v", test.penalty, test.penalty), func(t *testing.T) {
			got, atReal, atFake := penalize(t, gantest.Go(), test.penalty, real, fake)
			if math.Abs(got-test.want) > 1e-9 {
				t.Errorf("got %g, want %g", got, test.want)
			}
			if math.Abs(atReal[3]-test.atReal) > 1e-9 || math.Abs(atFake[2]-test.atFake) > 1e-9 {
				t.Errorf("its slopes are %g and %g, want %g and %g", atReal[3], atFake[2], test.atReal, test.atFake)
			}
		})
	}
}

// TestGradientPenalty has real and fake examples at the same place, where every mixture of them is too: (3, 4), of slope
// 5, and (0.6, 0), of slope 0.6.
func TestGradientPenalty(t *testing.T) {
	x := [][]float64{{3, 4}, {0.6, 0}}
	for _, test := range []struct {
		penalty gan.Penalty
		want    float64
	}{
		{gan.GradientPenalty{}, 10 * (16 + 0.16) / 2},
		{gan.GradientPenalty{Lambda: 1, Every: 4}, 4 * (16 + 0.16) / 2},
		{gan.GradientPenalty{OneSided: true}, 10 * 16. / 2}, // A slope below 1 is let be.
	} {
		if got, _, _ := penalize(t, gantest.Go(), test.penalty, x, x); math.Abs(got-test.want) > 1e-9 {
			t.Errorf("%+v: got %g, want %g", test.penalty, got, test.want)
		}
	}
	flat := [][]float64{{0, 0}, {0, 0}}
	got, slopes, _ := penalize(t, gantest.Go(), gan.GradientPenalty{}, flat, flat)
	if math.Abs(got-10) > 1e-4 || math.IsNaN(slopes[0]) || math.IsInf(slopes[0], 0) { // (√1e-12 - 1)² = 1 - 2e-6.
		t.Errorf("a slope of 0: got %g with slope %g, want 10 and a number", got, slopes[0])
	}
}

// TestInterpolation draws many mixtures of (2, ...) and (0, ...), whose slope says where they are: each example has one ε
// for all its numbers, and ε is uniform, so that the mean of (‖x‖ - 1)² = (2ε - 1)² is 1/3.
func TestInterpolation(t *testing.T) {
	const n, size = 4096, 4
	real, fake := make([][]float64, n), make([][]float64, n)
	for i := range n {
		real[i], fake[i] = []float64{1, 1, 1, 1}, make([]float64, size) // ‖(1, 1, 1, 1)‖ = 2.
	}
	got, atReal, atFake := penalize(t, gantest.Go(), gan.GradientPenalty{Lambda: 1}, real, fake)
	if math.Abs(got-1./3) > 0.02 {
		t.Errorf("got %g, want 1/3", got)
	}
	// x moves with real by ε and with fake by 1-ε, equally for all numbers of an example.
	for i := range n {
		r, f := atReal[i*size:(i+1)*size], atFake[i*size:(i+1)*size]
		if r[0] != r[3] || f[0] != f[3] {
			t.Fatalf("example %d has several mixtures: slopes %v and %v", i, r, f)
		}
	}
}

// TestDRAGAN has σ = 2 for real examples of 0 and 4 by turns. The slope is that of x = real + α σ u/2, which moves
// neither of them by more than 1, nor down.
func TestDRAGAN(t *testing.T) {
	const n = 4096
	real := make([][]float64, n)
	for i := range real {
		real[i] = []float64{float64(i % 2 * 4)}
	}
	for _, test := range []struct {
		penalty gan.DRAGAN
		want    float64
	}{
		// At 0: E(αu - 1)² = 1/9 - 1/2 + 1. At 4: E(3 + αu)² = 9 + 6/4 + 1/9. Their mean, as E αu = 1/4 and E (αu)² = 1/9.
		{gan.DRAGAN{Lambda: 1}, (11./18 + 10.5 + 1./9) / 2},
		{gan.DRAGAN{}, 10 * (11./18 + 10.5 + 1./9) / 2},
		{gan.DRAGAN{Lambda: 1, Scale: 1, Every: 2}, 2 * (4./9 + 12 + 4./9) / 2}, // E(2αu - 1)² = 4/9; E(3 + 2αu)² = 9 + 3 + 4/9.
	} {
		got, _, _ := penalize(t, gantest.Go(), test.penalty, real, real)
		if math.Abs(got/test.want-1) > 0.02 {
			t.Errorf("%+v: got %g, want about %g", test.penalty, got, test.want)
		}
	}
}

func TestWeightClipping(t *testing.T) {
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		got := gantest.Call(t, backend, func(x []*Node) []*Node {
			return []*Node{gan.WeightClipping{}.Constrain(x[0]), gan.WeightClipping{Limit: 0.5}.Constrain(x[0])}
		}, tensors.FromValue([]float64{-3, -0.25, -0.005, 0, 0.01, 0.02, 7}))
		want := [][]float64{{-0.01, -0.01, -0.005, 0, 0.01, 0.01, 0.01}, {-0.5, -0.25, -0.005, 0, 0.01, 0.02, 0.5}}
		for i := range want {
			if gantest.RelativeError(got[i], want[i]) > 1e-12 {
				t.Errorf("got %v, want %v", got[i], want[i])
			}
		}
	})
	if got, _, _ := penalize(t, gantest.Go(), gan.WeightClipping{}, [][]float64{{5}}, [][]float64{{5}}); got != 0 {
		t.Errorf("a penalty of %g", got)
	}
}

// TestPenaltyOfStoppedExamples checks that a slope which GoMLX would take for zero is refused, and that the mend works.
func TestPenaltyOfStoppedExamples(t *testing.T) {
	penalize := func(stop func(x *Node) *Node) (*tensors.Tensor, error) {
		exec := MustNewExec(gantest.Go(), func(x *Node) *Node {
			x = stop(x)
			return gan.R2{}.Graph(nil, bowl, gan.Judged{}, gan.Judged{Examples: x, Judgement: bowl(x)})
		})
		return exec.Call1(tensors.FromValue([][]float64{{1, 2}}))
	}
	if _, err := penalize(StopGradient); err == nil {
		t.Error("no error")
	}
	got, err := penalize(func(x *Node) *Node { return Identity(StopGradient(x)) })
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if value := tensors.ToScalar[float64](got); math.Abs(value-5*5) > 1e-12 {
		t.Errorf("got %g, want 25", value)
	}
}

func TestPenaltyChecks(t *testing.T) {
	type checked interface{ Check() error }
	for _, name := range []string{"r1", "r2", "r1r2", "gp", "dragan", "clip"} {
		penalty, err := gan.Penalties.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		if c, ok := penalty.(checked); !ok || c.Check() != nil || penalty.Interval() != 1 {
			t.Errorf("%s: the zero value must have a Check that passes, and an interval of 1", name)
		}
	}
	for _, bad := range []checked{
		gan.R1{Gamma: -1}, gan.R1{Every: -1}, gan.R2{Gamma: -1}, gan.R1R2{Gamma: math.Inf(1)}, gan.GradientPenalty{Lambda: -1},
		gan.GradientPenalty{Every: -2}, gan.DRAGAN{Lambda: math.NaN()}, gan.DRAGAN{Scale: -0.5}, gan.WeightClipping{Limit: -0.01},
	} {
		if err := bad.Check(); err == nil {
			t.Errorf("%T%+v: no error", bad, bad)
		}
	}
}

// The critic x² has the slope 2x: 6 at the only example, so that the penalty is 10·(6 - 1)².
func ExampleGradientPenalty() {
	critic := func(x *Node) gan.Judgement { return gan.Judgement{Logits: Square(x)} }
	exec := model.MustNewExec(gantest.Go(), model.NewStore(), func(scope *model.Scope, x *Node) *Node {
		examples := gan.Judged{Examples: x, Judgement: critic(x)}
		return gan.GradientPenalty{}.Graph(scope, critic, examples, examples)
	})
	fmt.Println(exec.MustCall1([][]float32{{3}}))
	// Output: float32(250)
}
