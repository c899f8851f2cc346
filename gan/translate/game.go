package translate

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/training"
)

// Game is how pictures are compared and who learns from that: Pix2Pix or CycleGAN. Its zero fields mean the paper's values.
type Game interface {
	// Check returns an error that names the field and what it may be, if a field is out of range.
	Check() error

	check(c Config) error           // Like Check, with what the game must know of the rest.
	paired() bool                   // Whether the pictures of A and B with the same place in a batch are partners.
	generator(size int) Generator   // What Config.Generator nil means.
	loss() gan.Loss                 // What Config.Loss nil means.
	directions(c Config) []way      // What is learned.
	step(r *round)                  // Builds the graph of a step.
	columns() int                   // Of a Trainer.Preview.
	preview(t *Trainer, p *preview) // Fills it.
}

// Games holds the types of games by the names that a run's record has.
var Games = gan.NewRegistry[Game]("game")

func init() {
	Games.Register("pix2pix", Pix2Pix{})
	Games.Register("cyclegan", CycleGAN{})
}

// way is a direction that is learned.
type way struct {
	direction Direction
	scope     string // Of the generator's weights.
	in, out   int    // Channels.
}

// Scopes of the store. What lies under the first two is what each optimizer trains.
const (
	generatorScope     = "generator"
	discriminatorScope = "discriminator"
	poolScope          = "pool"
)

// round is a step being built as a graph.
type round struct {
	*training.Round
	config Config
	a, b   *Node // Pictures, [batch, Size, Size, channels] in [-1, 1].
}

// newRound returns the round for a batch, its pictures jittered.
func newRound(r *training.Round, config Config) *round {
	own := &round{Round: r, config: config}
	switch len(r.Inputs) {
	case 2:
		own.a, own.b = gan.ToFloat(r.Inputs[0]), gan.ToFloat(r.Inputs[1])
	case 4:
		own.a, own.b = taken(r.Inputs[0], r.Inputs[2]), taken(r.Inputs[1], r.Inputs[3])
	default:
		Panicf("a batch must have two inputs (the pictures of A and of B) or four (a table of each and the indices into each), got %d",
			len(r.Inputs))
	}
	own.checkPictures("A", own.a, config.ChannelsA)
	own.checkPictures("B", own.b, config.ChannelsB)
	draws := func(images *Node) *Node { return config.Jitter.draws(r.Scope, images.Graph(), images.Shape().Dim(0)) }
	ofA := draws(own.a)
	ofB := ofA
	if !config.Game.paired() {
		ofB = draws(own.b)
	}
	own.a, own.b = config.Jitter.apply(own.a, ofA), config.Jitter.apply(own.b, ofB)
	return own
}

// taken returns the pictures of the table with the indices, in [-1, 1].
func taken(table, indices *Node) *Node {
	return gan.ToFloat(Gather(table, InsertAxes(indices, -1), false))
}

// checkPictures panics unless pictures of one kind have the configuration's shape.
func (r *round) checkPictures(kind string, images *Node, channels int) {
	size := r.config.Size
	if images.Rank() != 4 || images.Shape().Dim(1) != size || images.Shape().Dim(2) != size || images.Shape().Dim(3) != channels {
		Panicf("the pictures of %s are shaped %v, but the training is for %d×%d pixels with %s; open the data with that size, or change the training's",
			kind, images.Shape().Dimensions[1:], size, size, channelCount(channels))
	}
	if images.Shape().Dim(0) != r.a.Shape().Dim(0) {
		Panicf("a batch has %d pictures of A and %d of B; give as many of each", r.a.Shape().Dim(0), images.Shape().Dim(0))
	}
}

// pass returns what the generator in the scope makes of batches, in pictures with so many channels.
func (r *round) pass(scope *model.Scope, channels int, batches ...*Node) []*Node {
	return Pass(scope, r.config.Generator, channels, batches...)
}

// judge returns the logits of the discriminator in the scope for pictures, joined on their channels if there are several.
func (r *round) judge(scope *model.Scope, pictures ...*Node) *Node {
	seen := changed(r.Scope, r.config.Augment, pictures...)
	if len(seen) > 1 {
		seen = []*Node{Concatenate(seen, 3)}
	}
	return r.config.Discriminator.Graph(scope.ResetVisited(), seen[0])
}

// judgeBoth is judge of two batches of pictures. Where no picture's logits depend on the others they go through the network as
// one, which is faster.
func (r *round) judgeBoth(scope *model.Scope, first, second *Node) (ofFirst, ofSecond *Node) {
	if r.config.Discriminator.Norm == gan.BatchNorm {
		return r.judge(scope, first), r.judge(scope, second)
	}
	logits := r.judge(scope, Concatenate([]*Node{first, second}, 0))
	batch := first.Shape().Dim(0)
	return Slice(logits, AxisRange(0, batch)), Slice(logits, AxisRange(batch))
}

// lossFactor returns what a loss is multiplied by so that it has the size that the papers' weights of other terms are meant
// for: their least squares are means of squares, and gan.LeastSquares has half of them.
func lossFactor(loss gan.Loss) float64 {
	if _, ok := loss.(gan.LeastSquares); ok {
		return 2
	}
	return 1
}

// learn has both kinds of players learn, the discriminators from half of their loss. All losses must be built: both learn
// from the weights as they were before the step.
func (r *round) learn(generators, discriminators *Node) {
	factor := gan.LinearDecay(r.N, r.config.DecayFrom, r.config.DecayTo)
	half := MulScalar(discriminators, lossFactor(r.config.Loss)/2)
	r.Learn(training.Player{Name: discriminatorScope, Optimizer: r.config.DiscriminatorOptimizer, Factor: factor}, half)
	r.Learn(training.Player{Name: generatorScope, Optimizer: r.config.GeneratorOptimizer, Factor: factor}, generators)
}

// distance returns the mean of |x - y|.
func distance(x, y *Node) *Node { return ReduceAllMean(Abs(Sub(x, y))) }

// checkWeight returns an error if the weight in the field is negative or no number.
func checkWeight(field string, value float64) error {
	if value >= 0 {
		return nil
	}
	return errors.Errorf("translate: %s must not be negative, got %g", field, value)
}
