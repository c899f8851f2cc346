package health_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/gan/health"
)

const side = 10 // Of the pictures here: more pixels than features are kept.

// stripes returns n pictures, sorted by class: of each, one row is bright, and all pixels are noisy.
func stripes(n int, seed uint64, classes ...int) *tensors.Tensor {
	random := rand.New(rand.NewPCG(seed, 0))
	pixels := make([]uint8, n*side*side)
	for i := range pixels {
		row, class := i/side%side, classes[i/(side*side)*len(classes)/n]
		value := 60 + 20*random.NormFloat64()
		if row == class {
			value += 100
		}
		pixels[i] = uint8(min(max(value, 0), 255))
	}
	return tensors.FromFlatDataAndDimensions(pixels, n, side, side, 1)
}

// rowsOf takes the pixels for features, and the brightness of each row for the logit of its class.
func rowsOf(pictures *tensors.Tensor) (features, logits []float32, err error) {
	pixels := tensors.MustCopyFlatData[uint8](pictures)
	logits = make([]float32, len(pixels)/side)
	for i, v := range pixels {
		features = append(features, float32(v))
		logits[i/side] += float32(v)
	}
	return features, logits, nil
}

func TestReference(t *testing.T) {
	all := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	reference, err := health.NewReference(stripes(2000, 1, all...), rowsOf)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	look := func(samples *tensors.Tensor) health.Look {
		look, err := reference.Look(samples)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		return look
	}
	real, good, few := reference.Real(), look(stripes(500, 2, all...)), look(stripes(500, 3, 4))
	for name, l := range map[string]health.Look{"data that were kept apart": real, "other data": good} {
		if l.Distance > 0.05*reference.Spread() || math.Abs(l.Diversity-1) > 0.05 || l.Precision < 0.65 || l.Recall < 0.65 || l.KL > 0.03 {
			t.Errorf("%s score %+v; want what the data do, on a scale of %g", name, l, reference.Spread())
		}
	}
	if few.KL < 2 || few.KL > math.Log(10) || few.Classes[4] != 1 || few.Recall > 0.3 || few.Diversity > 0.95 || few.Distance < 0.1*reference.Spread() {
		t.Errorf("one class of ten scores %+v", few)
	}

	same := stripes(500, 4, 4)
	pixels := tensors.MustCopyFlatData[uint8](same)
	for i := range pixels {
		pixels[i] = pixels[i%(side*side)]
	}
	alike := look(tensors.FromFlatDataAndDimensions(pixels, 500, side, side, 1))
	if alike.Diversity != 0 || alike.Recall != 0 || alike.Distance < few.Distance {
		t.Errorf("500 times the same picture scores %+v", alike)
	}
}

// TestProjectionIsFixed makes two references of the same data.
func TestProjectionIsFixed(t *testing.T) {
	data, samples := stripes(400, 1, 0, 1, 2), stripes(200, 2, 0, 1, 2)
	var looks [2]health.Look
	for i := range looks {
		reference, err := health.NewReference(data, rowsOf)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if looks[i], err = reference.Look(samples); err != nil {
			t.Fatalf("%+v", err)
		}
	}
	if looks[0].Distance != looks[1].Distance || looks[0].Diversity != looks[1].Diversity {
		t.Errorf("two references of the same data score %+v and %+v", looks[0], looks[1])
	}
}
