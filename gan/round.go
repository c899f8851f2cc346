package gan

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
)

// Scopes of the store. What lies under generator and discriminator is what each optimizer trains.
const (
	generatorScope     = "generator"
	discriminatorScope = "discriminator"
	averageScope       = "average" // The moving average of the generator: the same variables, one scope further down.
	generatorAdam      = "adam_generator"
	discriminatorAdam  = "adam_discriminator"
	stepsVariable      = "steps"
)

// What a round reports, in this order, as one vector.
const (
	reportDiscriminatorLoss = iota
	reportGeneratorLoss
	reportPenalty
	reportRealLogit
	reportFakeLogit
	reportSize
)

// round builds one step of both players as one program: latents are drawn, the discriminator is updated, then the
// generator against the updated discriminator, then the generator's moving average. The inputs are those of as many
// batches as the discriminator takes, see Trainer.Train. The result is the vector of the report constants.
func (t *Trainer) round(scope *model.Scope, inputs []*Node, penalized bool) *Node {
	g := inputs[0].Graph()
	scope.Store().SetTraining(g, true)
	config := t.config
	steps := scope.WithInitializer(initializer.Zero).VariableWithShape(stepsVariable, shapes.Make(dtypes.Float32)).SetTrainable(false)
	decay := config.decayed(steps.NodeValue(g))

	var report [reportSize]*Node
	var real, fake *Node
	for i := range config.DiscriminatorSteps {
		real = t.batch(inputs, i)
		fake = t.fake(scope, g, real.Shape().Dim(0))
		loss, penalty, judgedReal, judgedFake := t.discriminatorLoss(scope, real, StopGradient(fake), penalized)
		report[reportDiscriminatorLoss] = loss
		report[reportPenalty] = penalty
		report[reportRealLogit] = ReduceAllMean(judgedReal.Logits)
		report[reportFakeLogit] = ReduceAllMean(judgedFake.Logits)
		config.Discriminator.update(scope.At(discriminatorScope), discriminatorAdam, decay, Add(loss, penalty))
	}

	// The last fakes serve both players; the generator plays against the discriminator as it is now.
	realLogits := t.judge(scope, real)
	fakeLogits := t.judge(scope, fake)
	loss := config.Loss.Generator(realLogits, fakeLogits)
	report[reportGeneratorLoss] = loss
	config.Generator.update(scope.At(generatorScope), generatorAdam, decay, loss)

	if config.EMA > 0 {
		averageGenerator(scope, g, config.EMA, steps.NodeValue(g))
	}
	steps.SetNodeValue(OnePlus(steps.NodeValue(g)))

	for i, value := range report {
		report[i] = ConvertDType(value, dtypes.Float32)
	}
	return Stack(report[:], 0)
}

// batch returns batch i of the inputs as the networks see it: the pixels, or the table of all examples gathered by
// indices, scaled to [-1, 1].
func (t *Trainer) batch(inputs []*Node, i int) *Node {
	if t.inputsPerBatch == 1 {
		return toFloat(inputs[i])
	}
	table, indices := inputs[0], inputs[1+i]
	return toFloat(Gather(table, InsertAxes(indices, -1), false))
}

// fake returns examples by the generator for fresh latents.
func (t *Trainer) fake(scope *model.Scope, g *Graph, batch int) *Node {
	latents := drawNormal(scope, g, shapes.Make(dtypes.Float32, batch, t.config.Arch.LatentSize()))
	return t.config.Arch.Generator(scope.At(generatorScope), latents)
}

// judge returns the discriminator's logits for the examples.
func (t *Trainer) judge(scope *model.Scope, examples *Node) *Node {
	return t.config.Arch.Discriminator(scope.At(discriminatorScope), examples)
}

// discriminatorLoss returns the loss and the penalty, zero in the rounds without.
func (t *Trainer) discriminatorLoss(scope *model.Scope, realExamples, fakeExamples *Node, penalized bool) (
	loss, penalty *Node, real, fake Judged) {
	real = Judged{realExamples, t.judge(scope, realExamples)}
	fake = Judged{fakeExamples, t.judge(scope, fakeExamples)}
	loss = t.config.Loss.Discriminator(real.Logits, fake.Logits)
	penalty = ScalarZero(loss.Graph(), loss.DType())
	if penalized {
		penalty = t.config.Penalty.Graph(func(x *Node) *Node { return t.judge(scope, x) }, real, fake)
	}
	return loss, penalty, real, fake
}
