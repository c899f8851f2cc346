package evaluate

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/features"
	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

func TestEvaluateErrors(t *testing.T) {
	t.Chdir(t.TempDir())
	writeArray(t, "real.npy", 200, 100, 1)
	writeArray(t, "few.npy", 9, 100, 1)
	writeArray(t, "some.npy", 100, 100, 1)
	writePixels(t, "black.npy", make([]uint8, 200*144), 200, 12, 12)
	writePixels(t, "wide.npy", make([]uint8, 2*12*14), 2, 12, 14)
	writePixels(t, "colour.npy", make([]uint8, 2*12*12*3), 2, 12, 12, 3)
	writeFolder(t, "pics", 4)
	for _, test := range []struct {
		real, fake string
		options    Options
		want       string
	}{
		{"real.npy", "few.npy", Options{Metrics: []string{"fid"}}, "fid: few.npy has 9 pictures, and the covariance of the 144 features of pixels takes at least 145; bring more, or ask for kid"},
		{"some.npy", "real.npy", Options{Metrics: []string{"kid", "fid"}}, "fid: some.npy has 100 pictures"},
		{"few.npy", "real.npy", Options{}, "fid: few.npy has 9 pictures"},
		{"black.npy", "real.npy", Options{}, "the 200 pictures of black.npy are all alike to pixels"},
		{"real.npy", "wide.npy", Options{}, "the pictures of real.npy are 12×12×1, those of wide.npy 12×14×1; bring both to one shape: --size 12"},
		{"real.npy", "colour.npy", Options{}, "12×12×3; bring both to one shape: --channels 3"},
		{"real.npy", "rings", Options{}, "real.npy holds pictures and rings holds points"},
		{"real.npy", "few.npy", Options{Paired: true}, "real.npy has 200 examples and few.npy 9; pairs (--paired) need as many of both"},
		{"real.npy", "real.npy", Options{Metrics: []string{"fids"}}, `there is no metric "fids"; did you mean fid`},
		{"real.npy", "real.npy", Options{Metrics: []string{"is"}}, "is needs a classifier, and pixels has none"},
		{"real.npy", "real.npy", Options{Metrics: []string{"modes"}}, "modes of pictures are the classes of a classifier"},
		{"real.npy", "real.npy", Options{Metrics: []string{"l1"}}, "add --paired"},
		{"real.npy", "real.npy", Options{Metrics: []string{"cas"}}, "cas needs the class of each picture, and real.npy has none"},
		{"pics/one", "pics/one", Options{Metrics: []string{"cas"}}, "has none"},
		{"real.npy", "real.npy", Options{Features: "dgits"}, `no extractor "dgits"`},
		{"real.npy", "real.npy", Options{Features: "inception:nowhere.pth"}, "nowhere.pth"},
		{"rings", "rings", Options{Metrics: []string{"fid"}}, "fid is for pictures, and rings holds points in the plane, for which there are modes, swd and diversity"},
		{"rings", "rings", Options{Features: "pixels"}, "features are for pictures"},
	} {
		test.options.Real, test.options.Fake = open(t, test.real, SourceOptions{}), open(t, test.fake, SourceOptions{})
		_, err := Evaluate(context.Background(), gantest.Go(), test.options)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s, %s, %+v: got %v, want one line with %q", test.real, test.fake, test.options.Metrics, err, test.want)
		}
	}
	few := evaluate(t, gantest.Go(), Options{Real: open(t, "real.npy", SourceOptions{}), Fake: open(t, "some.npy", SourceOptions{})})
	if _, ok := few.Scores["fid"]; ok || !strings.Contains(strings.Join(few.Notes, " "), "fid is left out: some.npy has 100 pictures") {
		t.Errorf("of a hundred pictures there are %v, and notes %v", few.Keys, few.Notes)
	}
	collapsed := evaluate(t, gantest.Go(), Options{Real: open(t, "real.npy", SourceOptions{}), Fake: open(t, "black.npy", SourceOptions{}), Bootstrap: -1, Metrics: []string{"fid"}})
	if len(collapsed.Notes) == 0 || !strings.Contains(strings.Join(collapsed.Notes, " "), "black.npy are all alike") || collapsed.Scores["fid"].Value < 1 {
		t.Errorf("a collapsed generator has %v, and notes %v", collapsed.Scores, collapsed.Notes)
	}
}

func TestEvaluateStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	source := open(t, "digits", SourceOptions{N: 300})
	if _, err := Evaluate(ctx, gantest.Go(), Options{Real: source, Fake: source, Features: "pixels"}); err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("got %v", err)
	}
}

// Features that are no numbers are an error that names the source and the sample.
func TestNotANumber(t *testing.T) {
	t.Chdir(t.TempDir())
	writeArray(t, "a.npy", 3, 100, 1)
	extractor, err := features.Open(gantest.Go(), features.Pixels)
	if err != nil {
		t.Fatal(err)
	}
	x := extraction{source: open(t, "a.npy", SourceOptions{}), extractor: extractor}
	err = x.add(&statistics{size: 2}, metrics.NewMoments(2), []float32{1, 2, 3, float32(math.NaN())}, nil)
	if err == nil || !strings.Contains(err.Error(), "a.npy, as pixels sees it") || !strings.Contains(err.Error(), "sample 1") {
		t.Errorf("got %v", err)
	}
}
