package training

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	. "github.com/gomlx/gomlx/support/exceptions"

	"github.com/ganymede-ml/ganymede/gan"
)

// Round is a step that is being built as a graph.
type Round struct {
	Scope  *model.Scope  // The root: networks are below it. Graphs built with it are in training mode.
	Inputs []*graph.Node // Those of a batch, as the data gives them.
	N      *graph.Node   // Steps taken before, a float32 scalar.

	names  []string
	values []*graph.Node
}

// Player is what learns together: networks under one scope, and their optimizer.
type Player struct {
	Name      string        // Of the scope below the root that its networks are under, with slashes between scopes: "generators/ab".
	Optimizer gan.Optimizer // Nil means gan.Adam.
	Factor    *graph.Node   // Multiplies its learning rate, a scalar; nil means 1. See gan.LinearDecay.
}

// Report adds a scalar to what the step reports, under a name that JSON may have: "generator_loss".
//
// It panics if the name is taken.
func (r *Round) Report(name string, value *graph.Node) {
	if slices.Contains(r.names, name) || name == stepKey {
		Panicf("training: a step reports %q twice", name)
	}
	if value.Rank() != 0 {
		Panicf("training: a step reports scalars, and %q is shaped %s", name, value.Shape())
	}
	r.names = append(r.names, name)
	r.values = append(r.values, graph.ConvertDType(value, dtypes.Float32))
}

// Learn makes the player's weights follow the gradients of the loss, a scalar, by one update, and reports the Euclidean norm
// of these gradients as NAME_gradient. After it the weights' values in the graph are the updated ones: where networks are to
// meet as they were before the step, build all losses before the first of them learns.
func (r *Round) Learn(player Player, loss *graph.Node) {
	scope := scopeAt(r.Scope, player.Name)
	norm := gan.Learn(scope, player.Optimizer, stateOf(player.Name), loss, player.Factor)
	r.Report(flat(player.Name)+"_gradient", norm)
}

// build builds the graph of the step, which returns what it reports as one vector.
func (t *Trainer) build(scope *model.Scope, inputs []*graph.Node) *graph.Node {
	g := inputs[0].Graph()
	scope.Store().SetTraining(g, true)
	steps := scope.WithInitializer(initializer.Zero).VariableWithShape("steps", shapes.Make(dtypes.Float32)).SetTrainable(false)
	r := &Round{Scope: scope, Inputs: inputs, N: steps.NodeValue(g)}
	t.definition.Step(r)
	steps.SetNodeValue(graph.OnePlus(r.N))
	if len(r.values) == 0 {
		Panicf("training: the step of %s reports nothing", t.definition.Task)
	}
	t.names = r.names
	return graph.Stack(r.values, 0)
}
