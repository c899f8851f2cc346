package gan

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
	"github.com/pkg/errors"
)

// Judged are examples together with what the discriminator says of them.
type Judged struct {
	Examples *Node // [batch, ...], as the discriminator saw them: augmented and packed, if they are.
	Judgement
}

// Penalty is added to the discriminator's loss to keep the discriminator from becoming too steep.
//
// A Penalty that has a range to check implements Check() error.
type Penalty interface {
	// Graph returns the penalty, a scalar, already weighted. The scope is for random numbers; discriminator judges
	// examples of the penalty's own.
	Graph(scope *model.Scope, discriminator func(examples *Node) Judgement, real, fake Judged) *Node

	// Interval returns k when the penalty is lazy, taken in every k-th step only; it is at least 1.
	Interval() int
}

// Constraint is implemented by penalties that act on the weights themselves: Constrain is applied to every trainable
// variable of the discriminator after each of its updates.
type Constraint interface {
	Constrain(weights *Node) *Node
}

// squaredSlopes returns ‖∇D(x)‖² at each of the examples, shaped [batch].
func squaredSlopes(x Judged) *Node {
	if x.Examples.Rank() < 2 {
		Panicf("gan: a penalty on the slope needs examples shaped [batch, ...], got %s", x.Examples.Shape())
	}
	if x.Examples.StopGradient() {
		Panicf("gan: a penalty on the slope cannot be at the result of StopGradient, which has none; judge Identity of it instead")
	}
	slopes := Gradient(ReduceAllSum(x.Logits), x.Examples)[0]
	return ReduceSum(Reshape(Square(slopes), x.Examples.Shape().Dim(0), -1), -1)
}

// slopeNorms returns ‖∇D(x)‖ at each of the examples, shaped [batch].
func slopeNorms(x Judged) *Node {
	return Sqrt(AddScalar(squaredSlopes(x), 1e-12)) // At 0 the slope of Sqrt is infinite.
}

// perExample returns numbers from [0, 1), one for each of the examples, shaped [batch, 1, ...].
func perExample(scope *model.Scope, examples *Node) *Node {
	shape := examples.Shape().Clone()
	for axis := 1; axis < shape.Rank(); axis++ {
		shape.Dimensions[axis] = 1
	}
	return scope.RandomUniform(examples.Graph(), shape)
}

// orElse returns the value, or the default if it is zero.
func orElse(value, defaultValue float64) float64 {
	if value == 0 {
		return defaultValue
	}
	return value
}

// checkPositive returns an error if the field is neither a positive number nor 0, which means its default.
func checkPositive(field string, value float64) error {
	if !(value >= 0) || math.IsInf(value, 0) {
		return errors.Errorf("gan: %s must be positive, or 0 for its default, got %g", field, value)
	}
	return nil
}

// checkPenalty returns an error if the weight of a penalty or its Every is out of range.
func checkPenalty(penalty, field string, weight float64, every int) error {
	if every < 0 {
		return errors.Errorf("gan: %s.Every must be positive, or 0 for every step, got %d", penalty, every)
	}
	return checkPositive(penalty+"."+field, weight)
}
