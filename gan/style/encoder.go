package style

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/float16"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/features"
	"github.com/ganymede-ml/ganymede/internal/nearest"
	"github.com/ganymede-ml/ganymede/internal/safetensors"
)

// The weights that the package carries, float16. The program in data/small made them.
var (
	//go:embed data/encoder.safetensors
	encoderFile []byte
	//go:embed data/decoder.safetensors
	decoderFile []byte
)

// SmallEncoder and VGGEncoder are the names of the encoders.
const (
	SmallEncoder = "small"
	VGGEncoder   = "vgg19"
)

// Encoders returns what OpenEncoder knows.
func Encoders() []string { return []string{SmallEncoder, VGGEncoder + ":FILE"} }

// styleLayers are those whose statistics are a picture's style.
var styleLayers = []string{"relu1_1", "relu2_1", "relu3_1", "relu4_1"}

// encoderScope is where an encoder's weights are in a store.
const encoderScope = "encoder"

// architecture is an encoder without its weights.
type architecture interface {
	name() string
	convolutions() []Convolution // Up to the layer that is a picture's content: what a decoder mirrors.
	layerNames() []string
	shapes() map[string][]int // Of the weights.

	// graph returns the layers of the names of images in [-1, 1].
	graph(weight func(name string) *Node, images *Node, names []string) []*Node
}

// Encoder is a network whose layers tell what is on a picture and in which style. It is never trained here.
type Encoder struct {
	architecture
	weights map[string]*tensors.Tensor // As the graph wants them; nil where they are in a store already.
	hash    string
}

// OpenEncoder returns the encoder of the name: "small", which the package carries, or "vgg19:FILE" with the weights of
// torchvision's VGG19 in a file, as features.Open takes it: one that is not the standard file is refused, unless its SHA-256
// follows, "vgg19:FILE,sha256=HEX".
func OpenEncoder(spec string) (*Encoder, error) {
	name, file, hasFile := strings.Cut(spec, ":")
	switch {
	case name == SmallEncoder && hasFile:
		return nil, errors.New("style: the small encoder has its weights with it and takes no file: use \"small\"")
	case name == SmallEncoder:
		return openSmall()
	case name == VGGEncoder && file == "":
		return nil, errors.New(`style: vgg19 needs its file of weights: use "vgg19:FILE"; ganymede features get vgg19 downloads it`)
	case name == VGGEncoder:
		return openVGG(file)
	}
	return nil, errors.Errorf("style: there is no encoder %q%s; there are %s",
		name, nearest.Hint(name, []string{SmallEncoder, VGGEncoder}), strings.Join(Encoders(), ", "))
}

// encoderOf returns the encoder of the name without weights, for stores that have them.
func encoderOf(spec string) (*Encoder, error) {
	name, _, _ := strings.Cut(spec, ":")
	switch name {
	case SmallEncoder:
		return &Encoder{architecture: small{}}, nil
	case VGGEncoder:
		return &Encoder{architecture: newVGG()}, nil
	}
	return nil, errors.Errorf("style: there is no encoder %q", spec)
}

// openSmall returns the encoder that the package carries.
func openSmall() (*Encoder, error) {
	weights, _, err := readFloat16(encoderFile)
	if err != nil {
		return nil, errors.WithMessage(err, "style: small encoder")
	}
	hash := sha256.Sum256(encoderFile)
	return &Encoder{small{}, weights, hex.EncodeToString(hash[:])}, nil
}

// openVGG reads VGG19's weights up to its last block, as no style looks further.
func openVGG(spec string) (*Encoder, error) {
	file, want, named := strings.Cut(spec, ",sha256=")
	if !named {
		for _, info := range features.List() {
			if info.Name == VGGEncoder+":FILE" {
				want = info.SHA256
			}
		}
	}
	network := newVGG()
	weights, hash, err := features.ReadWeights(file, network.unused)
	if err != nil {
		return nil, errors.WithMessage(err, "style: encoder")
	}
	if hash != strings.ToLower(strings.TrimSpace(want)) {
		return nil, errors.Errorf("style: %s is not VGG19's standard file of weights: its SHA-256 is %s, not %s; to use it all the same, say vgg19:%s,sha256=%s",
			file, hash, want, file, hash)
	}
	e, err := newEncoder(network, weights, hash)
	return e, errors.WithMessage(err, file)
}

// newEncoder returns an encoder, or an error if the weights are not the network's.
func newEncoder(network architecture, weights map[string]*tensors.Tensor, hash string) (*Encoder, error) {
	for name, shape := range network.shapes() {
		weight, ok := weights[name]
		if !ok || weight.DType() != dtypes.Float32 || !slices.Equal(weight.Shape().Dimensions, shape) {
			return nil, errors.Errorf("style: these are not the weights of %s: %s should be float32 %v", network.name(), name, shape)
		}
	}
	if p, ok := network.(features.Preparer); ok {
		var err error
		if weights, err = p.Prepare(weights); err != nil {
			return nil, errors.WithMessagef(err, "style: weights of %s", network.name())
		}
	}
	return &Encoder{network, weights, hash}, nil
}

// Name returns "small" or "vgg19".
func (e *Encoder) Name() string { return e.name() }

// Hash returns the SHA-256 of the file of weights in hexadecimal.
func (e *Encoder) Hash() string { return e.hash }

// ContentLayer returns the name of the layer that AdaIN changes and the decoder draws: relu4_1 of VGG19, as in the paper, and
// relu3_2 of the small encoder.
func (e *Encoder) ContentLayer() string {
	convolutions := e.convolutions()
	return layerOf(convolutions[len(convolutions)-1].Name)
}

// cell returns how many pixels along a side one of the content layer stands for.
func (e *Encoder) cell() int {
	side := 1
	for _, c := range e.convolutions() {
		if c.Pool {
			side *= 2
		}
	}
	return side
}

// LayerNames returns the names of the layers, the first one first.
func (e *Encoder) LayerNames() []string { return e.layerNames() }

// Layers returns the layers of the names, each shaped [batch, height, width, channels], of images in [-1, 1], shaped [batch,
// height, width, 3]. Height and width must be multiples of 8 for the small encoder. The weights become variables of the
// scope's store, below /encoder, which nothing trains.
//
// It panics if there is no layer of a name.
func (e *Encoder) Layers(scope *model.Scope, images *Node, names ...string) []*Node {
	for _, name := range names {
		if !slices.Contains(e.layerNames(), name) {
			Panicf("style: %s has no layer %q; its layers are %s", e.name(), name, strings.Join(e.layerNames(), ", "))
		}
	}
	weight := func(name string) *Node {
		path := "/" + encoderScope + "/" + name
		store := scope.Store()
		v := store.GetVariable(path)
		if v == nil {
			value, err := e.weights[name].LocalClone() // As a tensor is of one backend only.
			if err != nil {
				panic(err)
			}
			if v, err = store.CreateVariable(path, value); err != nil {
				panic(err)
			}
		}
		v.SetTrainable(false)
		return v.NodeValue(images)
	}
	return e.graph(weight, images, names)
}

// readFloat16 reads a file of float16 weights as float32, and its metadata.
func readFloat16(file []byte) (map[string]*tensors.Tensor, map[string]string, error) {
	list, metadata, err := safetensors.Read(file)
	if err != nil {
		return nil, nil, err
	}
	weights := make(map[string]*tensors.Tensor, len(list))
	for _, named := range list {
		halves, err := tensors.CopyFlatData[float16.Float16](named.Tensor)
		if err != nil {
			return nil, nil, errors.WithMessage(err, named.Name)
		}
		values := make([]float32, len(halves))
		for i, half := range halves {
			values[i] = half.Float32()
		}
		weights[named.Name] = tensors.FromFlatDataAndDimensions(values, named.Tensor.Shape().Dimensions...)
	}
	return weights, metadata, nil
}
