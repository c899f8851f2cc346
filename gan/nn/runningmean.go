package nn

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// TrackMean keeps the running mean of the vectors x, shaped [batch, size], for RunningMean. While the graph trains each
// batch's mean comes into it, and so much of what was there before remains as the momentum says, in [0, 1). In Calibrate's
// graphs it becomes the batch's mean, and otherwise stays what it is. The gradient is not concerned.
func TrackMean(scope *model.Scope, x *Node, momentum float64) {
	if x.Rank() != 2 {
		Panicf("nn: running mean: x must be shaped [batch, size], got %s", x.Shape())
	}
	scope = scope.At("running_mean")
	if scope.Store().IsTraining(x.Graph()) {
		track(scope, meanVariable(scope, x, x.Shape().Dim(1)), ReduceMean(x, 0), momentum)
	}
}

// RunningMean returns the mean that TrackMean keeps in the scope, for vectors like x, shaped [..., size]: [size]. It is
// zero at first.
func RunningMean(scope *model.Scope, x *Node) *Node {
	return meanVariable(scope.At("running_mean"), x, x.Shape().Dim(-1)).NodeValue(x)
}

func meanVariable(scope *model.Scope, x *Node, size int) *model.Variable {
	return scope.WithInitializer(initializer.Zero).VariableWithShape("mean", shapes.Make(x.DType(), size)).SetTrainable(false)
}
