package course

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Compute builds the graph of a function of nodes, runs it once on the arguments, and returns its result.
func Compute[F graph.ExecGraphFnOneOutput](graphFn F, arguments ...any) *tensors.Tensor {
	result, err := graph.CallOnce(Backend(), graphFn, arguments...)
	Must(err)
	return result
}

// Number is [Compute] of a function whose result is one number of any kind.
func Number[F graph.ExecGraphFnOneOutput](graphFn F, arguments ...any) float64 {
	return Scalar(Compute(graphFn, arguments...))
}

// Scalar takes the one number out of a tensor.
func Scalar(t *tensors.Tensor) float64 {
	switch value := t.Value().(type) {
	case float32:
		return float64(value)
	case float64:
		return value
	case int32:
		return float64(value)
	case int64:
		return float64(value)
	}
	Fail("%s is not one number", t.Shape())
	return 0
}

// Bytes takes the values out of a tensor of pictures.
func Bytes(pictures *tensors.Tensor) []uint8 { return flat[uint8](pictures) }

// Floats takes the values out of a tensor of numbers.
func Floats(numbers *tensors.Tensor) []float32 { return flat[float32](numbers) }

func flat[T uint8 | float32](t *tensors.Tensor) []T {
	values, err := tensors.CopyFlatData[T](t)
	Must(err)
	return values
}
