package translate

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Pass returns what the generator makes of each of several batches, with the weights under the scope. Where no picture depends
// on the others (see Generator.Joins) they go through the network as one batch, which is faster than one after the other: CycleGAN's
// generator from A to B turns both the pictures of A, for the game, and those of B, for the identity loss.
func Pass(scope *model.Scope, generator Generator, channels int, batches ...*Node) []*Node {
	results := make([]*Node, len(batches))
	if len(batches) == 1 || !generator.Joins() {
		for i, batch := range batches {
			results[i] = generator.Graph(scope.ResetVisited(), batch, channels)
		}
		return results
	}
	all := generator.Graph(scope.ResetVisited(), Concatenate(batches, 0), channels)
	start := 0
	for i, batch := range batches {
		end := start + batch.Shape().Dim(0)
		results[i] = Slice(all, AxisRange(start, end))
		start = end
	}
	return results
}
