package evaluate

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// greyPictures returns 1×n pictures with one channel.
func greyPictures(width int, pixels ...uint8) *datasets.Set {
	return &datasets.Set{Name: "grey", Shape: []int{1, width, 1}, Pixels: pixels}
}

// The least squares line through (0, 10), (10, 20), (20, 60) has slope 2.5 and offset 5, worked out by hand: the means are 10
// and 30, Σ(x-10)(y-30) = 200 + 0 + 300 = 500 and Σ(x-10)² = 200.
func TestAffine(t *testing.T) {
	from, to := greyPictures(3, 0, 10, 20), greyPictures(3, 10, 20, 60)
	m, err := fitAffine(from, to)
	if err != nil || math.Abs(m.slopes[0]-2.5) > 1e-12 || math.Abs(m.offsets[0]-5) > 1e-12 {
		t.Fatalf("got %+v (%v)", m, err)
	}
	if got := m.apply(greyPictures(3, 1, 200, 0)).Pixels; !slices.Equal(got, []uint8{8, 255, 5}) { // 7.5 is rounded, 505 is cut.
		t.Errorf("got %v", got)
	}
	// Channels have maps of their own; one that never changes gets the mean.
	from = &datasets.Set{Shape: []int{1, 2, 2}, Pixels: []uint8{0, 7, 100, 7}}
	to = &datasets.Set{Shape: []int{1, 2, 2}, Pixels: []uint8{255, 10, 155, 30}}
	if m, err = fitAffine(from, to); err != nil {
		t.Fatal(err)
	}
	if want := (affine{[]float64{-1, 0}, []float64{255, 20}}); !slices.Equal(m.slopes, want.slopes) || !slices.Equal(m.offsets, want.offsets) {
		t.Errorf("got %+v, want %+v", m, want)
	}
	if _, err := fitAffine(from, greyPictures(1, 3)); err == nil {
		t.Error("pictures of other shapes were fitted")
	}
	// A grey picture that should become coloured is first made so.
	made, err := affineOf(greyPictures(2, 0, 100), &datasets.Set{Shape: []int{1, 2, 3}, Pixels: []uint8{0, 1, 100, 100, 1, 0}},
		greyPictures(1, 50), &datasets.Set{Shape: []int{1, 1, 3}, Pixels: make([]uint8, 3)})
	if err != nil || !slices.Equal(made.Pixels, []uint8{50, 1, 50}) {
		t.Errorf("got %+v (%v)", made, err)
	}
}

func TestMeanFilled(t *testing.T) {
	set := &datasets.Set{Shape: []int{1, 3, 2}, Pixels: []uint8{10, 0, 99, 99, 13, 5, 1, 2, 3, 4, 5, 6}}
	filled := meanFilled(set, []uint8{0, 1, 0, 1, 1, 1})
	// (10+13)/2 and (0+5)/2 are rounded up; of the second picture nothing is known.
	if want := []uint8{10, 0, 12, 3, 13, 5, 128, 128, 128, 128, 128, 128}; !slices.Equal(filled.Pixels, want) {
		t.Errorf("got %v, want %v", filled.Pixels, want)
	}
	if set.Pixels[2] != 99 {
		t.Error("the pictures themselves were changed")
	}
}

func TestAddBaseline(t *testing.T) {
	for _, test := range []struct {
		key              string
		value, its, want float64
	}{
		{"l1", 0.06, 0.08, 25}, {"hole_l1", 0.1, 0.08, -25}, {"fid", 1, 4, 75},
		{"ssim", 0.6, 0.5, 20}, {"hole_psnr", 18, 20, -10}, {"label", 0.9, 0.6, 50}, {"hole_ssim", 0.1, -0.1, 200},
	} {
		score := metrics.Score{Value: test.value}
		addBaseline(&score, test.key, MeanValue, test.its)
		if its, percent, ok := Better(score, MeanValue); !ok || its != test.its || math.Abs(percent-test.want) > 1e-9 {
			t.Errorf("%s %g beside %g: better by %g %%, want %g", test.key, test.value, test.its, percent, test.want)
		}
	}
	var score metrics.Score
	addBaseline(&score, "l1", Identity, 0)
	if _, percent, ok := Better(score, Identity); !ok || !math.IsNaN(percent) {
		t.Errorf("beside 0 it is better by %g %%", percent)
	}
	if _, _, ok := Better(score, Affine); ok {
		t.Error("it was never compared with an affine map")
	}
}

func TestSideBySide(t *testing.T) {
	grey := tensors.FromFlatDataAndDimensions([]uint8{1, 2}, 2, 1, 1, 1)
	colour := tensors.FromFlatDataAndDimensions([]uint8{3, 4, 5, 6, 7, 8}, 2, 1, 1, 3)
	all, err := SideBySide(grey, colour)
	if err != nil {
		t.Fatal(err)
	}
	got, err := tensors.CopyFlatData[uint8](all)
	if want := []uint8{1, 1, 1, 3, 4, 5, 2, 2, 2, 6, 7, 8}; err != nil || !slices.Equal(got, want) || !slices.Equal(all.Shape().Dimensions, []int{4, 1, 1, 3}) {
		t.Errorf("got %v of %s, want %v (%v)", got, all.Shape(), want, err)
	}
	if _, err := SideBySide(grey, tensors.FromFlatDataAndDimensions([]uint8{1}, 1, 1, 1, 1)); err == nil {
		t.Error("columns of 2 and 1 pictures were put side by side")
	}
}

// Digits keep their classes as long as they are the same, and a hole that is the whole picture is judged as that.
func TestMadeFromPictures(t *testing.T) {
	digits, err := datasets.Open("digits", datasets.Options{})
	if err != nil {
		t.Fatal(err)
	}
	origin := digits.Select(spread(60, digits.Len()))
	reversed := spread(60, 60)
	slices.Reverse(reversed)
	judge := func(made *datasets.Set) map[string]metrics.Score {
		t.Helper()
		result, err := Evaluate(t.Context(), gantest.Go(), Options{
			Real: SetSource(origin), Fake: SetSource(made), Origin: SetSource(origin), Again: SetSource(made),
			Masks: slices.Repeat([]uint8{9}, 60*28*28), Paired: true, Features: "digits",
			Metrics: []string{"l1", "psnr", "hole_l1", "hole_psnr", "cycle", "label"},
		})
		if err != nil {
			t.Fatal(err)
		}
		return result.Scores
	}
	same, other := judge(origin), judge(origin.Select(reversed))
	if label := same["label"]; label.Value < 0.95 || *label.Low >= label.Value || label.Card.Settings["against"] != "the classes of the data" {
		t.Errorf("the same pictures: label %+v", label)
	}
	if label := other["label"].Value; label > 0.4 {
		t.Errorf("other pictures: label %g", label)
	}
	for _, pair := range [][2]string{{"l1", "hole_l1"}, {"psnr", "hole_psnr"}, {"l1", "cycle"}} {
		if a, b := other[pair[0]].Value, other[pair[1]].Value; a != b || a == 0 || same[pair[0]].Value == a {
			t.Errorf("%s is %g, %s %g", pair[0], a, pair[1], b)
		}
	}
	unnamed := *origin
	unnamed.Labels, unnamed.Classes = nil, nil
	result, err := Evaluate(t.Context(), gantest.Go(), Options{
		Real: SetSource(&unnamed), Fake: SetSource(&unnamed), Origin: SetSource(&unnamed), Features: "digits", Metrics: []string{"label"},
	})
	if err != nil || result.Scores["label"].Value != 1 || result.Scores["label"].Card.Settings["against"] != "the classes seen before" {
		t.Errorf("without labels: %+v (%v)", result, err)
	}
}
