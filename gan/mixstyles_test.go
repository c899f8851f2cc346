package gan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// TestMixStyles checks that with no layer of the row all rows are alike, with all of them all columns, and that in between
// neither are.
func TestMixStyles(t *testing.T) {
	config := gan.Config{Arch: gan.StyleGAN2{
		Size: 8, Channels: 1, Latent: 8, StyleSize: 8, MappingLayers: 2, GeneratorChannels: 4, DiscriminatorChannels: 4,
	}, EMA: 0.5, Seed: 4}
	trainer := newTrainer(t, gantest.Go(), config)
	trainSteps(t, trainer, &pictures{batch: 4}, 2)
	mixed := func(layers int) (at func(row, column int) []uint8) {
		examples, err := trainer.MixStyles(2, 3, layers, 5)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		pixels := tensors.MustCopyFlatData[uint8](examples)
		return func(row, column int) []uint8 { return pixels[(row*3+column)*64 : (row*3+column+1)*64] }
	}
	none, some, all := mixed(0), mixed(2), mixed(4)
	if !slices.Equal(none(0, 1), none(1, 1)) || slices.Equal(none(0, 0), none(0, 1)) {
		t.Error("without a layer of the row, examples do not follow the column alone")
	}
	if !slices.Equal(all(1, 0), all(1, 2)) || slices.Equal(all(0, 0), all(1, 0)) {
		t.Error("with all layers of the row, examples do not follow the row alone")
	}
	if slices.Equal(some(0, 0), some(1, 0)) || slices.Equal(some(0, 0), some(0, 1)) {
		t.Error("mixed examples do not follow both")
	}
	if _, err := trainer.MixStyles(1, 1, 5, 1); err == nil || !strings.Contains(err.Error(), "from 0 to 4") {
		t.Errorf("got %v, want an error about the layers", err)
	}
	plain := newTrainer(t, gantest.Go(), small(""))
	if _, err := plain.MixStyles(1, 1, 1, 1); err == nil || !strings.Contains(err.Error(), "no styles") {
		t.Errorf("got %v, want an error about the architecture", err)
	}
}
