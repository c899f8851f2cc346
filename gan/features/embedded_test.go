package features

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"gonum.org/v1/gonum/mat"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// embeddedNames are the networks that the package carries, and how many of the pictures they must tell right: of those held
// out, and of the embedded sets.
var embeddedNames = []struct {
	name           string
	held, embedded float64
}{
	{"digits", 0.99, 0.99},
	{"fashion", 0.91, 0.91},
	{"emoji", 0.6, 0.8}, // Most embedded emoji were learned from.
}

func TestEmbeddedFiles(t *testing.T) {
	for _, test := range embeddedNames {
		network := entries[test.name].network.(embedded)
		if sum := sha256.Sum256(network.file); hex.EncodeToString(sum[:]) != network.hash {
			t.Errorf("%s: the file's SHA-256 is %x, the package says %s", test.name, sum, network.hash)
		}
		if len(network.file) > 1<<20 {
			t.Errorf("%s: the file has %d bytes, want at most a million", test.name, len(network.file))
		}
		origin, err := network.origin()
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if origin.Accuracy < test.held || origin.HeldOut < 500 || origin.Pictures < 2000 ||
			!strings.Contains(origin.Command, "--data "+test.name) || origin.Data == "" {
			t.Errorf("%s: the file says %+v; want an accuracy of %g", test.name, origin, test.held)
		}
		set, err := datasets.Open(test.name, datasets.Options{})
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if !slices.Equal(network.Classes(), set.Classes) || !slices.Equal(network.InputShape(), set.Shape) {
			t.Errorf("%s: the classes %q of pictures %v are not the data set's, %q of %v",
				test.name, network.Classes(), network.InputShape(), set.Classes, set.Shape)
		}
	}
}

func mustOpen(t *testing.T, backend compute.Backend, name string) *Extractor {
	t.Helper()
	extractor, err := Open(backend, name)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return extractor
}

// fastest returns XLA where it is installed, and otherwise the pure Go backend.
func fastest() compute.Backend {
	if backend := gantest.XLA(); backend != nil {
		return backend
	}
	return gantest.Go()
}

// pictures returns the examples of the set at the indices.
func pictures(set *datasets.Set, indices []int) Labelled {
	size := set.Shape[0] * set.Shape[1] * set.Shape[2]
	var pixels []uint8
	var labels []int32
	for _, i := range indices {
		pixels = append(pixels, set.Pixels[i*size:(i+1)*size]...)
		labels = append(labels, set.Labels[i])
	}
	return Labelled{Pictures: tensors.FromFlatDataAndDimensions(pixels, append([]int{len(indices)}, set.Shape...)...), Labels: labels}
}

func upTo(n int) []int {
	indices := make([]int, n)
	for i := range indices {
		indices[i] = i
	}
	return indices
}

func TestOrigin(t *testing.T) {
	extractor := mustOpen(t, gantest.Go(), "digits")
	origin, ok := extractor.Origin()
	accuracy, known := extractor.Accuracy()
	if !ok || !known || accuracy != origin.Accuracy || accuracy < 0.99 || accuracy > 1 {
		t.Errorf("digits: got %+v, %v and accuracy %g, %v", origin, ok, accuracy, known)
	}
	if _, ok := mustOpen(t, gantest.Go(), "pixels").Accuracy(); ok {
		t.Error("pixels, which have no classifier, have an accuracy")
	}
}

func TestEmbeddedAccuracy(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute and more under -race")
	}
	n := 1500
	if gantest.XLA() == nil {
		n = 500 // Which take 10 s.
	}
	for _, test := range embeddedNames {
		set, err := datasets.Open(test.name, datasets.Options{})
		if err != nil {
			t.Fatalf("%+v", err)
		}
		extractor := mustOpen(t, fastest(), test.name)
		data := pictures(set, upTo(n))
		accuracy, err := extractor.Classify(data)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if accuracy.Value < test.embedded {
			t.Errorf("%s: %.4f of the first %d embedded pictures are told right, want %g", test.name, accuracy.Value, n, test.embedded)
		}
		features, _, err := extractor.Extract(data.Pictures)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		checkRank(t, test.name, features, extractor.Size())
	}
}

// checkRank makes sure that the features vary, all of them and independently: what a Fréchet distance needs.
func checkRank(t *testing.T, name string, features []float32, size int) {
	t.Helper()
	moments := metrics.NewMoments(size)
	if err := moments.Add(features); err != nil {
		t.Fatalf("%+v", err)
	}
	covariance := moments.Covariance()
	dead := 0
	for i := range size {
		if covariance.At(i, i) == 0 {
			dead++
		}
	}
	if dead > 0 {
		t.Errorf("%s: %d of %d features never vary", name, dead, size)
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(covariance, false) {
		t.Fatalf("%s: the covariance has no eigenvalues", name)
	}
	values := eigen.Values(nil)
	condition := values[size-1] / values[0]
	t.Logf("%s: condition of the covariance %.3g", name, condition)
	if !(condition > 0 && condition < 1e9) {
		t.Errorf("%s: the covariance has condition %g, so that features depend on one another", name, condition)
	}
}

// TestEmbeddedOnBothBackends compares what the two backends make of pictures.
func TestEmbeddedOnBothBackends(t *testing.T) {
	if gantest.XLA() == nil {
		t.Skip("no XLA plugin is installed; `ganymede doctor --install` gets one")
	}
	for _, test := range embeddedNames {
		set, err := datasets.Open(test.name, datasets.Options{})
		if err != nil {
			t.Fatalf("%+v", err)
		}
		data := pictures(set, upTo(40)).Pictures
		want, wantLogits, err := mustOpen(t, gantest.Go(), test.name).Extract(data)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		got, gotLogits, err := mustOpen(t, gantest.XLA(), test.name).Extract(data)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if difference := largestDifference(got, want); !(difference < 1e-4) {
			t.Errorf("%s: features of the two backends differ by %g", test.name, difference)
		}
		if difference := largestDifference(gotLogits, wantLogits); !(difference < 1e-4) {
			t.Errorf("%s: logits of the two backends differ by %g", test.name, difference)
		}
	}
}

// largestDifference returns the largest difference of two lists, relative to the largest number of the second.
func largestDifference(got, want []float32) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	difference, scale := 0.0, 0.0
	for i := range want {
		difference = max(difference, math.Abs(float64(got[i])-float64(want[i])))
		scale = max(scale, math.Abs(float64(want[i])))
	}
	return difference / scale
}
