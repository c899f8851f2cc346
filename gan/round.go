package gan

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"

	"github.com/ganymede-ml/ganymede/gan/nn"
)

// Scopes of the store. What lies under generator and discriminator is what each optimizer trains.
const (
	generatorScope     = "generator"
	discriminatorScope = "discriminator"
	averageScope       = "average" // The moving average of the generator: the same variables, one scope further down.
	generatorState     = "optimizer_generator"
	discriminatorState = "optimizer_discriminator"
	termScope          = "generator_term"
	augmentScope       = "augment"
)

// phase says what one program does with one batch. A step is one phase that has both players learn; before that come
// phases of the discriminator alone if it has several updates, and with micro-batches each player has phases of its own.
type phase struct {
	discriminator, generator bool // Who learns.
	apply                    bool // Whether the gradients are applied, or added up for a later phase.
	penalized                bool // With the discriminator's penalty.
	term                     bool // With the generator's term.
}

// What a phase reports, in this order, as one vector.
const (
	reportDiscriminatorLoss = iota
	reportGeneratorLoss
	reportPenalty
	reportGeneratorTerm
	reportClassLoss
	reportRealLogit
	reportFakeLogit
	reportProbability
	reportDiscriminatorGradient
	reportGeneratorGradient
	reportSize
)

// round is a phase being built as a graph.
type round struct {
	phase
	config Config
	scope  *model.Scope
	step   *Node // Steps taken before, a scalar.

	real           *Node // Examples.
	classes        *Node // Of both real and fake examples, [batch, number of classes]; nil without a condition.
	latents, fake  *Node
	probability    *model.Variable // Of the augmentation; nil without one that adapts.
	learningFactor *Node           // Of both learning rates; nil means 1.
	report         [reportSize]*Node
}

// build builds the phase on a batch. The inputs are those of Trainer.batches; the result is the vector of the report
// constants.
func (t *Trainer) build(scope *model.Scope, inputs []*Node, p phase) *Node {
	g := inputs[0].Graph()
	scope.Store().SetTraining(g, true)
	config := t.config
	steps := stepsVariable(scope)
	r := &round{phase: p, config: config, scope: scope, step: steps.NodeValue(g)}
	r.learningFactor = t.going.slowed(config.decayed(r.step), g)
	for i := range r.report {
		r.report[i] = ScalarZero(g, dtypes.Float32)
	}
	r.real, r.classes = t.batch(inputs)
	r.latents = nn.DrawNormal(scope, g, shapes.Make(dtypes.Float32, r.real.Shape().Dim(0), config.Arch.LatentSize()))
	r.fake = config.generate(scope.At(generatorScope), r.latents, r.classes)
	if _, ok := config.Augment.(adaptive); ok {
		r.probability = scope.At(augmentScope).WithInitializer(initializer.Zero).
			VariableWithShape("probability", shapes.Make(dtypes.Float32)).SetTrainable(false)
	}

	if p.discriminator {
		r.discriminate()
	}
	if p.generator {
		r.generate()
		if p.apply {
			steps.SetNodeValue(OnePlus(r.step))
		}
	}
	for i, value := range r.report {
		r.report[i] = ConvertDType(value, dtypes.Float32)
	}
	return Stack(r.report[:], 0)
}

// batch returns the examples of a batch as the networks see them, the pixels, or the table of all examples gathered by
// indices, scaled to [-1, 1], and their classes.
func (t *Trainer) batch(inputs []*Node) (examples, classes *Node) {
	if t.config.Condition.active() {
		last := len(inputs) - 1
		classes = t.config.Condition.classes(inputs[last])
		inputs = inputs[:last]
	}
	if len(inputs) == 1 {
		return ToFloat(inputs[0]), classes
	}
	table, indices := inputs[0], inputs[1]
	return ToFloat(Gather(table, InsertAxes(indices, -1), false)), classes
}

// discriminate has the discriminator learn.
func (r *round) discriminate() {
	config := r.config
	// Penalties take slopes with respect to the fakes: what StopGradient returns itself would have none.
	real, fake := r.judged(r.real), r.judged(Identity(StopGradient(r.fake)))
	loss := config.Loss.Discriminator(real.Logits, fake.Logits)
	r.report[reportDiscriminatorLoss] = loss
	r.report[reportRealLogit] = ReduceAllMean(real.Logits)
	r.report[reportFakeLogit] = ReduceAllMean(fake.Logits)
	if r.penalized {
		penalty := config.Penalty.Graph(r.scope, r.judge, real, fake)
		r.report[reportPenalty] = penalty
		loss = Add(loss, penalty)
	}
	if real.Classes != nil {
		told := classLoss(real.Classes, r.classes)
		if !config.Condition.RealOnly {
			told = Add(told, classLoss(fake.Classes, r.classes)) // As equation 3 of AC-GAN has it.
		}
		r.report[reportClassLoss] = told
		weight, _ := config.Condition.classWeights()
		loss = Add(loss, MulScalar(told, weight))
	}
	learner := player{r.scope.At(discriminatorScope), config.Discriminator, discriminatorState, config.MicroBatches}
	r.report[reportDiscriminatorGradient] = learner.learn(loss, r.learningFactor, r.apply)
	if constraint, ok := config.Penalty.(Constraint); ok && r.apply {
		for _, v := range trainable(learner.scope) {
			v.SetNodeValue(constraint.Constrain(v.NodeValue(loss)))
		}
	}
	if adapts, ok := config.Augment.(adaptive); ok {
		before := r.probability.NodeValue(loss)
		after := adapts.adapt(r.scope.At(augmentScope), before, StopGradient(real.Logits), r.real.Shape().Dim(0))
		r.probability.SetNodeValue(after)
		r.report[reportProbability] = after
	}
}

// generate has the generator learn, against the discriminator as it is now. In a phase of both players the fakes are
// those that the discriminator learned from.
func (r *round) generate() {
	config := r.config
	real, fake := r.judged(r.real), r.judged(r.fake)
	loss := config.Loss.Generator(real.Logits, fake.Logits)
	r.report[reportGeneratorLoss] = loss
	if r.term {
		term := config.GeneratorTerm.Graph(GeneratorRound{
			Scope: r.scope.At(termScope), Latents: r.latents, Styles: r.styles, Synthesis: r.synthesis, Real: real, Fake: fake,
		})
		r.report[reportGeneratorTerm] = term
		loss = Add(loss, term)
	}
	if fake.Classes != nil {
		_, weight := config.Condition.classWeights()
		loss = Add(loss, MulScalar(classLoss(fake.Classes, r.classes), weight))
	}
	learner := player{r.scope.At(generatorScope), config.Generator, generatorState, config.MicroBatches}
	r.report[reportGeneratorGradient] = learner.learn(loss, r.learningFactor, r.apply)
	if config.EMA > 0 && r.apply {
		averageGenerator(r.scope, loss.Graph(), config.EMA, r.step)
	}
}

// judged returns examples as the discriminator sees them, augmented, noisy and packed, and what it says.
func (r *round) judged(examples *Node) Judged {
	if augment := r.config.Augment; augment != nil {
		probability := Const(examples.Graph(), float32(1))
		if r.probability != nil {
			probability = r.probability.NodeValue(examples)
		}
		examples = augment.Graph(r.scope, examples, probability)
	}
	examples = r.config.Noise.add(r.scope, examples, r.step)
	examples = pack(examples, r.config.Pack)
	return Judged{examples, r.judge(examples)}
}

// judge returns what the discriminator says of examples that are packed already.
func (r *round) judge(examples *Node) Judgement {
	return r.config.judge(r.scope.At(discriminatorScope), examples, pack(r.classes, r.config.Pack))
}

// styles returns the styles of latents, which are no more than the batch has.
func (r *round) styles(latents *Node) *Node {
	arch, ok := r.config.Arch.(StyleBased)
	if !ok {
		return latents
	}
	scope := r.scope.At(generatorScope)
	latents, classes := r.config.Condition.latents(scope, arch, latents, r.firstClasses(latents))
	return arch.Styles(scope, latents, classes)
}

// synthesis returns the examples of styles.
func (r *round) synthesis(styles *Node) *Node {
	scope := r.scope.At(generatorScope)
	if arch, ok := r.config.Arch.(StyleBased); ok {
		return arch.Synthesis(scope, styles)
	}
	return r.config.generate(scope, styles, r.firstClasses(styles))
}

// firstClasses returns the classes of the first examples, as many as there are latents.
func (r *round) firstClasses(latents *Node) *Node {
	if r.classes == nil {
		return nil
	}
	return SliceAxis(r.classes, 0, AxisRange(0, latents.Shape().Dim(0)))
}
