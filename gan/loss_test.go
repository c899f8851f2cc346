package gan_test

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

func TestLosses(t *testing.T) {
	for _, test := range []struct {
		name          string
		loss          gan.Loss
		real, fake    float64
		discriminator float64
		generator     float64
	}{
		{"undecided", gan.NonSaturating{}, 0, 0, 2 * math.Ln2, math.Ln2},
		{"sure and right", gan.NonSaturating{}, 100, -100, 0, 100},
		{"sure and wrong", gan.NonSaturating{}, -200, 200, 400, 0}, // log(sigmoid(x)) would be infinite.
		{"by hand", gan.NonSaturating{}, 1.5, -0.5, 0.675490, 0.974077},
		{"paired, undecided", gan.RelativisticPaired{}, 3, 3, math.Ln2, math.Ln2},
		{"paired, by hand", gan.RelativisticPaired{}, 1.5, -0.5, 0.126928, 2.126928}, // log(1+e^-2), log(1+e^2)
		{"paired, sure and wrong", gan.RelativisticPaired{}, -300, 300, 600, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := gantest.Call(t, gantest.Go(), func(logits []*Node) []*Node {
				return []*Node{test.loss.Discriminator(logits[0], logits[1]), test.loss.Generator(logits[0], logits[1])}
			}, tensors.FromValue([][]float64{{test.real}}), tensors.FromValue([][]float64{{test.fake}}))
			if math.Abs(got[0][0]-test.discriminator) > 1e-6 || math.Abs(got[1][0]-test.generator) > 1e-6 {
				t.Errorf("got %g and %g, want %g and %g", got[0][0], got[1][0], test.discriminator, test.generator)
			}
		})
	}
}

// TestLossDerivatives also shows that the slope is finite where logits are far out: the players never get stuck on NaN.
func TestLossDerivatives(t *testing.T) {
	for name, loss := range map[string]gan.Loss{"ns": gan.NonSaturating{}, "rp": gan.RelativisticPaired{}} {
		t.Run(name, func(t *testing.T) {
			gantest.CheckDerivatives(t, gantest.Go(), func(logits []*Node) *Node {
				return Add(loss.Discriminator(logits[0], logits[1]), MulScalar(loss.Generator(logits[0], logits[1]), 2))
			}, gantest.Tensor(2, 0.3, 4, 1), gantest.Tensor(2, 1.3, 4, 1))

			slopes := gantest.Call(t, gantest.Go(), func(logits []*Node) []*Node {
				return Gradient(loss.Discriminator(logits[0], logits[1]), logits[0], logits[1])
			}, tensors.FromValue([][]float64{{-1000}, {1000}}), tensors.FromValue([][]float64{{1000}, {-1000}}))
			for _, slope := range append(slopes[0], slopes[1]...) {
				if math.IsNaN(slope) || math.IsInf(slope, 0) {
					t.Errorf("slope %g", slope)
				}
			}
		})
	}
}

// TestR1 judges by D(x) = Σ xᵢ²/2, whose slope at x is x itself: the penalty is gamma/2 · mean ‖x‖².
func TestR1(t *testing.T) {
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		for _, test := range []struct {
			r1   gan.R1
			want float64
		}{
			{gan.R1{}, 10. / 2 * 15},                         // The paper's gamma.
			{gan.R1{Gamma: 0.1}, 0.1 / 2 * 15},               // Rows (1, 2, 0) and (-5, 0, 0): (5 + 25)/2 = 15.
			{gan.R1{Gamma: 0.1, Every: 8}, 0.1 / 2 * 15 * 8}, // Lazy: eight times the weight in every eighth step.
		} {
			got := gantest.Call(t, backend, func(x []*Node) []*Node {
				judged := gan.Judged{Examples: x[0], Logits: MulScalar(ReduceSum(Square(x[0]), 1), 0.5)}
				penalty := test.r1.Graph(nil, judged, gan.Judged{})
				// Its own slope is gamma/2 · 2x/2 per example, times the interval: the second derivative of D.
				return []*Node{penalty, Gradient(penalty, x[0])[0]}
			}, tensors.FromValue([][]float64{{1, 2, 0}, {-5, 0, 0}}))
			if math.Abs(got[0][0]-test.want) > 1e-9 {
				t.Errorf("%+v: got %g, want %g", test.r1, got[0][0], test.want)
			}
			if want := test.want / 15 * -5; math.Abs(got[1][3]-want) > 1e-9 {
				t.Errorf("%+v: the penalty's slope is %g, want %g", test.r1, got[1][3], want)
			}
		}
	})
}
