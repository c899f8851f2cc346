package gan_test

import (
	"math"
	"testing"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// TestPathLengthOfLinearGenerator has a generator that multiplies 64 numbers by c: its lengths are c‖y‖ for y of 64 numbers
// from N(0, 1), of mean c·m with m = √2 Γ(32.5)/Γ(32) and variance c²(64 - m²).
func TestPathLengthOfLinearGenerator(t *testing.T) {
	const c, size, batch = 3.0, 64, 4000
	upper, _ := math.Lgamma(size/2 + 0.5)
	lower, _ := math.Lgamma(size / 2)
	m := math.Sqrt2 * math.Exp(upper-lower)
	for _, test := range []struct {
		name         string
		term         gan.PathLength
		image        []int
		value, slope float64 // Of the term, and of the term by c.
		mean         float64 // The running mean after one use.
	}{
		// With decay 1 the mean is the batch's own.
		{"points", gan.PathLength{Weight: 1, Decay: 1, Every: 1}, []int{size}, c * c * (size - m*m), 2 * c * (size - m*m), c * m},
		// With the paper's decay it starts at a hundredth.
		{"paper", gan.PathLength{Every: 1}, []int{size}, 2 * (c*c*(size-m*m) + c*c*m*m*0.99*0.99), 4 * c * (size - 0.01*m*m), 0.01 * c * m},
		{"lazy", gan.PathLength{Weight: 1, Decay: 1}, []int{size}, 4 * c * c * (size - m*m), 8 * c * (size - m*m), c * m},
		// Images of 4×4 pixels and 4 channels: γ = ln 2 / (16 (ln 4 - ln 2)) = 1/16.
		{"images", gan.PathLength{Decay: 1, Every: 1}, []int{4, 4, 4}, c * c * (size - m*m) / 16, 2 * c * (size - m*m) / 16, c * m / 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := newNetwork(t, gantest.Go())
			results := n.run(true, func(scope *model.Scope, x []*Node) []*Node {
				factor := x[0]
				term := test.term.Graph(gan.GeneratorRound{
					Scope:   scope.At("generator_term"),
					Latents: Zeros(factor.Graph(), shapes.Make(factor.DType(), 2*batch, size)),
					Styles:  func(latents *Node) *Node { return latents },
					Synthesis: func(styles *Node) *Node {
						if styles.Shape().Dim(0) != batch {
							t.Errorf("taken over %d latents, want half the batch, %d", styles.Shape().Dim(0), batch)
						}
						return Reshape(Mul(styles, factor), append([]int{batch}, test.image...)...)
					},
				})
				return []*Node{term, Gradient(term, factor)[0]}
			}, tensors.FromScalar(c))
			mean := gantest.Float64s(t, n.store.GetVariable("/generator_term/path_length_mean").MustValue())[0]
			for i, want := range []float64{test.value, test.slope, test.mean} {
				got := append(append([]float64{}, results[0][0], results[1][0]), mean)[i]
				if math.Abs(got/want-1) > 0.05 {
					t.Errorf("%s is %.5g, want %.5g", []string{"the term", "its slope", "the running mean"}[i], got, want)
				}
			}
			for v := range n.store.IterVariables() {
				if v.Trainable {
					t.Errorf("%s is trainable", v.Path())
				}
			}
		})
	}
}

// TestPathLengthTrains trains StyleGAN2, and a network without styles, with the term, lazily.
func TestPathLengthTrains(t *testing.T) {
	for name, arch := range map[string]gan.Architecture{"styles": smallStyle(8), "latents": smallR3(8)} {
		t.Run(name, func(t *testing.T) {
			config := gan.Config{Arch: arch, GeneratorTerm: gan.PathLength{Every: 3}, EMA: 0.9, Seed: 5}
			trainer := newTrainer(t, gantest.Go(), config)
			for i, step := range trainSteps(t, trainer, &pictures{batch: 4}, 7) {
				if taken := step.GeneratorTerm != 0; taken != (i%3 == 0) {
					t.Errorf("step %d: the term is %g", i, step.GeneratorTerm)
				}
			}
			if _, err := trainer.Draw(gan.Draw{N: 3, Truncation: 0.7}); err != nil {
				t.Errorf("%+v", err)
			}
		})
	}
}

func TestImpossiblePathLengths(t *testing.T) {
	for _, term := range []gan.PathLength{{Weight: -1}, {Weight: math.NaN()}, {Decay: 1.5}, {Decay: -1}, {Every: -1}} {
		if err := term.Check(); err == nil {
			t.Errorf("%+v: no error", term)
		}
	}
}
