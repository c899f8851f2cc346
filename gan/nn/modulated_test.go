package nn_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan/nn"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// deviation returns the standard deviation of the numbers.
func deviation(values []float64) float64 {
	var sum, squares float64
	for _, x := range values {
		sum += x
		squares += x * x
	}
	n := float64(len(values))
	return math.Sqrt(squares/n - sum*sum/n/n)
}

// shapeLike returns a shape of x's dtype.
func shapeLike(x *Node, dimensions ...int) shapes.Shape { return shapes.Make(x.DType(), dimensions...) }

func seeded(t *testing.T) *model.Store {
	t.Helper()
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(1); err != nil {
		t.Fatal(err)
	}
	return store
}

// TestModulatedConvKeepsScale feeds images of unit variance: whatever the styles, the result has unit variance, which is
// what demodulation is for (StyleGAN2, section 2.2); without it, it has that of the styles.
func TestModulatedConvKeepsScale(t *testing.T) {
	results := call(t, gantest.Go(), seeded(t), func(scope *model.Scope, x *Node) []*Node {
		styles := MulScalar(nn.DrawNormal(scope, x.Graph(), x.Shape()), 10)
		images := nn.DrawNormal(scope, x.Graph(), shapeLike(x, 4, 12, 12, 8))
		modulated := func(name string, demodulate bool) *Node {
			y := nn.ModulatedConv(scope.In("%s", name), images, styles).Channels(16).KernelSize(3).Demodulate(demodulate).Done()
			return Slice(y, AxisRange(), AxisRange(1, 11), AxisRange(1, 11)) // Padding makes the edges smaller.
		}
		return []*Node{modulated("with", true), modulated("without", false)}
	}, tensors.FromFlatDataAndDimensions(make([]float64, 4*6), 4, 6))
	if got := deviation(results[0]); math.Abs(got-1) > 0.05 {
		t.Errorf("demodulated: deviation %.3f, want 1", got)
	}
	if got := deviation(results[1]); got < 3 {
		t.Errorf("not demodulated: deviation %.3f, want that of the styles, about 10", got)
	}
}

// TestEqualizedStart checks that all layers start at the same scale, at which He's rule without its gain would start
// them.
func TestEqualizedStart(t *testing.T) {
	store := seeded(t)
	results := call(t, gantest.Go(), store, func(scope *model.Scope, x *Node) []*Node {
		x = nn.DrawNormal(scope, x.Graph(), shapeLike(x, 64, 50))
		slow := nn.Dense(scope.In("slow"), x).Channels(64).Equalized(0.01).Done()
		fast := nn.Dense(scope.In("fast"), x).Channels(64).Equalized(1).Done()
		return []*Node{slow, fast}
	}, tensors.FromScalar(0.0))
	for i, name := range []string{"slow", "fast"} {
		weights := gantest.Float64s(t, store.GetVariable("/"+name+"/dense/weights").MustValue())
		if got, want := deviation(weights), []float64{100, 1}[i]; math.Abs(got/want-1) > 0.05 {
			t.Errorf("%s: weights of deviation %.3g, want %g", name, got, want)
		}
		if got := deviation(results[i]); math.Abs(got-1) > 0.1 {
			t.Errorf("%s: results of deviation %.3g, want 1", name, got)
		}
	}
}

// TestNoise checks that noise is drawn in training only, and is the same for all images otherwise.
func TestNoise(t *testing.T) {
	store := seeded(t)
	store.RootScope().At("noise").VariableWithValue("strength", 0.5)
	run := func(training bool) []float64 {
		return call(t, gantest.Go(), store, func(scope *model.Scope, x *Node) []*Node {
			scope.Store().SetTraining(x.Graph(), training)
			return []*Node{nn.Noise(scope, x)}
		}, tensors.FromFlatDataAndDimensions(make([]float64, 2*20*20*3), 2, 20, 20, 3))[0]
	}
	drawn, again, fixed := run(true), run(true), run(false)
	if gantest.RelativeError(again, drawn) < 0.1 {
		t.Error("the noise of two steps is the same")
	}
	if gantest.RelativeError(run(false), fixed) != 0 {
		t.Error("the noise of two samplings differs")
	}
	half := len(drawn) / 2
	if gantest.RelativeError(drawn[half:], drawn[:half]) < 0.1 {
		t.Error("in training, two images have the same noise")
	}
	if gantest.RelativeError(fixed[half:], fixed[:half]) != 0 {
		t.Error("in sampling, two images have different noise")
	}
	for _, noise := range [][]float64{drawn, fixed} {
		if got := deviation(noise); math.Abs(got-0.5) > 0.05 {
			t.Errorf("noise of deviation %.3f, want its strength, 0.5", got)
		}
		if noise[0] != noise[1] || noise[0] != noise[2] || noise[0] == noise[3] {
			t.Errorf("noise %v is not one number for all channels of a pixel", noise[:6])
		}
	}
}

func TestRunningMean(t *testing.T) {
	store := seeded(t)
	run := func(mode string) []float64 {
		return call(t, gantest.Go(), store, func(scope *model.Scope, x *Node) []*Node {
			switch mode {
			case "calibrate":
				nn.Calibrate(scope, x.Graph())
			default:
				scope.Store().SetTraining(x.Graph(), mode == "train")
			}
			nn.TrackMean(scope, x, 0.75)
			return []*Node{nn.RunningMean(scope, x)}
		}, tensors.FromValue([][]float64{{2, -8}, {6, 0}}))[0] // Mean 4, -4.
	}
	for _, test := range []struct {
		mode string
		want []float64
	}{
		{"sample", []float64{0, 0}}, {"train", []float64{1, -1}}, {"train", []float64{1.75, -1.75}},
		{"sample", []float64{1.75, -1.75}}, {"calibrate", []float64{4, -4}}, {"sample", []float64{4, -4}},
	} {
		if got := run(test.mode); got[0] != test.want[0] || got[1] != test.want[1] {
			t.Errorf("after %s: got %v, want %v", test.mode, got, test.want)
		}
	}
}

// TestFiltersKeepConstants would fail if the filters took zeros from beyond the edge.
func TestFiltersKeepConstants(t *testing.T) {
	ones := make([]float64, 2*4*6*3)
	for i := range ones {
		ones[i] = 1
	}
	results := gantest.Call(t, gantest.Go(), func(x []*Node) []*Node {
		return []*Node{nn.Blur(x[0]), nn.BlurUp(x[0]), nn.BlurDown(x[0])}
	}, tensors.FromFlatDataAndDimensions(ones, 2, 4, 6, 3))
	for i, size := range []int{len(ones), 4 * len(ones), len(ones) / 4} {
		if len(results[i]) != size {
			t.Fatalf("filter %d: %d numbers, want %d", i, len(results[i]), size)
		}
		for _, value := range results[i] {
			if math.Abs(value-1) > 1e-12 {
				t.Fatalf("filter %d makes %g of 1", i, value)
			}
		}
	}
}

func TestStyleLayersMisused(t *testing.T) {
	for name, layer := range map[string]func(scope *model.Scope, x *Node) *Node{
		"groups that do not divide": func(s *model.Scope, x *Node) *Node {
			return nn.Conv(s, x).Channels(4).KernelSize(1).Groups(3).Done()
		},
		"transposed groups": func(s *model.Scope, x *Node) *Node {
			return nn.ConvTranspose(s, x).Channels(4).KernelSize(1).Groups(2).Done()
		},
		"multiplier": func(s *model.Scope, x *Node) *Node {
			return nn.Conv(s, x).Channels(4).KernelSize(1).Equalized(0).Done()
		},
		"odd": func(_ *model.Scope, x *Node) *Node { return nn.BlurDown(x) },
		"styles": func(s *model.Scope, x *Node) *Node {
			return nn.ModulatedConv(s, x, x).Channels(1).KernelSize(3).Done()
		},
		"even kernel": func(s *model.Scope, x *Node) *Node {
			return nn.ModulatedConv(s, x, ReduceSum(x, 1, 2)).Channels(1).KernelSize(2).Done()
		},
		"channels": func(s *model.Scope, x *Node) *Node {
			return nn.ModulatedConv(s, x, ReduceSum(x, 1, 2)).KernelSize(3).Done()
		},
	} {
		exec, err := model.NewExec(gantest.Go(), seeded(t), layer)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if _, err := exec.Call(gantest.Tensor(1, 0, 2, 3, 4, 4)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func ExamplePixelNorm() {
	y, err := CallOnce(gantest.Go(), nn.PixelNorm, [][]float32{{3, -3}, {0, 10}})
	fmt.Printf("%.3f %v\n", y.Value(), err)
	// Output: [[1.000 -1.000] [0.000 1.414]] <nil>
}

func ExampleBlurUp() {
	y, err := CallOnce(gantest.Go(), nn.BlurUp, [][][][]float32{{{{0}, {4}, {8}}}})
	fmt.Println(y.Value(), err)
	// Output: [[[[0] [1] [3] [5] [7] [8]] [[0] [1] [3] [5] [7] [8]]]] <nil>
}
