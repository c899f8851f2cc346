package features

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/nn"
)

// classifierConvolution is one convolution of a Classifier: padded so that its stride alone makes pictures smaller, and where
// pool is set, of the largest of squares of 2×2 pixels.
type classifierConvolution struct {
	name                     string
	channels, kernel, stride int
	pool                     bool
}

var classifierConvolutions = []classifierConvolution{
	{"conv1", 32, 5, 2, false},
	{"conv2", 64, 3, 1, false},
	{"conv3", 64, 3, 1, false},
	{"conv4", 128, 3, 1, true},
}

// Classifier is the network of the extractors that ship with Ganymede, and of the accuracy scores. It has four convolutions,
// each with batch normalization and a rectifier: 32 channels of 5×5 at stride 2, twice 64 of 3×3, and, of the largest of
// squares of 2×2 pixels, 128 of 3×3. Its features are the means of the 128 channels over the pixels, its logits one dense
// layer on them.
//
// Its weights are those after training: batch normalization is folded into the kernels, so that a layer is a convolution, a
// bias and a rectifier. Training makes them.
type Classifier struct {
	name    string
	shape   []int
	classes []string
}

// NewClassifier returns the network that tells the classes apart in pictures shaped [height, width, channels], with 1 channel
// or 3, whose height and width must be divisible by 4. Pictures of another size are brought to it.
func NewClassifier(name string, shape []int, classes []string) (*Classifier, error) {
	if len(shape) != 3 || min(shape[0], shape[1]) < 4 || shape[0]%4 != 0 || shape[1]%4 != 0 || shape[2] != 1 && shape[2] != 3 {
		return nil, errors.Errorf("features: the classifier %s needs pictures [height, width, 1 or 3] with sides divisible by 4, got %v", name, shape)
	}
	if len(classes) < 2 {
		return nil, errors.Errorf("features: the classifier %s needs at least 2 classes, got %d", name, len(classes))
	}
	return &Classifier{name, slices.Clone(shape), slices.Clone(classes)}, nil
}

// Name returns the name.
func (c *Classifier) Name() string { return c.name }

// InputShape returns the shape of the pictures it looks at.
func (c *Classifier) InputShape() []int { return slices.Clone(c.shape) }

// FeatureSize returns the number of features, 128.
func (c *Classifier) FeatureSize() int {
	return lastOf(classifierConvolutions).channels
}

// Classes returns the names of the classes.
func (c *Classifier) Classes() []string { return slices.Clone(c.classes) }

// Resize tells in words how pictures are brought to the shape: by the mean of the area that a pixel covers, and grey ones for
// a network of colours by repeating their channel. For a network of grey pictures colours are an error: there are many ways to
// make them grey, and none is the network's.
func (c *Classifier) Resize(shape []int) (string, error) {
	if len(shape) != 3 || min(shape[0], shape[1]) < 1 {
		return "", errors.Errorf("features: pictures must be [height, width, channels], got %v", shape)
	}
	words := areaWords(shape, c.shape[0], c.shape[1])
	if c.shape[2] == 3 {
		return colourWords(c.name, words, shape)
	}
	if shape[2] != 1 {
		return "", errors.Errorf("features: %s looks at grey pictures, and these have %d channels; make them grey (one channel), "+
			"or use an extractor of colours", c.name, shape[2])
	}
	return words, nil
}

// input returns the pictures at the network's shape, in [0, 1].
func (c *Classifier) input(pictures *Node) *Node {
	x := areaAverage(pictures, c.shape[0], c.shape[1])
	if c.shape[2] == 3 {
		x = repeatGrey(x)
	}
	return MulScalar(x, 1.0/255)
}

// Weights returns the names and shapes of the weights: convN.kernel [height, width, in, out] and convN.bias [out] for N from 1
// to 4, and classes.kernel [features, classes] and classes.bias [classes].
func (c *Classifier) Weights() map[string][]int {
	weights := make(map[string][]int)
	in := c.shape[2]
	for _, l := range classifierConvolutions {
		weights[kernelName(l.name)] = []int{l.kernel, l.kernel, in, l.channels}
		weights[biasName(l.name)] = []int{l.channels}
		in = l.channels
	}
	weights[kernelName(classesName)] = []int{in, len(c.classes)}
	weights[biasName(classesName)] = []int{len(c.classes)}
	return weights
}

// Graph returns features, logits and layers of pictures with numbers from 0 to 255, shaped [batch, height, width, channels].
func (c *Classifier) Graph(weight func(name string) *Node, pictures *Node) Output {
	layers := classifierLayers(c.input(pictures), func(l classifierConvolution, x *Node) *Node {
		strides, padding := [2]int{l.stride, l.stride}, [2]int{l.kernel / 2, l.kernel / 2}
		return convolve(x, weight(kernelName(l.name)), weight(biasName(l.name)), strides, padding)
	})
	features := averageAll(lastOf(layers))
	logits := Dot(features, weight(kernelName(classesName))).Product()
	logits = Add(logits, Reshape(weight(biasName(classesName)), 1, -1))
	return Output{Features: features, Logits: logits, Layers: layers}
}

// classifierLayers returns the pictures as each rectifier leaves them. Only how they are convolved is not said here.
func classifierLayers(x *Node, convolved func(l classifierConvolution, x *Node) *Node) []*Node {
	var layers []*Node
	for _, l := range classifierConvolutions {
		if l.pool {
			x = nn.MaxPool2(x)
		}
		x = relu(convolved(l, x))
		layers = append(layers, x)
	}
	return layers
}

const classesName = "classes" // Of the dense layer.

func kernelName(layer string) string { return layer + ".kernel" }

func biasName(layer string) string { return layer + ".bias" }

func lastOf[T any](list []T) T { return list[len(list)-1] }
