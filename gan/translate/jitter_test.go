package translate

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// TestBicubic compares with Pillow 13.0's resize((10, 2), Image.BICUBIC) of a row of floats.
func TestBicubic(t *testing.T) {
	row := []float64{0.3, -0.7, 0.9, -1, 0.5, 0.1, -0.2, 0.8}
	want := []float64{0.3432692, -0.5333495, 0.15625, 0.48015, -0.97915, 0.41165, 0.2725, -0.1375, 0.0592826, 0.8432692}
	got := gantest.Call(t, gantest.Go(), func(inputs []*Node) []*Node {
		places := Iota(inputs[0].Graph(), shapes.Make(dtypes.Float32, 1, 10), 1)
		return []*Node{Einsum("boi,i->bo", bicubic(places, 8, 10), ConvertDType(inputs[0], dtypes.Float32))}
	}, tensors.FromValue(row))[0]
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-5 {
			t.Errorf("got %v, want %v", got, want)
			break
		}
	}
}

// TestJitter has pictures whose values tell where pixels came from: columns in the first channel, rows in the second.
func TestJitter(t *testing.T) {
	const n, size = 600, 16
	values := make([]float32, 0, n*size*size*2)
	for range n {
		for row := range size {
			for column := range size {
				values = append(values, float32(column)/size, float32(row)/size)
			}
		}
	}
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		store := model.NewStore()
		if err := store.SetRNGStateFromSeed(1); err != nil {
			t.Fatal(err)
		}
		j := Jitter{Crop: 0.25, Flip: true} // 20 pixels: 5 offsets along each axis.
		exec, err := model.NewExec(backend, store, func(scope *model.Scope, images *Node) []*Node {
			draws := j.draws(scope, images.Graph(), n)
			flips := Jitter{Flip: true}
			return []*Node{j.apply(images, draws), j.apply(Neg(images), draws), flips.apply(images, draws), Jitter{}.apply(images, nil)}
		})
		if err != nil {
			t.Fatal(err)
		}
		outputs := exec.MustCall(tensors.FromFlatDataAndDimensions(values, n, size, size, 2))
		var all [4][]float32
		for i, output := range outputs {
			all[i] = tensors.MustCopyFlatData[float32](output)
		}
		if !slices.Equal(all[3], values) {
			t.Error("no jitter changed pictures")
		}
		counts := map[[3]int]int{}
		for i := range n {
			at := func(which, row, column, channel int) float64 {
				return float64(all[which][((i*size+row)*size+column)*2+channel])
			}
			for row := range size {
				for column := range size {
					if math.Abs(at(0, row, column, 0)+at(1, row, column, 0)) > 1e-6 {
						t.Fatal("equal draws moved two pictures differently")
					}
				}
			}
			// Within the picture, bicubic interpolation keeps straight lines.
			step := (at(0, 8, 9, 0) - at(0, 8, 7, 0)) / 2 * size
			flipped := 0
			if step < 0 {
				flipped = 1
			}
			if math.Abs(math.Abs(step)-0.8) > 1e-4 {
				t.Fatalf("example %d: neighbours are %g pixels apart, want 0.8", i, step)
			}
			place := func(value float64) float64 { return (value*size+0.5)/0.8 - 0.5 }
			column, row := place(at(0, 8, 8, 0))-8, place(at(0, 8, 8, 1))-8
			if flipped == 1 {
				column++ // Of 16 columns, 8 is mirrored from 7.
			}
			rounded := [3]int{int(math.Round(row)), int(math.Round(column)), flipped}
			if math.Abs(row-math.Round(row)) > 1e-3 || math.Abs(column-math.Round(column)) > 1e-3 ||
				rounded[0] < 0 || rounded[0] > 4 || rounded[1] < 0 || rounded[1] > 4 {
				t.Fatalf("example %d: moved by %g and %g", i, row, column)
			}
			counts[rounded]++
			want := 8.0
			if flipped == 1 {
				want = 7
			}
			if got := at(2, 3, 8, 0) * size; math.Abs(got-want) > 1e-4 {
				t.Fatalf("example %d, flipped alone: column 8 came from %g, want %g", i, got, want)
			}
		}
		for kind, count := range counts { // 600 of 50 kinds: 12 ± 3.4.
			if count > 32 {
				t.Errorf("%v came %d times", kind, count)
			}
		}
		if len(counts) < 48 {
			t.Errorf("%d kinds, want 50", len(counts))
		}
	})
}

func TestJitterCheck(t *testing.T) {
	for _, crop := range []float64{-0.1, 1.5, math.NaN()} {
		if err := (Jitter{Crop: crop}).Check(); err == nil {
			t.Errorf("crop %g passed", crop)
		}
	}
	if err := PaperJitter.Check(); err != nil || PaperJitter.margin(256) != 30 || PaperJitter.margin(32) != 4 {
		t.Errorf("%v, margins %d and %d", err, PaperJitter.margin(256), PaperJitter.margin(32))
	}
}
