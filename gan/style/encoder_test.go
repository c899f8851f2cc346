package style

import (
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan/features"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// The encoder of VGG19 is the network of package features, whose layers are those of torchvision.
func TestVGGEncoder(t *testing.T) {
	network := newVGG()
	weights := map[string]*tensors.Tensor{}
	all := gantest.SeededWeights(features.VGG19().Weights())
	for name := range network.shapes() {
		weights[name] = all[name]
	}
	if len(weights) != 26 {
		t.Errorf("it has %d weights, want those of 13 convolutions", len(weights))
	}
	encoder, err := newEncoder(network, weights, "")
	if err != nil {
		t.Fatal(err)
	}
	golden := gantest.ReadJSON[struct {
		Networks []struct {
			Name   string
			Shape  []int
			Layers []struct {
				Name   string
				Stride int
				Values []float64
			}
		}
	}](t, "../features/testdata/golden_vgg.json")
	for _, want := range golden.Networks {
		if want.Name != "vgg19" {
			continue
		}
		backend := gantest.XLA()
		if backend == nil {
			backend = gantest.Go()
		}
		outputs := call(t, backend, model.NewStore(), func(scope *model.Scope, x []*Node) []*Node {
			images := AddScalar(MulScalar(ConvertDType(x[0], dtypes.Float32), 1/127.5), -1)
			return encoder.Layers(scope, images, "relu4_1", "relu2_1", "relu5_1")
		}, gantest.SeededPictures("pictures", want.Shape...))
		for i, name := range []string{"relu4_1", "relu2_1", "relu5_1"} {
			for _, layer := range want.Layers {
				if layer.Name == name {
					check(t, name, every(outputs[i], layer.Stride), layer.Values)
				}
			}
		}
	}
	delete(weights, "features.0.bias")
	if _, err := newEncoder(network, weights, ""); err == nil {
		t.Error("a weight that is missing is not missed")
	}
}

// A decoder mirrors encoders whose layers have the sizes that their convolutions tell of.
func TestConvolutionsFitLayers(t *testing.T) {
	for _, test := range []struct {
		network      architecture
		contentLayer string
		cell         int
	}{{small{}, "relu3_2", 4}, {newVGG(), "relu4_1", 8}} {
		network := test.network
		names := network.layerNames()
		in := 3
		for i, c := range network.convolutions() {
			if c.In != in || layerOf(c.Name) != names[i] {
				t.Errorf("%s: convolution %+v after %d channels, layer %s", network.name(), c, in, names[i])
			}
			in = c.Out
		}
		e := Encoder{architecture: network}
		if e.ContentLayer() != test.contentLayer || e.cell() != test.cell {
			t.Errorf("%s: the content layer is %s, of cells of %d", network.name(), e.ContentLayer(), e.cell())
		}
		for _, name := range styleLayers {
			if !slices.Contains(names, name) {
				t.Errorf("%s has no %s", network.name(), name)
			}
		}
	}
}
