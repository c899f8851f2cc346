package augment

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// everyOperation has all operations, with strengths and borders that show.
var everyOperation = []Operation{
	RandomFlip{}, RandomFlip{Vertical: true}, RandomRotation{Degrees: 170}, RandomRotation{Degrees: 60, Border: BorderReflect},
	RandomScale{By: 0.6, Border: BorderBlack}, RandomTranslation{By: 0.7, Border: BorderGrey}, RandomTranslation{By: 1, Border: BorderReflect}, RandomShear{Degrees: 40},
	RandomCrop{Keep: 0.4}, RandomElastic{Strength: 0.1, Smoothness: 0.2, Border: BorderReflect}, RandomElastic{}, RandomBrightness{By: 0.9}, RandomContrast{By: 0.9},
	RandomSaturation{By: 0.9}, RandomHue{By: 0.5}, RandomGamma{By: 2}, RandomBlur{Pixels: 1.5}, RandomNoise{StdDev: 0.5},
	RandomCutout{Side: 0.5, Fill: -1}, RandomCutout{Side: 0.4},
}

// units returns n numbers that look as if from U[0, 1).
func units(n int, phase float64) []float64 {
	values := gantest.Wave(n, 1, phase)
	for i, v := range values {
		values[i] = math.Mod(math.Abs(v)*7.3, 1)
	}
	return values
}

// Both forms of every operation and policy agree, for pictures of one channel and three; the graph on the Go backend.
func TestFormsAgree(t *testing.T) {
	policies := map[string]Policy{}
	for _, operation := range everyOperation {
		step := Step{Operation: operation}
		policies[step.String()] = Policy{step}
	}
	for _, name := range PolicyNames() {
		policy, err := Named(name)
		if err != nil {
			t.Fatal(err)
		}
		policies[name] = policy
	}
	const batch, height, width = 5, 10, 13
	for name, policy := range policies {
		for _, channels := range []int{1, 3} {
			shape := []int{height, width, channels}
			pixels := gantest.Wave(batch*height*width*channels, 0.9, 0.1)
			n := policy.Draws(shape)
			draws := units(batch*max(n, 1), 0.7)
			got := gantest.Call(t, gantest.Go(), func(inputs []*Node) []*Node {
				// The sum uses the draws, as the Go backend cannot run a graph that returns an operand and leaves one unused.
				return []*Node{Add(policy.GraphFrom(inputs[0], inputs[1]), MulScalar(ReduceAllSum(inputs[1]), 0))}
			}, tensors.FromFlatDataAndDimensions(slices.Clone(pixels), batch, height, width, channels),
				tensors.FromFlatDataAndDimensions(slices.Clone(draws), batch, max(n, 1)))[0]
			var worst, moved float64
			size := height * width * channels
			for e := range batch {
				p := &Picture{Height: height, Width: width, Channels: channels, Values: make([]float32, size)}
				for i := range size {
					p.Values[i] = float32(pixels[e*size+i])
				}
				changed := policy.Picture(p, draws[e*n:(e+1)*n])
				for i, v := range changed.Values {
					worst = max(worst, math.Abs(float64(v)-got[e*size+i]))
					moved += math.Abs(float64(v) - pixels[e*size+i])
				}
			}
			if worst > 1e-5 || math.IsNaN(worst) {
				t.Errorf("%s, %d channels: the forms differ by up to %.2g", name, channels, worst)
			}
			colour := channels == 1 && (len(policy) == 1 && (policy[0].Operation.Name() == "saturation" || policy[0].Operation.Name() == "hue"))
			if moved < 0.01 != (colour || name == "none") {
				t.Errorf("%s, %d channels: the picture changed by %g", name, channels, moved)
			}
		}
	}
}

// On either backend the graph of a long policy agrees with the form for pictures in memory.
func TestFormsAgreeOnEachBackend(t *testing.T) {
	policy, err := ParsePolicy("classic,photo,blur,noise,cutout,gamma")
	if err != nil {
		t.Fatal(err)
	}
	shape := []int{10, 13, 3}
	pixels := gantest.Wave(10*13*3, 0.9, 0.1)
	draws := units(policy.Draws(shape), 0.7)
	p := &Picture{Height: 10, Width: 13, Channels: 3}
	for _, v := range pixels {
		p.Values = append(p.Values, float32(v))
	}
	var want []float64
	for _, v := range policy.Picture(p, draws).Values {
		want = append(want, float64(v))
	}
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		got := gantest.Call(t, backend, func(inputs []*Node) []*Node {
			return []*Node{policy.GraphFrom(inputs[0], inputs[1])}
		}, tensors.FromFlatDataAndDimensions(pixels, 1, 10, 13, 3), tensors.FromFlatDataAndDimensions(draws, 1, len(draws)))[0]
		if e := gantest.RelativeError(got, want); e > 1e-5 {
			t.Errorf("relative error %.2g", e)
		}
	})
}

// First and second derivatives of every operation against finite differences.
func TestPolicyDerivatives(t *testing.T) {
	const batch, height, width = 2, 4, 5
	for _, operation := range everyOperation {
		policy := Policy{{Operation: operation}}
		columns := policy.Draws([]int{height, width, 3})
		draws := tensors.FromFlatDataAndDimensions(units(batch*columns, 0.3), batch, columns)
		t.Run(policy.String(), func(t *testing.T) {
			gantest.CheckDerivatives(t, gantest.Go(), func(inputs []*Node) *Node {
				return policy.GraphFrom(inputs[0], Const(inputs[0].Graph(), draws))
			}, gantest.Tensor(0.8, 0.1, batch, height, width, 3))
		})
	}
}

// Where pixels are grey, black or beyond white, where draws are 0 and where a picture is one pixel wide, values and slopes of
// the slopes are numbers.
func TestPolicyIsFinite(t *testing.T) {
	draws := func(shape []int, policy Policy, u float64) *tensors.Tensor {
		n := policy.Draws(shape)
		return tensors.FromFlatDataAndDimensions(slices.Repeat([]float64{u}, 2*n), 2, n)
	}
	flat := func(shape ...int) *tensors.Tensor {
		values := make([]float64, 2*shape[0]*shape[1]*shape[2])
		for i := range values {
			values[i] = []float64{-1, -1, -1, 1.5, 0, -2}[i/6%2*3+i%3]
		}
		return tensors.FromFlatDataAndDimensions(values, append([]int{2}, shape...)...)
	}
	var policy Policy
	for _, operation := range everyOperation {
		policy = append(policy, Step{Operation: operation})
	}
	results := gantest.Call(t, gantest.Go(), func(inputs []*Node) []*Node {
		var results []*Node
		for _, x := range inputs {
			for _, step := range policy {
				single := Policy{step}
				y := single.GraphFrom(x, Const(x.Graph(), draws(x.Shape().Dimensions[1:], single, 0)))
				slope := Gradient(ReduceAllSum(Square(y)), x)[0]
				results = append(results, ReduceAllSum(y), ReduceAllSum(Gradient(ReduceAllSum(Sin(slope)), x)[0]))
			}
		}
		return results
	}, flat(3, 4, 3), flat(1, 1, 3))
	for i, result := range results {
		if math.IsNaN(result[0]) || math.IsInf(result[0], 0) {
			t.Errorf("%s, picture %d: result %d is %g", policy[i/2%len(policy)], i/2/len(policy), i%2, result[0])
		}
	}
}

// Two turns there and back, done by one lookup, leave a picture as it is; one after the other they blur it.
func TestMovesAreComposed(t *testing.T) {
	picture := &Picture{Height: 12, Width: 12, Channels: 1}
	for _, v := range gantest.Wave(144, 0.9, 0.1) {
		picture.Values = append(picture.Values, float32(v))
	}
	difference := func(p *Picture) (sum float64) {
		for i, v := range p.Values {
			sum += math.Abs(float64(v - picture.Values[i]))
		}
		return sum / 144
	}
	turn := Step{Operation: RandomRotation{Degrees: 30}}
	there, back := []float64{0, 0.9}, []float64{0, 0.1}
	composed := Policy{turn, turn}.Picture(picture, slices.Concat(there, back))
	separate := Policy{turn}.Picture(Policy{turn}.Picture(picture, there), back)
	if got := difference(composed); got > 1e-5 {
		t.Errorf("one lookup changed the picture by %g", got)
	}
	if got := difference(separate); got < 0.1 {
		t.Errorf("two lookups changed the picture by %g only", got)
	}
}

// How steps group: equal borders join, a flip joins any, elastic ends a group, and other operations stand alone.
func TestRuns(t *testing.T) {
	for text, want := range map[string][]int{
		"rotate,scale,elastic,rotate":                    {3, 1},
		"flip,rotate:5:border=black,crop,shear":          {3, 1},
		"rotate,rotate:5:border=reflect":                 {1, 1},
		"blur,flip,elastic:0.1:border=grey,noise,cutout": {1, 2, 1, 1},
	} {
		policy, err := ParsePolicy(text)
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for _, run := range policy.runs([]int{4, 4, 1}) {
			got = append(got, run.count)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: groups of %v, want %v", text, got, want)
		}
	}
}

// Each example draws its own numbers; steps happen with their probability, and a factor multiplies it.
func TestPolicyDraws(t *testing.T) {
	const n = 4000
	policy, err := ParsePolicy("flip:p=0.4,brightness:0.5")
	if err != nil {
		t.Fatal(err)
	}
	for _, often := range []float64{1, 0.5} {
		y := random(t, gantest.Go(), func(scope *model.Scope, inputs []*Node) []*Node {
			return []*Node{policy.GraphOften(scope, inputs[0], Scalar(inputs[0].Graph(), dtypes.Float64, often))}
		}, tensors.FromFlatDataAndDimensions(slices.Repeat([]float64{-1, 0}, n), n, 1, 2, 1))[0]
		var flipped, changed float64
		var factors []float64
		for i := range n {
			left, right := y[2*i]+1, y[2*i+1]+1
			if left != 0 {
				flipped++
			}
			if factor := left + right; factor != 1 {
				changed++
				factors = append(factors, factor)
			}
		}
		for name, test := range map[string]struct{ got, p float64 }{"flip": {flipped, 0.4 * often}, "brightness": {changed, often}} {
			if math.Abs(test.got-test.p*n) > 5*math.Sqrt(test.p*(1-test.p)*n) {
				t.Errorf("%s happened %g times of %d, want about %g", name, test.got, n, test.p*n)
			}
		}
		checkMoments(t, "brightness", factors, 1, 1./12)
	}
}

// Noise has the deviation it should, and elastic displacements theirs.
func TestDeviations(t *testing.T) {
	source := rand.New(rand.NewPCG(1, 2))
	draw := func(n int) []float64 {
		draws := make([]float64, n)
		for i := range draws {
			draws[i] = source.Float64()
		}
		return draws
	}
	grey := &Picture{Height: 101, Width: 99, Channels: 1, Values: make([]float32, 101*99)}
	noise := RandomNoise{StdDev: 0.4}
	draws := draw(noise.Draws(grey.shape()))
	draws[0] = 0.5
	var values []float64
	for _, v := range noise.Picture(grey, draws).Values {
		values = append(values, float64(v))
	}
	checkMoments(t, "noise", values, 0, 0.04)

	elastic := RandomElastic{Strength: 0.05, Smoothness: 0.01} // Of 0.99 pixels: many places that are independent.
	var inner []float64
	moves := elastic.displacement(grey, draw(elastic.Draws(grey.shape()))).rows
	for i, v := range moves {
		if row, column := i/99, i%99; row%8 == 4 && column%8 == 4 {
			inner = append(inner, v)
		}
	}
	checkMoments(t, "elastic", inner, 0, 4.95*4.95)
}

// Images of every kind keep their size, what is grey stays grey, and alpha moves with the pixels but for colours.
func TestApply(t *testing.T) {
	bounds := image.Rect(3, 4, 9, 8) // Not at the origin.
	kinds := map[string]draw.Image{
		"gray": image.NewGray(bounds), "gray16": image.NewGray16(bounds), "nrgba": image.NewNRGBA(bounds), "rgba": image.NewRGBA(bounds),
		"rgba64": image.NewRGBA64(bounds), "paletted": image.NewPaletted(bounds, color.Palette{color.Transparent, color.White, color.Black}),
	}
	for name, img := range kinds {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
				img.Set(x, y, color.White)
			}
		}
		if name != "gray" && name != "gray16" {
			img.Set(3, 4, color.Transparent) // The upper left corner.
		} else {
			img.Set(3, 4, color.Black)
		}
		policy := Policy{{Operation: RandomFlip{}}, {Operation: RandomBrightness{By: 1}}}
		got := policy.Apply(img, rand.New(rand.NewPCG(1, 2)))
		_, isGray := got.(*image.Gray)
		if got.Bounds() != image.Rect(0, 0, 6, 4) || isGray != strings.HasPrefix(name, "gray") {
			t.Errorf("%s became %T of %v", name, got, got.Bounds())
		}
		corner, opposite := color.NRGBAModel.Convert(got.At(5, 0)).(color.NRGBA), color.NRGBAModel.Convert(got.At(0, 0)).(color.NRGBA)
		if isGray && (corner.R != 0 || opposite.R == 0) || !isGray && (corner.A != 0 || opposite.A != 0xff) {
			t.Errorf("%s: after a flip the corners are %v and %v", name, opposite, corner)
		}
	}
	empty := Policy{{Operation: RandomRotation{}}}.Apply(image.NewGray(image.Rect(0, 0, 0, 5)), rand.New(rand.NewPCG(1, 2)))
	if empty.Bounds().Dx() != 0 {
		t.Errorf("an empty image became one of %v", empty.Bounds())
	}
}

// What a transparent pixel hides does not show when the picture is moved by half a pixel.
func TestAlphaWeighsColours(t *testing.T) {
	p := &Picture{Height: 1, Width: 2, Channels: 1, Values: []float32{1, -1}, Alpha: []float32{1, 0}}
	moved := RandomTranslation{By: 0.25}.Picture(p, []float64{0, 0.5}) // Half a pixel to the left.
	if moved.Values[0] != 1 || moved.Alpha[0] != 0.5 || moved.Alpha[1] != 0 {
		t.Errorf("got values %v with alpha %v", moved.Values, moved.Alpha)
	}
	if p.Values[0] != 1 || p.Values[1] != -1 || p.Alpha[0] != 1 {
		t.Error("the picture given has changed")
	}
}

// The same seed gives the same picture, another another.
func TestApplyIsSeeded(t *testing.T) {
	policy, err := Named("photo")
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewNRGBA(image.Rect(0, 0, 9, 9))
	for i := range img.Pix {
		img.Pix[i] = uint8(i*37) | uint8(i%4/3*255)
	}
	apply := func(seed uint64) []byte { return bytesOf(policy.Apply(img, rand.New(rand.NewPCG(seed, 0)))) }
	if !slices.Equal(apply(1), apply(1)) || slices.Equal(apply(1), apply(2)) {
		t.Error("the seed does not determine the picture")
	}
}
