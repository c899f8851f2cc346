package inpaint

import (
	"bytes"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// TestFlipped asserts that every picture is itself or its mirror image, and that neither is rare.
func TestFlipped(t *testing.T) {
	const n = 64
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(1); err != nil {
		t.Fatalf("%+v", err)
	}
	exec, err := model.NewExec(gantest.Go(), store, flipped)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	values := make([]float32, n*2*3)
	for i := range values {
		values[i] = float32(i)
	}
	output, err := exec.Call1(tensors.FromFlatDataAndDimensions(values, n, 2, 3, 1))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	got, mirrored := tensors.MustCopyFlatData[float32](output), 0
	for i := range n {
		first := got[i*6] != values[i*6]
		if first {
			mirrored++
		}
		for j := range 6 {
			want := values[i*6+j]
			if first {
				want = values[i*6+j/3*3+2-j%3]
			}
			if got[i*6+j] != want {
				t.Fatalf("picture %d, value %d: %g", i, j, got[i*6+j])
			}
		}
	}
	if mirrored < n/4 || mirrored > 3*n/4 {
		t.Errorf("%d of %d pictures are mirrored", mirrored, n)
	}
}

// TestOverlapOfPatches asserts that a picture cut into patches and put together again is the picture.
func TestOverlapOfPatches(t *testing.T) {
	for _, test := range []struct{ size, stride int }{{3, 1}, {4, 2}, {8, 4}, {2, 2}} {
		x := gantest.Tensor(1, 0.3, 2, 8, 16, 3)
		got := gantest.Call(t, gantest.Go(), func(operands []*Node) []*Node {
			return []*Node{overlap(patches(operands[0], test.size, test.stride), test.size, test.stride)}
		}, x)[0]
		if e := gantest.RelativeError(got, gantest.Float64s(t, x)); e > 1e-12 {
			t.Errorf("patches of %d, %d apart: relative error %.2g", test.size, test.stride, e)
		}
	}
}

// TestPadTo asserts that rows and columns are mirrored at the last one, which is not repeated, and that cropping undoes it.
func TestPadTo(t *testing.T) {
	x := tensors.FromFlatDataAndDimensions([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9}, 1, 3, 3, 1)
	got := gantest.Call(t, gantest.Go(), func(operands []*Node) []*Node {
		padded := padTo(operands[0], 4)
		return []*Node{padded, cropTo(padded, operands[0].Shape())}
	}, x)
	if e := gantest.RelativeError(got[0], []float64{1, 2, 3, 2, 4, 5, 6, 5, 7, 8, 9, 8, 4, 5, 6, 5}); e != 0 {
		t.Errorf("padded: %v", got[0])
	}
	if e := gantest.RelativeError(got[1], gantest.Float64s(t, x)); e != 0 {
		t.Errorf("cropped: %v", got[1])
	}
}

func TestShrinkAndEnlarge(t *testing.T) {
	// Each new pixel covers one old column and half of the one in the middle, of both rows: (2·25 + 35)/3 and (35 + 2·45)/3.
	if got := shrink([]uint8{10, 20, 30, 40, 50, 60}, 3, 2, 1, 2, 1); !bytes.Equal(got, []uint8{28, 42}) {
		t.Errorf("shrunk: %v", got)
	}
	if got := shrinkHole([]uint8{0, 0, 1, 0, 0, 0}, 3, 2, 2, 1); !bytes.Equal(got, []uint8{0, 1}) {
		t.Errorf("shrunk hole: %v", got)
	}
	if got := shrinkHole([]uint8{0, 1, 0, 0, 0, 0}, 3, 2, 2, 1); !bytes.Equal(got, []uint8{1, 1}) {
		t.Errorf("shrunk hole: %v", got)
	}
	if got := enlarge([]uint8{0, 100}, 2, 1, 1, 4, 1); !bytes.Equal(got, []uint8{0, 25, 75, 100}) {
		t.Errorf("enlarged: %v", got)
	}
}

// TestExtrapolate asserts that known pixels stay, that a picture of one colour is continued exactly, and a slope, which is
// harmonic, nearly so; also at odd sizes and where the hole reaches the edge.
func TestExtrapolate(t *testing.T) {
	for _, size := range []int{16, 21, 28} {
		var picture, flat, mask []float64
		for i := range size * size {
			y, x := i/size, i%size
			picture = append(picture, float64(x)/float64(size)-float64(y)/float64(size), 0.3)
			flat = append(flat, -0.4, 0.7)
			hidden := 0.0
			if y >= size/4 && y < size*3/4 && x >= size/4 && x < size*3/4 {
				hidden = 1
			}
			mask = append(mask, hidden)
		}
		for name, want := range map[string][]float64{"slope": picture, "one colour": flat} {
			got := gantest.Call(t, gantest.Go(), func(operands []*Node) []*Node {
				return []*Node{extrapolate(Mul(operands[0], OneMinus(operands[1])), operands[1])}
			}, tensors.FromFlatDataAndDimensions(want, 1, size, size, 2), tensors.FromFlatDataAndDimensions(mask, 1, size, size, 1))[0]
			for i, v := range want {
				bound := 1e-9
				if mask[i/2] != 0 && name == "slope" {
					bound = 0.12 // A mean colour is off by 0.5.
				}
				if difference := got[i] - v; difference > bound || -difference > bound {
					t.Fatalf("%s, %d pixels: value %d is %g, want %g", name, size, i, got[i], v)
				}
			}
		}
	}
}
