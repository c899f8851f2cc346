package gan_test

import (
	"fmt"
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// TestLosses has values worked out by hand, and as of PyTorch's binary_cross_entropy_with_logits, mse_loss and relu.
func TestLosses(t *testing.T) {
	one := func(x float64) [][]float64 { return [][]float64{{x}} }
	undecided, right, wrong := [2][][]float64{one(0), one(0)}, [2][][]float64{one(100), one(-100)}, [2][][]float64{one(-200), one(200)}
	hand := [2][][]float64{one(1.5), one(-0.5)}
	batch := [2][][]float64{{{1.5}, {-1}}, {{-0.5}, {2}}}
	for _, test := range []struct {
		name          string
		loss          gan.Loss
		logits        [2][][]float64
		discriminator float64
		generator     float64
	}{
		{"undecided", gan.NonSaturating{}, undecided, 2 * math.Ln2, math.Ln2},
		{"sure and right", gan.NonSaturating{}, right, 0, 100},
		{"sure and wrong", gan.NonSaturating{}, wrong, 400, 0}, // log(sigmoid(x)) would be infinite.
		{"by hand", gan.NonSaturating{}, hand, 0.675490, 0.974077},
		{"smoothed", gan.NonSaturating{Smoothing: 0.1}, hand, 0.675490 + 0.15, 0.974077}, // .9 log(1+e^-1.5) + .1 log(1+e^1.5)
		{"smoothed, at its best", gan.NonSaturating{Smoothing: 0.1}, [2][][]float64{one(math.Log(9)), one(-100)}, 0.325083, 100},

		{"minimax, undecided", gan.Minimax{}, undecided, 2 * math.Ln2, -math.Ln2},
		{"minimax, sure and wrong", gan.Minimax{}, wrong, 400, -200},
		{"minimax, by hand", gan.Minimax{}, hand, 0.675490, -0.474077},
		{"minimax, smoothed", gan.Minimax{Smoothing: 0.1}, hand, 0.825490, -0.474077},

		{"least squares, by hand", gan.LeastSquares{}, hand, 0.25, 1.125},
		{"least squares, batch", gan.LeastSquares{}, batch, (0.125 + 2 + 0.125 + 2) / 2, (1.125 + 0.5) / 2},
		{"least squares, smoothed", gan.LeastSquares{Smoothing: 0.1}, hand, 0.36/2 + 0.125, 1.125},

		{"wasserstein", gan.Wasserstein{}, hand, -2, 0.5},
		{"wasserstein, batch", gan.Wasserstein{}, batch, 0.75 - 0.25, -0.75},

		{"hinge", gan.Hinge{}, hand, 0.5, 0.5},
		{"hinge, beyond the margin", gan.Hinge{}, right, 0, 100},
		{"hinge, batch", gan.Hinge{}, batch, (0 + 2 + 0.5 + 3) / 2, -0.75},

		{"paired, undecided", gan.RelativisticPaired{}, [2][][]float64{one(3), one(3)}, math.Ln2, math.Ln2},
		{"paired, by hand", gan.RelativisticPaired{}, hand, 0.126928, 2.126928}, // log(1+e^-2), log(1+e^2)
		{"paired, sure and wrong", gan.RelativisticPaired{}, [2][][]float64{one(-300), one(300)}, 600, 0},
		{"paired, batch", gan.RelativisticPaired{}, batch, (0.126928 + 3.048587) / 2, (2.126928 + 0.048587) / 2},

		{"average, undecided", gan.RelativisticAverage{}, [2][][]float64{one(3), one(3)}, 2 * math.Ln2, 2 * math.Ln2},
		{"average, by hand", gan.RelativisticAverage{}, hand, 2 * 0.126928, 2 * 2.126928},
		// Means .25 and .75: real .75 and -1.75, fake -.75 and 1.75; log(1+e^-.75) = .386871, log(1+e^1.75) = 1.910225.
		{"average, batch", gan.RelativisticAverage{}, batch, 0.386871 + 1.910225, 1.136871 + 0.160225},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := gantest.Call(t, gantest.Go(), func(logits []*Node) []*Node {
				return []*Node{test.loss.Discriminator(logits[0], logits[1]), test.loss.Generator(logits[0], logits[1])}
			}, tensors.FromValue(test.logits[0]), tensors.FromValue(test.logits[1]))
			if math.Abs(got[0][0]-test.discriminator) > 2e-6 || math.Abs(got[1][0]-test.generator) > 2e-6 {
				t.Errorf("got %g and %g, want %g and %g", got[0][0], got[1][0], test.discriminator, test.generator)
			}
		})
	}
}

// slopes returns what the players' losses change by with the logits: the discriminator's with the real and the fake
// one, and the generator's likewise.
func slopes(t *testing.T, loss gan.Loss, real, fake float64) (byDiscriminator, byGenerator [2]float64) {
	t.Helper()
	got := gantest.Call(t, gantest.Go(), func(logits []*Node) []*Node {
		return append(Gradient(loss.Discriminator(logits[0], logits[1]), logits...),
			Gradient(loss.Generator(logits[0], logits[1]), logits...)...)
	}, tensors.FromValue([][]float64{{real}}), tensors.FromValue([][]float64{{fake}}))
	return [2]float64{got[0][0], got[1][0]}, [2]float64{got[2][0], got[3][0]}
}

// TestLossDerivatives also shows that the slope is finite where logits are far out: the players never get stuck on NaN.
func TestLossDerivatives(t *testing.T) {
	for _, name := range []string{"minimax", "ns", "ls", "wasserstein", "hinge", "rp", "ra"} {
		t.Run(name, func(t *testing.T) {
			loss, err := gan.Losses.Named(name)
			if err != nil {
				t.Fatal(err)
			}
			gantest.CheckDerivatives(t, gantest.Go(), func(logits []*Node) *Node {
				return Add(loss.Discriminator(logits[0], logits[1]), MulScalar(loss.Generator(logits[0], logits[1]), 2))
			}, gantest.Tensor(2, 0.3, 4, 1), gantest.Tensor(2, 1.3, 4, 1))

			for _, far := range []float64{-1000, 1000} {
				d, g := slopes(t, loss, far, -far)
				for _, slope := range append(d[:], g[:]...) {
					if math.IsNaN(slope) || math.IsInf(slope, 0) {
						t.Errorf("logits %g and %g: slopes %v and %v", far, -far, d, g)
					}
				}
			}
		})
	}
}

// TestLosingGenerator is section 3 of Goodfellow et al.: where the discriminator is sure that an example is fake, the
// generator of the minimax game has no slope to go by, and that of the others does.
func TestLosingGenerator(t *testing.T) {
	for _, test := range []struct {
		loss gan.Loss
		want float64 // The slope with the fake logit.
	}{
		{gan.Minimax{}, -1 / (1 + math.Exp(12))},
		{gan.NonSaturating{}, -1 / (1 + math.Exp(-12))},
		{gan.LeastSquares{}, -13},
		{gan.Wasserstein{}, -1},
		{gan.Hinge{}, -1},
		{gan.RelativisticPaired{}, -1 / (1 + math.Exp(-24))},
	} {
		if _, g := slopes(t, test.loss, 12, -12); math.Abs(g[1]-test.want) > 1e-9 {
			t.Errorf("%T: slope %g, want %g", test.loss, g[1], test.want)
		}
	}
}

// TestUndecided has all logits at zero, as networks whose last layer starts at zero have them: a sigmoid's slope there is
// a quarter, so that of -log sigmoid is -1/2.
func TestUndecided(t *testing.T) {
	for _, test := range []struct {
		loss gan.Loss
		d, g [2]float64
	}{
		{gan.Minimax{}, [2]float64{-0.5, 0.5}, [2]float64{0, -0.5}},
		{gan.NonSaturating{}, [2]float64{-0.5, 0.5}, [2]float64{0, -0.5}},
		{gan.NonSaturating{Smoothing: 0.1}, [2]float64{-0.4, 0.5}, [2]float64{0, -0.5}},
		{gan.Hinge{}, [2]float64{-1, 1}, [2]float64{0, -1}},
		{gan.RelativisticPaired{}, [2]float64{-0.5, 0.5}, [2]float64{0.5, -0.5}},
		{gan.RelativisticAverage{}, [2]float64{-1, 1}, [2]float64{1, -1}}, // Each logit counts alone and in a mean.
	} {
		if d, g := slopes(t, test.loss, 0, 0); d != test.d || g != test.g {
			t.Errorf("%T: slopes %v and %v, want %v and %v", test.loss, d, g, test.d, test.g)
		}
	}
}

// TestRelativistic checks what the two relativistic losses have in common: adding the same to all logits changes nothing,
// and the generator plays the discriminator's game with real and fake exchanged.
func TestRelativistic(t *testing.T) {
	for _, loss := range []gan.Loss{gan.RelativisticPaired{}, gan.RelativisticAverage{}} {
		got := gantest.Call(t, gantest.Go(), func(x []*Node) []*Node {
			real, fake := x[0], x[1]
			return []*Node{loss.Discriminator(real, fake), loss.Discriminator(AddScalar(real, 5), AddScalar(fake, 5)),
				loss.Generator(fake, real)}
		}, gantest.Tensor(2, 0.3, 5, 1), gantest.Tensor(2, 1.3, 5, 1))
		if math.Abs(got[1][0]-got[0][0]) > 1e-12 || math.Abs(got[2][0]-got[0][0]) > 1e-12 {
			t.Errorf("%T: %g, shifted %g, exchanged %g", loss, got[0][0], got[1][0], got[2][0])
		}
	}
}

func TestBadSmoothing(t *testing.T) {
	type checked interface{ Check() error }
	for _, test := range []struct {
		smoothing float64
		ok        bool
	}{{0, true}, {0.1, true}, {0.5, false}, {-0.1, false}, {math.NaN(), false}} {
		for _, loss := range []checked{gan.NonSaturating{test.smoothing}, gan.Minimax{test.smoothing}, gan.LeastSquares{test.smoothing}} {
			if err := loss.Check(); (err == nil) != test.ok {
				t.Errorf("%T, smoothing %g: error %v", loss, test.smoothing, err)
			}
		}
	}
}

func ExampleLoss() {
	for _, loss := range []gan.Loss{gan.NonSaturating{}, gan.LeastSquares{}, gan.Hinge{}, gan.Wasserstein{}, gan.RelativisticPaired{}} {
		exec := MustNewExec(gantest.Go(), func(real, fake *Node) *Node { return loss.Discriminator(real, fake) })
		sure := exec.MustCall1([][]float32{{4}}, [][]float32{{-4}})
		wrong := exec.MustCall1([][]float32{{-4}}, [][]float32{{4}})
		fmt.Printf("%T: sure and right %.2f, sure and wrong %.2f\n", loss, tensors.ToScalar[float32](sure), tensors.ToScalar[float32](wrong))
	}
	// Output:
	// gan.NonSaturating: sure and right 0.04, sure and wrong 8.04
	// gan.LeastSquares: sure and right 12.50, sure and wrong 20.50
	// gan.Hinge: sure and right 0.00, sure and wrong 10.00
	// gan.Wasserstein: sure and right -8.00, sure and wrong 8.00
	// gan.RelativisticPaired: sure and right 0.00, sure and wrong 8.00
}
