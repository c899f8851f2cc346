package features

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

// pixelsSide is the largest height and width of the pictures that are features themselves.
const pixelsSide = 16

// Pixels is the spec of the extractor without a network: the picture averaged down.
const Pixels = "pixels"

func init() {
	entries[Pixels] = entry{network: pixels{}, weights: func() (map[string]*tensors.Tensor, string, error) { return nil, "", nil }}
}

// pixels is the network that is none: the features are the pixels, in 0…1, of the picture averaged down.
type pixels struct{}

func (pixels) Name() string { return Pixels }

func (pixels) Weights() map[string][]int { return nil }

func (pixels) InputShape() []int { return []int{pixelsSide, pixelsSide, 0} }

// Resize takes any picture.
func (pixels) Resize(shape []int) (string, error) {
	if len(shape) != 3 || min(shape[0], shape[1], shape[2]) < 1 {
		return "", errors.Errorf("features: pictures must be [height, width, channels], got %v", shape)
	}
	return areaWords(shape, min(shape[0], pixelsSide), min(shape[1], pixelsSide)), nil
}

// Graph returns the pixels of the pictures at no more than 16×16.
func (pixels) Graph(_ func(string) *Node, pictures *Node) Output {
	d := pictures.Shape().Dimensions
	small := areaAverage(pictures, min(d[1], pixelsSide), min(d[2], pixelsSide))
	return Output{Features: MulScalar(Reshape(small, d[0], -1), 1.0/255)}
}

func (pixels) FeatureSize() int { return 0 }

func (pixels) Classes() []string { return nil }
