package nn

import (
	"math/rand/v2"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// Noise returns the images x, shaped [batch, height, width, channels], with noise from N(0, 1) added, one number per pixel
// for all channels, times a learned strength that starts as zero: StyleGAN2's source of detail that no latent decides
// ("Analyzing and Improving the Image Quality of StyleGAN", Karras et al. 2019, https://arxiv.org/abs/1912.04958,
// section 2.1, figure 2).
//
// While the graph trains each image has noise of its own. Otherwise, and in Calibrate's graphs, there is one for all
// images of that height and width, always the same, so that an image depends on its latent alone.
func Noise(scope *model.Scope, x *Node) *Node {
	if x.Rank() != 4 {
		Panicf("nn: noise: x must be shaped [batch, height, width, channels], got %s", x.Shape())
	}
	scope = scope.In("noise")
	g, batch, height, width := x.Graph(), x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2)
	strength := scope.WithInitializer(initializer.Zero).VariableWithShape("strength", shapes.Make(x.DType())).SetTrainable(true)
	var noise *Node
	if scope.Store().IsTraining(g) && !calibrates(scope, g) {
		noise = DrawNormal(scope, g, shapes.Make(x.DType(), batch, height, width, 1))
	} else {
		random := rand.New(rand.NewPCG(uint64(height), uint64(width)))
		numbers := make([]float64, height*width)
		for i := range numbers {
			numbers[i] = random.NormFloat64()
		}
		noise = Reshape(ConstAsDType(g, x.DType(), numbers), 1, height, width, 1)
	}
	return Add(x, Mul(noise, Reshape(strength.NodeValue(x), 1, 1, 1, 1)))
}
