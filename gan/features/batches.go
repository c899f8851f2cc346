package features

import (
	"math/bits"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"
)

// program runs a graph over any number of pictures in batches of one size.
type program struct {
	exec  *model.Exec
	most  func(shape []int) int // The largest batch of pictures of the shape.
	shape []int                 // Of the pictures last run, [height, width, channels].
	batch int                   // The batch compiled for them.
}

// goBackendName is what GoMLX's pure Go backend calls itself.
const goBackendName = "Go Backend"

// largestBatch returns the largest batch of pictures of the shape for the network, a power of two: enough to keep the device
// busy, and few enough that the activations, or the patches that the pure Go backend multiplies, take some hundred
// megabytes.
func largestBatch(backend compute.Backend, network Network, shape []int) int {
	const large = 100 * 100 // Pixels.
	seen, isGo := network.InputShape(), backend.Name() == goBackendName
	if seen[0]*seen[1] == 0 { // The network takes pictures as they are, and its first layers work at their size.
		if isGo {
			return powerOfTwo(4*large/(shape[0]*shape[1]), 64)
		}
		return powerOfTwo(64*large/(shape[0]*shape[1]), 256)
	}
	isLarge := seen[0]*seen[1] > large
	switch {
	case isLarge && isGo:
		return 4
	case isLarge:
		return 32
	case isGo:
		return 64
	}
	return 256
}

// powerOfTwo returns the largest power of two that is neither more than n nor than most, and at least 1.
func powerOfTwo(n, most int) int { return 1 << max(0, bits.Len(uint(min(n, most)))-1) }

// run returns the outputs of the graph for the inputs, each uint8 [n, height, width, channels] of one shape: flat, the
// rows of each output one after the other.
func (p *program) run(inputs ...*tensors.Tensor) ([][]float32, error) {
	n, shape := inputs[0].Shape().Dim(0), inputs[0].Shape().Dimensions[1:]
	p.fit(n, shape)
	flat := make([][]uint8, len(inputs))
	for i, input := range inputs {
		var err error
		if flat[i], err = tensors.CopyFlatData[uint8](input); err != nil {
			return nil, errors.WithMessage(err, "pictures")
		}
	}
	var outputs [][]float32
	for start := 0; start < n; start += p.batch {
		count := min(p.batch, n-start)
		parts, err := p.call(flat, start, count)
		if err != nil {
			return nil, err
		}
		if outputs == nil {
			outputs = make([][]float32, len(parts))
		}
		for i, part := range parts {
			outputs[i] = append(outputs[i], part[:len(part)/p.batch*count]...)
		}
	}
	return outputs, nil
}

// fit chooses the batch for n pictures of the shape. Few pictures get a small batch, but once a program is compiled, the
// same is used for fewer.
func (p *program) fit(n int, shape []int) {
	if !slices.Equal(shape, p.shape) {
		p.shape, p.batch = slices.Clone(shape), 1
	}
	for most := p.most(shape); p.batch < min(n, most); {
		p.batch *= 2
	}
}

// call returns the outputs for one batch: count pictures from start on, and black ones.
func (p *program) call(flat [][]uint8, start, count int) ([][]float32, error) {
	size := p.shape[0] * p.shape[1] * p.shape[2]
	arguments := make([]any, len(flat))
	for i, pictures := range flat {
		batch := make([]uint8, p.batch*size)
		copy(batch, pictures[start*size:(start+count)*size])
		argument := tensors.FromFlatDataAndDimensions(batch, append([]int{p.batch}, p.shape...)...)
		defer argument.MustFinalizeAll()
		arguments[i] = argument
	}
	results, err := p.exec.Call(arguments...)
	if err != nil {
		return nil, err
	}
	outputs := make([][]float32, len(results))
	for i, result := range results {
		if outputs[i], err = tensors.CopyFlatData[float32](result); err != nil {
			return nil, err
		}
		result.MustFinalizeAll()
	}
	return outputs, nil
}
