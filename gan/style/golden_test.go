package style

import (
	"image"
	"math"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// goldenValues is what bench/golden/make_golden_adain.py writes, which says what it holds.
type goldenValues struct {
	AdaIN struct {
		Mean, Deviation, Y []float64
	} `json:"adain"`
	Losses struct {
		Content, Style           float64
		Layers, Stored, Gradient []float64
	} `json:"losses"`
	Decoder struct {
		Y []float64 `json:"y"`
	} `json:"decoder"`
	Gatys struct {
		Grams    []float64 `json:"grams"`
		Loss     float64   `json:"loss"`
		Gradient []float64 `json:"gradient"`
	} `json:"gatys"`
	Coral struct {
		Y []float64 `json:"y"`
	} `json:"coral"`
}

func goldens(t *testing.T) goldenValues {
	return gantest.ReadJSON[goldenValues](t, "testdata/golden.json")
}

// uniform returns the numbers that the script has of the name.
func uniform(name string, low, high float64, shape ...int) *tensors.Tensor {
	size := 1
	for _, d := range shape {
		size *= d
	}
	return tensors.FromFlatDataAndDimensions(gantest.SeededUniform(name, size, low, high), shape...)
}

// seededEncoder returns the small encoder with the script's weights.
func seededEncoder() *Encoder {
	e := &Encoder{architecture: small{}, weights: map[string]*tensors.Tensor{}, hash: "seeded"}
	for _, c := range SmallConvolutions() {
		bound := math.Sqrt(6 / float64(9*c.In))
		e.weights[c.Name+".kernel"] = uniform("encoder/"+c.Name+".kernel", -bound, bound, 3, 3, c.In, c.Out)
		e.weights[c.Name+".bias"] = uniform("encoder/"+c.Name+".bias", -0.1, 0.1, c.Out)
	}
	return e
}

// seededDecoder puts a decoder with the script's weights into the store.
func seededDecoder(t *testing.T, store *model.Store) {
	t.Helper()
	for _, c := range SmallConvolutions() {
		bound := math.Sqrt(6 / float64(9*c.Out))
		for name, value := range map[string]*tensors.Tensor{
			"weights": uniform("decoder/"+c.Name+".kernel", -bound, bound, 3, 3, c.Out, c.In),
			"biases":  uniform("decoder/"+c.Name+".bias", -0.1, 0.1, c.In),
		} {
			if _, err := store.CreateVariable("/"+decoderScope+"/"+c.Name+"/conv/"+name, value); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// call runs the function on float32 operands and returns its results, flat.
func call(t *testing.T, backend compute.Backend, store *model.Store, f func(scope *model.Scope, inputs []*Node) []*Node,
	operands ...*tensors.Tensor) [][]float64 {
	t.Helper()
	arguments := make([]any, len(operands))
	for i, operand := range operands {
		arguments[i] = operand
	}
	outputs, err := model.CallOnceN(backend, store, f, arguments...)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	var results [][]float64
	for _, output := range outputs {
		results = append(results, gantest.Float64s(t, output))
	}
	return results
}

func check(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if e := gantest.RelativeError(got, want); e > 1e-4 {
		t.Errorf("%s: relative error %.2g", what, e)
	}
}

func every(values []float64, stride int) []float64 {
	var some []float64
	for i := 0; i < len(values); i += stride {
		some = append(some, values[i])
	}
	return some
}

func TestAdaINEqualsPyTorch(t *testing.T) {
	want := goldens(t).AdaIN
	wave := func(scale, phase, mean float64, shape ...int) *tensors.Tensor {
		values := make([]float32, 0)
		size := 1
		for _, d := range shape {
			size *= d
		}
		for _, v := range gantest.Wave(size, scale, phase) {
			values = append(values, float32(v+mean))
		}
		return tensors.FromFlatDataAndDimensions(values, shape...)
	}
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		results := call(t, backend, model.NewStore(), func(_ *model.Scope, x []*Node) []*Node {
			mean, deviation := Statistics(x[1])
			return []*Node{mean, deviation, AdaIN(x[0], x[1]), Blend(x[0], AdaIN(x[0], x[1]), 0)}
		}, wave(1.5, 0.3, 0.4, 2, 3, 4, 5), wave(0.7, 1.1, -0.2, 2, 5, 2, 5))
		check(t, "mean", results[0], want.Mean)
		check(t, "deviation", results[1], want.Deviation)
		check(t, "AdaIN", results[2], want.Y)
		check(t, "α 0", results[3], gantest.Float64s(t, wave(1.5, 0.3, 0.4, 2, 3, 4, 5)))
	})
}

func TestLossesEqualPyTorch(t *testing.T) {
	want := goldens(t).Losses
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		encoder := seededEncoder()
		results := call(t, backend, model.NewStore(), func(scope *model.Scope, x []*Node) []*Node {
			layers, styled := encoder.Layers(scope, x[0], styleLayers...), encoder.Layers(scope, x[1], styleLayers...)
			content := ContentLoss(layers[3], StopGradient(AdaIN(layers[3], styled[3])))
			style := Loss(layers, styled)
			outputs := []*Node{content, style, layers[3], Gradient(Add(content, MulScalar(style, 10)), x[0])[0]}
			for _, layer := range layers {
				outputs = append(outputs, ReduceAllSum(layer))
			}
			return outputs
		}, uniform("images", -1, 1, 2, 24, 16, 3), uniform("style", -1, 1, 2, 16, 24, 3))
		check(t, "content loss", results[0], []float64{want.Content})
		check(t, "style loss", results[1], []float64{want.Style})
		check(t, "relu4_1", every(results[2], 37), want.Stored)
		check(t, "gradient", every(results[3], 11), want.Gradient)
		for i, sum := range want.Layers {
			check(t, styleLayers[i], results[4+i], []float64{sum})
		}
	})
}

func TestDecoderEqualsPyTorch(t *testing.T) {
	want := goldens(t).Decoder
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		store := model.NewStore()
		seededDecoder(t, store)
		results := call(t, backend, store, func(scope *model.Scope, x []*Node) []*Node {
			return []*Node{Decoder(scope.At(decoderScope), x[0], SmallConvolutions())}
		}, uniform("features", 0, 1, 1, 2, 3, 192))
		check(t, "images", results[0], want.Y)
	})
}

func TestGatysEqualsPyTorch(t *testing.T) {
	want := goldens(t).Gatys
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		encoder := seededEncoder()
		g := Gatys{StyleWeight: 100, VariationWeight: 0.5}.filled(encoder)
		results := call(t, backend, model.NewStore(), func(scope *model.Scope, x []*Node) []*Node {
			images, style := SliceAxis(x[0], 0, AxisRange(0, 1)), SliceAxis(x[1], 0, AxisRange(0, 1))
			targets := append(encoder.Layers(scope, AddScalar(images, 0.1), g.ContentLayer), grams(encoder.Layers(scope, style, g.StyleLayers...))...)
			for i := range targets {
				targets[i] = StopGradient(targets[i])
			}
			loss := g.loss(scope, encoder, images, targets)
			outputs := []*Node{loss, Gradient(loss, images)[0]}
			for _, gram := range targets[1:] {
				outputs = append(outputs, ReduceAllSum(gram))
			}
			return outputs
		}, uniform("images", -1, 1, 2, 24, 16, 3), uniform("style", -1, 1, 2, 16, 24, 3))
		check(t, "loss", results[0], []float64{want.Loss})
		check(t, "gradient", every(results[1], 7), want.Gradient)
		for i, sum := range want.Grams {
			check(t, g.StyleLayers[i], results[2+i], []float64{sum})
		}
	})
}

func TestMatchedColoursEqualPyTorch(t *testing.T) {
	source, target := gantest.SeededUniform("source", 360, 0, 1), gantest.SeededUniform("target", 360, 0, 1)
	style, content := opaque(12, 10), opaque(10, 12)
	copy(style.pixels, source)
	for i := 0; i < 360; i += 3 {
		a, b, c := target[i]*target[i], target[i+1]*target[i+1], target[i+2]*target[i+2]
		content.pixels[i], content.pixels[i+1], content.pixels[i+2] = a, a/2+b, 0.3*b+c
	}
	if err := matchColours(style, content); err != nil {
		t.Fatal(err)
	}
	got := make([]float64, 360)
	for i, v := range style.pixels {
		got[i] = float64(v)
	}
	check(t, "colours", got, goldens(t).Coral.Y)
}

// opaque returns a picture without padding.
func opaque(height, width int) *picture {
	return &picture{
		height: height, width: width, size: [2]int{height, width}, pixels: make([]float32, height*width*3),
		opacity: filled(height*width, 1), source: image.NewNRGBA(image.Rect(0, 0, width, height)),
	}
}
