package style

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan/nn"
)

// Decoder returns images for features of the last of an encoder's convolutions, shaped [batch, height, width, channels]: the
// mirror of the encoder, section 6 of the AdaIN paper. Each convolution goes back from the channels that the encoder's brings
// to those that it takes; where the encoder pools, pixels are repeated; all padding is by reflection and nothing is
// normalized. The last convolution has no rectifier: images are about [-1, 1], and not held there.
//
// Weights are under the scope, by the names of the encoder's convolutions.
func Decoder(scope *model.Scope, features *Node, convolutions []Convolution) *Node {
	scope = scope.WithInitializer(nn.He(scope))
	x := features
	for i, c := range slices.Backward(convolutions) {
		layer := scope.At("%s", c.Name)
		x = nn.Conv(layer, nn.ReflectPad(x, 1)).Channels(c.In).KernelSize(3).Done()
		if i > 0 {
			x = relu(x)
		}
		if c.Pool {
			x = nn.Enlarge(x, 2)
		}
	}
	return x
}
