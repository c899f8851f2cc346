package inpaint_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan/inpaint"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// golden is testdata/golden.json: see bench/golden/make_golden_inpaint.py, which made it with PyTorch.
type golden struct {
	GatedConv []layerCase   `json:"gated_conv"`
	Attention []layerCase   `json:"attention"`
	Networks  []networkCase `json:"networks"`
}

type layerCase struct {
	XShape    []int `json:"x_shape"`
	Channels  int
	Kernel    int
	Strides   int
	Dilation  int
	Rectified bool
	Rate      int
	Fuse      bool
	Mask      string
	Y         []float64
	DX        []float64 `json:"d_x"`
}

type networkCase struct {
	Name    string
	Size    int
	XShape  []int `json:"x_shape"`
	Stride  int
	Weights [][2]json.RawMessage
	Outputs [][]float64
}

// weight returns the numbers that the script gives the parameter of that path.
func weight(path string, shape []int) *tensors.Tensor {
	size, bound := 1, 0.1
	for _, d := range shape {
		size *= d
	}
	if len(shape) > 1 {
		bound = math.Sqrt(6 / float64(size/shape[len(shape)-1]))
	}
	values := make([]float64, size)
	for i, v := range gantest.SeededUniform(path, size, -bound, bound) {
		values[i] = float64(v)
	}
	return tensors.FromFlatDataAndDimensions(values, shape...)
}

// put gives the store a variable of that path.
func put(store *model.Store, path string, shape []int) {
	scope := store.RootScope()
	names := strings.Split(path, "/")
	for _, name := range names[:len(names)-1] {
		scope = scope.At("%s", name)
	}
	scope.VariableWithValue(names[len(names)-1], weight(path, shape))
}

// run runs a graph in training mode on one operand.
func run(t *testing.T, backend compute.Backend, store *model.Store, build func(scope *model.Scope, x *Node) []*Node, x *tensors.Tensor) [][]float64 {
	t.Helper()
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, x *Node) []*Node {
		scope.Store().SetTraining(x.Graph(), true)
		return build(scope, x)
	})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	outputs, err := exec.Call(x)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	results := make([][]float64, len(outputs))
	for i, output := range outputs {
		results[i] = gantest.Float64s(t, output)
	}
	return results
}

// check compares a layer and its slopes with PyTorch's.
func (c layerCase) check(t *testing.T, backend compute.Backend, store *model.Store, scale float64, layer func(scope *model.Scope, x *Node) *Node) {
	t.Helper()
	got := run(t, backend, store, func(scope *model.Scope, x *Node) []*Node {
		y := layer(scope, x)
		slopes := Gradient(ReduceAllSum(Mul(y, Const(y.Graph(), gantest.Tensor(1, 2.1, y.Shape().Dimensions...)))), x)
		return []*Node{y, slopes[0]}
	}, gantest.Tensor(scale, 0.1, c.XShape...))
	for i, want := range [][]float64{c.Y, c.DX} {
		if e := gantest.RelativeError(got[i], want); e > 1e-7 {
			t.Errorf("%+v: %s: relative error %.2g against PyTorch", c.XShape, []string{"y", "slope"}[i], e)
		}
	}
}

func TestGatedConvAgainstPyTorch(t *testing.T) {
	for _, c := range gantest.ReadJSON[golden](t, "testdata/golden.json").GatedConv {
		store := model.NewStore()
		put(store, "layer/gated_conv/conv/weights", []int{c.Kernel, c.Kernel, c.XShape[3], 2 * c.Channels})
		put(store, "layer/gated_conv/conv/biases", []int{2 * c.Channels})
		c.check(t, gantest.Go(), store, 1, func(scope *model.Scope, x *Node) *Node {
			layer := inpaint.GatedConv(scope.In("layer"), x).Channels(c.Channels).KernelSize(c.Kernel).Strides(c.Strides).Dilations(c.Dilation)
			if c.Rectified {
				layer = layer.Rectified()
			}
			return layer.Done()
		})
	}
}

// holesOf returns the masks that the script calls by the name, nil for none.
func holesOf(name string, shape []int) *tensors.Tensor {
	if name == "" {
		return nil
	}
	height, width := shape[1], shape[2]
	var values []float64
	for range shape[0] {
		for y := range height {
			for x := range width {
				box := y >= height/4 && y < height-height/4 && x >= width/4 && x < width-width/4
				cross := y == height/2 || x == width/2 || y == 0 || x == 0
				values = append(values, map[bool]float64{true: 1}[name == "all" || name == "box" && box || name == "cross" && cross])
			}
		}
	}
	return tensors.FromFlatDataAndDimensions(values, shape[0], height, width, 1)
}

func TestContextualAttentionAgainstPyTorch(t *testing.T) {
	for _, c := range gantest.ReadJSON[golden](t, "testdata/golden.json").Attention {
		masks := holesOf(c.Mask, c.XShape)
		if c.Mask == "all" { // Nothing to take from: PyTorch has zeros, from which no relative error can be told.
			for _, v := range append(c.Y, c.DX...) {
				if v != 0 {
					t.Fatal("the golden values for a mask of nothing but hole are not 0")
				}
			}
		}
		c.check(t, gantest.Go(), model.NewStore(), 0.5, func(_ *model.Scope, x *Node) *Node {
			var hole *Node
			if masks != nil {
				hole = Const(x.Graph(), masks)
			}
			return inpaint.ContextualAttention(x, hole).Rate(c.Rate).Fuse(c.Fuse).Done()
		})
	}
}

func TestNetworksAgainstPyTorch(t *testing.T) {
	encoder := inpaint.ContextEncoder{Channels: 4, Bottleneck: 10}
	first := func(f func(scope *model.Scope, pictures, masks *Node, size int) *Node) func(*model.Scope, *Node, *Node, int) []*Node {
		return func(scope *model.Scope, pictures, masks *Node, size int) []*Node {
			return []*Node{f(scope, pictures, masks, size)}
		}
	}
	networks := map[string]func(scope *model.Scope, pictures, masks *Node, size int) []*Node{
		"gated":                 inpaint.Gated{Width: 8}.Guesses,
		"sn-patchgan":           first(inpaint.SNPatchGAN{Channels: 4}.Graph),
		"context-encoder":       encoder.Guesses,
		"context-discriminator": first(encoder.Judge),
	}
	for _, c := range gantest.ReadJSON[golden](t, "testdata/golden.json").Networks {
		t.Run(c.Name, func(t *testing.T) {
			store := model.NewStore()
			for _, w := range c.Weights {
				var path string
				var shape []int
				if json.Unmarshal(w[0], &path) != nil || json.Unmarshal(w[1], &shape) != nil {
					t.Fatalf("%s is no weight", w)
				}
				put(store, path, shape)
			}
			masks := holesOf("box", c.XShape)
			got := run(t, gantest.Go(), store, func(scope *model.Scope, x *Node) []*Node {
				hole := Const(x.Graph(), masks)
				return networks[c.Name](scope, Mul(x, OneMinus(hole)), hole, c.Size)
			}, gantest.Tensor(1, 0.1, c.XShape...))
			for i, want := range c.Outputs {
				var some []float64
				for j := 0; j < len(got[i]); j += c.Stride {
					some = append(some, got[i][j])
				}
				if e := gantest.RelativeError(some, want); e > 1e-6 {
					t.Errorf("output %d: relative error %.2g against PyTorch", i, e)
				}
			}
		})
	}
}
