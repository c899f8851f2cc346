package nn_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"gonum.org/v1/gonum/mat"

	"github.com/ganymede-ml/ganymede/gan/nn"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// TestDerivatives checks the layers to second order against central differences. The golden values of PyTorch do so for
// what changes while training: batch normalization by the batch's own statistics, and the power iteration.
func TestDerivatives(t *testing.T) {
	for name, layer := range map[string]func(scope *model.Scope, x *Node) *Node{
		"conv": func(s *model.Scope, x *Node) *Node {
			return nn.Conv(s, x).Channels(3).KernelSize(3).Strides(2).PadSame().Done()
		},
		"conv spectral": func(s *model.Scope, x *Node) *Node {
			return nn.Conv(s, x).Channels(3).KernelSize(2).SpectralNorm(true).Done()
		},
		"conv transpose": func(s *model.Scope, x *Node) *Node {
			return nn.ConvTranspose(s, x).Channels(2).KernelSize(4).Strides(2).PadSame().Done()
		},
		"conv resize": func(s *model.Scope, x *Node) *Node {
			return nn.ConvResize(s, x).Channels(2).KernelSize(3).PadSame().Done()
		},
		"dense":             func(s *model.Scope, x *Node) *Node { return nn.Dense(s, x).Channels(4).SpectralNorm(true).Done() },
		"batch norm":        func(s *model.Scope, x *Node) *Node { return nn.BatchNorm(s, x).Done() },
		"minibatch std dev": func(s *model.Scope, x *Node) *Node { return nn.MinibatchStdDev(x, 2) },
		"leaky rectifier": func(s *model.Scope, x *Node) *Node {
			return nn.LeakyReLU(Sub(Square(x), Scalar(x.Graph(), x.DType(), 0.3)), 0.2)
		},
		"instance norm": func(s *model.Scope, x *Node) *Node { return nn.InstanceNormAffine(s, x) },
		"layer norm":    func(s *model.Scope, x *Node) *Node { return nn.LayerNorm(s, x) },
		"conv mean pool": func(s *model.Scope, x *Node) *Node {
			x = Concatenate([]*Node{x, Square(x)}, 2) // [2, 4, 6, 2]
			return nn.Conv(s, x).Channels(2).KernelSize(3).PadSame().MeanPool(2).SpectralNorm(true).Done()
		},
		"pools": func(_ *model.Scope, x *Node) *Node {
			x = Concatenate([]*Node{x, Square(x)}, 2)
			return Mul(nn.AveragePool2(x), nn.MaxPool2(x))
		},
		"self-attention": func(s *model.Scope, x *Node) *Node {
			s.At("self_attention").VariableWithValue("gamma", 0.7)
			return nn.SelfAttention(s, Concatenate([]*Node{x, Sin(x)}, 2)).SpectralNorm(true).Done()
		},
		"minibatch discrimination": func(s *model.Scope, x *Node) *Node { return nn.MinibatchDiscrimination(s, x, 2, 3) },
	} {
		t.Run(name, func(t *testing.T) {
			gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
				image := gantest.Tensor(1, 0.1, 2, 4, 3, 2)
				store := model.NewStore()
				if err := store.SetRNGStateFromSeed(1); err != nil {
					t.Fatal(err)
				}
				call(t, backend, store, func(scope *model.Scope, x *Node) []*Node { return []*Node{layer(scope, x)} }, image)
				// The layer's variables become constants of the graph: what is differentiated is the layer.
				store.WithVariableAsConst(true)
				gantest.CheckDerivatives(t, backend, func(operands []*Node) *Node {
					model.SetStore(operands[0], store)
					return layer(store.RootScope(), operands[0])
				}, image)
			})
		})
	}
}

func TestShapes(t *testing.T) {
	x := gantest.Tensor(1, 0, 2, 7, 5, 3)
	for _, test := range []struct {
		want  string
		layer func(scope *model.Scope, x *Node) *Node
	}{
		{"[2 4 3 8]", func(s *model.Scope, x *Node) *Node {
			return nn.Conv(s, x).Channels(8).KernelSize(4).Strides(2).PadSame().Done()
		}},
		{"[2 5 3 8]", func(s *model.Scope, x *Node) *Node { return nn.Conv(s, x).Channels(8).KernelSize(3).Done() }},
		{"[2 3 2 8]", func(s *model.Scope, x *Node) *Node {
			return nn.Conv(s, x).Channels(8).KernelSize(4).Strides(2).Padding(1).Done()
		}},
		{"[2 7 5 8]", func(s *model.Scope, x *Node) *Node {
			return nn.Conv(s, x).Channels(8).KernelSize(3).Dilations(2).PadSame().Done()
		}},
		// The examples of PyTorch's ConvTranspose2d: 2(n-1)+4-2 and n-1+4.
		{"[2 14 10 8]", func(s *model.Scope, x *Node) *Node {
			return nn.ConvTranspose(s, x).Channels(8).KernelSize(4).Strides(2).Padding(1).Done()
		}},
		{"[2 10 8 8]", func(s *model.Scope, x *Node) *Node { return nn.ConvTranspose(s, x).Channels(8).KernelSize(4).Done() }},
		{"[2 14 10 8]", func(s *model.Scope, x *Node) *Node {
			return nn.ConvTranspose(s, x).Channels(8).KernelSize(5).Strides(2).PadSame().Done()
		}},
		{"[2 21 15 8]", func(s *model.Scope, x *Node) *Node {
			return nn.ConvResize(s, x).Scale(3).Channels(8).KernelSize(3).PadSame().Done()
		}},
		{"[2 8]", func(s *model.Scope, x *Node) *Node { return nn.Dense(s, x).Channels(8).Done() }},
	} {
		exec, err := model.NewExec(gantest.Go(), model.NewStore(), test.layer)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		y, err := exec.Call1(x)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if got := fmt.Sprint(y.Shape().Dimensions); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}

// TestSpectralNormConverges checks the estimate against gonum's singular value decomposition.
func TestSpectralNormConverges(t *testing.T) {
	kernel := gantest.Tensor(0.5, 1.1, 3, 3, 4, 6)
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(1); err != nil {
		t.Fatal(err)
	}
	var got [][]float64
	for range 400 {
		got = call(t, gantest.Go(), store, func(scope *model.Scope, kernel *Node) []*Node {
			scope.Store().SetTraining(kernel.Graph(), true)
			return []*Node{nn.SpectralNorm(scope, kernel)}
		}, kernel)
	}
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(36, 6, got[0]), mat.SVDNone) {
		t.Fatal("no singular values")
	}
	if top := svd.Values(nil)[0]; math.Abs(top-1) > 1e-4 {
		t.Errorf("the normalized kernel's top singular value is %g, want 1", top)
	}
}

// TestBatchNormSampling checks that, outside of training, an example's result does not depend on its neighbours, and
// that the running averages arrive at the data's mean and variance.
func TestBatchNormSampling(t *testing.T) {
	store := model.NewStore()
	training := func(on bool) func(scope *model.Scope, x *Node) []*Node {
		return func(scope *model.Scope, x *Node) []*Node {
			scope.Store().SetTraining(x.Graph(), on)
			return []*Node{nn.BatchNorm(scope, x).Momentum(0.5).Done()}
		}
	}
	x := tensors.FromValue([][]float64{{1}, {3}, {5}, {7}}) // Mean 4, unbiased variance 20/3.
	for range 40 {
		call(t, gantest.Go(), store, training(true), x)
	}
	alone := call(t, gantest.Go(), store, training(false), tensors.FromValue([][]float64{{7}}))[0][0]
	together := call(t, gantest.Go(), store, training(false), x)[0][3]
	if alone != together {
		t.Errorf("alone %g, with neighbours %g", alone, together)
	}
	if want := 3 / math.Sqrt(20.0/3+1e-5); math.Abs(alone-want) > 1e-9 {
		t.Errorf("got %g, want %g", alone, want)
	}
}

func TestEnlarge(t *testing.T) {
	got := gantest.Call(t, gantest.Go(), func(x []*Node) []*Node { return []*Node{nn.Enlarge(x[0], 2)} },
		tensors.FromFlatDataAndDimensions([]float64{1, 2, 3, 4}, 1, 2, 2, 1))
	if want := []float64{1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4}; gantest.RelativeError(got[0], want) != 0 {
		t.Errorf("got %v, want %v", got[0], want)
	}
}

// TestMinibatchStdDev has groups of images 0 and 2, and 1 and 3: the first differ by 2, the others not at all.
func TestMinibatchStdDev(t *testing.T) {
	got := gantest.Call(t, gantest.Go(), func(x []*Node) []*Node { return []*Node{nn.MinibatchStdDev(x[0], 2)} },
		tensors.FromFlatDataAndDimensions([]float64{1, 5, 3, 5}, 4, 1, 1, 1))
	if want := []float64{1, 1, 5, 0, 3, 1, 5, 0}; gantest.RelativeError(got[0], want) > 1e-3 {
		t.Errorf("got %v, want %v", got[0], want)
	}
}
