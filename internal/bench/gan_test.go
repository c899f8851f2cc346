package bench

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/augment"
	"github.com/ganymede-ml/ganymede/gan/enlarge"
	"github.com/ganymede-ml/ganymede/gan/features"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// The maker of a GAN returns what was made and no original, and its settings tell one recipe from another.
func TestGAN(t *testing.T) {
	adam := gan.Adam{LearningRate: 2e-3, Beta2: 0.99}
	options := enlarge.Options{
		Policy: augment.Policy{{Operation: augment.RandomBrightness{By: 0.2}}},
		GAN: enlarge.GAN{Batch: 6, Steps: 2, Config: &gan.Config{
			Arch:      gan.DCGAN{Size: 8, Channels: 1, Latent: 4, GeneratorChannels: 4, DiscriminatorChannels: 4, DiscriminatorNorm: gan.NoNorm},
			Condition: gan.Condition{Discriminator: gan.Projection}, Generator: adam, Discriminator: adam,
		}},
		Filter: features.Training{Steps: 4, Batch: 8}, Confidence: 1e-3, Tries: 2,
	}
	subset := stripes(3, 1)
	maker, err := GAN(gantest.Go(), subset, options)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if !strings.Contains(maker.Recipe, "conditional GAN (dcgan") || !strings.Contains(maker.Recipe, "2 steps of up to 6 pictures") {
		t.Errorf("the recipe is %q", maker.Recipe)
	}
	made, err := maker.Make(context.Background(), subset, 5, 9)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if got := classCounts(made); made.Len() == 0 || slices.Max(got) > 2 {
		t.Errorf("the classes got %v pictures, want up to 2", got)
	}
	originals := digests(subset)
	for i, d := range digests(made) {
		if slices.Contains(originals, d) {
			t.Errorf("picture %d that was made is an original", i)
		}
	}
	options.GAN.Steps = 3
	other, err := GAN(gantest.Go(), subset, options)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	options.GAN.Steps, options.Filter.Steps = 2, 5
	filtered, err := GAN(gantest.Go(), subset, options)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if own := hashOf(maker.Settings); own == hashOf(other.Settings) || own == hashOf(filtered.Settings) {
		t.Error("recipes with other settings have the same key")
	}
}
