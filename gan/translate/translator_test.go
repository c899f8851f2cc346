package translate_test

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/training"
	"github.com/ganymede-ml/ganymede/gan/translate"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

func translator(t *testing.T, trainer *translate.Trainer, o translate.Options) *translate.Translator {
	t.Helper()
	translator, err := trainer.Translator(o)
	if err != nil {
		t.Fatal(err)
	}
	return translator
}

func translated(t *testing.T, by *translate.Translator, pictures *tensors.Tensor) []uint8 {
	t.Helper()
	result, err := by.Batch(pictures)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return tensors.MustCopyFlatData[uint8](result)
}

// noisePictures returns n pictures of random pixels.
func noisePictures(n, height, width, channels int) *tensors.Tensor {
	random := rand.New(rand.NewPCG(3, 4))
	pixels := make([]uint8, n*height*width*channels)
	for i := range pixels {
		pixels[i] = uint8(random.IntN(256))
	}
	return tensors.FromFlatDataAndDimensions(pixels, n, height, width, channels)
}

// TestTranslator has a trained CycleGAN of grey pictures, A, and of coloured ones, B, translate either way.
func TestTranslator(t *testing.T) {
	config := quick(translate.CycleGAN{})
	config.ChannelsB = 3
	trainer := newTrainer(t, gantest.Go(), config)
	data := blots(16, 8, 1, 4, func(p []uint8) []uint8 { return []uint8{255 - p[0], 255 - p[0], 255 - p[0]} })
	there, back := translator(t, trainer, translate.Options{}), translator(t, trainer, translate.Options{Direction: translate.BtoA})
	untrained := translated(t, there, data.a)
	take(t, trainer, data, 40)
	if slices.Equal(translated(t, there, data.a), untrained) {
		t.Error("a translator does not follow the training")
	}
	if there.In() != 1 || there.Out() != 3 || back.In() != 3 || back.Out() != 1 || there.Multiple() != 1 {
		t.Errorf("channels %d to %d and %d to %d", there.In(), there.Out(), back.In(), back.Out())
	}
	made, err := there.All(data.a, 3) // 16 pictures in batches of 3.
	if err != nil {
		t.Fatal(err)
	}
	pixels := tensors.MustCopyFlatData[uint8](made)
	if whole := translated(t, there, data.a); !slices.Equal(pixels, whole) {
		t.Error("pictures in several batches differ from those in one")
	}
	// The cycle's error by hand, through uint8.
	over := tensors.FromFlatDataAndDimensions(slices.Clone(pixels), made.Shape().Dimensions...)
	sum := 0.0
	for i, value := range translated(t, back, over) {
		sum += math.Abs(float64(value) - float64(tensors.MustCopyFlatData[uint8](data.a)[i]))
	}
	got, err := translate.CycleError(there, back, data.a, 5)
	if err != nil || math.Abs(got-sum/(16*64)) > 1e-9 || got > 40 {
		t.Errorf("cycle error %g, want %g; %v", got, sum/(16*64), err)
	}
	if _, err := translate.CycleError(there, there, data.a, 5); err == nil {
		t.Error("the same direction twice passed as a cycle")
	}

	other := translated(t, there, noisePictures(1, 3, 5, 1)) // Another size than that of the training.
	if len(other) != 3*5*3 {
		t.Errorf("%d values", len(other))
	}
	for _, test := range []struct {
		pictures *tensors.Tensor
		want     string
	}{
		{noisePictures(1, 8, 8, 3), "takes pictures with 1 channel (grey), got 3"},
		{tensors.FromValue([]float32{1}), "must be uint8 [n, height, width, 1]"},
	} {
		if _, err := there.Batch(test.pictures); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want an error with %q", err, test.want)
		}
	}
	if _, err := there.All(data.a, 0); err == nil {
		t.Error("batches of nothing passed")
	}
	there.Close()
}

func TestTranslatorSizes(t *testing.T) {
	trainer := newTrainer(t, gantest.Go(), tiny(translate.Pix2Pix{}))
	by := translator(t, trainer, translate.Options{})
	if _, err := by.Batch(noisePictures(1, 8, 10, 1)); err == nil || !strings.Contains(err.Error(), "multiples of 4, got 8×10") {
		t.Errorf("got %v", err)
	}
	for direction, want := range map[translate.Direction]string{translate.BtoA: "learned AtoB alone", "up": `not "up"`} {
		if _, err := trainer.Translator(translate.Options{Direction: direction}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("direction %s: %v", direction, err)
		}
	}
	if _, err := trainer.Translator(translate.Options{Noise: 1}); err == nil || !strings.Contains(err.Error(), "no dropout") {
		t.Errorf("noise without dropout: %v", err)
	}
}

// TestNoise draws dropout: a seed gives the same picture again, another seed another one, and training goes on as if
// nothing had been drawn.
func TestNoise(t *testing.T) {
	config := tiny(translate.Pix2Pix{})
	config.Generator = translate.ResNet{Blocks: 1, Channels: 4, Dropout: 0.5}
	data := blots(8, 8, 1, 2, inverted)
	var last [2]training.Step
	for i := range last {
		trainer := newTrainer(t, gantest.Go(), config)
		take(t, trainer, data, 1)
		if i == 1 {
			plain := translated(t, translator(t, trainer, translate.Options{}), data.a)
			one := translator(t, trainer, translate.Options{Noise: 1})
			first, again := translated(t, one, data.a), translated(t, one, data.a)
			other := translated(t, translator(t, trainer, translate.Options{Noise: 2}), data.a)
			if !slices.Equal(first, again) || slices.Equal(first, plain) || slices.Equal(first, other) {
				t.Errorf("again equal %t, plain equal %t, other equal %t", slices.Equal(first, again), slices.Equal(first, plain), slices.Equal(first, other))
			}
		}
		last[i] = take(t, trainer, data, 1)[0]
	}
	for i, value := range last[0].Values {
		if value != last[1].Values[i] {
			t.Errorf("%s is %g, and %g after translating", value.Name, value.Value, last[1].Values[i].Value)
		}
	}
}

func TestPreview(t *testing.T) {
	// Grey A and coloured B.
	coloured := func(p []uint8) []uint8 { return []uint8{p[0], 0, 255} }
	data := blots(2, 8, 1, 2, coloured)
	a, b := tensors.MustCopyFlatData[uint8](data.a), tensors.MustCopyFlatData[uint8](data.b)
	for _, test := range []struct {
		game    translate.Game
		reverse bool
		columns int
		grey    []int // Columns of A, which are grey.
		given   map[int]bool
	}{
		{translate.Pix2Pix{}, false, 3, []int{0}, map[int]bool{0: true, 2: true}},
		{translate.Pix2Pix{}, true, 3, []int{1, 2}, map[int]bool{0: true, 2: true}},
		{translate.CycleGAN{}, false, 6, []int{0, 2, 4}, map[int]bool{0: true, 3: true}},
	} {
		config := quick(test.game)
		config.ChannelsB, config.Reverse, config.Augment = 3, test.reverse, gan.DiffAugment{}
		trainer := newTrainer(t, gantest.Go(), config)
		take(t, trainer, data, 1)
		grid, err := trainer.Preview(data.a, data.b)
		if err != nil {
			t.Fatal(err)
		}
		if trainer.PreviewColumns() != test.columns || !slices.Equal(grid.Shape().Dimensions, []int{2 * test.columns, 8, 8, 3}) {
			t.Fatalf("%T: %s in %d columns", test.game, grid.Shape(), trainer.PreviewColumns())
		}
		pixels := tensors.MustCopyFlatData[uint8](grid)
		for i := range pixels {
			picture, at, channel := i/(64*3), i/3%64, i%3
			row, column := picture/test.columns, picture%test.columns
			if slices.Contains(test.grey, column) {
				if pixels[i] != pixels[i-channel] || test.given[column] && pixels[i] != a[row*64+at] {
					t.Fatalf("%T, reverse %t: picture %d of row %d is not A", test.game, test.reverse, column, row)
				}
			} else if test.given[column] && pixels[i] != b[(row*64+at)*3+channel] {
				t.Fatalf("%T, reverse %t: picture %d of row %d is not B", test.game, test.reverse, column, row)
			}
		}
		if _, err := trainer.Preview(data.a, noisePictures(1, 8, 8, 3)); err == nil {
			t.Error("fewer pictures of B passed")
		}
	}
}

// TestFrom starts from the weights of an earlier run.
func TestFrom(t *testing.T) {
	backend := gantest.Go()
	config := quick(translate.Pix2Pix{})
	config.Dir = filepath.Join(t.TempDir(), "first")
	data := blots(32, 8, 1, 8, inverted)
	first := newTrainer(t, backend, config)
	take(t, first, data, 40)
	want := translated(t, translator(t, first, translate.Options{}), data.a)

	tuned := config
	tuned.From, tuned.Dir, tuned.Seed = config.Dir, filepath.Join(t.TempDir(), "second"), 2
	second := newTrainer(t, backend, tuned)
	if got := translated(t, translator(t, second, translate.Options{}), data.a); !slices.Equal(got, want) || second.Steps() != 0 {
		t.Errorf("other weights, at step %d", second.Steps())
	}
	loaded, err := translate.Load(backend, tuned.Dir) // Before its first step.
	if err != nil {
		t.Fatal(err)
	}
	if got := translated(t, translator(t, loaded, translate.Options{}), data.a); !slices.Equal(got, want) || loaded.Config().From != config.Dir {
		t.Error("the loaded run has other weights")
	}
	if l1 := take(t, loaded, data, 1)[0].Value("l1_loss"); l1 > 0.15 {
		t.Errorf("l1 starts at %g", l1)
	}

	wider := tuned
	wider.Dir, wider.Discriminator.Channels = "", 5
	cyclegan := quick(translate.CycleGAN{})
	cyclegan.From = config.Dir
	nowhere := tuned
	nowhere.Dir, nowhere.From = "", t.TempDir()
	for want, config := range map[string]translate.Config{
		"has another discriminator": wider, "has another game": cyclegan, "holds no run": nowhere,
	} {
		if _, err := translate.New(backend, config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

// TestBadData has batches that are not what the training is for.
func TestBadData(t *testing.T) {
	grey, coloured := noisePictures(4, 8, 8, 1), noisePictures(4, 8, 8, 3)
	for _, test := range []struct {
		data *pictures
		want string
	}{
		{&pictures{a: grey, b: coloured, batch: 2}, "pictures of B are shaped [8 8 3], but the training is for 8×8 pixels with 1 channel (grey)"},
		{&pictures{a: noisePictures(4, 16, 16, 1), b: grey, batch: 2}, "pictures of A are shaped [16 16 1]"},
	} {
		trainer := newTrainer(t, gantest.Go(), tiny(translate.Pix2Pix{}))
		for _, err := range trainer.Train(t.Context(), test.data, 1) {
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		}
	}
	if _, err := translate.New(nil, tiny(translate.Pix2Pix{})); err == nil {
		t.Error("no backend passed")
	}
	if _, err := translate.New(gantest.Go(), translate.Config{Loss: gan.Hinge{}}); err == nil {
		t.Error("a configuration without a size passed")
	}
}
