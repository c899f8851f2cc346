package features

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	. "github.com/gomlx/gomlx/support/exceptions"
	"github.com/pkg/errors"
)

// Sequential is a network that torchvision has trained to tell the 1,000 classes of ImageNet apart: rectified
// convolutions in a row with max pools between them, and three dense layers. VGG16, VGG19 and AlexNet make one, with the
// names and shapes of weights of torchvision's files.
//
// It takes pictures as they are, of any size that leaves something for its last convolution, and its features are the
// means of that one's channels over height and width, after the rectifier and before the pool. Grey pictures get three
// equal channels.
type Sequential struct {
	name         string
	convolutions []convolution
	window       int      // Of the max pools; their stride is 2.
	perceptual   []string // Layers that the perceptual distance compares.
	learned      bool     // Whether there are learned weights for them, see learnedWeights.

	classifier      bool
	grid            int    // Height and width that the classifier sees.
	dense           [3]int // Places of its layers in torchvision's module "classifier".
	hidden, classes int
}

// convolution is one with bias and rectifier.
type convolution struct {
	name                             string // Of the rectified result, as the papers have it.
	place                            int    // In torchvision's module "features".
	in, out, kernel, stride, padding int
	pool                             bool // Whether a max pool comes before it.
}

// WithClassifier returns the network with its dense layers, which make logits. They hold most of the weights, and want
// larger pictures.
//
// As torchvision's, they see the last convolution averaged to one size, 7×7 or 6×6, so that they take pictures of any
// size, and they are most often right for pictures of 224×224.
func (s *Sequential) WithClassifier() *Sequential {
	with := *s
	with.classifier = true
	return &with
}

// Name returns "vgg16", "vgg19" or "alexnet".
func (s *Sequential) Name() string { return s.name }

// InputShape returns [0, 0, 3]: pictures stay at their size.
func (s *Sequential) InputShape() []int { return []int{0, 0, 3} }

// FeatureSize returns the number of channels of the last convolution.
func (s *Sequential) FeatureSize() int { return lastOf(s.convolutions).out }

// Classes returns the places of ImageNet's classes in the logits, "0" to "999", or nil without the classifier.
func (s *Sequential) Classes() []string {
	if !s.classifier {
		return nil
	}
	classes := make([]string, s.classes)
	for i := range classes {
		classes[i] = strconv.Itoa(i)
	}
	return classes
}

// Weights returns the shapes of the weights by their names in torchvision's files.
func (s *Sequential) Weights() map[string][]int {
	weights := make(map[string][]int)
	for _, c := range s.convolutions {
		weights[c.weight()] = []int{c.out, c.in, c.kernel, c.kernel}
		weights[c.bias()] = []int{c.out}
	}
	if s.classifier {
		in := s.grid * s.grid * lastOf(s.convolutions).out
		for i, out := range []int{s.hidden, s.hidden, s.classes} {
			weights[s.denseWeight(i)] = []int{out, in}
			weights[s.denseBias(i)] = []int{out}
			in = out
		}
	}
	return weights
}

// Unused tells whether the weight is one of the classifier's, in a network without it.
func (s *Sequential) Unused(name string) bool {
	return !s.classifier && strings.HasPrefix(name, "classifier.")
}

// Prepare transposes the kernels.
func (s *Sequential) Prepare(weights map[string]*tensors.Tensor) (map[string]*tensors.Tensor, error) {
	return torchKernels(weights)
}

// Resize takes pictures of any size that is not too small. It changes none.
func (s *Sequential) Resize(shape []int) (string, error) {
	words, err := colourWords(s.name, "none", shape)
	if err != nil {
		return "", err
	}
	if smallest := s.smallest(); min(shape[0], shape[1]) < smallest {
		network := s.name
		if s.classifier {
			network += " with its classifier"
		}
		return "", errors.Errorf("features: %s takes pictures of %d×%d or more, not %d×%d: enlarge them, or choose another network",
			network, smallest, smallest, shape[0], shape[1])
	}
	return words, nil
}

// Graph returns features, logits if there is a classifier, and the layers that a perceptual distance compares.
func (s *Sequential) Graph(weight func(name string) *Node, pictures *Node) Output {
	last := lastOf(s.convolutions).name
	layers := s.Layers(weight, pictures, append(slices.Clone(s.perceptual), last)...)
	x := layers[len(s.perceptual)]
	output := Output{Features: averageAll(x), Layers: layers[:len(s.perceptual)]}
	if s.classifier {
		output.Logits = s.logits(weight, maxPool(x, s.window, 2, 0))
	}
	return output
}

// Layers returns the rectified convolutions of the names, "relu1_1" for the first of block 1 of VGG, "relu1" for the
// first of AlexNet. Each is shaped [batch, height, width, channels]. Pictures are float32 [batch, height, width, 1 or 3]
// in 0…255. What comes after the last of them is not computed.
//
// It panics if the network has no layer of a name.
func (s *Sequential) Layers(weight func(name string) *Node, pictures *Node, names ...string) []*Node {
	layers := make([]*Node, len(names))
	x := normalizeImageNet(repeatGrey(pictures))
	for _, c := range s.convolutions {
		if !slices.Contains(layers, nil) {
			break
		}
		if c.pool {
			x = maxPool(x, s.window, 2, 0)
		}
		x = relu(convolve(x, weight(c.weight()), weight(c.bias()), [2]int{c.stride, c.stride}, [2]int{c.padding, c.padding}))
		for i, name := range names {
			if name == c.name {
				layers[i] = x
			}
		}
	}
	if i := slices.Index(layers, nil); i >= 0 {
		Panicf("features: %s has no layer %q; its layers are %s", s.name, names[i], strings.Join(s.layerNames(), ", "))
	}
	return layers
}

// logits returns what the dense layers make of the last pool, which PyTorch flattens channel by channel.
func (s *Sequential) logits(weight func(name string) *Node, x *Node) *Node {
	x = adaptiveAverage(x, s.grid)
	x = Reshape(TransposeAllAxes(x, 0, 3, 1, 2), x.Shape().Dim(0), -1)
	for i := range s.dense {
		if i > 0 {
			x = relu(x)
		}
		x = linear(x, weight(s.denseWeight(i)), weight(s.denseBias(i)))
	}
	return x
}

// smallest returns the smallest height and width of pictures.
func (s *Sequential) smallest() int {
	size := 1
	for !s.fits(size) {
		size++
	}
	return size
}

// fits tells whether pictures of the size leave something at the end of the network.
func (s *Sequential) fits(size int) bool {
	pool := func() { size = (size-s.window)/2 + 1 }
	for _, c := range s.convolutions {
		if c.pool {
			if size < s.window {
				return false
			}
			pool()
		}
		if size+2*c.padding < c.kernel {
			return false
		}
		size = (size+2*c.padding-c.kernel)/c.stride + 1
	}
	return !s.classifier || size >= s.window
}

func (s *Sequential) layerNames() []string {
	names := make([]string, len(s.convolutions))
	for i, c := range s.convolutions {
		names[i] = c.name
	}
	return names
}

func (c convolution) weight() string { return fmt.Sprintf("features.%d.weight", c.place) }
func (c convolution) bias() string   { return fmt.Sprintf("features.%d.bias", c.place) }

func (s *Sequential) denseWeight(i int) string {
	return fmt.Sprintf("classifier.%d.weight", s.dense[i])
}
func (s *Sequential) denseBias(i int) string { return fmt.Sprintf("classifier.%d.bias", s.dense[i]) }

// normalizeImageNet returns pictures in 0…255 less the means of ImageNet's channels and divided by their standard
// deviations, both of pictures in 0…1. The scaling layer of LPIPS is the same map, written for pictures in [-1, 1].
func normalizeImageNet(x *Node) *Node {
	g := x.Graph()
	means := Const(g, [][][][]float32{{{{0.485 * 255, 0.456 * 255, 0.406 * 255}}}})
	deviations := Const(g, [][][][]float32{{{{0.229 * 255, 0.224 * 255, 0.225 * 255}}}})
	return Div(Sub(x, means), deviations)
}

// adaptiveAverage returns x at size×size: pixel i is the mean of those from ⌊i·from/size⌋ to before ⌈(i+1)·from/size⌉, as
// PyTorch's adaptive_avg_pool2d, which repeats pixels to make x larger.
func adaptiveAverage(x *Node, size int) *Node {
	g, height, width := x.Graph(), x.Shape().Dim(1), x.Shape().Dim(2)
	rows := ConstTensor(g, tensors.FromFlatDataAndDimensions(adaptiveWindows(height, size), size, height))
	columns := ConstTensor(g, tensors.FromFlatDataAndDimensions(adaptiveWindows(width, size), size, width))
	return Einsum("xw,bywc->byxc", columns, Einsum("yh,bhwc->bywc", rows, x))
}

// adaptiveWindows returns the matrix [to, from] whose rows are the means over adaptiveAverage's windows.
func adaptiveWindows(from, to int) []float32 {
	matrix := make([]float32, to*from)
	for i := range to {
		start, end := i*from/to, ((i+1)*from+to-1)/to
		for j := start; j < end; j++ {
			matrix[i*from+j] = 1 / float32(end-start)
		}
	}
	return matrix
}
