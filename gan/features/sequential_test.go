package features

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// goldenSequential is what bench/golden/make_golden_vgg.py writes, which says what is in it.
type goldenSequential struct {
	Networks []goldenNetwork
	Adaptive []struct {
		Shape []int `json:"x_shape"`
		Size  int
		Y     []float64
	}
}

type goldenNetwork struct {
	Name    string
	Weights map[string][]int
	Shape   []int
	Layers  []struct {
		Name   string
		Shape  []int
		Stride int
		Values []float64
	}
	Features, Logits []float64
	LPIPS            *struct {
		Shape                  []int
		Learned, Uniform, Near []float64
	}
}

func readSequential(t *testing.T) goldenSequential {
	return gantest.ReadJSON[goldenSequential](t, "testdata/golden_vgg.json")
}

func sequentialOf(name string) *Sequential { return entries[name].network.(*Sequential) }

// seededExtractor returns the extractor of a network with the weights of its golden values.
func seededExtractor(t *testing.T, backend compute.Backend, network Network) *Extractor {
	t.Helper()
	e, err := New(backend, network, gantest.SeededWeights(network.Weights()), "")
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return e
}

func checkGolden(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if difference := gantest.RelativeError(got, want); !(difference <= 1e-4) {
		t.Errorf("%s: relative difference %.2g", what, difference)
	} else {
		t.Logf("%s: relative difference %.2g", what, difference)
	}
}

func TestSequentialGolden(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute and more under -race")
	}
	for _, want := range readSequential(t).Networks {
		network := sequentialOf(want.Name).WithClassifier()
		network.hidden, network.classes = 64, len(want.Logits)/want.Shape[0] // As the script narrows them.
		gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
			results := sequentialOutputs(t, backend, network, gantest.SeededPictures("pictures", want.Shape...))
			checkGolden(t, want.Name+" features", strided(results[0], 1), want.Features)
			checkGolden(t, want.Name+" logits", strided(results[1], 1), want.Logits)
			for i, layer := range want.Layers {
				result := results[2+i]
				if network.convolutions[i].name != layer.Name || !slices.Equal(result.Shape().Dimensions, layer.Shape) {
					t.Errorf("%s: layer %d is %s, shaped %s; want %s, %v", want.Name, i, network.convolutions[i].name,
						result.Shape(), layer.Name, layer.Shape)
					continue
				}
				checkGolden(t, want.Name+" "+layer.Name, strided(result, layer.Stride), layer.Values)
			}
		})
	}
}

// sequentialOutputs returns features, logits and all layers.
func sequentialOutputs(t *testing.T, backend compute.Backend, network *Sequential, pictures *tensors.Tensor) []*tensors.Tensor {
	t.Helper()
	e := seededExtractor(t, backend, network)
	exec, err := model.NewExec(backend, e.store, func(scope *model.Scope, x *Node) []*Node {
		output := e.outputGraph(scope, x)
		weight := func(name string) *Node { return scope.Store().GetVariable(name).NodeValue(x) }
		layers := network.Layers(weight, ConvertDType(x, output.Features.DType()), network.layerNames()...)
		return append([]*Node{output.Features, output.Logits}, layers...)
	})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	results, err := exec.Call(pictures)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return results
}

// strided returns every stride-th number of a tensor.
func strided(tensor *tensors.Tensor, stride int) []float64 {
	return every(tensors.MustCopyFlatData[float32](tensor), stride)
}

// The weights must be called and shaped as in torchvision's files.
func TestSequentialWeights(t *testing.T) {
	for _, want := range readSequential(t).Networks {
		network := sequentialOf(want.Name)
		if got := network.WithClassifier().Weights(); !maps.EqualFunc(got, want.Weights, slices.Equal[[]int]) {
			t.Errorf("%s with its classifier has weights %v, torchvision's %v", want.Name, got, want.Weights)
		}
		maps.DeleteFunc(want.Weights, func(name string, _ []int) bool { return strings.HasPrefix(name, "classifier.") })
		if got := network.Weights(); !maps.EqualFunc(got, want.Weights, slices.Equal[[]int]) {
			t.Errorf("%s has weights %v, torchvision's %v", want.Name, got, want.Weights)
		}
	}
}

// A file has the classifier's weights also for who does not want them; weights of another network are refused.
func TestSequentialLeavesTheClassifier(t *testing.T) {
	with := AlexNet().WithClassifier()
	with.hidden, with.classes = 2, 3
	weights := gantest.SeededWeights(with.Weights())
	if e, err := New(gantest.Go(), AlexNet(), maps.Clone(weights), ""); err != nil || e.Classes() != nil {
		t.Errorf("weights with a classifier: %v", err)
	}
	if _, err := New(gantest.Go(), VGG16(), maps.Clone(weights), ""); err == nil || !strings.Contains(err.Error(), "not the weights of vgg16") {
		t.Errorf("VGG16 takes AlexNet's weights: %v", err)
	}
	delete(weights, "classifier.6.bias")
	if _, err := New(gantest.Go(), with, weights, ""); err == nil || !strings.Contains(err.Error(), "classifier.6.bias is missing") {
		t.Errorf("an incomplete classifier is taken: %v", err)
	}
}

func TestSequentialSmallest(t *testing.T) {
	for _, test := range []struct {
		network  *Sequential
		smallest int
	}{{VGG16(), 16}, {VGG19(), 16}, {AlexNet(), 31}, {VGG16().WithClassifier(), 32}, {AlexNet().WithClassifier(), 63}} {
		name := test.network.Name()
		if words, err := test.network.Resize([]int{test.smallest, test.smallest + 9, 3}); err != nil || words != "none" {
			t.Errorf("%s, %d: %q, %v", name, test.smallest, words, err)
		}
		if words, err := test.network.Resize([]int{test.smallest, test.smallest, 1}); err != nil || !strings.Contains(words, "grey") {
			t.Errorf("%s, grey: %q, %v", name, words, err)
		}
		for _, shape := range [][]int{{test.smallest - 1, 100, 3}, {100, test.smallest - 1, 3}, {100, 100, 4}, {100, 100}} {
			if _, err := test.network.Resize(shape); err == nil {
				t.Errorf("%s takes pictures of %v", name, shape)
			}
		}
	}
	_, err := seededExtractor(t, gantest.Go(), AlexNet()).Distance(gantest.SeededPictures("a", 1, 30, 40, 3), gantest.SeededPictures("b", 1, 30, 40, 3))
	if err == nil || !strings.Contains(err.Error(), "alexnet takes pictures of 31×31 or more, not 30×40") {
		t.Errorf("small pictures: %v", err)
	}
}

// The smallest pictures must pass, and the features of a batch must be those of each picture.
func TestSequentialExtract(t *testing.T) {
	e := seededExtractor(t, gantest.Go(), AlexNet())
	both, logits, err := e.Extract(gantest.SeededPictures("pictures", 2, 31, 33, 3))
	if err != nil || logits != nil || len(both) != 2*e.Size() {
		t.Fatalf("%d features, %d logits: %+v", len(both), len(logits), err)
	}
	one, _, err := e.Extract(gantest.SeededPictures("pictures", 1, 31, 33, 3)) // The first of the two.
	if err != nil {
		t.Fatalf("%+v", err)
	}
	checkGolden(t, "one picture", every(one, 1), every(both[:e.Size()], 1))
}

func TestAdaptiveAverageGolden(t *testing.T) {
	for _, test := range readSequential(t).Adaptive {
		x := tensors.FromFlatDataAndDimensions(gantest.SeededUniform("adaptive", shapes.Make(dtypes.Float32, test.Shape...).Size(), -1, 1), test.Shape...)
		got, err := CallOnce(gantest.Go(), func(x *Node) *Node { return adaptiveAverage(x, test.Size) }, x)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		checkGolden(t, "adaptive average", strided(got, 1), test.Y)
	}
}
