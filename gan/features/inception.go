package features

import (
	"math"
	"strconv"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

const (
	inceptionSide    = 299
	inceptionClasses = 1008
	inceptionEpsilon = 1e-3 // Of the batch normalizations.
)

func init() { entries["inception"] = entry{network: inception{}} }

// inception is the network of FID and IS: "Rethinking the Inception Architecture for Computer Vision" (Szegedy et al. 2015,
// https://arxiv.org/abs/1512.00567), as TensorFlow published it on 2015-12-05 and pytorch-fid and torch-fidelity have it.
// The weights are named as theirs. It is not torchvision's Inception v3: average pools do not count the padding, the last
// block has a max pool where the others have an average, and there are 1008 classes.
//
// Pictures are taken as torch-fidelity takes them: resized as TensorFlow 1 did, then (x-128)/128. pytorch-fid resizes with
// pixel centres at one half and takes x/127.5-1, so that its features of the same picture differ, by 1 % of the largest with
// the weights of the test; those of the same input agree to rounding.
//
// The logits are without the bias of the last layer, as those that torch-fidelity's and the first implementation's IS is of.
type inception struct{}

func (inception) Name() string { return "inception" }

func (inception) InputShape() []int { return []int{inceptionSide, inceptionSide, 3} }

func (inception) Resize(shape []int) (string, error) {
	words := "TensorFlow 1 bilinear to 299x299"
	if len(shape) == 3 && shape[0] == inceptionSide && shape[1] == inceptionSide {
		words = "none"
	}
	return colourWords("inception", words, shape)
}

func (inception) FeatureSize() int { return 2048 }

// Classes returns the places of the logits, "0" to "1007": their names are not in the file.
func (inception) Classes() []string {
	classes := make([]string, inceptionClasses)
	for i := range classes {
		classes[i] = strconv.Itoa(i)
	}
	return classes
}

// unit is a convolution, batch normalization and ReLU.
type unit struct {
	name          string
	out           int
	height, width int // Of the kernel.
	stride        int
	valid         bool // Not padded; others are padded so that the stride alone decides about the size.
}

// inceptionPool is what a branch does to its input first.
type inceptionPool int

const (
	noPool      inceptionPool = iota
	averageSame               // Windows of 3, stride 1.
	maxSame                   // Windows of 3, stride 1.
	maxHalf                   // Windows of 3, stride 2, no padding.
)

// branch is a pool, a chain of units, and a fork: units side by side over the end of the chain.
type branch struct {
	pool  inceptionPool
	chain []unit
	fork  []unit
}

// block has branches side by side over one input; its output is theirs, channel after channel.
type block struct {
	name     string // Prefix of the units' names, with the dot.
	branches []branch
}

// inceptionBlocks is the network up to the last pool.
func inceptionBlocks() []block {
	stem := func(units ...unit) block { return block{branches: []branch{{chain: units}}} }
	half := block{branches: []branch{{pool: maxHalf}}}
	return []block{
		stem(
			unit{"Conv2d_1a_3x3", 32, 3, 3, 2, true},
			unit{"Conv2d_2a_3x3", 32, 3, 3, 1, true},
			unit{"Conv2d_2b_3x3", 64, 3, 3, 1, false}),
		half,
		stem(
			unit{"Conv2d_3b_1x1", 80, 1, 1, 1, false},
			unit{"Conv2d_4a_3x3", 192, 3, 3, 1, true}),
		half,
		blockA("Mixed_5b.", 32), blockA("Mixed_5c.", 64), blockA("Mixed_5d.", 64),
		blockB("Mixed_6a."),
		blockC("Mixed_6b.", 128), blockC("Mixed_6c.", 160), blockC("Mixed_6d.", 160), blockC("Mixed_6e.", 192),
		blockD("Mixed_7a."),
		blockE("Mixed_7b.", averageSame), blockE("Mixed_7c.", maxSame),
	}
}

func blockA(name string, pooled int) block {
	return block{name, []branch{
		{chain: []unit{{"branch1x1", 64, 1, 1, 1, false}}},
		{chain: []unit{{"branch5x5_1", 48, 1, 1, 1, false}, {"branch5x5_2", 64, 5, 5, 1, false}}},
		{chain: []unit{
			{"branch3x3dbl_1", 64, 1, 1, 1, false}, {"branch3x3dbl_2", 96, 3, 3, 1, false}, {"branch3x3dbl_3", 96, 3, 3, 1, false}}},
		{pool: averageSame, chain: []unit{{"branch_pool", pooled, 1, 1, 1, false}}},
	}}
}

func blockB(name string) block {
	return block{name, []branch{
		{chain: []unit{{"branch3x3", 384, 3, 3, 2, true}}},
		{chain: []unit{
			{"branch3x3dbl_1", 64, 1, 1, 1, false}, {"branch3x3dbl_2", 96, 3, 3, 1, false}, {"branch3x3dbl_3", 96, 3, 3, 2, true}}},
		{pool: maxHalf},
	}}
}

func blockC(name string, c int) block {
	return block{name, []branch{
		{chain: []unit{{"branch1x1", 192, 1, 1, 1, false}}},
		{chain: []unit{
			{"branch7x7_1", c, 1, 1, 1, false}, {"branch7x7_2", c, 1, 7, 1, false}, {"branch7x7_3", 192, 7, 1, 1, false}}},
		{chain: []unit{
			{"branch7x7dbl_1", c, 1, 1, 1, false}, {"branch7x7dbl_2", c, 7, 1, 1, false}, {"branch7x7dbl_3", c, 1, 7, 1, false},
			{"branch7x7dbl_4", c, 7, 1, 1, false}, {"branch7x7dbl_5", 192, 1, 7, 1, false}}},
		{pool: averageSame, chain: []unit{{"branch_pool", 192, 1, 1, 1, false}}},
	}}
}

func blockD(name string) block {
	return block{name, []branch{
		{chain: []unit{{"branch3x3_1", 192, 1, 1, 1, false}, {"branch3x3_2", 320, 3, 3, 2, true}}},
		{chain: []unit{
			{"branch7x7x3_1", 192, 1, 1, 1, false}, {"branch7x7x3_2", 192, 1, 7, 1, false},
			{"branch7x7x3_3", 192, 7, 1, 1, false}, {"branch7x7x3_4", 192, 3, 3, 2, true}}},
		{pool: maxHalf},
	}}
}

func blockE(name string, pool inceptionPool) block {
	return block{name, []branch{
		{chain: []unit{{"branch1x1", 320, 1, 1, 1, false}}},
		{
			chain: []unit{{"branch3x3_1", 384, 1, 1, 1, false}},
			fork:  []unit{{"branch3x3_2a", 384, 1, 3, 1, false}, {"branch3x3_2b", 384, 3, 1, 1, false}}},
		{
			chain: []unit{{"branch3x3dbl_1", 448, 1, 1, 1, false}, {"branch3x3dbl_2", 384, 3, 3, 1, false}},
			fork:  []unit{{"branch3x3dbl_3a", 384, 1, 3, 1, false}, {"branch3x3dbl_3b", 384, 3, 1, 1, false}}},
		{pool: pool, chain: []unit{{"branch_pool", 192, 1, 1, 1, false}}},
	}}
}

// eachUnit calls visit with each unit's full name and its number of input channels.
func eachUnit(visit func(name string, in int, u unit)) {
	channels := 3
	for _, block := range inceptionBlocks() {
		var out int
		for _, branch := range block.branches {
			in := channels
			for _, u := range branch.chain {
				visit(block.name+u.name, in, u)
				in = u.out
			}
			end := in
			if len(branch.fork) > 0 {
				end = 0
			}
			for _, u := range branch.fork {
				visit(block.name+u.name, in, u)
				end += u.out
			}
			out += end
		}
		channels = out
	}
}

// Weights returns the names and shapes of the file pt_inception-2015-12-05-6726825d.pth.
func (inception) Weights() map[string][]int {
	shapes := map[string][]int{"fc.weight": {inceptionClasses, 2048}, "fc.bias": {inceptionClasses}}
	eachUnit(func(name string, in int, u unit) {
		shapes[name+".conv.weight"] = []int{u.out, in, u.height, u.width}
		for _, part := range []string{"weight", "bias", "running_mean", "running_var"} {
			shapes[name+".bn."+part] = []int{u.out}
		}
	})
	return shapes
}

// Prepare folds the batch normalizations into kernels [height, width, in, out] and biases, which takes a part of each
// pass away.
func (inception) Prepare(weights map[string]*tensors.Tensor) (map[string]*tensors.Tensor, error) {
	prepared := map[string]*tensors.Tensor{"fc.weight": weights["fc.weight"]}
	var firstErr error
	eachUnit(func(name string, _ int, _ unit) {
		kernel, bias, err := foldBatchNorm(weights, name)
		if err != nil && firstErr == nil {
			firstErr = errors.WithMessage(err, name)
		}
		prepared[name+".kernel"], prepared[name+".bias"] = kernel, bias
	})
	return prepared, firstErr
}

// foldBatchNorm returns the kernel and the bias of a convolution that does what the unit's convolution and batch
// normalization do.
func foldBatchNorm(weights map[string]*tensors.Tensor, name string) (kernel, bias *tensors.Tensor, err error) {
	if kernel, err = kernelOf(weights[name+".conv.weight"]); err != nil {
		return nil, nil, err
	}
	var parts [4][]float32
	for i, part := range []string{"weight", "bias", "running_mean", "running_var"} {
		if parts[i], err = tensors.CopyFlatData[float32](weights[name+".bn."+part]); err != nil {
			return nil, nil, err
		}
	}
	gamma, beta, mean, variance := parts[0], parts[1], parts[2], parts[3]
	scales, biases := make([]float64, len(gamma)), make([]float32, len(gamma))
	for c := range gamma {
		if variance[c] < 0 {
			return nil, nil, errors.Errorf("bn.running_var is negative (%g)", variance[c])
		}
		scales[c] = float64(gamma[c]) / math.Sqrt(float64(variance[c])+inceptionEpsilon)
		biases[c] = float32(float64(beta[c]) - float64(mean[c])*scales[c])
	}
	err = tensors.MutableFlatData(kernel, func(values []float32) {
		for i := range values {
			values[i] = float32(float64(values[i]) * scales[i%len(scales)])
		}
	})
	return kernel, tensors.FromFlatDataAndDimensions(biases, len(biases)), err
}

// Graph returns the output of the last pool and the logits without bias.
func (inception) Graph(weight func(name string) *Node, pictures *Node) Output {
	x := resizeTensorFlow1(repeatGrey(pictures), inceptionSide, inceptionSide)
	x = MulScalar(AddScalar(x, -128), 1.0/128)
	for _, block := range inceptionBlocks() {
		x = block.graph(weight, x)
	}
	features := averageAll(x)
	return Output{Features: features, Logits: linear(features, weight("fc.weight"), nil)}
}

func (b block) graph(weight func(name string) *Node, x *Node) *Node {
	var ends []*Node
	for _, branch := range b.branches {
		y := branch.pool.graph(x)
		for _, u := range branch.chain {
			y = u.graph(weight, b.name, y)
		}
		if len(branch.fork) == 0 {
			ends = append(ends, y)
		}
		for _, u := range branch.fork {
			ends = append(ends, u.graph(weight, b.name, y))
		}
	}
	if len(ends) == 1 {
		return ends[0]
	}
	return Concatenate(ends, 3)
}

func (u unit) graph(weight func(name string) *Node, prefix string, x *Node) *Node {
	padding := [2]int{(u.height - 1) / 2, (u.width - 1) / 2}
	if u.valid {
		padding = [2]int{}
	}
	name := prefix + u.name
	return relu(convolve(x, weight(name+".kernel"), weight(name+".bias"), [2]int{u.stride, u.stride}, padding))
}

func (pool inceptionPool) graph(x *Node) *Node {
	switch pool {
	case averageSame:
		return averagePool(x, 3, 1, 1)
	case maxSame:
		return maxPool(x, 3, 1, 1)
	case maxHalf:
		return maxPool(x, 3, 2, 0)
	}
	return x
}
