package translate_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/translate"
)

func TestDefaults(t *testing.T) {
	for _, test := range []struct {
		config translate.Config
		want   translate.Config
	}{
		{translate.Config{Size: 256}, translate.Config{
			Game: translate.Pix2Pix{}, Generator: translate.UNet{Size: 256}, Loss: gan.NonSaturating{}, ChannelsA: 3, ChannelsB: 3}},
		{translate.Config{Size: 1024, ChannelsA: 1}, translate.Config{
			Game: translate.Pix2Pix{}, Generator: translate.UNet{Size: 256}, Loss: gan.NonSaturating{}, ChannelsA: 1, ChannelsB: 3}},
		{translate.Config{Size: 96}, translate.Config{
			Game: translate.Pix2Pix{}, Generator: translate.UNet{Size: 32}, Loss: gan.NonSaturating{}, ChannelsA: 3, ChannelsB: 3}},
		{translate.Config{Size: 128, Game: translate.CycleGAN{}}, translate.Config{
			Game: translate.CycleGAN{}, Generator: translate.ResNet{Blocks: 6}, Loss: gan.LeastSquares{}, ChannelsA: 3, ChannelsB: 3}},
		{translate.Config{Size: 256, Game: translate.CycleGAN{}}, translate.Config{
			Game: translate.CycleGAN{}, Generator: translate.ResNet{Blocks: 9}, Loss: gan.LeastSquares{}, ChannelsA: 3, ChannelsB: 3}},
	} {
		data, err := json.Marshal(test.config)
		if err != nil {
			t.Fatal(err)
		}
		var got translate.Config
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if err := got.Check(); err != nil {
			t.Error(err)
		}
		want := test.want
		want.Size, want.SaveEvery = test.config.Size, 500
		adam := gan.Adam{LearningRate: 2e-4, Beta1: 0.5, Beta2: 0.999}
		want.GeneratorOptimizer, want.DiscriminatorOptimizer = adam, adam
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
	}
}

// TestRecord has every field go through JSON unharmed, but the folder, which the run lies in.
func TestRecord(t *testing.T) {
	config := translate.Config{
		Game: translate.CycleGAN{CycleA: 5, CycleB: 6, Identity: 0.1, Pool: 7}, Generator: translate.ResNet{Blocks: 3, Channels: 5},
		Discriminator: translate.PatchGAN{Layers: 2, Channels: 6}, Loss: gan.NonSaturating{Smoothing: 0.1},
		Augment: gan.DiffAugment{Translation: true}, Jitter: translate.Jitter{Crop: 0.1, Flip: true}, Size: 64, ChannelsA: 1, ChannelsB: 3,
		Reverse: true, GeneratorOptimizer: gan.Adam{LearningRate: 1, Beta1: 0.2, Beta2: 0.3}, DiscriminatorOptimizer: gan.RMSProp{LearningRate: 2},
		DecayFrom: 8, DecayTo: 9, From: "elsewhere", Seed: 10, SaveEvery: 11,
	}
	fields := reflect.ValueOf(config)
	for i := range fields.NumField() {
		if name := fields.Type().Field(i).Name; name != "Dir" && fields.Field(i).IsZero() {
			t.Fatalf("the test leaves %s out", name)
		}
	}
	data, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	var got translate.Config
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(got)
	if err != nil || string(again) != string(data) || !reflect.DeepEqual(got.Game, config.Game) || got.From != config.From || !got.Reverse {
		t.Errorf("%v: got\n%s\nwant\n%s", err, again, data)
	}
}

func TestCheck(t *testing.T) {
	for _, test := range []struct {
		config translate.Config
		want   string // In the error.
	}{
		{translate.Config{}, "Config.Size must be the height and width"},
		{translate.Config{Size: 48}, "UNet.Size 32 takes pictures whose size is a multiple of it, got 48"},
		{translate.Config{Size: 30, Game: translate.CycleGAN{}}, "multiple of 4"},
		{translate.Config{Size: 64, Discriminator: translate.PatchGAN{Layers: 6}}, "choose fewer layers"},
		{translate.Config{Size: 64, ChannelsA: -1}, "Config.ChannelsA must be at least 1"},
		{translate.Config{Size: 64, ChannelsB: -1}, "Config.ChannelsB"},
		{translate.Config{Size: 64, SaveEvery: -1}, "Config.SaveEvery"},
		{translate.Config{Size: 64, DecayFrom: 5, DecayTo: 5}, "Config.DecayTo must be after DecayFrom"},
		{translate.Config{Size: 64, DecayFrom: -1}, "Config.DecayFrom"},
		{translate.Config{Size: 64, Game: translate.Pix2Pix{L1: -1}}, "Pix2Pix.L1"},
		{translate.Config{Size: 64, Game: translate.CycleGAN{CycleA: -1}}, "CycleGAN.CycleA"},
		{translate.Config{Size: 64, Game: translate.CycleGAN{CycleB: -1}}, "CycleGAN.CycleB"},
		{translate.Config{Size: 64, Game: translate.CycleGAN{Identity: 1}, ChannelsA: 1}, "leave it 0 for none"},
		{translate.Config{Size: 64, Game: translate.CycleGAN{}, Reverse: true}, "learns both directions"},
		{translate.Config{Size: 64, Jitter: translate.Jitter{Crop: 2}}, "Jitter.Crop"},
		{translate.Config{Size: 64, Augment: gan.ADA{}}, "use diffaugment or policy"},
		{translate.Config{Size: 64, Augment: gan.PolicyAugment{Policy: "none such"}}, "policy"},
		{translate.Config{Size: 64, Loss: gan.NonSaturating{Smoothing: 2}}, "Smoothing"},
		{translate.Config{Size: 64, GeneratorOptimizer: gan.Adam{LearningRate: -1}}, "the generators' optimizer"},
		{translate.Config{Size: 64, DiscriminatorOptimizer: gan.Adam{LearningRate: -1}}, "the discriminators' optimizer"},
	} {
		err := test.config.Check()
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want an error with %q", err, test.want)
		}
	}
	if err := (translate.Config{Size: 64, Game: translate.CycleGAN{}, ChannelsA: 1}).Check(); err != nil {
		t.Errorf("CycleGAN from grey to colour: %v", err)
	}
}

func TestPresets(t *testing.T) {
	for _, name := range translate.Presets() {
		for _, size := range []int{32, 64, 96, 128, 256, 512} {
			config, defaults, err := translate.Preset(name, size, 1, 3)
			if err != nil {
				t.Errorf("%s at %d: %v", name, size, err)
			}
			if config.Size != size || config.ChannelsA != 1 || config.ChannelsB != 3 || defaults.Batch < 1 || defaults.Steps < 1 ||
				defaults.Summary == "" || !strings.Contains(defaults.Paper, "https://arxiv.org/abs/") || len(defaults.Deviations) == 0 {
				t.Errorf("%s at %d: %+v, %+v", name, size, config, defaults)
			}
		}
	}
	if _, _, err := translate.Preset("pix3pix", 32, 3, 3); err == nil || !strings.Contains(err.Error(), "pix2pix, cyclegan") {
		t.Errorf("an unknown preset: %v", err)
	}
	if _, _, err := translate.Preset("pix2pix", 28, 3, 3); err == nil || !strings.Contains(err.Error(), "28") {
		t.Errorf("28 pixels: %v", err)
	}
}
