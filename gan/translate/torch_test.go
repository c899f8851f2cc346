package translate

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// TestLoadTorchTranslates compares what generators with weights from files make of pictures with what PyTorch makes of them.
func TestLoadTorchTranslates(t *testing.T) {
	files := 0
	for _, network := range goldenNetworks(t) {
		if network.File == "" {
			continue
		}
		files++
		translator, err := LoadTorch(gantest.Go(), "testdata/"+network.File, network.generator(), network.Inputs, network.Outputs)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if translator.In() != network.Inputs || translator.Out() != network.Outputs {
			t.Errorf("%s: from %d to %d channels, want from %d to %d", network.File, translator.In(), translator.Out(), network.Inputs, network.Outputs)
		}
		output, err := translator.Batch(gantest.SeededPictures("pictures", network.Shape...))
		if err != nil {
			t.Fatalf("%+v", err)
		}
		var pixels []uint8
		output.MustConstFlatData(func(flat any) { pixels = slices.Clone(flat.([]uint8)) })
		for i, want := range network.Translated.Values {
			if got := float64(pixels[i*network.Translated.Stride]); math.Abs(got-want) > 0.51 {
				t.Fatalf("%s: value %d is %g, want %g", network.File, i*network.Translated.Stride, got, want)
			}
		}
		translator.Close()
	}
	if files < 3 {
		t.Errorf("only %d files were tried", files)
	}
}

// TestLoadTorchRefuses tries what does not fit the file.
func TestLoadTorchRefuses(t *testing.T) {
	for _, test := range []struct {
		file      string
		generator Generator
		in, out   int
		want      string
	}{
		{"resnet.pth", ResNet{Blocks: 6, Channels: 2}, 1, 3, `there is no "model.16.weight"`},
		{"resnet.pth", ResNet{Blocks: 9, Channels: 3}, 1, 3, `"model.1.weight" is shaped [2 1 7 7], where the generator has [3 1 7 7]`},
		{"resnet.pth", ResNet{Blocks: 9, Channels: 2}, 1, 1, `"model.26.weight" is shaped [3 2 7 7], where the generator has [1 2 7 7]`},
		{"resnet.pth", ResNet{Blocks: 9, Channels: 2, Dropout: 0.5}, 1, 3, `there is no "model.10.conv_block.6.weight"`},
		{"resnet.pth", ResNet{Blocks: 9, Channels: 2, Norm: gan.BatchNorm}, 1, 3, `there is no "model.2.weight"`},
		{"resnet.pth", UNet{Size: 32, Channels: 2}, 1, 3, `there is no "model.model.0.weight"`},
		{"resnet.pth", UNet{Size: 33}, 1, 3, "UNet.Size must be a power of two"},
		{"resnet.pth", ResNet{Blocks: 9, Channels: 2}, 0, 3, "at least 1 channel"},
		{"unet.pth", UNet{Size: 32, Channels: 2}, 3, 1, `there is no "model.model.1.model.3.model.3.model.3.model.3.weight"`},
		{"unet_batch.pth", UNet{Size: 32, Channels: 2}, 1, 3, `there is no "model.model.0.bias"`},
		{"none.pth", UNet{Size: 32}, 1, 3, "no such file"},
		{"golden.json", UNet{Size: 32}, 1, 3, "golden.json"},
	} {
		_, err := LoadTorch(gantest.Go(), "testdata/"+test.file, test.generator, test.in, test.out)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s as %+v: got error %v, want %s", test.file, test.generator, err, test.want)
		}
	}
}

// TestTorchWeightsRefuses tries a state_dict with too much in it.
func TestTorchWeightsRefuses(t *testing.T) {
	network := goldenNetworks(t)[0]
	list := network.seededWeights(t)
	if _, err := torchWeights(list, network.layout(), network.Inputs, network.Outputs); err != nil {
		t.Fatal(err)
	}
	with := maps.Clone(list)
	with["model.30.bias"] = list["model.1.bias"]
	with["model.2.running_mean"] = list["model.1.bias"] // Of an old instance normalization, which does no harm.
	_, err := torchWeights(with, network.layout(), network.Inputs, network.Outputs)
	if err == nil || err.Error() != `"model.30.bias" is not of this generator` {
		t.Errorf("got error %v", err)
	}
	with = maps.Clone(list)
	with["model.2.weight"] = list["model.1.bias"]
	_, err = torchWeights(with, network.layout(), network.Inputs, network.Outputs)
	if err == nil || !strings.Contains(err.Error(), `"model.2.weight" is of a batch normalization`) {
		t.Errorf("got error %v", err)
	}
}
