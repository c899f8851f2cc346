package style

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/ganymede-ml/ganymede/gan/nn"
	"github.com/ganymede-ml/ganymede/gan/nn/conv"
)

// Convolution is one of a small encoder: 3×3, padded by reflection, with a rectifier after it.
type Convolution struct {
	Name    string // "conv1_1"; what its rectifier leaves is layer "relu1_1".
	In, Out int    // Channels.
	Pool    bool   // Whether the largest of squares of 2×2 pixels are taken before it.
}

// SmallConvolutions returns those of the small encoder, in their order: two in each of three blocks, with 24, 48 and 96 channels,
// and one of 192. Its layers are named as those of VGG19 at the same place, and are of the same size.
func SmallConvolutions() []Convolution {
	return []Convolution{
		{"conv1_1", 3, 24, false}, {"conv1_2", 24, 24, false},
		{"conv2_1", 24, 48, true}, {"conv2_2", 48, 48, false},
		{"conv3_1", 48, 96, true}, {"conv3_2", 96, 96, false},
		{"conv4_1", 96, 192, true},
	}
}

// small is the encoder that the package carries.
type small struct{}

func (small) name() string { return SmallEncoder }

func (small) shapes() map[string][]int {
	shapes := make(map[string][]int)
	for _, c := range SmallConvolutions() {
		shapes[c.Name+".kernel"] = []int{3, 3, c.In, c.Out}
		shapes[c.Name+".bias"] = []int{c.Out}
	}
	return shapes
}

func (small) layerNames() []string {
	var names []string
	for _, c := range SmallConvolutions() {
		names = append(names, layerOf(c.Name))
	}
	return names
}

// layerOf returns the name of the layer that a convolution's rectifier leaves.
func layerOf(convolution string) string { return "relu" + convolution[len("conv"):] }

// convolutions leaves the last one out: at a quarter of the size enough is left of a picture to draw it again, at an eighth these few
// channels are too few.
func (small) convolutions() []Convolution {
	all := SmallConvolutions()
	return all[:len(all)-1]
}

func (small) graph(weight func(name string) *Node, images *Node, names []string) []*Node {
	layers := make([]*Node, len(names))
	x := images
	for _, c := range SmallConvolutions() {
		if !slices.Contains(layers, nil) {
			break
		}
		if c.Pool {
			x = nn.MaxPool2(x)
		}
		x = relu(convolve(x, weight(c.Name+".kernel"), weight(c.Name+".bias")))
		for i, name := range names {
			if name == layerOf(c.Name) {
				layers[i] = x
			}
		}
	}
	return layers
}

// convolve returns the convolution of x, padded by reflection, with the kernel, 3×3, plus the bias.
func convolve(x, kernel, bias *Node) *Node {
	y := conv.Conv(nn.ReflectPad(x, 1), kernel, conv.Geometry{})
	return Add(y, Reshape(bias, 1, 1, 1, -1))
}

func relu(x *Node) *Node { return Max(x, ScalarZero(x.Graph(), x.DType())) }
