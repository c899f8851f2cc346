package inpaint_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/inpaint"
	"github.com/ganymede-ml/ganymede/gan/training"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// tiny is a game of 16 pixels that trains in no time.
func tiny() inpaint.Config {
	adam := gan.Adam{LearningRate: 3e-3, Beta1: 0.5, Beta2: 0.999}
	return inpaint.Config{
		Game: inpaint.Gated{Width: 4, Discriminator: inpaint.SNPatchGAN{Channels: 4}, Adversarial: 0.01, HoleWeight: 4}, Size: 16, Channels: 1,
		GeneratorOptimizer: adam, DiscriminatorOptimizer: adam, EMA: 0.9, Seed: 3,
	}
}

// steps takes n steps on batches of so many stripes, and returns them.
func steps(t *testing.T, trainer *inpaint.Trainer, n, each int) []training.Step {
	t.Helper()
	var taken []training.Step
	data := &pictures{count: 50, size: trainer.Config().Size, channels: 1, each: each}
	for step, err := range trainer.Train(context.Background(), data, n) {
		if err != nil {
			t.Fatalf("%+v", err)
		}
		taken = append(taken, step)
	}
	return taken
}

func newTrainer(t *testing.T, backend compute.Backend, config inpaint.Config) *inpaint.Trainer {
	t.Helper()
	trainer, err := inpaint.New(backend, config)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	t.Cleanup(func() { _ = trainer.Close() })
	return trainer
}

// checkpoint returns the bytes of the run's last checkpoint.
func checkpoint(t *testing.T, dir string) []byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "checkpoints", "*.safetensors"))
	if err != nil || len(files) == 0 {
		t.Fatalf("checkpoints: %v, %v", files, err)
	}
	data, err := os.ReadFile(files[len(files)-1])
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestResumeIsExact asserts that stopping after two steps of four, and going on from the folder, ends in the same bytes.
func TestResumeIsExact(t *testing.T) {
	whole, parts := tiny(), tiny()
	whole.Flip, parts.Flip = true, true
	whole.Dir, parts.Dir = filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "parts")
	steps(t, newTrainer(t, gantest.Go(), whole), 4, 2)
	first := newTrainer(t, gantest.Go(), parts)
	steps(t, first, 2, 2)
	if err := first.Close(); err != nil {
		t.Fatalf("%+v", err)
	}
	second, err := inpaint.Load(gantest.Go(), parts.Dir)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	defer func() { _ = second.Close() }()
	if second.Steps() != 2 || !reflect.DeepEqual(second.Config().Game, parts.Game) {
		t.Fatalf("%d steps, game %+v", second.Steps(), second.Config().Game)
	}
	steps(t, second, 2, 2)
	if !bytes.Equal(checkpoint(t, whole.Dir), checkpoint(t, parts.Dir)) {
		t.Error("a run that was stopped and went on has other weights")
	}
	if log, err := training.ReadLog(parts.Dir); err != nil || len(log) != 4 || log[3].Value("hole_l1") == 0 {
		t.Errorf("the log has %d steps, %v", len(log), err)
	}
	if _, err := training.Load(gantest.Go(), parts.Dir, "style", nil); err == nil || !strings.Contains(err.Error(), "inpaint") {
		t.Errorf("opening the run as one of another task: %v", err)
	}
}

// fillStripes returns the mean absolute difference in the holes of what the trainer fills, and of the holes' mean colour.
func fillStripes(t *testing.T, trainer *inpaint.Trainer) (filled, mean float64) {
	t.Helper()
	const n = 8
	size := trainer.Config().Size
	filler, err := trainer.Filler()
	if err != nil {
		t.Fatalf("%+v", err)
	}
	truth := stripes(n, size, 1, 999)
	var masks []uint8
	for range n {
		masks = append(masks, inpaint.Masks{Kind: inpaint.CentreMasks}.Draw(size, size, 1)...)
	}
	blank := bytes.Clone(truth)
	for i, hidden := range masks {
		if hidden != 0 {
			blank[i] = 77 // Must not be seen.
		}
	}
	output, err := filler.Batch(tensors.FromFlatDataAndDimensions(blank, n, size, size, 1), tensors.FromFlatDataAndDimensions(masks, n, size, size, 1))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	count := 0.0
	for i, v := range tensors.MustCopyFlatData[uint8](output) {
		if masks[i] == 0 {
			if v != truth[i] {
				t.Fatalf("the known pixel %d was %d and is %d", i, truth[i], v)
			}
			continue
		}
		filled += math.Abs(float64(v) - float64(truth[i]))
		mean += math.Abs(130 - float64(truth[i]))
		count++
	}
	return filled / count, mean / count
}

// TestTrainingFills asserts that the network comes to continue edges through the hole: far better than a mean colour does.
func TestTrainingFills(t *testing.T) {
	if testing.Short() {
		t.Skip("100 steps take some seconds")
	}
	trainer := newTrainer(t, gantest.Go(), tiny())
	steps(t, trainer, 100, 2)
	if filled, mean := fillStripes(t, trainer); filled > 0.5*mean {
		t.Errorf("the mean difference in holes is %.1f, of the mean colour %.1f", filled, mean)
	}
}

func TestContextEncoderTrains(t *testing.T) {
	config := tiny()
	config.Game = inpaint.ContextEncoder{Channels: 8, Bottleneck: 16}
	taken := steps(t, newTrainer(t, gantest.Go(), config), 100, 8)
	if first, last := taken[0].Value("reconstruction_loss"), taken[99].Value("reconstruction_loss"); last > 0.7*first {
		t.Errorf("the distance was %g and is %g after 100 steps", first, last)
	}
	config.Size = 20 // Pictures are mirrored to 32.
	fillStripes(t, newTrainer(t, gantest.Go(), config))
}

// TestFillerTakesOtherSizes fills pictures whose sides no number of the network's divides, and refuses others.
func TestFillerTakesOtherSizes(t *testing.T) {
	filler, err := newTrainer(t, gantest.Go(), tiny()).Filler()
	if err != nil {
		t.Fatalf("%+v", err)
	}
	const height, width = 21, 30
	picture := scene(height, width, 1)
	mask := inpaint.Masks{Kind: inpaint.StrokeMasks}.Draw(height, width, 1)
	for name, fill := range map[string]func(pictures, masks *tensors.Tensor) (*tensors.Tensor, error){"pasted": filler.Batch, "blended": filler.BatchBlended} {
		output, err := fill(tensors.FromFlatDataAndDimensions(bytes.Clone(picture), 1, height, width, 1), tensors.FromFlatDataAndDimensions(mask, 1, height, width, 1))
		if err != nil {
			t.Fatalf("%s: %+v", name, err)
		}
		for i, v := range tensors.MustCopyFlatData[uint8](output) {
			if mask[i] == 0 && v != picture[i] {
				t.Fatalf("%s: the known pixel %d has changed", name, i)
			}
		}
	}
	for name, shapes := range map[string][2][]int{
		"colours":        {{1, 16, 16, 3}, {1, 16, 16, 1}},
		"another size":   {{1, 16, 16, 1}, {1, 16, 15, 1}},
		"another number": {{2, 16, 16, 1}, {1, 16, 16, 1}},
		"too small":      {{1, 2, 16, 1}, {1, 2, 16, 1}},
	} {
		var operands [2]*tensors.Tensor
		for i, shape := range shapes {
			operands[i] = tensors.FromFlatDataAndDimensions(make([]uint8, shape[0]*shape[1]*shape[2]*shape[3]), shape...)
		}
		if _, err := filler.Batch(operands[0], operands[1]); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestConfigGoesThroughJSON(t *testing.T) {
	config, _, err := inpaint.Preset("inpaint", 32, 3)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	config.Masks = inpaint.Masks{Kind: inpaint.BoxMasks, Share: 0.5}
	config.DecayFrom, config.DecayTo, config.SaveEvery, config.Loss = 10, 20, 7, gan.LeastSquares{}
	config.Flip = true
	data, err := json.Marshal(config)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	var read inpaint.Config
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatalf("%+v", err)
	}
	if !reflect.DeepEqual(config, read) {
		t.Errorf("%+v became %+v", config, read)
	}
}

func TestConfigCheck(t *testing.T) {
	for field, config := range map[string]inpaint.Config{
		"Size":          {},
		"8 pixels":      {Size: 8},
		"Channels":      {Size: 32, Channels: 2},
		"Width":         {Size: 32, Game: inpaint.Gated{Width: 5}},
		"HoleWeight":    {Size: 32, Game: inpaint.Gated{HoleWeight: -1}},
		"Layers":        {Size: 32, Game: inpaint.Gated{Discriminator: inpaint.SNPatchGAN{Layers: 7}}},
		"ContextEncode": {Size: 32, Game: inpaint.ContextEncoder{Bottleneck: -1}},
		"Masks":         {Size: 32, Masks: inpaint.Masks{Share: 2}},
		"EMA":           {Size: 32, EMA: 1},
		"DecayTo":       {Size: 32, DecayFrom: 5, DecayTo: 5},
		"discriminator": {Size: 32, DiscriminatorOptimizer: gan.Adam{LearningRate: -1}},
	} {
		if err := config.Check(); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("want an error about %s, got %v", field, err)
		}
	}
}

func TestPresets(t *testing.T) {
	for _, name := range inpaint.Presets {
		for _, size := range []int{28, 32, 64, 128, 256} {
			config, defaults, err := inpaint.Preset(name, size, 3)
			if err != nil || config.Size != size || defaults.Batch == 0 || defaults.Steps == 0 || defaults.Paper == "" || len(defaults.Deviations) == 0 {
				t.Errorf("%s for %d pixels: %+v, %v", name, size, defaults, err)
			}
		}
	}
	if config, _, _ := inpaint.Preset("inpaint", 256, 3); !reflect.DeepEqual(config.Game, inpaint.Gated{}) {
		t.Errorf("for 256 pixels the game is %+v, not the paper's", config.Game)
	}
	if _, _, err := inpaint.Preset("inpant", 32, 3); err == nil || !strings.Contains(err.Error(), "inpaint") {
		t.Errorf("an unknown preset: %v", err)
	}
}

// TestTableStays asserts that training on a table of pictures and indices leaves the table in place from step to step, and that
// pictures of another size are refused.
func TestTableStays(t *testing.T) {
	trainer := newTrainer(t, gantest.Go(), tiny())
	count := 0
	for _, err := range trainer.Train(context.Background(), newTabled(5, 16), 3) {
		if err != nil {
			t.Fatalf("%+v", err)
		}
		count++
	}
	if count != 3 {
		t.Errorf("%d steps were taken, want 3", count)
	}
	for _, err := range newTrainer(t, gantest.Go(), tiny()).Train(context.Background(), newTabled(5, 20), 1) {
		if err == nil || !strings.Contains(err.Error(), "16×16") {
			t.Errorf("pictures of 20 pixels: %v", err)
		}
	}
}
