package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan/augment"
)

// DiffAugment changes all pictures that the discriminator sees, in the steps of both players ("Differentiable
// Augmentation for Data-Efficient GAN Training", Zhao et al. 2020, https://arxiv.org/abs/2006.10738, equations 6 to 8).
// The zero value has all three of its operations, the paper's choice where pictures are few; for a large data set it
// has Color and Cutout.
type DiffAugment struct {
	Color       bool `json:"color,omitempty"`       // Brightness, saturation and contrast.
	Translation bool `json:"translation,omitempty"` // By up to an eighth of the picture.
	Cutout      bool `json:"cutout,omitempty"`      // A square of half the picture's width is blanked.
}

func init() { Augmentations.Register("diffaugment", DiffAugment{}) }

// Check returns nil: any choice is possible.
func (d DiffAugment) Check() error { return nil }

// Graph returns the changed images. Every operation always applies.
func (d DiffAugment) Graph(scope *model.Scope, images, _ *Node) *Node {
	if d == (DiffAugment{}) {
		d = DiffAugment{Color: true, Translation: true, Cutout: true}
	}
	if d.Color {
		images = augment.Color(scope, images, 1)
	}
	if d.Translation {
		images = augment.Translation(scope, images, 0.125)
	}
	if d.Cutout {
		images = augment.Cutout(scope, images, 0.5)
	}
	return images
}
