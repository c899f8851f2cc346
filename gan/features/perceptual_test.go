package features

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

func TestDistanceGolden(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute and more under -race")
	}
	for _, want := range readSequential(t).Networks {
		if want.LPIPS == nil {
			continue
		}
		learned := sequentialOf(want.Name)
		uniform := *learned
		uniform.learned = false
		gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
			a, b := gantest.SeededPictures("lpips/a", want.LPIPS.Shape...), gantest.SeededPictures("lpips/b", want.LPIPS.Shape...)
			near := between(a, b, func(a, b int) int { return (7*a + b) / 8 })
			e := seededExtractor(t, backend, learned)
			checkDistance(t, e, "learned", a, b, want.LPIPS.Learned)
			checkDistance(t, e, "near", a, near, want.LPIPS.Near)
			if want.Name == "alexnet" { // The small one: uniform weights are the same code for all.
				checkDistance(t, seededExtractor(t, backend, &uniform), "uniform", a, b, want.LPIPS.Uniform)
			}
		})
	}
}

func checkDistance(t *testing.T, e *Extractor, what string, a, b *tensors.Tensor, want []float64) {
	t.Helper()
	got, err := e.Distance(a, b)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	checkGolden(t, e.Name()+" "+what, got, want)
}

// between returns the pictures whose pixels are made of those of a and b.
func between(a, b *tensors.Tensor, mix func(a, b int) int) *tensors.Tensor {
	x, y := tensors.MustCopyFlatData[uint8](a), tensors.MustCopyFlatData[uint8](b)
	for i := range x {
		x[i] = uint8(min(max(mix(int(x[i]), int(y[i])), 0), 255))
	}
	return tensors.FromFlatDataAndDimensions(x, a.Shape().Dimensions...)
}

func TestLayerWeights(t *testing.T) {
	for network, want := range map[Network]string{VGG19(): "uniform", AlexNet(): "learned (LPIPS 0.1)", pixels{}: "uniform"} {
		if got := seededExtractor(t, gantest.Go(), network).LayerWeights(); got != want {
			t.Errorf("%s: %q, not %q", network.Name(), got, want)
		}
	}
	for _, s := range []*Sequential{VGG16(), AlexNet()} {
		weights, err := learnedWeights(s)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		for i, name := range s.perceptual {
			channels := s.convolutions[indexOfLayer(s, name)].out
			if len(weights[i]) != channels {
				t.Errorf("%s %s has %d weights for %d channels", s.Name(), name, len(weights[i]), channels)
			}
		}
	}
}

func indexOfLayer(s *Sequential, name string) int {
	for i, c := range s.convolutions {
		if c.name == name {
			return i
		}
	}
	return -1
}

// Every extractor's distance is 0 between equal pictures, symmetric, and grows with noise and with blur.
func TestDistanceProperties(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute and more under -race")
	}
	for _, e := range perceptualExtractors(t) {
		t.Run(e.Name(), func(t *testing.T) {
			shape := e.network.InputShape()
			channels := max(shape[2], 1)
			shape = []int{6, max(shape[0], 32), max(shape[1], 32), channels}
			a, b := smoothPictures(shape, 1), smoothPictures(shape, 2)
			for i, d := range distances(t, e, a, a) {
				if d < 0 || d > 1e-12 {
					t.Errorf("picture %d has distance %g from itself", i, d)
				}
			}
			there, back := distances(t, e, a, b), distances(t, e, b, a)
			for i := range there {
				if there[i] <= 0 || math.Abs(there[i]-back[i]) > 1e-6*there[i] {
					t.Errorf("distance %g there, %g back", there[i], back[i])
				}
			}
			noise := gantest.SeededPictures("noise", shape...)
			checkGrows(t, e, a, "noise", func(level int) *tensors.Tensor {
				return between(a, noise, func(a, noise int) int { return a + (noise-128)*level/8 })
			})
			checkGrows(t, e, a, "blur", func(level int) *tensors.Tensor { return blurred(a, level) })
		})
	}
}

// perceptualExtractors returns all that need no file, and AlexNet with random weights.
func perceptualExtractors(t *testing.T) []*Extractor {
	t.Helper()
	list := []*Extractor{seededExtractor(t, gantest.Go(), AlexNet())}
	for _, name := range Names() {
		if strings.HasSuffix(name, ":FILE") {
			continue
		}
		e, err := Open(gantest.Go(), name)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		list = append(list, e)
	}
	return list
}

func distances(t *testing.T, e *Extractor, a, b *tensors.Tensor) []float64 {
	t.Helper()
	distances, err := e.Distance(a, b)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return distances
}

// checkGrows checks that the mean distance from a rises with the level of what is done to it.
func checkGrows(t *testing.T, e *Extractor, a *tensors.Tensor, what string, worse func(level int) *tensors.Tensor) {
	t.Helper()
	var ladder []float64
	for _, level := range []int{0, 1, 2, 4, 8} {
		sum := 0.0
		for _, d := range distances(t, e, a, worse(level)) {
			sum += d
		}
		ladder = append(ladder, sum)
	}
	for i := 1; i < len(ladder); i++ {
		if !(ladder[i] > ladder[i-1]) {
			t.Fatalf("more %s, not more distance: %g", what, ladder)
		}
	}
}

// smoothPictures returns bright discs on a dark ground, with edges and colours for a blur to take away.
func smoothPictures(shape []int, seed uint64) *tensors.Tensor {
	random := rand.New(rand.NewPCG(seed, 0))
	n, height, width, channels := shape[0], shape[1], shape[2], shape[3]
	pixels := make([]uint8, 0, shapes.Make(dtypes.Uint8, shape...).Size())
	for range n {
		y0, x0, r := random.Float64()*float64(height), random.Float64()*float64(width), float64(width)*(0.15+0.2*random.Float64())
		dark, bright := random.Float64()*60, 150+random.Float64()*100
		for y := range height {
			for x := range width {
				value := dark
				if math.Hypot(float64(y)-y0, float64(x)-x0) < r {
					value = bright
				}
				for c := range channels {
					pixels = append(pixels, uint8(value*(1-0.3*float64(c))))
				}
			}
		}
	}
	return tensors.FromFlatDataAndDimensions(pixels, shape...)
}

// blurred returns the pictures after so many passes of a mean over 3×3 pixels, edges repeated.
func blurred(pictures *tensors.Tensor, passes int) *tensors.Tensor {
	shape := pictures.Shape().Dimensions
	n, height, width, channels := shape[0], shape[1], shape[2], shape[3]
	pixels := tensors.MustCopyFlatData[uint8](pictures)
	for range passes {
		old := append([]uint8(nil), pixels...)
		for i := range n * height * width {
			x, y, k := i%width, i/width%height, i/width/height
			for c := range channels {
				sum := 0
				for dy := -1; dy <= 1; dy++ {
					for dx := -1; dx <= 1; dx++ {
						row, column := min(max(y+dy, 0), height-1), min(max(x+dx, 0), width-1)
						sum += int(old[((k*height+row)*width+column)*channels+c])
					}
				}
				pixels[i*channels+c] = uint8((sum + 4) / 9)
			}
		}
	}
	return tensors.FromFlatDataAndDimensions(pixels, shape...)
}

// A picture whose channels are all 0 somewhere must not make the gradient infinite.
func TestPerceptualDistanceGradient(t *testing.T) {
	a, b := []float32{0, 0, 3, 4}, []float32{1, 0, 4, 3} // Two pixels of two channels.
	weights := [][]float32{{2, 1}}
	results, err := CallOnceN(gantest.Go(), func(a, b *Node) []*Node {
		a, b = Reshape(a, 1, 1, 2, 2), Reshape(b, 1, 1, 2, 2)
		distance := PerceptualDistance([]*Node{a}, []*Node{b}, weights)
		return []*Node{distance, Gradient(ReduceAllSum(distance), a)[0]}
	}, a, b)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	// By hand: (2·1 + 2·0.2² + 0.2²)/2.
	checkGolden(t, "distance", strided(results[0], 1), []float64{1.06})
	// At the second pixel, with d = (-0.2, 0.2): (2·w·d - u·⟨2·w·d, u⟩)/5/2, u = (0.6, 0.8) and w = (2, 1).
	v := [2]float64{-0.8, 0.4}
	along := 0.6*v[0] + 0.8*v[1]
	want := []float64{0, 0, (v[0] - 0.6*along) / 10, (v[1] - 0.8*along) / 10}
	got := strided(results[1], 1)
	checkGolden(t, "gradient", got[2:], want[2:])
	for _, slope := range got {
		if math.IsNaN(slope) || math.IsInf(slope, 0) {
			t.Errorf("gradient %v", got)
		}
	}
}

func TestDistanceBadInput(t *testing.T) {
	e := seededExtractor(t, gantest.Go(), pixels{})
	a := gantest.SeededPictures("a", 2, 8, 8, 1)
	for _, b := range []*tensors.Tensor{gantest.SeededPictures("b", 3, 8, 8, 1), gantest.SeededPictures("b", 2, 8, 9, 1), gantest.SeededPictures("b", 2, 8, 8, 3)} {
		if _, err := e.Distance(a, b); err == nil || !strings.Contains(err.Error(), "of one shape") {
			t.Errorf("%s and %s: %v", a.Shape(), b.Shape(), err)
		}
	}
	if _, err := e.Distance(a, tensors.FromFlatDataAndDimensions([]float32{1}, 1, 1, 1, 1)); err == nil {
		t.Error("float pictures are taken")
	}
}

func ExampleExtractor_Distance() {
	e, err := Open(gantest.Go(), "pixels")
	if err != nil {
		panic(err)
	}
	// Two grey pictures of 2×2: a diagonal, and half of it. As directions they are 45° apart.
	a := tensors.FromFlatDataAndDimensions([]uint8{200, 0, 0, 200}, 1, 2, 2, 1)
	b := tensors.FromFlatDataAndDimensions([]uint8{200, 0, 0, 0}, 1, 2, 2, 1)
	distances, err := e.Distance(a, b)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.4f, with %s weights\n", distances[0], e.LayerWeights())
	// Output: 0.5858, with uniform weights
}
