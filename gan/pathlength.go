package gan

import (
	"math"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model/initializer"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/nn"
)

// PathLength is a GeneratorTerm that wants a step in any direction of the styles to change the image by the same length,
// wherever it is taken: the path length regularization of StyleGAN2 ("Analyzing and Improving the Image Quality of
// StyleGAN", Karras et al. 2019, https://arxiv.org/abs/1912.04958, section 3.2, equation 4),
//
//	γ · mean over styles w and random images y of (‖J_wᵀ y‖₂ - a)²
//
// where J_w is the synthesis network's Jacobian, so that J_wᵀ y is the gradient of ⟨synthesis(w), y⟩ by w, y has numbers
// from N(0, 1), and a is the running mean of the lengths. It is taken over fresh latents, half as many as a batch has,
// without style mixing, and goes with any Architecture: where that is not StyleBased, with the latents for styles.
type PathLength struct {
	// Weight 2, which 0 means, is the paper's γ = ln 2 / (r² (ln r - ln 2)) for images of r×r pixels (appendix B): that is
	// 2, divided by the r² pixels and by the 2 log₂ r - 2 layers that a style enters. Examples that are no images have one
	// of each.
	Weight float64 `json:"weight,omitempty"`
	Decay  float64 `json:"decay,omitempty"` // How fast the mean follows, per use, in (0, 1]; 0 means 0.01, the paper's.

	// Every is the number of steps from one use to the next, whose weight is as many times larger (section 3.1); 0 means
	// 4, as in the later "Training Generative Adversarial Networks with Limited Data", where the paper has 8.
	Every int `json:"every,omitempty"`
}

func init() { GeneratorTerms.Register("path-length", PathLength{}) }

// Check returns an error if a field is out of range.
func (p PathLength) Check() error {
	if !(p.Weight >= 0) || !(p.Decay >= 0 && p.Decay <= 1) || p.Every < 0 {
		return errors.Errorf("gan: PathLength wants Weight and Every of at least 0 and Decay in [0, 1], got %g, %d and %g",
			p.Weight, p.Every, p.Decay)
	}
	return nil
}

// Interval returns Every, or 4 in place of 0.
func (p PathLength) Interval() int { return orDefault(p.Every, 4) }

// Graph returns the weighted term, a scalar.
func (p PathLength) Graph(round GeneratorRound) *Node {
	weight, decay := p.Weight, p.Decay
	if weight == 0 {
		weight = 2
	}
	if decay == 0 {
		decay = 0.01
	}
	g, dtype := round.Latents.Graph(), round.Latents.DType()
	batch := max(round.Latents.Shape().Dim(0)/2, 1)
	latents := nn.DrawNormal(round.Scope, g, shapes.Make(dtype, batch, round.Latents.Shape().Dim(1)))
	styles := round.Styles(latents)
	examples := round.Synthesis(styles)
	pixels, layers := 1.0, 1.0
	if examples.Rank() == 4 {
		pixels = float64(examples.Shape().Dim(1) * examples.Shape().Dim(2))
		layers = max(math.Log2(pixels)-2, 1) // 2 log₂ r - 2
	}

	// Lengths are measured in √pixels: a does not depend on the size of the images, and its numbers stay small.
	directions := MulScalar(nn.DrawNormal(round.Scope, g, examples.Shape()), 1/math.Sqrt(pixels))
	slopes := Gradient(ReduceAllSum(Mul(examples, directions)), styles)[0]
	squares := ReduceSum(Square(Reshape(slopes, batch, -1)), -1)
	lengths := Sqrt(AddScalar(squares, 1e-8)) // [batch]; at 0 the slope of Sqrt is infinite.

	mean := round.Scope.WithInitializer(initializer.Zero).
		VariableWithShape("path_length_mean", shapes.Make(lengths.DType())).SetTrainable(false)
	before := mean.NodeValue(g)
	after := Add(before, MulScalar(Sub(StopGradient(ReduceAllMean(lengths)), before), decay))
	mean.SetNodeValue(after)
	return MulScalar(ReduceAllMean(Square(Sub(lengths, after))), weight/layers*float64(p.Interval()))
}
