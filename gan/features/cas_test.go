package features

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// smallDigits are n of the embedded digits from one on, at 8×8: the means of 3×3 pixels of their middle, 24×24.
func smallDigits(t *testing.T, from, n int) Labelled {
	t.Helper()
	set, err := datasets.Open("digits", datasets.Options{})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	pixels := make([]uint8, n*8*8)
	for i := range n {
		digit := set.Pixels[(from+i)*28*28:]
		sums := make([]int, 8*8)
		for y := range 24 {
			for x := range 24 {
				sums[y/3*8+x/3] += int(digit[(y+2)*28+x+2])
			}
		}
		for p, sum := range sums {
			pixels[i*8*8+p] = uint8(sum / 9)
		}
	}
	return Labelled{Pictures: tensors.FromFlatDataAndDimensions(pixels, n, 8, 8, 1), Labels: set.Labels[from : from+n]}
}

// TestCAS scores generators that are known: one is the data itself, one gives the wrong classes, one always the same picture
// of each.
func TestCAS(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute and more under -race")
	}
	backend := gantest.Go() // Programs this small take longer to compile than to run.
	ctx := context.Background()
	cas := CAS{Classes: make([]string, 10), Training: Training{Epochs: 6, Batch: 50, Seed: 1}}
	brief := CAS{Classes: cas.Classes, Training: Training{Epochs: 2, Batch: 50, Seed: 1}}
	learned, real := smallDigits(t, 0, 300), smallDigits(t, 300, 300)

	shuffled := Labelled{Pictures: learned.Pictures, Labels: slices.Clone(learned.Labels)}
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(shuffled.Labels), func(i, j int) {
		shuffled.Labels[i], shuffled.Labels[j] = shuffled.Labels[j], shuffled.Labels[i]
	})
	collapsed := onePerClass(t, learned)

	for _, test := range []struct {
		name      string
		score     func() (Accuracy, error)
		low, high float64
	}{
		{"GAN-train of the data", func() (Accuracy, error) { return cas.GANTrain(ctx, backend, learned, real) }, 0.8, 1},
		{"GAN-train of wrong classes", func() (Accuracy, error) { return brief.GANTrain(ctx, backend, shuffled, real) }, 0, 0.25},
		{"GAN-train of one picture per class", func() (Accuracy, error) { return brief.GANTrain(ctx, backend, collapsed, real) }, 0, 0.75},
		{"GAN-test of one picture per class", func() (Accuracy, error) { return cas.GANTest(ctx, backend, collapsed, learned) }, 0.8, 1},
	} {
		accuracy, err := test.score()
		if err != nil {
			t.Fatalf("%s: %+v", test.name, err)
		}
		if accuracy.Value < test.low || accuracy.Value > test.high {
			t.Errorf("%s is %.3f, want %g to %g", test.name, accuracy.Value, test.low, test.high)
		}
		if !(accuracy.Low <= accuracy.Value && accuracy.Value <= accuracy.High) || accuracy.High-accuracy.Low > 0.13 {
			t.Errorf("%s is %.3f with an interval of [%.3f, %.3f]", test.name, accuracy.Value, accuracy.Low, accuracy.High)
		}
	}
}

// onePerClass repeats the first picture of each class for all others of it.
func onePerClass(t *testing.T, data Labelled) Labelled {
	t.Helper()
	pixels, err := tensors.CopyFlatData[uint8](data.Pictures)
	if err != nil {
		t.Fatal(err)
	}
	size := len(pixels) / len(data.Labels)
	for i, label := range data.Labels {
		first := slices.Index(data.Labels, label)
		copy(pixels[i*size:(i+1)*size], pixels[first*size:(first+1)*size])
	}
	return Labelled{Pictures: tensors.FromFlatDataAndDimensions(pixels, data.Pictures.Shape().Dimensions...), Labels: data.Labels}
}

func TestCASMisuse(t *testing.T) {
	good := twoClasses(8, 1)
	for name, test := range map[string]struct {
		classes int
		data    Labelled
		want    string
	}{
		"no classes":  {0, good, "picture 0 is of class"},
		"few classes": {1, good, "there are 1 classes"},
		"no pictures": {2, Labelled{}, "must be uint8"},
		"colours": {2, Labelled{Pictures: tensors.FromFlatDataAndDimensions(make([]uint8, 2*8*8*3), 2, 8, 8, 3), Labels: []int32{0, 1}},
			"make them grey"},
	} {
		_, err := CAS{Classes: make([]string, test.classes)}.GANTrain(context.Background(), gantest.Go(), good, test.data)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line with %q", name, err, test.want)
		}
	}
}

func TestCASShape(t *testing.T) {
	for _, test := range []struct{ shape, want []int }{
		{[]int{28, 28, 1}, []int{28, 28, 1}},
		{[]int{16, 24, 3}, []int{16, 24, 3}},
		{[]int{30, 28, 1}, []int{32, 32, 1}},
		{[]int{64, 64, 3}, []int{32, 32, 3}},
	} {
		if got := casShape(test.shape); !slices.Equal(got, test.want) {
			t.Errorf("pictures of %v are looked at as %v, want %v", test.shape, got, test.want)
		}
	}
}

// TestWilson has the interval of R's binom::binom.wilson(x, n).
func TestWilson(t *testing.T) {
	for _, test := range []struct {
		right, n  int
		low, high float64
	}{
		{0, 10, 0, 0.2775328},
		{10, 10, 0.7224672, 1},
		{81, 263, 0.2553283, 0.3661999}, // Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I: 0.2553 to 0.3662.
	} {
		low, high := Wilson(float64(test.right)/float64(test.n), test.n)
		if math.Abs(low-test.low) > 5e-5 || math.Abs(high-test.high) > 5e-5 {
			t.Errorf("%d of %d: got %.7f to %.7f, want %.7f to %.7f", test.right, test.n, low, high, test.low, test.high)
		}
	}
}

func TestAccuracyOf(t *testing.T) {
	accuracy := accuracyOf([]int{3, 0, 1}, []int{4, 0, 4})
	if accuracy.Value != 0.5 || accuracy.N != 8 || accuracy.Classes[0] != 0.75 || !math.IsNaN(accuracy.Classes[1]) || accuracy.Classes[2] != 0.25 {
		t.Errorf("got %+v, want 4 right of 8, and 0.75, NaN and 0.25 of the classes", accuracy)
	}
}

func ExampleCAS() {
	// Pictures of two classes, dark on the left or dark on the right, stand for real and generated ones.
	real, generated := twoClasses(100, 1), twoClasses(200, 2)
	cas := CAS{Classes: []string{"left", "right"}, Training: Training{Epochs: 3, Batch: 20}}
	accuracy, err := cas.GANTrain(context.Background(), gantest.Go(), generated, real)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f %% of %d\n", 100*accuracy.Value, accuracy.N)
	// Output: 100 % of 100
}
