// Package features turns pictures into features: the numbers that FID, KID, precision and recall and the other metrics
// of package metrics compare.
//
// A [Network] is a graph over named weights, an [Extractor] is a network with its weights on a device. [Open] makes one
// by name: small networks that the package carries, pixels without a network, or a network whose weights are in a file.
// Nothing is downloaded unless [Download] is called.
//
// Pictures are uint8 [n, height, width, channels], as everywhere outside of the training; networks see them as float32
// in 0…255, bring them to their own size and range inside the graph, and say in words how.
package features

import (
	"slices"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
	"github.com/pkg/errors"
)

// Network is a feature network as a graph over named weights. It has no state.
//
// A network whose weights are used in another form than the one they are stored in, say with kernels transposed, also
// has the method of [Preparer]. One that does without some weights of its file also has a method Unused(name string) bool,
// which tells of them.
type Network interface {
	// Name is the network's name, as in a metric card.
	Name() string

	// Weights returns the shape of each weight by its name, as in the file that holds them. Weights with other names or
	// shapes are those of another network and are refused.
	Weights() map[string][]int

	// InputShape returns the height, width and channels that the network sees, after resizing. A height or width of 0 means
	// that of the pictures.
	InputShape() []int

	// Resize tells in words how pictures [height, width, channels] are brought to the network, "none" if they are taken as
	// they are. It is an error if they cannot be.
	Resize(shape []int) (words string, err error)

	// Graph builds the network for pictures, float32 [batch, height, width, channels] in 0…255 and not resized. Each call of
	// weight returns a prepared weight by its name.
	Graph(weight func(name string) *Node, pictures *Node) Output

	// FeatureSize is the number of features of one picture, or 0 if it depends on the pictures' shape.
	FeatureSize() int

	// Classes returns the names of the classifier's classes, or nil if there is no classifier.
	Classes() []string
}

// Preparer is a Network whose graph wants its weights in another form than they are stored in. Prepare is called once, on
// weights that have been found to be the network's.
type Preparer interface {
	Prepare(weights map[string]*tensors.Tensor) (map[string]*tensors.Tensor, error)
}

// Output is what a network computes from a batch of pictures.
type Output struct {
	Features *Node   // [batch, size].
	Logits   *Node   // [batch, classes], or nil without a classifier.
	Layers   []*Node // [batch, height, width, channels] each, for a perceptual distance; nil if the network is not for it.
}

// Extractor is a network with its weights on a device. Its methods may be called from several goroutines; they run one
// after the other.
type Extractor struct {
	network Network
	hash    string
	backend compute.Backend
	store   *model.Store

	mu       sync.Mutex
	size     int
	extract  *program
	distance *program // Nil before the first Distance.
}

// New returns an extractor of the network with the weights, which it takes over, and their SHA-256 in hexadecimal, which
// it only reports. It is an error if the weights are not the network's.
func New(backend compute.Backend, network Network, weights map[string]*tensors.Tensor, hash string) (*Extractor, error) {
	if err := checkWeights(network, weights); err != nil {
		return nil, err
	}
	used := make(map[string]*tensors.Tensor)
	for name := range network.Weights() {
		used[name] = weights[name]
	}
	if preparer, ok := network.(Preparer); ok {
		prepared, err := preparer.Prepare(used)
		if err != nil {
			return nil, errors.WithMessagef(err, "features: weights of %s", network.Name())
		}
		used = prepared
	}
	e := &Extractor{network: network, hash: hash, backend: backend, store: model.NewStore(), size: network.FeatureSize()}
	for name, tensor := range used {
		variable, err := e.store.CreateVariable(name, tensor)
		if err != nil {
			return nil, errors.WithMessagef(err, "features: weight %s of %s", name, network.Name())
		}
		variable.SetTrainable(false)
	}
	exec, err := model.NewExec(backend, e.store, e.extractGraph)
	if err != nil {
		return nil, errors.WithMessagef(err, "features: %s", network.Name())
	}
	e.extract = &program{exec: exec, most: func(shape []int) int { return largestBatch(backend, network, shape) }}
	return e, nil
}

// Name returns the network's name.
func (e *Extractor) Name() string { return e.network.Name() }

// Hash returns the SHA-256 of the weights in hexadecimal, or "" if there are none.
func (e *Extractor) Hash() string { return e.hash }

// Size returns the number of features of one picture. For an extractor whose features are as many as the pictures have
// pixels it is 0 before the first call of Extract.
func (e *Extractor) Size() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.size
}

// Classes returns the names of the classes that the logits are of, or nil without a classifier.
func (e *Extractor) Classes() []string { return slices.Clone(e.network.Classes()) }

// Resize tells in words how pictures [height, width, channels] are brought to the network, "none" if they are taken as
// they are. It is an error if they cannot be.
func (e *Extractor) Resize(shape []int) (string, error) { return e.network.Resize(shape) }

// Extract returns the features of the pictures, uint8 [n, height, width, channels], as n rows of Size numbers, and their
// logits as n rows of one number per class, or nil without a classifier.
//
// Any number of pictures is run in batches of one size, the last one filled up, so that the network is compiled once for
// pictures of one shape. The features of a picture depend on it alone.
func (e *Extractor) Extract(pictures *tensors.Tensor) (features, logits []float32, err error) {
	if err := e.checkPictures(pictures); err != nil {
		return nil, nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	outputs, err := e.extract.run(pictures)
	if err != nil {
		return nil, nil, errors.WithMessagef(err, "features: %s", e.Name())
	}
	e.size = len(outputs[0]) / pictures.Shape().Dim(0)
	if len(outputs) > 1 {
		logits = outputs[1]
	}
	return outputs[0], logits, nil
}

// extractGraph returns the features and, if there is a classifier, the logits of the pictures, uint8.
func (e *Extractor) extractGraph(scope *model.Scope, pictures *Node) []*Node {
	output := e.outputGraph(scope, pictures)
	if output.Logits == nil {
		return []*Node{output.Features}
	}
	return []*Node{output.Features, output.Logits}
}

// outputGraph builds the network for the pictures, uint8.
func (e *Extractor) outputGraph(scope *model.Scope, pictures *Node) Output {
	weight := func(name string) *Node {
		variable := scope.Store().GetVariable(name)
		if variable == nil {
			Panicf("features: the network %s has no weight %q", e.Name(), name)
		}
		return variable.NodeValue(pictures)
	}
	return e.network.Graph(weight, ConvertDType(pictures, dtypes.Float32))
}

// checkPictures returns an error if the pictures are not what the network takes.
func (e *Extractor) checkPictures(pictures *tensors.Tensor) error {
	shape := pictures.Shape()
	if shape.DType != dtypes.Uint8 || shape.Rank() != 4 || slices.Min(shape.Dimensions) < 1 {
		return errors.Errorf("features: pictures must be uint8 [n, height, width, channels] with something in them, got %s", shape)
	}
	_, err := e.Resize(shape.Dimensions[1:])
	return err
}
