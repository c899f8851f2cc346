package enlarge

import (
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/preset"
)

// Recipe returns how a GAN is trained on a small labelled set, so that it can be asked for a class: the preset quick, told
// the class by batch normalization and by projection, with DiffAugment against learning few pictures by heart. It takes about a
// minute on two processor cores for pictures of 28×28.
//
// It is an error if there is no architecture for the size of the pictures.
func Recipe(set *datasets.Set) (config gan.Config, batch, steps int, err error) {
	quick, err := preset.Named("quick")
	if err != nil {
		return gan.Config{}, 0, 0, err
	}
	classes := len(set.Classes)
	if config, err = quick.Config(preset.Data{Shape: set.Shape, Classes: classes}); err != nil {
		return gan.Config{}, 0, 0, errors.WithMessagef(err, "enlarge: no GAN for pictures of %d×%d, bring them to 32 or 64 (Options.Size, --size)", set.Shape[0], set.Shape[1])
	}
	config.Condition = toldClasses(gan.Condition{Generator: gan.ByNorm, Discriminator: gan.Projection}, classes)
	config.Augment = gan.DiffAugment{Translation: true, Cutout: true}
	return config, min(quick.Batch, set.Len()), 2000, config.Check()
}
