package gan

import (
	"cmp"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/augment"
)

// ADA changes the pictures that the discriminator sees with a probability that follows how much it overfits: it rises
// while the discriminator is sure of too many real examples, and falls again ("Training Generative Adversarial Networks
// with Limited Data", Karras et al. 2020, https://arxiv.org/abs/2006.06676, section 3.1). The measure is the paper's r_t,
// the mean sign of the logits of real examples. The operations are its pixel blitting, geometry and colour.
type ADA struct {
	Target float64 `json:"target,omitempty"` // Of r_t, in (0, 1); 0 means 0.6, the paper's.
	Every  int     `json:"every,omitempty"`  // Updates of the discriminator from one adjustment to the next; 0 means 4, the paper's.

	// Images is how many real examples it takes for the probability to go from 0 to 1 at the fastest; 0 means 500,000, the
	// paper's. Short trainings want fewer.
	Images int `json:"images,omitempty"`
}

func init() { Augmentations.Register("ada", ADA{}) }

// Check returns an error if a field is out of range.
func (a ADA) Check() error {
	if a.Target < 0 || a.Target >= 1 || a.Every < 0 || a.Images < 0 {
		return errors.Errorf("gan: ADA needs a target in (0, 1), and no negative number, got %+v", a)
	}
	return nil
}

// Graph returns the images, each operation applied with the probability.
func (a ADA) Graph(scope *model.Scope, images, probability *Node) *Node {
	return augment.ADA(scope, images, probability)
}

// adapt adds up the signs of the logits, and moves the probability every so many updates.
func (a ADA) adapt(state *model.Scope, probability, realLogits *Node, batch int) *Node {
	g := probability.Graph()
	every := float64(orDefault(a.Every, 4))
	state = state.WithInitializer(initializer.Zero)
	scalar := shapes.Make(dtypes.Float32)
	signs := state.VariableWithShape("signs", scalar).SetTrainable(false)
	updates := state.VariableWithShape("updates", scalar).SetTrainable(false)

	sum := Add(signs.NodeValue(g), ConvertDType(ReduceAllMean(Sign(realLogits)), dtypes.Float32))
	count := OnePlus(updates.NodeValue(g))
	due := GreaterOrEqual(count, Scalar(g, dtypes.Float32, every))
	zero := ScalarZero(g, dtypes.Float32)
	signs.SetNodeValue(Where(due, zero, sum))
	updates.SetNodeValue(Where(due, zero, count))

	step := float64(batch) * every / float64(orDefault(a.Images, 500_000))
	direction := Sign(AddScalar(Div(sum, count), -cmp.Or(a.Target, 0.6)))
	moved := ClipScalar(Add(probability, MulScalar(direction, step)), 0, 1)
	return Where(due, moved, probability)
}
