package gan_test

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// judged are examples that nothing is known of but a judgement.
func judged(judgement gan.Judgement) gan.Judged { return gan.Judged{Judgement: judgement} }

// TestFeatureMatching has means (2, 1) and (1, 3): a squared distance of 1 + 4. Each of the two fakes moves its mean by
// half, so the slope with a feature is the difference of the means.
func TestFeatureMatching(t *testing.T) {
	for _, test := range []struct {
		term   gan.FeatureMatching
		weight float64
	}{{gan.FeatureMatching{}, 1}, {gan.FeatureMatching{Weight: 0.5}, 0.5}} {
		got := gantest.Call(t, gantest.Go(), func(x []*Node) []*Node {
			term := test.term.Graph(gan.GeneratorRound{Real: judged(gan.Judgement{Features: x[0]}), Fake: judged(gan.Judgement{Features: x[1]})})
			return []*Node{term, Gradient(term, x[1])[0]}
		}, tensors.FromValue([][]float64{{1, 1}, {3, 1}}), tensors.FromValue([][]float64{{0, 5}, {2, 1}}))
		if math.Abs(got[0][0]-5*test.weight) > 1e-12 {
			t.Errorf("%+v: got %g, want %g", test.term, got[0][0], 5*test.weight)
		}
		want := []float64{-test.weight, 2 * test.weight, -test.weight, 2 * test.weight}
		if e := gantest.RelativeError(got[1], want); e > 1e-12 {
			t.Errorf("%+v: slopes %v, want %v", test.term, got[1], want)
		}
	}
}

func TestBadFeatureMatching(t *testing.T) {
	if err := (gan.FeatureMatching{Weight: -1}).Check(); err == nil {
		t.Error("a negative weight: no error")
	}
	exec := MustNewExec(gantest.Go(), func(x *Node) *Node {
		return gan.FeatureMatching{}.Graph(gan.GeneratorRound{Real: judged(gan.Judgement{Logits: x}), Fake: judged(gan.Judgement{Logits: x})})
	})
	if _, err := exec.Call([][]float32{{1}}); err == nil {
		t.Error("no features: no error")
	}
}
