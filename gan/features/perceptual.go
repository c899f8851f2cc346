package features

import (
	_ "embed"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/safetensors"
)

// PerceptualDistance returns the distances between the pictures whose layers, of one network, are a and those whose
// layers are b, each layer shaped [batch, height, width, channels]: equation 1 of "The Unreasonable Effectiveness of Deep
// Features as a Perceptual Metric" (Zhang et al. 2018, https://arxiv.org/abs/1801.03924), LPIPS. The channels of each
// pixel are brought to length 1, their squared differences multiplied by the layer's weights, one for each channel,
// and summed, averaged over height and width, and summed over the layers. Nil weights are all 1.
//
// The result is shaped [batch]. Its gradient at pixels whose channels are all 0 is 0, where the reference's is not a
// number.
//
// It panics if shapes or numbers of layers differ.
func PerceptualDistance(a, b []*Node, weights [][]float32) *Node {
	if len(a) == 0 || len(a) != len(b) || weights != nil && len(weights) != len(a) {
		Panicf("features.PerceptualDistance: needs as many layers of both, got %d and %d, with weights of %d", len(a), len(b), len(weights))
	}
	var sum *Node
	for i := range a {
		if !a[i].Shape().Equal(b[i].Shape()) {
			Panicf("features.PerceptualDistance: layer %d has shapes %s and %s", i, a[i].Shape(), b[i].Shape())
		}
		differences := Square(Sub(unitChannels(a[i]), unitChannels(b[i])))
		if weights != nil {
			w := ConvertDType(Const(a[i].Graph(), weights[i]), a[i].DType())
			differences = Mul(differences, Reshape(w, 1, 1, 1, -1))
		}
		distance := ReduceMean(ReduceSum(differences, 3), 1, 2) // [batch]
		if sum == nil {
			sum = distance
		} else {
			sum = Add(sum, distance)
		}
	}
	return sum
}

// unitChannels returns x with the channels of each pixel brought to length 1; those that are all 0 stay so.
func unitChannels(x *Node) *Node {
	// The reference adds 1e-10 to the length. The smallest square keeps the slope of the root finite.
	squares := MaxScalar(ReduceAndKeep(Square(x), ReduceSum, 3), 1e-30)
	return Div(x, AddScalar(Sqrt(squares), 1e-10))
}

// Distance returns the perceptual distance between each picture of a and that of b, both uint8 [n, height, width,
// channels]: PerceptualDistance over the layers that the network has for it, with learned weights where there are some, see
// LayerWeights. A network without such layers, as pixels, has its features compared, as one layer of one pixel.
//
// Pictures that are equal have distance 0, and exchanging a and b changes nothing, both to the 13th decimal. Distances of
// different networks are not to be compared.
func (e *Extractor) Distance(a, b *tensors.Tensor) ([]float64, error) {
	for _, pictures := range []*tensors.Tensor{a, b} {
		if err := e.checkPictures(pictures); err != nil {
			return nil, err
		}
	}
	if !a.Shape().Equal(b.Shape()) {
		return nil, errors.Errorf("features: a distance is of pairs of pictures of one shape, got %s and %s", a.Shape(), b.Shape())
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.distance == nil {
		program, err := e.distanceProgram()
		if err != nil {
			return nil, errors.WithMessagef(err, "features: distance by %s", e.Name())
		}
		e.distance = program
	}
	outputs, err := e.distance.run(a, b)
	if err != nil {
		return nil, errors.WithMessagef(err, "features: distance by %s", e.Name())
	}
	distances := make([]float64, len(outputs[0]))
	for i, distance := range outputs[0] {
		distances[i] = float64(distance)
	}
	return distances, nil
}

// LayerWeights tells in words, for a metric card, how Distance weights the channels of its layers: "learned (LPIPS 0.1)"
// or "uniform".
func (e *Extractor) LayerWeights() string {
	if s, ok := e.network.(*Sequential); ok && s.learned {
		return "learned (LPIPS 0.1)"
	}
	return "uniform"
}

// distanceProgram returns the program that Distance runs.
func (e *Extractor) distanceProgram() (*program, error) {
	var weights [][]float32
	if s, ok := e.network.(*Sequential); ok && s.learned {
		var err error
		if weights, err = learnedWeights(s); err != nil {
			return nil, err
		}
	}
	exec, err := model.NewExec(e.backend, e.store, func(scope *model.Scope, a, b *Node) *Node {
		output := e.outputGraph(scope, Concatenate([]*Node{a, b}, 0)) // One network over both is half as much to compile.
		layers := output.Layers
		if layers == nil {
			layers = []*Node{Reshape(output.Features, output.Features.Shape().Dim(0), 1, 1, -1)}
		}
		return PerceptualDistance(halves(layers, 0), halves(layers, 1), weights)
	})
	if err != nil {
		return nil, err
	}
	most := func(shape []int) int { return max(1, largestBatch(e.backend, e.network, shape)/2) } // Pairs.
	return &program{exec: exec, most: most}, nil
}

// halves returns the first (0) or second (1) half of each layer's batch.
func halves(layers []*Node, which int) []*Node {
	parts := make([]*Node, len(layers))
	for i, layer := range layers {
		half := layer.Shape().Dim(0) / 2
		parts[i] = Slice(layer, AxisRange(which*half, (which+1)*half))
	}
	return parts
}

// lpipsWeights are the learned weights of LPIPS 0.1 for VGG16 and AlexNet; data/make_lpips.go makes the file.
//
//go:embed data/lpips.safetensors
var lpipsWeights []byte

// learnedWeights returns the weights of the layers that the network's distance compares.
func learnedWeights(s *Sequential) ([][]float32, error) {
	list, _, err := safetensors.Read(lpipsWeights)
	if err != nil {
		return nil, err
	}
	tensorOf := make(map[string]*tensors.Tensor)
	for _, named := range list {
		tensorOf[named.Name] = named.Tensor
	}
	weights := make([][]float32, len(s.perceptual))
	for i, layer := range s.perceptual {
		tensor, ok := tensorOf[s.name+"."+layer]
		if !ok {
			return nil, errors.Errorf("no learned weights for layer %s of %s", layer, s.name)
		}
		if weights[i], err = tensors.CopyFlatData[float32](tensor); err != nil {
			return nil, err
		}
	}
	return weights, nil
}
