package augment

import (
	"strings"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/nearest"
)

// policies are the named ones, as texts.
var policies = []struct{ name, text string }{
	{"none", ""},

	// Grey pictures of digits: what another hand might have written. A mirrored digit is none.
	{"classic", "rotate:12,scale:0.12,shear:10,translate:0.08,elastic:0.025"},

	// Grey things on black that fill the frame and look alike in a mirror.
	{"clothes", "flip,rotate:5:border=black,scale:0.08:border=black,translate:0.06:border=black,brightness:0.15,cutout:0.3:fill=-1:p=0.5"},

	// Colour pictures.
	{"photo", "flip,rotate:8:border=reflect,translate:0.06:border=reflect,crop:0.8,brightness:0.2,contrast:0.2,saturation:0.3,hue:0.02"},
}

// PolicyNames returns the names of the named policies.
func PolicyNames() []string {
	var names []string
	for _, p := range policies {
		names = append(names, p.name)
	}
	return names
}

// Named returns the policy of that name: "classic" for digits, "clothes" for things such as Fashion-MNIST's, "photo" for
// colour pictures, "none".
func Named(name string) (Policy, error) {
	for _, p := range policies {
		if p.name == name {
			return ParsePolicy(p.text)
		}
	}
	return nil, errors.Errorf("augment: there is no policy %q%s (all: %s)", name, nearest.Hint(name, PolicyNames()), strings.Join(PolicyNames(), ", "))
}

// For returns the policy for a data set by its name and the shape of its examples, [height, width, channels]: classic for
// digits, clothes for Fashion-MNIST, photo for what else has colour, classic, which flips nothing, for what else is grey,
// and none for what is no picture.
func For(name string, shape []int) Policy {
	kind := "classic"
	switch {
	case len(shape) != 3:
		kind = "none"
	case name == "fashion" || name == "fashion-mnist":
		kind = "clothes"
	case name == "digits" || name == "mnist" || strings.HasPrefix(name, "stacked"):
	case shape[2] == 3:
		kind = "photo"
	}
	policy, err := Named(kind)
	if err != nil {
		panic(err) // The names above are in the list.
	}
	return policy
}
