package health

import (
	"math"
	"testing"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

func TestLossScale(t *testing.T) {
	smoothed := -0.9*math.Log(0.9) - 0.1*math.Log(0.1) // The least that a target of 0.9 costs; the logits tried come within 0.1 of it.
	for _, test := range []struct {
		name             string
		loss             gan.Loss
		least, undecided float64
		bounded          bool
	}{
		{"ns", gan.NonSaturating{}, 0, 2 * math.Ln2, true},
		{"ns, smoothed", gan.NonSaturating{Smoothing: 0.1}, smoothed, 2 * math.Ln2, true},
		{"minimax", gan.Minimax{}, 0, 2 * math.Ln2, true},
		{"hinge", gan.Hinge{}, 0, 2, true},
		{"ls", gan.LeastSquares{}, 0, 0.25, true},
		{"rp", gan.RelativisticPaired{}, 0, math.Ln2, true},
		{"ra", gan.RelativisticAverage{}, 0, 2 * math.Ln2, true},
		{"w", gan.Wasserstein{}, -64, 0, false},
	} {
		scale, err := newLossScale(gantest.Go(), test.loss)
		if err != nil {
			t.Fatalf("%s: %+v", test.name, err)
		}
		if math.Abs(scale.least-test.least) > 0.1 || math.Abs(scale.undecided-test.undecided) > 0.01 || scale.bounded != test.bounded {
			t.Errorf("%s: got %+v, want least %g, undecided %g, bounded %v", test.name, scale, test.least, test.undecided, test.bounded)
		}
		if scale.won(test.undecided) || scale.fooled(test.undecided) {
			t.Errorf("%s: an undecided discriminator has won or is fooled", test.name)
		}
		if won := scale.won(scale.least); won != test.bounded {
			t.Errorf("%s: won at the least loss: %v, want %v", test.name, won, test.bounded)
		}
		if !scale.fooled(2*test.undecided + 0.1) {
			t.Errorf("%s: not fooled at twice the loss of an undecided one", test.name)
		}
	}
}
