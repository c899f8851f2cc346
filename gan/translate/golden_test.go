package translate

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
	"github.com/ganymede-ml/ganymede/internal/torchfile"
)

// goldenNetwork is a case of testdata/golden.json, which bench/golden/make_golden_translate.py describes.
type goldenNetwork struct {
	Kind                                            string
	Inputs, Outputs, Blocks, Channels, Size, Layers int
	Norm                                            gan.Norm
	Dropout                                         bool

	File      string
	Shape     []int
	Weights   map[string][]int
	ShapeY    []int `json:"shape_y"`
	Y, DX     goldenNumbers
	Evaluated goldenNumbers

	Translated goldenNumbers
	Gradients  map[string][2]float64
}

// goldenNumbers are the numbers 0, Stride, 2·Stride, … of a tensor.
type goldenNumbers struct {
	Stride int
	Values []float64
}

func goldenNetworks(t *testing.T) []goldenNetwork {
	t.Helper()
	return gantest.ReadJSON[struct{ Networks []goldenNetwork }](t, "testdata/golden.json").Networks
}

func (n goldenNetwork) String() string {
	return fmt.Sprintf("%s size %d layers %d blocks %d %s", n.Kind, n.Size, n.Layers, n.Blocks, n.Norm)
}

// graph returns the network's result.
func (n goldenNetwork) graph(scope *model.Scope, x *Node) *Node {
	if n.Kind == "patchgan" {
		return n.patchGAN().Graph(scope, x)
	}
	return n.generator().Graph(scope, x, n.Outputs)
}

// generator returns the generator, without dropout.
func (n goldenNetwork) generator() interface {
	Generator
	inTorch
} {
	if n.Kind == "unet" {
		return UNet{Size: n.Size, Channels: n.Channels, Norm: n.Norm, Dropout: -1}
	}
	return ResNet{Blocks: n.Blocks, Channels: n.Channels, Norm: n.Norm}
}

func (n goldenNetwork) patchGAN() PatchGAN {
	return PatchGAN{Layers: n.Layers, Pixel: n.Layers == 0, Channels: n.Channels, Norm: n.Norm}
}

// layout returns where the network's weights are in its state_dict.
func (n goldenNetwork) layout() inTorch {
	switch {
	case n.Kind == "patchgan":
		return patchGANLayout{n.patchGAN()}
	case n.Dropout:
		return ResNet{Blocks: n.Blocks, Channels: n.Channels, Norm: n.Norm, Dropout: 0.5}
	default:
		return n.generator()
	}
}

// patchGANLayout is the layout of a discriminator's file.
type patchGANLayout struct{ PatchGAN }

func (p patchGANLayout) torchLayers(in, _ int) ([]torchLayer, gan.Norm) {
	widths, kernel := []int{in, p.Channels}, 4
	for i := range p.layers() {
		widths = append(widths, p.Channels<<min(i+1, 3))
	}
	if p.Pixel {
		widths, kernel = []int{in, p.Channels, 2 * p.Channels}, 1
	}
	layers := []torchLayer{{scope: "layer_0", name: "model.0", in: in, out: p.Channels, kernel: kernel, last: true}}
	place := 2
	for i := 2; i < len(widths); i++ {
		layers = append(layers, torchLayer{scope: fmt.Sprintf("layer_%d", i-1), name: fmt.Sprintf("model.%d", place),
			norm: fmt.Sprintf("model.%d", place+1), in: widths[i-1], out: widths[i], kernel: kernel})
		place += 3
	}
	last := torchLayer{scope: "out", name: fmt.Sprintf("model.%d", place), in: widths[len(widths)-1], out: 1, kernel: kernel, last: true}
	return append(layers, last), p.Norm
}

// store returns a store with the network's weights under scope "network".
func (n goldenNetwork) store(t *testing.T, list map[string]torchfile.Tensor) *model.Store {
	t.Helper()
	weights, err := torchWeights(list, n.layout(), n.Inputs, n.Outputs)
	if err != nil {
		t.Fatalf("%s: %v", n, err)
	}
	store := model.NewStore()
	for path, value := range weights {
		store.VariableWithValue("/network/"+path, value)
	}
	return store
}

func (n goldenNetwork) seededWeights(t *testing.T) map[string]torchfile.Tensor {
	t.Helper()
	list := make(map[string]torchfile.Tensor)
	for name, tensor := range gantest.SeededWeights(n.Weights) {
		list[name] = torchfile.Tensor{Shape: tensor.Shape().Dimensions, Values: tensors.MustCopyFlatData[float32](tensor)}
	}
	return list
}

func (n goldenNetwork) pictures() *tensors.Tensor { return seededImages("pictures", n.Shape) }

func seededImages(name string, shape []int) *tensors.Tensor {
	size := 1
	for _, d := range shape {
		size *= d
	}
	return tensors.FromFlatDataAndDimensions(gantest.SeededUniform(name, size, -1, 1), shape...)
}

// close fails the test if the tensor's numbers are not those, within 1e-4 of the largest.
func (want goldenNumbers) close(t *testing.T, what string, tensor *tensors.Tensor) {
	t.Helper()
	var got []float64
	for i, value := range gantest.Float64s(t, tensor) {
		if i%want.Stride == 0 {
			got = append(got, value)
		}
	}
	if e := gantest.RelativeError(got, want.Values); e > 1e-4 {
		t.Errorf("%s: relative error %.2g", what, e)
	}
}

// TestNetworksAreThoseOfPyTorch compares results and derivatives for equal weights.
func TestNetworksAreThoseOfPyTorch(t *testing.T) {
	for _, network := range goldenNetworks(t) {
		t.Run(network.String(), func(t *testing.T) { network.compare(t, gantest.Go()) })
	}
}

// TestNetworksOnXLA compares one network of a kind there.
func TestNetworksOnXLA(t *testing.T) {
	backend := gantest.XLA()
	if backend == nil {
		t.Skip("no XLA plugin is installed; `ganymede doctor --install` gets one")
	}
	seen := make(map[string]bool)
	for _, network := range goldenNetworks(t) {
		if !seen[network.Kind] {
			t.Run(network.String(), func(t *testing.T) { network.compare(t, backend) })
		}
		seen[network.Kind] = true
	}
}

func (n goldenNetwork) compare(t *testing.T, backend compute.Backend) {
	store := n.store(t, n.seededWeights(t))
	variables := slices.SortedFunc(store.IterVariables(), func(a, b *model.Variable) int { return strings.Compare(a.Path(), b.Path()) })
	variables = slices.DeleteFunc(variables, func(v *model.Variable) bool {
		return !strings.HasPrefix(v.Path(), "/network/") || strings.HasSuffix(v.Path(), "mean") || strings.HasSuffix(v.Path(), "variance")
	})
	if n.Norm == gan.BatchNorm { // Before training changes the running averages.
		outputs := n.call(t, backend, store, func(scope *model.Scope, x *Node) []*Node { return []*Node{n.graph(scope, x)} })
		n.Evaluated.close(t, "evaluated", outputs[0])
	}
	outputs := n.call(t, backend, store, func(scope *model.Scope, x *Node) []*Node {
		scope.Store().SetTraining(x.Graph(), true)
		y := n.graph(scope, x)
		along := []*Node{x}
		for _, v := range variables {
			along = append(along, v.NodeValue(x))
		}
		scalar := ReduceAllSum(Mul(y, ConstTensor(x.Graph(), seededImages("direction", n.ShapeY))))
		return append([]*Node{y}, Gradient(scalar, along...)...)
	})
	if !slices.Equal(outputs[0].Shape().Dimensions, n.ShapeY) {
		t.Fatalf("the result is shaped %s, want %v", outputs[0].Shape(), n.ShapeY)
	}
	n.Y.close(t, "y", outputs[0])
	n.DX.close(t, "dx", outputs[1])
	gradients := make(map[string]*tensors.Tensor)
	for i, v := range variables {
		gradients[strings.TrimPrefix(v.Path(), "/network/")] = outputs[i+2]
	}
	n.compareGradients(t, gradients)
}

// compareGradients has each parameter's direction, which the golden values hold the derivatives along, turned as the parameter.
func (n goldenNetwork) compareGradients(t *testing.T, gradients map[string]*tensors.Tensor) {
	t.Helper()
	list := make(map[string]torchfile.Tensor)
	for name, shape := range n.Weights {
		list[name] = torchfile.Tensor{Shape: shape, Values: tensors.MustCopyFlatData[float32](seededImages(name+"/direction", shape))}
	}
	directions, err := torchWeights(list, n.layout(), n.Inputs, n.Outputs)
	if err != nil {
		t.Fatal(err)
	}
	byNorm := make(map[string]string) // PyTorch's names by ours, found by the layout.
	layers, _ := n.layout().torchLayers(n.Inputs, n.Outputs)
	for _, layer := range layers {
		kind := "/conv"
		if layer.transposed {
			kind += "_transpose"
		}
		byNorm[layer.scope+kind+"/weights"], byNorm[layer.scope+kind+"/biases"] = layer.name+".weight", layer.name+".bias"
		byNorm[layer.scope+"/batch_norm/scale"], byNorm[layer.scope+"/batch_norm/offset"] = layer.norm+".weight", layer.norm+".bias"
	}
	for _, path := range slices.Sorted(maps.Keys(gradients)) {
		want, found := n.Gradients[byNorm[path]]
		if !found && strings.HasSuffix(path, "/biases") {
			continue // The authors' code has no bias there.
		}
		var square, product float64
		direction := gantest.Float64s(t, directions[path])
		for i, value := range gantest.Float64s(t, gradients[path]) {
			square += value * value
			product += value * direction[i]
		}
		if norm := math.Sqrt(square); math.Abs(norm-want[0]) > 1e-4*want[0] || !(math.Abs(product-want[1]) <= 1e-4*want[0]) {
			t.Errorf("gradient of %s: norm %g and product %g, want %g and %g", path, norm, product, want[0], want[1])
		}
	}
}

// call runs the function once on the pictures, in scope "network".
func (n goldenNetwork) call(t *testing.T, backend compute.Backend, store *model.Store, f func(scope *model.Scope, x *Node) []*Node) []*tensors.Tensor {
	t.Helper()
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, x *Node) []*Node { return f(scope.At("network"), x) })
	if err != nil {
		t.Fatalf("%+v", err)
	}
	defer exec.Finalize()
	outputs, err := exec.Call(n.pictures())
	if err != nil {
		t.Fatalf("%s: %+v", n, err)
	}
	return outputs
}
