package translate

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
)

// pooled returns the images, shaped [batch, height, width, channels], with some replaced by images of earlier steps: a history
// of size images keeps a discriminator from following the generator's last move alone ("Learning from Simulated and
// Unsupervised Images through Adversarial Training", Shrivastava et al. 2016, https://arxiv.org/abs/1612.07828, section 2.3;
// in CycleGAN's section 4, with 50).
//
// While the history fills, images are kept in it and returned as they are. Then each is returned with probability one half, and
// else takes the place of a kept one, drawn evenly, which is returned in its stead. Images of a batch come one after another,
// as in CycleGAN's own code. The history lies in variables under the scope, so that checkpoints hold it.
func pooled(scope *model.Scope, images *Node, size int) *Node {
	g := images.Graph()
	all := images.Shape().Clone()
	batch := all.Dim(0)
	all.Dimensions[0] = size
	scope = scope.WithInitializer(initializer.Zero)
	history := scope.VariableWithShape("history", all).SetTrainable(false)
	filled := scope.VariableWithShape("filled", shapes.Make(dtypes.Int32)).SetTrainable(false)

	// Pictures are called by their numbers: below size those of the history as it was, from there on those of the batch.
	number := func(i int) *Node { return Const(g, int32(i)) }
	places := Iota(g, shapes.Make(dtypes.Int32, size), 0)
	draws := scope.RandomUniform(g, shapes.Make(dtypes.Float32, 2, batch))
	draw := func(row, i int) *Node { return Reshape(Slice(draws, AxisElem(row), AxisElem(i))) }
	kept, count := places, filled.NodeValue(g)
	shown := make([]*Node, batch)
	for i := range batch {
		drawn := ConvertDType(MinScalar(Floor(MulScalar(draw(0, i), size)), size-1), dtypes.Int32)
		filling := LessThan(count, number(size))
		exchange := LogicalAnd(LogicalNot(filling), LessThan(draw(1, i), Const(g, float32(0.5))))
		here := Equal(places, Where(filling, count, drawn)) // [size]
		old := ReduceAllSum(Where(here, kept, ZerosLike(kept)))
		shown[i] = Where(exchange, old, number(size+i))
		kept = Where(LogicalAnd(here, LogicalOr(filling, exchange)), number(size+i), kept)
		count = Add(count, ConvertDType(filling, dtypes.Int32))
	}
	pictures := Concatenate([]*Node{history.NodeValue(g), images}, 0)
	history.SetNodeValue(Gather(pictures, InsertAxes(kept, -1), false))
	filled.SetNodeValue(count)
	return Gather(pictures, InsertAxes(Stack(shown, 0), -1), false)
}
