package features

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

func openPixels(t *testing.T, backend compute.Backend) *Extractor {
	t.Helper()
	extractor, err := Open(backend, "pixels")
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return extractor
}

func TestPixels(t *testing.T) {
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		extractor := openPixels(t, backend)
		if extractor.Name() != "pixels" || extractor.Hash() != "" || extractor.Size() != 0 || extractor.Classes() != nil {
			t.Errorf("name %q, hash %q, size %d, classes %v", extractor.Name(), extractor.Hash(), extractor.Size(), extractor.Classes())
		}
		pixels := make([]uint8, 32*16*3)
		for i := range pixels {
			pixels[i] = uint8(100*(i/(16*3)%2) + i%3) // Rows of 0 and 100, plus the channel.
		}
		features, logits, err := extractor.Extract(tensors.FromFlatDataAndDimensions(pixels, 1, 32, 16, 3))
		if err != nil || logits != nil || len(features) != 16*16*3 || extractor.Size() != len(features) {
			t.Fatalf("%d features, size %d, logits %v, error %+v", len(features), extractor.Size(), logits, err)
		}
		for i, got := range features {
			if want := float32(50+i%3) / 255; got < want-1e-6 || got > want+1e-6 {
				t.Fatalf("feature %d is %g, want %g", i, got, want)
			}
		}
	})
	for _, test := range []struct {
		shape []int
		want  string
	}{
		{[]int{28, 28, 1}, "area average to 16x16"}, {[]int{8, 40, 3}, "area average to 8x16"}, {[]int{16, 2, 4}, "none"},
	} {
		if got, err := (pixels{}).Resize(test.shape); err != nil || got != test.want {
			t.Errorf("%v: got %q, %v, want %q", test.shape, got, err, test.want)
		}
	}
}

// TestExtractInBatches extracts more pictures than a batch has, one by one, in another order, and of two shapes in turn.
func TestExtractInBatches(t *testing.T) {
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		const n = 601
		shape := []int{3, 2, 1}
		flat := make([]uint8, n*6)
		for i := range flat {
			flat[i] = uint8(i * i % 251)
		}
		extract := func(e *Extractor, flat []uint8, shape []int) []float32 {
			t.Helper()
			size := shape[0] * shape[1] * shape[2]
			features, _, err := e.Extract(tensors.FromFlatDataAndDimensions(flat, append([]int{len(flat) / size}, shape...)...))
			if err != nil {
				t.Fatalf("%+v", err)
			}
			return features
		}
		extractor := openPixels(t, backend)
		all := extract(extractor, flat, shape)
		if len(all) != len(flat) {
			t.Fatalf("%d features for %d pictures of 6", len(all), n)
		}
		for i, want := range flat {
			if all[i] < float32(want)/255-1e-6 || all[i] > float32(want)/255+1e-6 {
				t.Fatalf("feature %d is %g, want %g", i, all[i], float32(want)/255)
			}
		}
		for _, i := range []int{0, 17, n - 1} {
			if got := extract(extractor, flat[i*6:][:6], shape); !slices.Equal(got, all[i*6:][:6]) {
				t.Errorf("picture %d alone: got %v, want %v", i, got, all[i*6:][:6])
			}
		}
		if got := extract(extractor, flat, []int{2, 3, 1}); !slices.Equal(got, all) {
			t.Error("pictures of another shape have other pixels")
		}

		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				if got := extract(extractor, slices.Clone(flat), shape); !slices.Equal(got, all) {
					t.Error("several goroutines get other features")
				}
			})
		}
		group.Wait()
	})
}

func TestExtractRefusesPictures(t *testing.T) {
	extractor := openPixels(t, gantest.Go())
	for _, pictures := range []*tensors.Tensor{
		tensors.FromFlatDataAndDimensions([]float32{1}, 1, 1, 1, 1),
		tensors.FromFlatDataAndDimensions([]uint8{1}, 1, 1, 1),
		tensors.FromFlatDataAndDimensions([]uint8{}, 0, 1, 1, 1),
	} {
		_, _, err := extractor.Extract(pictures)
		wantLine(t, err, "pictures must be uint8 [n, height, width, channels]")
	}
}

func TestNames(t *testing.T) {
	names := strings.Join(Names(), " ")
	for _, want := range []string{"alexnet:FILE", "inception:FILE", "pixels", "vgg16:FILE", "vgg19:FILE"} {
		if !slices.Contains(Names(), want) {
			t.Errorf("%s is not among %s", want, names)
		}
	}
}
