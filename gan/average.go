package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/nn"
)

// The moving average of the generator's weights wobbles less than the weights do, and draws better samples ("The
// Unusual Effectiveness of Averaging in GAN Training", Yazıcı et al. 2018, https://arxiv.org/abs/1806.04498).

// calibrationLatents is how many latents the statistics of the average's batch normalizations are taken over.
const calibrationLatents = 500

// averageGenerator moves the average of the generator's weights towards what they are now. The decay rises from 0 as
// steps/(steps+10) until it is the one given, so that short runs are not drawn back to the weights they started from.
func averageGenerator(scope *model.Scope, g *Graph, decay float64, steps *Node) {
	ramped := MinScalar(Div(steps, AddScalar(steps, 10)), decay)
	store := scope.Store()
	for _, v := range trainable(scope.At(generatorScope)) {
		average := store.VariableWithShape("/"+averageScope+v.Path(), v.Shape(), initializer.Zero).SetTrainable(false)
		now := v.NodeValue(g)
		keep := ConvertDType(ramped, now.DType())
		average.SetNodeValue(Add(Mul(keep, average.NodeValue(g)), Mul(OneMinus(keep), now)))
	}
}

// averages tells whether there is an average to sample from.
func (t *Trainer) averages() bool { return t.config.EMA > 0 && t.steps > 0 }

// calibrateAverage gives the average's batch normalizations the statistics of its own weights, over always the same
// latents: what is saved and sampled depends on the weights alone, not on who looked when.
func (t *Trainer) calibrateAverage() error {
	if !t.averages() || t.calibrated == t.steps {
		return nil
	}
	n := calibrationLatents
	classes, err := t.oneHot(n, nil)
	if err != nil {
		return err
	}
	latents := drawLatents(n*t.config.Arch.LatentSize(), t.config.Seed, 0)
	output, err := t.calibrate.Call1(t.inputs(n, latents, classes, 1)...)
	if err != nil {
		return errors.WithMessage(err, "gan: statistics of the average")
	}
	output.MustFinalizeAll()
	t.calibrated = t.steps
	return nil
}

// calibrateGraph generates by the average, for the sake of its batch normalizations' statistics.
func (t *Trainer) calibrateGraph(scope *model.Scope, inputs []*Node) *Node {
	nn.Calibrate(scope, inputs[0].Graph())
	return ReduceAllMean(t.generateGraph(scope.At(averageScope).At(generatorScope), inputs))
}
