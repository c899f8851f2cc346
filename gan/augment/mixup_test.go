package augment

import (
	"image"
	"math"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// Three examples of one pixel, mixed with the one before, by hand.
func TestMixup(t *testing.T) {
	got := gantest.Call(t, gantest.Go(), func(inputs []*Node) []*Node {
		images, labels := Mixup(inputs[0], inputs[1], inputs[2])
		return []*Node{images, labels}
	}, tensors.FromFlatDataAndDimensions([]float64{1, 0, -1}, 3, 1, 1, 1),
		tensors.FromFlatDataAndDimensions([]float64{1, 0, 0, 1, 0, 1}, 3, 2),
		tensors.FromFlatDataAndDimensions([]float64{1, 0.25, 0.5}, 3))
	for i, want := range [][]float64{{1, 0.75, -0.5}, {1, 0, 0.75, 0.25, 0, 1}} {
		if !slices.Equal(got[i], want) {
			t.Errorf("result %d is %v, want %v", i, got[i], want)
		}
	}
}

func TestMixupDerivatives(t *testing.T) {
	gantest.CheckDerivatives(t, gantest.Go(), func(inputs []*Node) *Node {
		images, _ := Mixup(inputs[0], inputs[0], Const(inputs[0].Graph(), []float64{0.3, 0.9, 0.5}))
		return images
	}, gantest.Tensor(0.8, 0.1, 3, 2, 2, 1))
}

// Beta(a, a) has the mean 1/2 and the variance 1/(4(2a + 1)).
func TestMixupWeights(t *testing.T) {
	const n = 20_000
	for _, alpha := range []float64{0.2, 1, 4} {
		weights := random(t, gantest.Go(), func(scope *model.Scope, inputs []*Node) []*Node {
			return []*Node{MixupWeights(scope, inputs[0], alpha)}
		}, tensors.FromFlatDataAndDimensions(make([]float64, n), n, 1, 1, 1))[0]
		checkMoments(t, "weights", weights, 0.5, 1/(4*(2*alpha+1)))
		if slices.Min(weights) < 0 || slices.Max(weights) > 1 {
			t.Errorf("weights from %g to %g", slices.Min(weights), slices.Max(weights))
		}
	}
	// The median, and of Beta(2, 2), whose distribution function is 3x² - 2x³, the quantile of 5/32, which is 1/4.
	for _, test := range []struct{ alpha, u, want float64 }{{0.2, 0.5, 0.5}, {1, 0.3, 0.3}, {2, 5. / 32, 0.25}} {
		if got, err := MixupWeight(test.alpha, test.u); err != nil || math.Abs(got-test.want) > 1e-6 {
			t.Errorf("alpha %g, u %g: got %g (%v), want %g", test.alpha, test.u, got, err, test.want)
		}
	}
	if _, err := MixupWeight(0, 0.5); err == nil {
		t.Error("alpha 0 was taken")
	}
}

func TestMixupPictures(t *testing.T) {
	black, white := image.NewGray(image.Rect(0, 0, 2, 1)), image.NewGray(image.Rect(0, 0, 2, 1))
	white.Pix = []byte{255, 100}
	mixed, labels, err := MixupPictures(white, black, []float64{1, 0}, []float64{0, 1}, 0.2)
	if err != nil {
		t.Fatal(err)
	}
	if got := mixed.(*image.Gray).Pix; !slices.Equal(got, []byte{51, 20}) || math.Abs(labels[0]-0.2)+math.Abs(labels[1]-0.8) > 1e-12 {
		t.Errorf("got pixels %v, labels %v", got, labels)
	}
	colour := image.NewNRGBA(image.Rect(0, 0, 2, 1)) // Transparent, which counts as black.
	colour.Pix[0] = 255
	if mixed, _, err = MixupPictures(white, colour, nil, nil, 0.2); err != nil || mixed.(*image.NRGBA).Pix[0] != 51 {
		t.Errorf("grey with colour: %v, %v", mixed, err)
	}
	for _, test := range []struct {
		b      image.Image
		labels []float64
		weight float64
	}{
		{image.NewGray(image.Rect(0, 0, 1, 1)), nil, 0.5}, {black, []float64{1}, 0.5}, {black, nil, -0.1}, {black, nil, math.NaN()},
	} {
		if _, _, err := MixupPictures(white, test.b, nil, test.labels, test.weight); err == nil {
			t.Errorf("%v with labels %v and weight %g was taken", test.b.Bounds(), test.labels, test.weight)
		}
	}
}
