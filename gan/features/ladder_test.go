package features

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// A ladder is a list of sets of pictures, each worse than the one before it.
type ladder struct {
	name  string
	rungs []*tensors.Tensor
}

// ladders returns n real pictures of the set, and ladders of n others: with more and more noise, more and more blurred, and of
// fewer and fewer classes.
func ladders(set *datasets.Set, n int) (real *tensors.Tensor, all []ladder) {
	order := rand.New(rand.NewPCG(5, 5)).Perm(set.Len())
	real = pictures(set, order[:n]).Pictures
	others := order[n:]
	fake := pictures(set, others[:n]).Pictures
	noise, blur, classes := ladder{name: "noise"}, ladder{name: "blur"}, ladder{name: "classes"}
	for _, sigma := range []float64{0, 0.05, 0.1, 0.2, 0.4} {
		noise.rungs = append(noise.rungs, noisy(fake, 255*sigma))
	}
	for _, passes := range []int{0, 1, 2, 4, 8} {
		blur.rungs = append(blur.rungs, smoothed(fake, passes))
	}
	for _, dropped := range []int{0, 1, 2, 4, len(set.Classes) - 2} {
		kept := slices.DeleteFunc(slices.Clone(others), func(i int) bool { return int(set.Labels[i]) < dropped })
		for len(kept) < n { // Repeated where there are few.
			kept = append(kept, kept...)
		}
		classes.rungs = append(classes.rungs, pictures(set, kept[:n]).Pictures)
	}
	return real, []ladder{noise, blur, classes}
}

// noisy returns pictures with normal noise of the deviation added.
func noisy(pictures *tensors.Tensor, sigma float64) *tensors.Tensor {
	random := rand.New(rand.NewPCG(7, 7))
	return changedPixels(pictures, func(pixels []uint8) {
		for i, pixel := range pixels {
			pixels[i] = uint8(math.Round(min(max(float64(pixel)+sigma*random.NormFloat64(), 0), 255)))
		}
	})
}

// smoothed returns pictures smoothed so many times, along both axes by 1/4, 1/2, 1/4.
func smoothed(pictures *tensors.Tensor, passes int) *tensors.Tensor {
	d := pictures.Shape().Dimensions
	return changedPixels(pictures, func(pixels []uint8) {
		for picture := range slices.Chunk(pixels, d[1]*d[2]*d[3]) {
			for range passes {
				smooth(picture, d[1], d[2]*d[3], d[3])
			}
		}
	})
}

// smooth smooths one picture of height rows, each of width numbers, pixels being step apart.
func smooth(picture []uint8, height, width, step int) {
	across := make([]uint8, len(picture))
	for p, middle := range picture {
		left, right := middle, middle
		if p%width >= step {
			left = picture[p-step]
		}
		if p%width < width-step {
			right = picture[p+step]
		}
		across[p] = uint8((int(left) + 2*int(middle) + int(right) + 2) / 4)
	}
	for p, middle := range across {
		up, down := middle, middle
		if p >= width {
			up = across[p-width]
		}
		if p < (height-1)*width {
			down = across[p+width]
		}
		picture[p] = uint8((int(up) + 2*int(middle) + int(down) + 2) / 4)
	}
}

// changedPixels returns a changed copy of the pictures.
func changedPixels(pictures *tensors.Tensor, change func(pixels []uint8)) *tensors.Tensor {
	var pixels []uint8
	pictures.MustConstFlatData(func(flat any) { pixels = slices.Clone(flat.([]uint8)) })
	change(pixels)
	return tensors.FromFlatDataAndDimensions(pixels, pictures.Shape().Dimensions...)
}

// TestLadders makes sure that Fréchet and kernel distance in the features rise with everything that makes pictures worse.
func TestLadders(t *testing.T) {
	n := 1000
	tests := []struct{ extractor, data string }{
		{"digits", "digits"}, {"pixels", "digits"}, {"fashion", "fashion"}, {"emoji", "emoji"},
	}
	if gantest.XLA() == nil { // All of it would take minutes.
		if testing.Short() {
			t.Skip("takes half a minute without XLA")
		}
		n, tests = 300, tests[:2]
	}
	for _, test := range tests {
		set, err := datasets.Open(test.data, datasets.Options{})
		if err != nil {
			t.Fatalf("%+v", err)
		}
		n := min(n, set.Len()/2)
		extractor := mustOpen(t, fastest(), test.extractor)
		real, all := ladders(set, n)
		reference := features(t, extractor, real)
		for _, ladder := range all {
			var frechet, kernel []float64
			for _, rung := range ladder.rungs {
				fake := features(t, extractor, rung)
				frechet = append(frechet, frechetDistance(t, fake, reference, extractor.Size()))
				kid, err := metrics.KID{Subsets: 10, SubsetSize: n / 2}.Distance(fake, reference, extractor.Size())
				if err != nil {
					t.Fatalf("%+v", err)
				}
				kernel = append(kernel, kid.Mean)
			}
			t.Logf("%s on %s, %s: FID %.4g, KID %.3g", test.extractor, test.data, ladder.name, frechet, kernel)
			if !rises(frechet) {
				t.Errorf("FID of %s on %s does not rise with %s: %.5g", test.extractor, test.data, ladder.name, frechet)
			}
			// Of pixels KID hardly sees a dropped class among its errors.
			if test.extractor != "pixels" && !rises(kernel) {
				t.Errorf("KID of %s on %s does not rise with %s: %.5g", test.extractor, test.data, ladder.name, kernel)
			}
		}
	}
}

func rises(numbers []float64) bool {
	for i := range len(numbers) - 1 {
		if !(numbers[i] < numbers[i+1]) {
			return false
		}
	}
	return true
}

func features(t *testing.T, extractor *Extractor, pictures *tensors.Tensor) []float32 {
	t.Helper()
	values, _, err := extractor.Extract(pictures)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return values
}

func frechetDistance(t *testing.T, a, b []float32, size int) float64 {
	t.Helper()
	var moments [2]*metrics.Moments
	for i, values := range [][]float32{a, b} {
		moments[i] = metrics.NewMoments(size)
		if err := moments[i].Add(values); err != nil {
			t.Fatalf("%+v", err)
		}
	}
	distance, err := metrics.FrechetDistance(moments[0], moments[1])
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return distance
}
