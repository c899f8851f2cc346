package translate

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan"
)

// changed returns pictures as a discriminator is to see them, changed by the augmentation. All pictures given are changed
// alike, by the same random numbers, so that a picture and its translation stay partners: moved the same way, brightened by as
// much. Each keeps its own channels: colours of two pictures joined on their channels would run into each other.
func changed(scope *model.Scope, augment gan.Augmentation, pictures ...*Node) []*Node {
	if augment == nil {
		return pictures
	}
	g := pictures[0].Graph()
	random := randomState(scope.Store())
	before := random.NodeValue(g)
	always := Scalar(g, dtypes.Float32, 1)
	results := make([]*Node, len(pictures))
	for i, picture := range pictures {
		random.SetNodeValue(before)
		results[i] = augment.Graph(scope, picture, always)
	}
	// The state that is set back has several users, and of such a one the pure Go backend leaves the last word undefined: on XLA
	// it is the high word of the counter, which no training comes to change.
	after := random.NodeValue(g)
	random.SetNodeValue(Concatenate([]*Node{Slice(after, AxisRange(0, 2)), Slice(before, AxisRange(2))}, 0))
	return results
}

// randomState returns the variable with the state of the store's random numbers.
func randomState(store *model.Store) *model.Variable {
	return store.GetVariable(model.JoinPath("/", model.RNGStateVariableName))
}
