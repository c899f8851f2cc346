package inpaint

import (
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	. "github.com/gomlx/gomlx/support/exceptions"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/training"
)

// Scopes of the store.
const (
	generatorScope     = "generator"
	discriminatorScope = "discriminator"
	averageScope       = "average" // The moving average of the generator: the same variables, one scope further down.
)

// step builds the graph of one step: an update of the discriminator, then one of the generator against it.
func (c Config) step(r *training.Round) {
	pictures, masks := c.batch(r.Inputs)
	if c.Flip {
		pictures = flipped(r.Scope, pictures)
	}
	guesses := c.guesses(r.Scope.At(generatorScope), pictures, masks)
	last := guesses[len(guesses)-1]
	filled := paste(pictures, ClipScalar(last, -1, 1), masks)
	factor := gan.LinearDecay(r.N, c.DecayFrom, c.DecayTo)

	real, fake := c.judge(r.Scope, pictures, masks), c.judge(r.Scope, StopGradient(filled), masks)
	discriminatorLoss := c.Loss.Discriminator(real, fake)
	r.Report("discriminator_loss", discriminatorLoss)
	r.Learn(training.Player{Name: discriminatorScope, Optimizer: c.DiscriminatorOptimizer, Factor: factor}, discriminatorLoss)

	real, fake = c.judge(r.Scope, pictures, masks), c.judge(r.Scope, filled, masks)
	generatorLoss := c.Loss.Generator(real, fake)
	distance := c.Game.Distance(guesses, pictures, masks)
	reconstruction, adversarial := c.Game.Weights()
	r.Report("generator_loss", generatorLoss)
	r.Report("reconstruction_loss", distance)
	r.Report("hole_l1", holeL1(last, pictures, masks))
	loss := Add(MulScalar(distance, reconstruction), MulScalar(generatorLoss, adversarial))
	r.Learn(training.Player{Name: generatorScope, Optimizer: c.GeneratorOptimizer, Factor: factor}, loss)
	if c.EMA > 0 {
		averageGenerator(r.Scope, loss.Graph(), c.EMA, r.N)
	}
}

// batch returns the pictures of a batch as the networks see them, the pixels, or the table of all pictures gathered by
// indices, scaled to [-1, 1]; and its masks, 1 in the hole.
func (c Config) batch(inputs []*Node) (pictures, masks *Node) {
	if len(inputs) != 2 && len(inputs) != 3 {
		Panicf("inpaint: a batch has pictures, or a table of them and indices, and then masks; got %d inputs", len(inputs))
	}
	pixels, masks := inputs[0], inputs[len(inputs)-1]
	if pixels.Rank() != 4 || pixels.Shape().Dim(1) != c.Size || pixels.Shape().Dim(2) != c.Size || pixels.Shape().Dim(3) != c.Channels {
		Panicf("inpaint: the data's pictures must be %d×%d with %d channels, as Config.Size and Channels say, got %s",
			c.Size, c.Size, c.Channels, pixels.Shape())
	}
	if len(inputs) == 3 {
		pixels = Gather(pixels, InsertAxes(inputs[1], -1), false)
	}
	return gan.ToFloat(pixels), holes(masks)
}

// flipped returns the pictures, each mirrored left to right with probability one half.
func flipped(scope *model.Scope, pictures *Node) *Node {
	g := pictures.Graph()
	draws := scope.RandomUniform(g, shapes.Make(dtypes.Float32, pictures.Shape().Dim(0), 1, 1, 1))
	mirror := BroadcastToDims(LessThan(draws, Scalar(g, dtypes.Float32, 0.5)), pictures.Shape().Dimensions...)
	return Where(mirror, Reverse(pictures, 2), pictures)
}

// holes returns masks as graphs have them: 1 where they are not 0.
func holes(masks *Node) *Node {
	return ConvertDType(NotEqual(masks, ScalarZero(masks.Graph(), masks.DType())), dtypes.Float32)
}

// guesses returns those of the game for pictures of any size, whose holes it blanks.
func (c Config) guesses(scope *model.Scope, pictures, masks *Node) []*Node {
	multiple := c.Game.Multiple(c.Size)
	blank := padTo(Mul(pictures, OneMinus(masks)), multiple)
	guesses := c.Game.Guesses(scope, blank, padTo(masks, multiple), c.Size)
	for i, guess := range guesses {
		guesses[i] = cropTo(guess, pictures.Shape())
	}
	return guesses
}

// judge returns the game's scores of pictures.
func (c Config) judge(root *model.Scope, pictures, masks *Node) *Node {
	multiple := c.Game.Multiple(c.Size)
	return c.Game.Judge(root.At(discriminatorScope), padTo(pictures, multiple), padTo(masks, multiple), c.Size)
}

// paste returns the pictures with the guess in their holes.
func paste(pictures, guess, masks *Node) *Node {
	return Add(Mul(guess, masks), Mul(pictures, OneMinus(masks)))
}

// holeL1 returns the mean absolute difference over the holes, where 1 is the whole range.
func holeL1(guess, pictures, masks *Node) *Node {
	sum := ReduceAllSum(Mul(Abs(Sub(guess, pictures)), masks))
	return Div(sum, MulScalar(MaxScalar(ReduceAllSum(masks), 1), 2*float64(pictures.Shape().Dim(3))))
}

// averageGenerator moves the average of all that the generator has, weights and statistics, towards what it is now. The
// decay rises from 0 as steps/(steps+10) until it is the one given, so that short runs are not drawn back to their start.
func averageGenerator(scope *model.Scope, g *Graph, decay float64, steps *Node) {
	keep := MinScalar(Div(steps, AddScalar(steps, 10)), decay)
	var variables []*model.Variable
	for v := range scope.At(generatorScope).IterVariables() {
		if v.InUseByGraph(g) && v.DType() == dtypes.Float32 && !strings.Contains(v.Path(), "learning_rate") {
			variables = append(variables, v)
		}
	}
	for _, v := range variables {
		average := scope.Store().VariableWithShape("/"+averageScope+v.Path(), v.Shape(), initializer.Zero).SetTrainable(false)
		average.SetNodeValue(Add(Mul(keep, average.NodeValue(g)), Mul(OneMinus(keep), v.NodeValue(g))))
	}
}
