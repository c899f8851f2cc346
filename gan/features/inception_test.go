package features

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// inceptionPictures is the name of the pictures of bench/golden/make_golden_inception.py.
const inceptionPictures = "pictures"

type goldenInception struct {
	Pictures []struct {
		Height, Width, Channels, Stride int
		Resize, Pool3, Logits           []float64
		PytorchFID                      []float64 `json:"pytorch_fid"`
		OwnInputDifference              float64   `json:"own_input_difference"`
	}
}

// every returns every stride-th number.
func every[T float32 | float64](values []T, stride int) []float64 {
	var picked []float64
	for i := 0; i < len(values); i += stride {
		picked = append(picked, float64(values[i]))
	}
	return picked
}

// elementwise returns the largest relative difference of those numbers of want that are not tiny beside the largest.
func elementwise(got, want []float64) float64 {
	var largest, difference float64
	for _, w := range want {
		largest = max(largest, math.Abs(w))
	}
	for i, w := range want {
		if math.Abs(w) > 0.01*largest {
			difference = max(difference, math.Abs(got[i]-w)/math.Abs(w))
		}
	}
	return difference
}

func TestInceptionAgainstReferences(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute and more under -race")
	}
	golden := gantest.ReadJSON[goldenInception](t, "testdata/inception.json")
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		extractor, err := New(backend, inception{}, gantest.SeededWeights((inception{}).Weights()), "")
		if err != nil {
			t.Fatalf("%+v", err)
		}
		for i, picture := range golden.Pictures {
			if i == 2 || i == 0 && backend.Name() == goBackendName {
				continue // A program each; the resize has its own test.
			}
			features, logits, err := extractor.Extract(gantest.SeededPictures(inceptionPictures, 1, picture.Height, picture.Width, picture.Channels))
			if err != nil {
				t.Fatalf("%+v", err)
			}
			for name, pair := range map[string][2][]float64{
				"torch-fidelity's pool3":  {every(features, picture.Stride), picture.Pool3},
				"pytorch-fid's pool3":     {every(features, picture.Stride), picture.PytorchFID},
				"torch-fidelity's logits": {every(logits, picture.Stride), picture.Logits},
			} {
				largest, each := gantest.RelativeError(pair[0], pair[1]), elementwise(pair[0], pair[1])
				if largest > 1e-4 || each > 1e-4 {
					t.Errorf("%dx%dx%d: %s: relative error %.2g of the largest, %.2g elementwise",
						picture.Height, picture.Width, picture.Channels, name, largest, each)
				}
			}
		}
	})
}

func TestResizeTensorFlow1(t *testing.T) {
	golden := gantest.ReadJSON[goldenInception](t, "testdata/inception.json")
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		for _, picture := range golden.Pictures {
			resized, err := CallOnce(backend, func(x *Node) *Node {
				return resizeTensorFlow1(repeatGrey(ConvertDType(x, dtypes.Float32)), inceptionSide, inceptionSide)
			}, gantest.SeededPictures(inceptionPictures, 1, picture.Height, picture.Width, picture.Channels))
			if err != nil {
				t.Fatalf("%+v", err)
			}
			got := every(tensors.MustCopyFlatData[float32](resized), 397)
			if e := gantest.RelativeError(got, picture.Resize); e > 1e-6 {
				t.Errorf("%dx%dx%d: relative error %.2g", picture.Height, picture.Width, picture.Channels, e)
			}
		}
	})
}

func BenchmarkInception(b *testing.B) {
	backend := gantest.XLA()
	if backend == nil {
		backend = gantest.Go()
	}
	extractor, err := New(backend, inception{}, gantest.SeededWeights((inception{}).Weights()), "")
	if err != nil {
		b.Fatalf("%+v", err)
	}
	const n = 64
	pictures := gantest.SeededPictures(inceptionPictures, n, 32, 32, 3)
	for i := -1; i < b.N; i++ {
		if i == 0 {
			b.ResetTimer() // The first round compiled the program.
		}
		if _, _, err := extractor.Extract(pictures); err != nil {
			b.Fatalf("%+v", err)
		}
	}
	b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "pictures/s")
}
