package style

import (
	"context"
	"encoding/json"
	"image"
	"iter"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// pairs is data with few pictures, two contents and two styles a batch.
type pairs struct{ content, style *tensors.Tensor }

func newPairs() *pairs {
	return &pairs{gantest.SeededPictures("contents", 4, 24, 24, 3), gantest.SeededPictures("styles", 3, 24, 24, 1)}
}

func (*pairs) Name() string { return "pairs" }
func (*pairs) Kept() int    { return 2 }
func (p *pairs) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		for i := int32(0); ; i++ {
			if !yield(train.Batch{Inputs: []*tensors.Tensor{
				p.content, p.style, tensors.FromValue([]int32{i % 4, (i + 1) % 4}), tensors.FromValue([]int32{i % 3, (i + 1) % 3}),
			}}, nil) {
				return
			}
		}
	}
}

// A decoder learns, and its run is opened to draw with.
func TestDecoderLearns(t *testing.T) {
	backend := gantest.Go()
	dir := filepath.Join(t.TempDir(), "run")
	trainer, err := New(backend, Config{
		Crop: 16, IdentityWeight: 1, Optimizer: gan.Adam{LearningRate: 2e-3, Beta1: 0.9, Beta2: 0.999}, Seed: 1, Dir: dir,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := trainer.Stylizer(); err == nil {
		t.Error("a decoder without training draws")
	}
	var first, last [3]float64
	for step, err := range trainer.Train(context.Background(), newPairs(), 30) {
		if err != nil {
			t.Fatalf("%+v", err)
		}
		for i, name := range []string{"content_loss", "style_loss", "identity_loss"} {
			if step.N <= 5 {
				first[i] += step.Value(name) / 5
			}
			if step.N > 25 {
				last[i] += step.Value(name) / 5
			}
		}
	}
	for i, loss := range last {
		if loss > 0.8*first[i] {
			t.Errorf("loss %d fell from %.4g to %.4g only", i, first[i], loss)
		}
	}
	if err := trainer.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(backend, dir)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	drawn, err := s.Stylize(pattern(20, 16), []Style{{Image: pattern(16, 24)}}, Options{})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if drawn.Bounds() != image.Rect(0, 0, 20, 16) {
		t.Errorf("bounds %v", drawn.Bounds())
	}
}

func TestConfigGoesThroughJSON(t *testing.T) {
	config := Config{Crop: 64, IdentityWeight: 3, Decay: -1, Seed: 7}
	data, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	var got Config
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if want := config.filled(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got.Optimizer != (gan.Adam{LearningRate: 1e-4, Beta1: 0.9, Beta2: 0.999}) || got.StyleWeight != 10 || got.ContentWeight != 1 {
		t.Errorf("not the paper's: %+v", got)
	}
}

func TestConfigErrors(t *testing.T) {
	for _, test := range []struct {
		config Config
		want   string
	}{
		{Config{Crop: 20}, "multiple of 8"},
		{Config{StyleWeight: -1}, "positive"},
		{Config{Encoder: "smal"}, "did you mean small"},
		{Config{Encoder: "vgg19"}, "ganymede features get vgg19"},
		{Config{Encoder: "small:x"}, "takes no file"},
		{Config{Encoder: "vgg19:testdata/none.pth"}, "none.pth"},
		{Config{Encoder: "vgg19:testdata/golden.json"}, "golden.json"},
		{Config{Optimizer: gan.Adam{LearningRate: -1}}, "learning rate"},
	} {
		if _, err := New(gantest.Go(), test.config); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: error %v, want one with %q", test.config, err, test.want)
		}
	}
}

func TestPreset(t *testing.T) {
	config, defaults, err := Preset("style", 50)
	if err != nil || config.Crop != 48 || defaults.Batch < 1 || defaults.Steps < 1 || config.Check() != nil {
		t.Errorf("%+v %+v %v", config, defaults, err)
	}
	if _, _, err := Preset("styl", 32); err == nil {
		t.Error("an unknown preset is taken")
	}
	if _, _, err := Preset("style", 8); err == nil {
		t.Error("pictures of 8 pixels are taken")
	}
}
