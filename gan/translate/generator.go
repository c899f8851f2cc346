package translate

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/nn"
)

// Generator is a network that turns pictures into others of the same size.
type Generator interface {
	// Check returns an error that names the field and what it may be, if the network cannot be built for pictures whose
	// height and width are size.
	Check(size int) error

	// Multiple returns what height and width of the pictures must be multiples of.
	Multiple() int

	// Noisy says whether the network has dropout, so that what it makes of a picture can vary: see DrawNoise.
	Noisy() bool

	// Joins says whether what it makes of a picture does not depend on the others of its batch, so that pictures of
	// several batches may go through it as one: see Pass.
	Joins() bool

	// Graph returns pictures shaped [batch, height, width, channels] for images shaped [batch, height, width, any], both
	// in [-1, 1]. Dropout is drawn while the graph trains and where DrawNoise asks for it.
	Graph(scope *model.Scope, images *Node, channels int) *Node
}

// Generators holds the types of generators by the names that a run's record has.
var Generators = gan.NewRegistry[Generator]("generator")

func init() {
	Generators.Register("unet", UNet{})
	Generators.Register("resnet", ResNet{})
}

// InstanceNorm is a normalization of each picture by itself, without weights, beside those of gan: see nn.InstanceNorm.
const InstanceNorm gan.Norm = "instance"

var generatorNorms = []gan.Norm{InstanceNorm, gan.BatchNorm, gan.NoNorm}

// checkNorm returns an error that names the field, if its normalization is none of those given. "" is InstanceNorm.
func checkNorm(field string, norm gan.Norm, norms []gan.Norm) error {
	if norm == "" || slices.Contains(norms, norm) {
		return nil
	}
	return errors.Errorf("translate: %s must be one of %q, got %q", field, norms, norm)
}

// checkDropout returns an error that names the field, if the rate is not below 1. Below 0 means none.
func checkDropout(field string, rate float64) error {
	if rate < 1 {
		return nil
	}
	return errors.Errorf("translate: %s must be below 1, got %g", field, rate)
}

// normalize returns x after the normalization. Batch normalization starts with scales from N(1, 0.02²), as pix2pix.
func normalize(scope *model.Scope, x *Node, norm gan.Norm) *Node {
	switch norm {
	case "", InstanceNorm:
		return nn.InstanceNorm(x)
	case gan.BatchNorm:
		return nn.BatchNorm(scope, x).ScaleInitializer(nn.Normal(scope, 1, 0.02)).Done()
	default:
		return x
	}
}

// normalizes says whether normalize takes away what a bias before it would add.
func normalizes(norm gan.Norm) bool {
	return norm == "" || norm == InstanceNorm || norm == gan.BatchNorm
}

// noiseParameter is the graph parameter that DrawNoise sets.
const noiseParameter = "translate_noise"

// DrawNoise makes the generators of a graph that does not train draw their dropout, which is pix2pix's noise: "Image-to-Image
// Translation with Conditional Adversarial Networks" (Isola et al. 2016, https://arxiv.org/abs/1611.07004, section 2.1) has it
// "at both training and test time". It is drawn by the store's generator. Call it before Generator.Graph.
func DrawNoise(scope *model.Scope, g *Graph) {
	scope.Store().RootScope().SetGraphParam(g, noiseParameter, true)
}

// dropout returns x with dropout at the rate given, while the graph trains or where DrawNoise asked for it.
func dropout(scope *model.Scope, x *Node, rate float64) *Node {
	store, g := scope.Store(), x.Graph()
	if rate <= 0 || !store.IsTraining(g) && !model.GetGraphParamOr(store.RootScope(), g, noiseParameter, false) {
		return x
	}
	return nn.Dropout(scope, x, rate)
}

// started returns the scope with kernels that start from N(0, 0.02²), as both papers have it.
func started(scope *model.Scope) *model.Scope {
	return scope.WithInitializer(nn.Normal(scope, 0, 0.02))
}

func orDefault(value, or int) int {
	if value == 0 {
		return or
	}
	return value
}
