package augment

import (
	"slices"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// golden is testdata/golden.json, which bench/golden/make_augment_golden.py made with PyTorch and numpy.
type golden struct {
	Colour, Affine, Move, ADA []goldenCase
}

type goldenCase struct {
	Name   string `json:"name"`
	XShape []int  `json:"x_shape"`

	Values     []float64            `json:"values"`     // Of colour.
	Padding    string               `json:"padding"`    // Of affine.
	Matrices   []float64            `json:"matrices"`   // Of affine.
	First      []float64            `json:"first"`      // Of move.
	Second     []float64            `json:"second"`     // Of move.
	Parameters map[string][]float64 `json:"parameters"` // Of ada.

	Y  []float64 `json:"y"`
	DX []float64 `json:"d_x"`
	PX []float64 `json:"p_x"`
}

func (c goldenCase) augment(x *Node) *Node {
	g := x.Graph()
	one := func(name string) *Node { return Const(g, c.Parameters[name]) }
	switch c.Name {
	case "brightness":
		return Brightness(x, Const(g, c.Values))
	case "contrast":
		return Contrast(x, Const(g, c.Values))
	case "saturation":
		return Saturation(x, Const(g, c.Values))
	case "hue":
		return HueRotation(x, Const(g, c.Values))
	case "luma flip":
		return LumaFlip(x, Const(g, c.Values))
	case "translate":
		return Translate(x, Const(g, c.First), Const(g, c.Second))
	case "erase":
		return Erase(x, Const(g, c.First), Const(g, c.Second), 3)
	case "ada":
		moves := geometry{
			flip: one("flip"), turns: one("turns"), stepRight: one("step_right"), stepDown: one("step_down"), scale: one("scale"),
			angleBefore: one("angle_before"), stretch: one("stretch"), angleAfter: one("angle_after"),
			moveRight: one("move_right"), moveDown: one("move_down"),
		}
		changes := colours{
			brightness: one("brightness"), contrast: one("contrast"), lumaFlip: one("luma_flip"), hue: one("hue"), saturation: one("saturation"),
		}
		return changes.apply(moves.apply(x))
	}
	padding := map[string]Padding{"zeros": PadZeros, "reflect": PadReflect}[c.Padding]
	return Affine(x, Reshape(Const(g, c.Matrices), -1, 2, 3), padding)
}

// Values, gradients and second derivatives of all deterministic functions, in one program for each backend.
func TestAgainstPyTorch(t *testing.T) {
	file := gantest.ReadJSON[golden](t, "testdata/golden.json")
	cases := slices.Concat(file.Colour, file.Affine, file.Move, file.ADA)
	if len(cases) != 12 {
		t.Fatalf("%d cases, want 12", len(cases))
	}
	var images []*tensors.Tensor
	for _, c := range cases {
		images = append(images, gantest.Tensor(1, 0.1, c.XShape...))
	}
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		got := gantest.Call(t, backend, func(images []*Node) []*Node {
			var results []*Node
			for i, c := range cases {
				x := images[i]
				y := c.augment(x)
				weights := Const(x.Graph(), gantest.Tensor(1, 2.1, c.XShape...))
				slope := Gradient(ReduceAllSum(Sin(y)), x)[0]
				results = append(results, y, Gradient(ReduceAllSum(Mul(y, weights)), x)[0], Gradient(ReduceAllSum(Square(slope)), x)[0])
			}
			return results
		}, images...)
		for i, c := range cases {
			for j, want := range [][]float64{c.Y, c.DX, c.PX} {
				if e := gantest.RelativeError(got[3*i+j], want); e > 1e-7 {
					t.Errorf("%s, %s: relative error %.2g against PyTorch", c.Name, []string{"y", "gradient", "second derivative"}[j], e)
				}
			}
		}
	})
}
