package gan

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// Optimizer is how the weights of a player follow its gradients.
type Optimizer interface {
	// Check returns an error that names the field and what it may be, if a field is out of range.
	Check() error

	// Rate returns the learning rate.
	Rate() float64

	// Build returns GoMLX's optimizer, which keeps what it remembers under the scope named. It must be one that takes
	// gradients, as all of GoMLX's do.
	Build(state string) optimizer.Interface
}

func init() {
	Optimizers.Register("adam", Adam{})
	Optimizers.Register("rmsprop", RMSProp{})
}

// Learn builds one update of the trainable weights under the scope that lowers the loss, a scalar, and returns the Euclidean
// norm of their gradients. The optimizer keeps what it remembers under the scope named state. Factor, a scalar, multiplies
// the learning rate; nil means 1.
//
// It is for trainings of other kinds than a Trainer's. After it, a variable's NodeValue is the updated one: build the losses
// of all players before any of them learns, where they are to meet as they were.
func Learn(scope *model.Scope, optimizer Optimizer, state string, loss, factor *Node) *Node {
	return player{scope, filledOptimizer(optimizer), state, 1}.learn(loss, factor, true)
}

// accumulatedScope is where the gradients of micro-batches add up: the same variables, one scope further down.
const accumulatedScope = "accumulated"

// player is one of the two in a step: its weights, and how they learn.
type player struct {
	scope     *model.Scope
	optimizer Optimizer
	state     string // Scope of the optimizer's memory.
	batches   int    // Micro-batches whose gradients add up to an update; 1 for none.
}

// learn builds one update of the player's weights that lowers the loss; with several micro-batches it is taken only where
// apply says so, and the gradients are added up before. Factor is multiplied to the learning rate, if it is not nil.
//
// It returns the Euclidean norm of the update's gradients, times the number of micro-batches: a step's report is the mean
// over them, and the norm is 0 where nothing is applied.
func (p player) learn(loss, factor *Node, apply bool) *Node {
	gradients := p.scope.BuildTrainableVariablesGradientsGraph(loss)
	if p.batches > 1 {
		gradients = p.accumulate(gradients, apply)
	}
	if !apply {
		return ScalarZero(loss.Graph(), loss.DType())
	}
	if factor != nil {
		rate := optimizer.LearningRateVar(p.scope, loss.DType(), p.optimizer.Rate())
		rate.SetNodeValue(MulScalar(ConvertDType(factor, loss.DType()), p.optimizer.Rate()))
	}
	built, ok := p.optimizer.Build(p.state).(interface {
		UpdateGraphWithGradients(scope *model.Scope, gradients []*Node, lossDType dtypes.DType)
	})
	if !ok {
		Panicf("gan: the optimizer %T takes no gradients", p.optimizer)
	}
	built.UpdateGraphWithGradients(p.scope, gradients, loss.DType())
	return MulScalar(norm(gradients), float64(p.batches))
}

// norm returns the Euclidean norm of all the numbers together, a scalar; the largest number there is if their squares are
// beyond that.
func norm(values []*Node) *Node {
	var squares *Node
	for _, value := range values {
		square := ReduceAllSum(Square(value))
		if squares == nil {
			squares = square
		} else {
			squares = Add(squares, square)
		}
	}
	return Sqrt(Min(squares, Scalar(squares.Graph(), squares.DType(), math.MaxFloat32)))
}

// accumulate adds the gradients to those of earlier micro-batches. When they are to be applied it returns the mean over all
// micro-batches, and the next ones start anew.
func (p player) accumulate(gradients []*Node, apply bool) []*Node {
	g := gradients[0].Graph()
	store := p.scope.Store()
	i := 0
	for _, v := range trainable(p.scope) {
		if !v.InUseByGraph(g) {
			continue
		}
		sum := store.VariableWithShape("/"+accumulatedScope+v.Path(), v.Shape(), initializer.Zero).SetTrainable(false)
		total := Add(sum.NodeValue(g), gradients[i])
		if apply {
			gradients[i] = DivScalar(total, float64(p.batches))
			sum.SetNodeValue(ZerosLike(total))
		} else {
			sum.SetNodeValue(total)
		}
		i++
	}
	return gradients
}

// trainable returns the trainable variables under the scope.
func trainable(scope *model.Scope) []*model.Variable {
	var variables []*model.Variable
	for v := range scope.IterVariables() {
		if v.Trainable {
			variables = append(variables, v)
		}
	}
	return variables
}

// stepsVariable returns the variable that counts the steps taken.
func stepsVariable(scope *model.Scope) *model.Variable {
	return scope.WithInitializer(initializer.Zero).VariableWithShape("steps", shapes.Make(dtypes.Float32)).SetTrainable(false)
}
