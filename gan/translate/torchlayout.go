package translate

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/torchfile"
)

// torchLayer is a convolution of a generator, and the normalization after it, in a state_dict of the authors' code.
type torchLayer struct {
	scope   string // Ours.
	name    string // Of its module.
	norm    string // Of the normalization's module; "" for none.
	in, out int    // Channels.
	kernel  int    // Height and width.

	transposed bool
	last       bool // The layer that makes the picture.
}

// inTorch is a generator that the authors' code has, too.
type inTorch interface {
	// torchLayers returns the layers in their order, for pictures with so many channels, and the normalization.
	torchLayers(in, out int) ([]torchLayer, gan.Norm)
}

// torchLayers returns the layers of ResnetGenerator.
func (r ResNet) torchLayers(in, out int) ([]torchLayer, gan.Norm) {
	var layers []torchLayer
	place := 1 // In the module "model"; its first is the reflection padding.
	add := func(scope string, in, out, kernel int, transposed bool) {
		layers = append(layers, torchLayer{scope: scope, name: fmt.Sprintf("model.%d", place), norm: fmt.Sprintf("model.%d", place+1),
			in: in, out: out, kernel: kernel, transposed: transposed})
		place += 3 // With normalization and rectifier.
	}
	first := orDefault(r.Channels, 64)
	add("in", in, first, 7, false)
	add("down_0", first, 2*first, 3, false)
	add("down_1", 2*first, 4*first, 3, false)
	for i := range r.blocks() {
		second := 5 // After padding, convolution, normalization, rectifier and padding.
		if r.Dropout > 0 {
			second++
		}
		for j, at := range []int{1, second} {
			layers = append(layers, torchLayer{scope: fmt.Sprintf("block_%d/conv_%d", i, j), name: fmt.Sprintf("model.%d.conv_block.%d", place, at),
				norm: fmt.Sprintf("model.%d.conv_block.%d", place, at+1), in: 4 * first, out: 4 * first, kernel: 3})
		}
		place++
	}
	add("up_0", 4*first, 2*first, 3, true)
	add("up_1", 2*first, first, 3, true)
	place++ // Reflection padding.
	last := torchLayer{scope: "out", name: fmt.Sprintf("model.%d", place), in: first, out: out, kernel: 7, last: true}
	return append(layers, last), r.Norm
}

// torchLayers returns the layers of UnetGenerator, whose modules lie within each other.
func (u UNet) torchLayers(in, out int) ([]torchLayer, gan.Norm) {
	depth := u.depth()
	layers := make([]torchLayer, 2*depth)
	name := "model.model" // The outermost: convolution, what lies within, rectifier, transposed convolution.
	for i := range depth {
		down := torchLayer{scope: fmt.Sprintf("down_%d", i), name: name + ".1", in: in, out: u.channels(i), kernel: 4}
		up := torchLayer{scope: fmt.Sprintf("up_%d", i), in: 2 * u.channels(i), out: in, kernel: 4, transposed: true}
		within := name + ".3" // After rectifier, convolution and normalization.
		switch i {
		case 0:
			down.name, up.name, up.out, up.last, within = name+".0", name+".3", out, true, name+".1"
		case depth - 1: // Without normalization and anything within.
			up.name, up.norm, up.in = name+".3", name+".4", u.channels(i)
		default:
			down.norm, up.name, up.norm = name+".2", name+".5", name+".6"
		}
		layers[i], layers[2*depth-1-i] = down, up
		name, in = within+".model", down.out
	}
	return layers, u.Norm
}

// torchWeights returns the variables of the generator, by their paths below its scope, that the tensors of a state_dict are.
// The error names the first key that is missing, of another shape than the generator's, or not the generator's.
func torchWeights(list map[string]torchfile.Tensor, generator inTorch, in, out int) (map[string]*tensors.Tensor, error) {
	layers, norm := generator.torchLayers(in, out)
	state := torchState{list: list, seen: make(map[string]bool), variables: make(map[string]*tensors.Tensor)}
	for _, layer := range layers {
		if err := state.convolution(layer, norm); err != nil {
			return nil, err
		}
		if layer.norm == "" {
			continue
		}
		if err := state.normalization(layer, norm); err != nil {
			return nil, err
		}
	}
	var unknown []string
	for key := range list {
		if !state.seen[key] {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) > 0 {
		return nil, errors.Errorf("%q is not of this generator", slices.Min(unknown))
	}
	return state.variables, nil
}

// torchState is a state_dict being read.
type torchState struct {
	list      map[string]torchfile.Tensor
	seen      map[string]bool
	variables map[string]*tensors.Tensor
}

// convolution takes a layer's kernel, and its bias where the generator has one.
func (s torchState) convolution(layer torchLayer, norm gan.Norm) error {
	shape := []int{layer.out, layer.in, layer.kernel, layer.kernel}
	ours := layer.scope + "/conv"
	if layer.transposed {
		shape[0], shape[1] = shape[1], shape[0]
		ours += "_transpose"
	}
	kernel, err := s.take(layer.name+".weight", shape)
	if err != nil {
		return err
	}
	s.variables[ours+"/weights"] = turned(kernel)

	key := layer.name + ".bias"
	bias := torchfile.Tensor{Shape: []int{layer.out}, Values: make([]float32, layer.out)}
	_, found := s.list[key]
	if found || layer.last || norm == "" || norm == InstanceNorm { // The code leaves it out for other normalizations.
		if bias, err = s.take(key, bias.Shape); err != nil {
			return err
		}
	}
	if layer.norm == "" || !normalizes(norm) {
		s.variables[ours+"/biases"] = vector(bias)
	}
	return nil
}

// normalization takes the weights of the normalization after a layer.
func (s torchState) normalization(layer torchLayer, norm gan.Norm) error {
	if norm != gan.BatchNorm {
		if key := layer.norm + ".weight"; len(s.list[key].Shape) == 1 && !s.seen[key] {
			return errors.Errorf("%q is of a batch normalization: the generator's Norm must be %q", key, gan.BatchNorm)
		}
		// Instance normalization had running averages, which it did not use, before PyTorch 0.4.
		s.seen[layer.norm+".running_mean"], s.seen[layer.norm+".running_var"] = true, true
		return nil
	}
	for _, part := range [][2]string{{".weight", "scale"}, {".bias", "offset"}, {".running_mean", "mean"}, {".running_var", "variance"}} {
		values, err := s.take(layer.norm+part[0], []int{layer.out})
		if err != nil {
			return err
		}
		s.variables[layer.scope+"/batch_norm/"+part[1]] = vector(values)
	}
	return nil
}

// take returns the tensor of that key and shape.
func (s torchState) take(key string, shape []int) (torchfile.Tensor, error) {
	tensor, found := s.list[key]
	if !found {
		return tensor, errors.Errorf("there is no %q", key)
	}
	if !slices.Equal(tensor.Shape, shape) {
		return tensor, errors.Errorf("%q is shaped %v, where the generator has %v", key, tensor.Shape, shape)
	}
	s.seen[key] = true
	return tensor, nil
}

// turned returns a kernel shaped [a, b, height, width] as [height, width, b, a]. PyTorch's are [out, in, ...] for a
// convolution, [in, out, ...] for a transposed one; ours are [..., in, out] and [..., out, in].
func turned(kernel torchfile.Tensor) *tensors.Tensor {
	a, b, height, width := kernel.Shape[0], kernel.Shape[1], kernel.Shape[2], kernel.Shape[3]
	values := make([]float32, len(kernel.Values))
	for i, value := range kernel.Values {
		position, channels := i%(height*width), i/(height*width)
		values[(position*b+channels%b)*a+channels/b] = value
	}
	return tensors.FromFlatDataAndDimensions(values, height, width, b, a)
}

func vector(tensor torchfile.Tensor) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(slices.Clone(tensor.Values), tensor.Shape...)
}
