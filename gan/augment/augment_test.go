package augment

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// Two pictures of three by three pixels: one moves down, one to the left.
func ExampleTranslate() {
	pictures := [][][][]float32{
		{{{1}, {2}, {3}}, {{4}, {5}, {6}}, {{7}, {8}, {9}}},
		{{{1}, {2}, {3}}, {{4}, {5}, {6}}, {{7}, {8}, {9}}},
	}
	moved, err := CallOnce(gobackend.GetBackend(), func(x *Node) *Node {
		down, right := Const(x.Graph(), []float32{1, 0}), Const(x.Graph(), []float32{0, -2})
		return Reshape(Translate(x, down, right), 2, 3, 3)
	}, pictures)
	if err != nil {
		panic(err)
	}
	fmt.Println(moved.Value())
	// Output: [[[0 0 0] [1 2 3] [4 5 6]] [[3 0 0] [6 0 0] [9 0 0]]]
}

// A training step calls it on real and on generated images.
func ExampleColor() {
	store := model.NewStore()
	exec, err := model.NewExec(gobackend.GetBackend(), store, func(scope *model.Scope, x *Node) *Node {
		x = Color(scope, x, 1)
		x = Translation(scope, x, 0.125)
		return Cutout(scope, x, 0.5)
	})
	if err != nil {
		panic(err)
	}
	augmented, err := exec.Call1(tensors.FromShape(shapes.Make(dtypes.Float32, 16, 32, 32, 3)))
	if err != nil {
		panic(err)
	}
	fmt.Println(augmented.Shape())
	// Output: (Float32)[16, 32, 32, 3]
}

// random runs a function that draws, with a fixed seed, and returns its results, flat.
func random(t *testing.T, backend compute.Backend, f func(scope *model.Scope, inputs []*Node) []*Node, inputs ...any) [][]float64 {
	t.Helper()
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(7); err != nil {
		t.Fatal(err)
	}
	exec, err := model.NewExec(backend, store, f)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	defer exec.Finalize()
	outputs, err := exec.Call(inputs...)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	var results [][]float64
	for _, output := range outputs {
		results = append(results, gantest.Float64s(t, output))
	}
	return results
}

// checkMoments compares mean and variance of values with those of the distribution they should come from.
func checkMoments(t *testing.T, name string, values []float64, mean, variance float64) {
	t.Helper()
	var sum, squares float64
	for _, v := range values {
		sum += v
		squares += v * v
	}
	n := float64(len(values))
	gotMean := sum / n
	gotVariance := squares/n - gotMean*gotMean
	if n < 100 || math.Abs(gotMean-mean) > 5*math.Sqrt(variance/n) || math.Abs(gotVariance/variance-1) > 8/math.Sqrt(n) {
		t.Errorf("%s: %d values have mean %.4f and variance %.4f, want %.4f and %.4f", name, len(values), gotMean, gotVariance, mean, variance)
	}
}

// checkCounts compares counts with equal chances.
func checkCounts(t *testing.T, name string, counts map[int]int, outcomes, draws int) {
	t.Helper()
	want := float64(draws) / float64(outcomes)
	for outcome, count := range counts {
		if math.Abs(float64(count)-want) > 5*math.Sqrt(want) {
			t.Errorf("%s: outcome %d came %d times of %d, want about %.0f", name, outcome, count, draws, want)
		}
	}
	if len(counts) != outcomes {
		t.Errorf("%s: %d outcomes, want %d", name, len(counts), outcomes)
	}
}

func TestColorDraws(t *testing.T) {
	const n = 8000
	// Two pixels whose channels have the means 1 and -1, so that all three numbers can be read from the result.
	images := slices.Repeat([]float64{2, 0, 1, -1, -1, -1}, n)
	for _, p := range []float64{1, 0.25} {
		y := random(t, gantest.Go(), func(scope *model.Scope, inputs []*Node) []*Node {
			return []*Node{Color(scope, inputs[0], p)}
		}, tensors.FromFlatDataAndDimensions(images, n, 1, 2, 3))[0]
		var brightness, contrast, saturation []float64
		for i := range n {
			e := y[6*i : 6*i+6]
			first, second := (e[0]+e[1]+e[2])/3, (e[3]+e[4]+e[5])/3
			b, c := (first+second)/2, (first-second)/2
			s := (e[0] - first) / c
			if math.Abs(b)+math.Abs(c-1)+math.Abs(s-1) < 1e-12 {
				continue // Not changed: all or nothing.
			}
			if b < -0.5 || b > 0.5 || c < 0.5 || c > 1.5 || s < -1e-12 || s > 2 {
				t.Fatalf("brightness %g, contrast %g, saturation %g", b, c, s)
			}
			brightness, contrast, saturation = append(brightness, b), append(contrast, c), append(saturation, s)
		}
		if changed := float64(len(brightness)); math.Abs(changed-p*n) > 5*math.Sqrt(p*(1-p)*n) {
			t.Errorf("%.0f of %d images changed with probability %g", changed, n, p)
		}
		checkMoments(t, "brightness", brightness, 0, 1./12)
		checkMoments(t, "contrast", contrast, 1, 1./12)
		checkMoments(t, "saturation", saturation, 1, 4./12)
	}
}

func TestTranslationDraws(t *testing.T) {
	const n, height, width = 6000, 8, 16 // Up to 1 pixel up and down, 2 to either side.
	images := make([]float64, n*height*width)
	for i := range n {
		images[i*height*width+4*width+8] = 1
	}
	y := random(t, gantest.Go(), func(scope *model.Scope, inputs []*Node) []*Node {
		return []*Node{Translation(scope, inputs[0], 0.125)}
	}, tensors.FromFlatDataAndDimensions(images, n, height, width, 1))[0]
	counts := map[int]int{}
	for i := range n {
		at := slices.Index(y[i*height*width:(i+1)*height*width], 1)
		if row, column := at/width, at%width; row < 3 || row > 5 || column < 6 || column > 10 {
			t.Fatalf("example %d: (4, 8) moved to (%d, %d)", i, row, column)
		}
		counts[at]++
	}
	checkCounts(t, "moves", counts, 3*5, n)
}

func TestCutoutDraws(t *testing.T) {
	const n = 6000
	for _, test := range []struct{ height, width, size, places int }{
		{6, 8, 3, 6 * 8}, // The middle of an odd square is one of the pixels,
		{5, 4, 2, 6 * 5}, // that of an even one is one of their corners.
	} {
		height, width := test.height, test.width
		y := random(t, gantest.Go(), func(scope *model.Scope, inputs []*Node) []*Node {
			return []*Node{Cutout(scope, inputs[0], 0.5)}
		}, tensors.FromFlatDataAndDimensions(slices.Repeat([]float64{1}, n*height*width), n, height, width, 1))[0]
		counts := map[int]int{}
		for i := range n {
			top, left, bottom, right, erased := height, width, -1, -1, 0
			for j, v := range y[i*height*width : (i+1)*height*width] {
				if v == 0 {
					erased++
					top, bottom, left, right = min(top, j/width), max(bottom, j/width), min(left, j%width), max(right, j%width)
				}
			}
			high, wide := max(bottom-top+1, 0), max(right-left+1, 0)
			if erased != high*wide || high > test.size || wide > test.size {
				t.Fatalf("%d pixels of %d × %d are gone", erased, high, wide)
			}
			if erased == 0 {
				t.Fatal("nothing is gone")
			}
			counts[((top*8+bottom)*8+left)*8+right]++
		}
		checkCounts(t, fmt.Sprintf("squares of %d", test.size), counts, test.places, n)
	}
}

// Probabilities and distributions of all the changes of ADA, each example's drawn by itself.
func TestADADraws(t *testing.T) {
	const n, p = 20_000, 0.36 // The rotations have probability 1 - √0.64 = 0.2.
	names := []string{"flip", "turns", "step right", "step down", "scale", "angle before", "stretch", "angle after", "move right", "move down",
		"brightness", "contrast", "luma flip", "hue", "saturation"}
	results := random(t, gantest.Go(), func(scope *model.Scope, inputs []*Node) []*Node {
		d := newDraws(scope, inputs[0], 21, 7)
		p := Scalar(inputs[0].Graph(), dtypes.Float64, p)
		m, c := drawGeometry(d, p), drawColours(d, p, 3)
		if d.nextUnit != 21 || d.nextNormal != 7 {
			t.Errorf("%d and %d columns were used, want 21 and 7", d.nextUnit, d.nextNormal)
		}
		return []*Node{m.flip, m.turns, m.stepRight, m.stepDown, m.scale, m.angleBefore, m.stretch, m.angleAfter, m.moveRight, m.moveDown,
			c.brightness, c.contrast, c.lumaFlip, c.hue, c.saturation}
	}, tensors.FromFlatDataAndDimensions(make([]float64, n), n, 1, 1, 1))
	const rotation = math.Pi * math.Pi / 3
	changed := map[string][]bool{}
	for i, want := range []struct {
		neutral, probability, mean, variance float64
		logarithm                            bool // Mean and variance are those of the logarithm to the base 2.
	}{
		{0, p / 2, 1, 0, false},
		{0, p * 3 / 4, 2, 2. / 3, false},
		{0, p, 0, 1. / 192, false},
		{0, p, 0, 1. / 192, false},
		{1, p, 0, 0.04, true},
		{0, 0.2, 0, rotation, false},
		{1, p, 0, 0.04, true},
		{0, 0.2, 0, rotation, false},
		{0, p, 0, 1. / 64, false},
		{0, p, 0, 1. / 64, false},
		{0, p, 0, 0.04, false},
		{1, p, 0, 0.25, true},
		{0, p / 2, 1, 0, false},
		{0, p, 0, rotation, false},
		{1, p, 0, 1, true},
	} {
		var values []float64
		for _, v := range results[i] {
			changed[names[i]] = append(changed[names[i]], v != want.neutral)
			if v == want.neutral {
				continue
			}
			if want.logarithm {
				v = math.Log2(v)
			}
			values = append(values, v)
		}
		q := want.probability
		if got := float64(len(values)); math.Abs(got-q*n) > 5*math.Sqrt(q*(1-q)*n) {
			t.Errorf("%s changed %.0f of %d examples, want about %.0f", names[i], got, n, q*n)
		}
		if want.variance == 0 {
			if slices.ContainsFunc(values, func(v float64) bool { return v != want.mean }) {
				t.Errorf("%s is neither 0 nor 1", names[i])
			}
			continue
		}
		checkMoments(t, names[i], values, want.mean, want.variance)
	}
	for i, a := range names {
		for _, b := range names[:i] {
			together := a == "step down" && b == "step right" || a == "move down" && b == "move right"
			var countA, countB, both float64
			for k := range n {
				if changed[a][k] {
					countA++
				}
				if changed[b][k] {
					countB++
				}
				if changed[a][k] && changed[b][k] {
					both++
				}
			}
			chance := countA * countB / n
			if independent := math.Abs(both-chance) < 5*math.Sqrt(chance); independent == together {
				t.Errorf("%s and %s changed %.0f examples together, by chance it would be %.0f", b, a, both, chance)
			}
		}
	}
}

// The whole pipeline in float32: p = 0 changes nothing, p = 1 every image, and a gradient comes through.
func TestADA(t *testing.T) {
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		for _, channels := range []int{1, 3} {
			store := model.NewStore()
			exec, err := model.NewExec(backend, store, func(scope *model.Scope, x, p *Node) []*Node {
				y := ADA(scope, x, p)
				weights := Sin(IotaFull(x.Graph(), x.Shape()))
				return []*Node{y, Gradient(ReduceAllSum(Mul(y, weights)), x)[0], weights}
			})
			if err != nil {
				t.Fatalf("%+v", err)
			}
			defer exec.Finalize()
			const batch, size = 8, 9
			values := make([]float32, batch*size*size*channels)
			for i, v := range gantest.Wave(len(values), 1, 0.1) {
				values[i] = float32(v)
			}
			call := func(seed int64, p float32) (y, slope, weights []float64) {
				if err := store.SetRNGStateFromSeed(seed); err != nil {
					t.Fatal(err)
				}
				outputs, err := exec.Call(tensors.FromFlatDataAndDimensions(values, batch, size, size, channels), p)
				if err != nil {
					t.Fatalf("%+v", err)
				}
				return gantest.Float64s(t, outputs[0]), gantest.Float64s(t, outputs[1]), gantest.Float64s(t, outputs[2])
			}
			y, slope, weights := call(1, 0)
			for i := range y {
				if channels == 1 && (y[i] != float64(values[i]) || slope[i] != weights[i]) || math.Abs(y[i]-float64(values[i])) > 1e-6 || math.Abs(slope[i]-weights[i]) > 1e-6 {
					t.Fatalf("p = 0: value %d is %g with slope %g, want %g and %g", i, y[i], slope[i], values[i], weights[i])
				}
			}
			y, slope, weights = call(1, 1)
			again, _, _ := call(1, 1)
			other, _, _ := call(2, 1)
			if !slices.Equal(y, again) || slices.Equal(y, other) {
				t.Error("p = 1: the seed does not determine the result")
			}
			// A linear map A with an offset: y = A x + b, slope = Aᵀ w, b = A's result for x = 0, which is shared by each image.
			clear(values)
			offset, _, _ := call(1, 1)
			for i, v := range gantest.Wave(len(values), 1, 0.1) {
				values[i] = float32(v)
			}
			each := len(y) / batch
			for e := range batch {
				var along, back, moved float64
				for i := e * each; i < (e+1)*each; i++ {
					along += weights[i] * (y[i] - offset[i])
					back += slope[i] * float64(values[i])
					moved = max(moved, math.Abs(y[i]-float64(values[i])))
				}
				if math.Abs(along-back) > 1e-4*(1+math.Abs(along)) {
					t.Errorf("example %d: ⟨w, A x⟩ = %g but ⟨Aᵀ w, x⟩ = %g", e, along, back)
				}
				if moved < 0.01 {
					t.Errorf("p = 1: example %d changed by %g only", e, moved)
				}
			}
		}
	})
}

func TestMisuse(t *testing.T) {
	for _, test := range []struct {
		f    func(scope *model.Scope, x *Node) *Node
		want string
	}{
		{func(_ *model.Scope, x *Node) *Node { return Brightness(x, Const(x.Graph(), []float32{1})) }, "one number for each of the 2 examples, got (Float32)[1]"},
		{func(_ *model.Scope, x *Node) *Node { return Contrast(Squeeze(Slice(x, AxisElem(0)), 0), nil) }, "[batch, height, width, channels], got (Float32)[4, 4, 2]"},
		{func(_ *model.Scope, x *Node) *Node { return HueRotation(x, nil) }, "images must have red, green and blue"},
		{func(_ *model.Scope, x *Node) *Node { return Affine(x, x, PadZeros) }, "matrices must be shaped [2, 2, 3]"},
		{func(s *model.Scope, x *Node) *Node { return Color(s, x, 1.5) }, "a probability is between 0 and 1, not 1.5"},
		{func(s *model.Scope, x *Node) *Node { return Translation(s, x, -1) }, "between 0 and 1, not -1"},
		{func(s *model.Scope, x *Node) *Node { return Cutout(s, x, math.NaN()) }, "between 0 and 1, not NaN"},
		{func(s *model.Scope, x *Node) *Node { return ADA(s, x, nil) }, "1 channel or 3, got (Float32)[2, 4, 4, 2]"},
		{func(s *model.Scope, x *Node) *Node {
			return ADA(s, Slice(x, AxisRange(), AxisRange(), AxisRange(), AxisElem(0)), x)
		}, "the probability must be a scalar"},
	} {
		exec, err := model.NewExec(gantest.Go(), model.NewStore(), test.f)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = exec.Call(tensors.FromShape(shapes.Make(dtypes.Float32, 2, 4, 4, 2))); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want an error with %q", err, test.want)
		}
	}
}
