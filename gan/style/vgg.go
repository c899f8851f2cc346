package style

import (
	"fmt"
	"strconv"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/gan/features"
)

// vgg is VGG19 up to relu5_1, which is as far as Gatys looks; AdaIN stops at relu4_1. Its own padding is by zeros, as it was trained; the AdaIN paper's
// encoder pads by reflection.
type vgg struct{ network *features.Sequential }

func newVGG() vgg { return vgg{features.VGG19()} }

func (vgg) name() string { return VGGEncoder }

// vggBlocks are how many convolutions of each block are used.
var vggBlocks = []int{2, 2, 4, 4, 1}

func (vgg) convolutions() []Convolution {
	var list []Convolution
	in := 3
	for block, n := range vggBlocks[:3] {
		out := 64 << block
		for i := range n {
			list = append(list, Convolution{fmt.Sprintf("conv%d_%d", block+1, i+1), in, out, block > 0 && i == 0})
			in = out
		}
	}
	return append(list, Convolution{"conv4_1", 256, 512, true})
}

func (vgg) layerNames() []string {
	var names []string
	for block, n := range vggBlocks {
		for i := range n {
			names = append(names, fmt.Sprintf("relu%d_%d", block+1, i+1))
		}
	}
	return names
}

// unused tells whether a weight comes after conv5_1, which has place 28 of torchvision's module "features".
func (vgg) unused(name string) bool {
	place, isFeature := strings.CutPrefix(name, "features.")
	number, _, _ := strings.Cut(place, ".")
	n, err := strconv.Atoi(number)
	return !isFeature || err != nil || n > 28
}

func (v vgg) shapes() map[string][]int {
	shapes := make(map[string][]int)
	for name, shape := range v.network.Weights() {
		if !v.unused(name) {
			shapes[name] = shape
		}
	}
	return shapes
}

// Prepare transposes the kernels.
func (v vgg) Prepare(weights map[string]*tensors.Tensor) (map[string]*tensors.Tensor, error) {
	return v.network.Prepare(weights)
}

func (v vgg) graph(weight func(name string) *Node, images *Node, names []string) []*Node {
	return v.network.Layers(weight, MulScalar(OnePlus(images), 127.5), names...)
}
