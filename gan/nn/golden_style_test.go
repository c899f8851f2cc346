package nn_test

import (
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan/nn"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// goldenStyle is testdata/golden_style.json: see bench/golden/make_golden_style.py, which made it with PyTorch.
type goldenStyle struct {
	PixelNorm     []styleCase `json:"pixel_norm"`
	Blur          []styleCase `json:"blur"`
	BlurUp        []styleCase `json:"blur_up"`
	BlurDown      []styleCase `json:"blur_down"`
	GroupedConv   []styleCase `json:"grouped_conv"`
	Equalized     []styleCase `json:"equalized"`
	ModulatedConv []styleCase `json:"modulated_conv"`
}

type styleCase struct {
	layerCase
	Channels   int
	Groups     int
	Stride     int
	Kernel     int
	Multiplier float64
	Demodulate bool
	Up         bool

	DStyles     []float64 `json:"d_styles"`
	PStyles     []float64 `json:"p_styles"`
	DAffine     []float64 `json:"d_affine"`
	PAffine     []float64 `json:"p_affine"`
	DAffineBias []float64 `json:"d_affine_bias"`
	PAffineBias []float64 `json:"p_affine_bias"`
	DBias       []float64 `json:"d_bias"`
	PBias       []float64 `json:"p_bias"`
}

func TestPixelNormAndFiltersAgainstPyTorch(t *testing.T) {
	golden := gantest.ReadJSON[goldenStyle](t, "testdata/golden_style.json")
	for _, test := range []struct {
		name  string
		cases []styleCase
		layer func(x *Node) *Node
	}{
		{"pixel norm", golden.PixelNorm, nn.PixelNorm},
		{"blur", golden.Blur, nn.Blur},
		{"blur up", golden.BlurUp, nn.BlurUp},
		{"blur down", golden.BlurDown, nn.BlurDown},
	} {
		if len(test.cases) == 0 {
			t.Fatalf("%s: no case", test.name)
		}
		for _, c := range test.cases {
			t.Run(test.name+" "+c.Name, func(t *testing.T) {
				c.check(t, nil, func(_ *model.Scope, x *Node) *Node { return test.layer(x) })
			})
		}
	}
}

func TestGroupsAgainstPyTorch(t *testing.T) {
	for _, c := range gantest.ReadJSON[goldenStyle](t, "testdata/golden_style.json").GroupedConv {
		t.Run(c.Name, func(t *testing.T) {
			in := c.XShape[3] / c.Groups
			c.check(t, []parameter{
				{"conv/weights", gantest.Tensor(0.5, 1.1, 3, 3, in, c.Channels), c.DKernel, c.PKernel},
			}, func(scope *model.Scope, x *Node) *Node {
				return nn.Conv(scope, x).Channels(c.Channels).KernelSize(3).Strides(c.Stride).Padding(1).
					Groups(c.Groups).UseBias(false).Done()
			})
		})
	}
}

func TestEqualizedAgainstPyTorch(t *testing.T) {
	for _, c := range gantest.ReadJSON[goldenStyle](t, "testdata/golden_style.json").Equalized {
		t.Run(c.Name, func(t *testing.T) {
			c.check(t, []parameter{
				{"conv/weights", gantest.Tensor(0.5, 1.1, c.Kernel, c.Kernel, 2, 3), c.DKernel, c.PKernel},
				{"conv/biases", gantest.Tensor(0.5, 4.1, 3), c.DBias, c.PBias},
			}, func(scope *model.Scope, x *Node) *Node {
				return nn.Conv(scope, x).Channels(3).KernelSize(c.Kernel).PadSame().Equalized(c.Multiplier).Done()
			})
		})
	}
}

// TestModulatedConvAgainstPyTorch compares with the equations written out, which build a kernel for each image.
func TestModulatedConvAgainstPyTorch(t *testing.T) {
	for _, c := range gantest.ReadJSON[goldenStyle](t, "testdata/golden_style.json").ModulatedConv {
		t.Run(c.Name, func(t *testing.T) {
			c.check(t, []parameter{
				{"styles", gantest.Tensor(1, 6.1, 2, 5), c.DStyles, c.PStyles},
				{"modulated_conv/weights", gantest.Tensor(0.5, 1.1, c.Kernel, c.Kernel, 2, 3), c.DKernel, c.PKernel},
				{"modulated_conv/style/dense/weights", gantest.Tensor(0.5, 7.1, 5, 2), c.DAffine, c.PAffine},
				{"modulated_conv/style/dense/biases", gantest.Tensor(0.5, 8.1, 2), c.DAffineBias, c.PAffineBias},
				{"modulated_conv/biases", gantest.Tensor(0.5, 4.1, 3), c.DBias, c.PBias},
			}, func(scope *model.Scope, x *Node) *Node {
				styles := scope.GetVariable("styles").NodeValue(x)
				return nn.ModulatedConv(scope, x, styles).Channels(3).KernelSize(c.Kernel).
					Demodulate(c.Demodulate).Upsample(c.Up).Done()
			})
		})
	}
}
