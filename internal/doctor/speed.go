package doctor

import (
	"context"
	"time"

	"github.com/ganymede-ml/ganymede/gan/nn/conv"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

// Speed is what the backend reaches in float32, in 10⁹ floating point operations per second; a multiplication and an
// addition count as two.
type Speed struct {
	Matrix      float64 `json:"matrix_gflops"`      // A product of two 1024×1024 matrices.
	Convolution float64 `json:"convolution_gflops"` // The second layer of a DCGAN's discriminator, see [convolution].
	Error       string  `json:"error,omitempty"`
}

const (
	measureFor  = 400 * time.Millisecond // Of each, at least one run.
	measureRuns = 20                     // Of each, at most.
	matrixSize  = 1024
	convBatch   = 64
)

// measure fills in the speed.
func (r *Report) measure(ctx context.Context, backend compute.Backend) {
	r.Speed = &Speed{}
	var err error
	if r.Speed.Matrix, err = matrix(ctx, backend, matrixSize); err == nil {
		r.Speed.Convolution, err = convolution(ctx, backend, convBatch)
	}
	if err != nil {
		r.Speed.Error = err.Error()
	}
}

// matrix returns the speed of a product of two square matrices.
func matrix(ctx context.Context, backend compute.Backend, size int) (gflops float64, err error) {
	x := filled(size, size)
	operations := 2 * float64(size) * float64(size) * float64(size)
	return best(ctx, backend, operations, func(x, y *graph.Node) *graph.Node {
		return graph.ReduceAllMax(graph.Dot(x, y).Product())
	}, x, x)
}

// convolution returns the speed of a convolution of batch images, 14×14 with 64 channels, by a 5×5 kernel with stride 2 to
// 7×7 with 128 channels.
func convolution(ctx context.Context, backend compute.Backend, batch int) (gflops float64, err error) {
	const size, in, kernel, out = 14, 64, 5, 128
	geometry := conv.Same([2]int{size, size}, [2]int{kernel, kernel}, [2]int{2, 2}, [2]int{1, 1})
	operations := 2 * float64(batch*size/2*size/2) * kernel * kernel * in * out
	return best(ctx, backend, operations, func(x, k *graph.Node) *graph.Node {
		return graph.ReduceAllMax(conv.Conv(x, k, geometry))
	}, filled(batch, size, size, in), filled(kernel, kernel, in, out))
}

// best runs a graph repeatedly and returns the speed of its fastest run. The graph returns a scalar, so that hardly anything
// is copied.
func best(ctx context.Context, backend compute.Backend, operations float64, build func(x, y *graph.Node) *graph.Node,
	x, y *tensors.Tensor) (gflops float64, err error) {
	exec, err := graph.NewExec(backend, build)
	if err != nil {
		return 0, errors.WithMessage(err, "measuring speed")
	}
	defer exec.Finalize()
	run := func() (time.Duration, error) {
		start := time.Now()
		result, err := exec.Call1(x, y)
		if err != nil {
			return 0, errors.WithMessage(err, "measuring speed")
		}
		_ = tensors.ToScalar[float32](result) // Waits for it.
		return time.Since(start), nil
	}
	if _, err := run(); err != nil { // Compiles, and copies the operands to the device.
		return 0, err
	}
	fastest, begin := time.Duration(0), time.Now()
	for n := 0; n < measureRuns && (n == 0 || time.Since(begin) < measureFor); n++ {
		if err := ctx.Err(); err != nil {
			return 0, errors.Wrap(err, "measuring speed")
		}
		took, err := run()
		if err != nil {
			return 0, err
		}
		if n == 0 || took < fastest {
			fastest = took
		}
	}
	return operations / fastest.Seconds() / 1e9, nil
}

// filled returns a tensor of small numbers that differ.
func filled(dimensions ...int) *tensors.Tensor {
	size := 1
	for _, dimension := range dimensions {
		size *= dimension
	}
	values := make([]float32, size)
	for i := range values {
		values[i] = float32(i%17)/17 - 0.5
	}
	return tensors.FromFlatDataAndDimensions(values, dimensions...)
}
