package gan

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"
)

// MixStyles returns rows·columns examples, row by row, by a StyleBased architecture: the first layers, which decide the
// coarse things, have the style of the row's latent, and the others that of the column's ("A Style-Based Generator
// Architecture for Generative Adversarial Networks", Karras et al. 2018, https://arxiv.org/abs/1812.04948, section 3.1 and
// figure 3). Layers is from 0, where an example has the column's style alone, to the architecture's StyleLayers, where it
// has the row's. With a Condition each row's class is that of the examples in it, the classes in turn.
func (t *Trainer) MixStyles(rows, columns, layers int, seed int64) (*tensors.Tensor, error) {
	arch, ok := t.config.Arch.(StyleBased)
	if !ok {
		return nil, errors.Errorf("gan: %s has no styles to mix; stylegan2 has", Architectures.NameOf(t.config.Arch))
	}
	if rows < 1 || columns < 1 || layers < 0 || layers > arch.StyleLayers() {
		return nil, errors.Errorf("gan: cannot mix %d rows and %d columns at layer %d; want at least 1 of each, and a layer from 0 to %d",
			rows, columns, layers, arch.StyleLayers())
	}
	if t.mix == nil {
		var err error
		if t.mix, err = model.NewExec(t.backend, t.store, t.mixGraph); err != nil {
			return nil, errors.WithMessage(err, "gan: mixing styles")
		}
	}
	if err := t.calibrateAverage(); err != nil {
		return nil, err
	}
	size := arch.LatentSize()
	drawn := drawLatents((rows+columns)*size, seed, 0)
	var examples []uint8
	for row := range rows {
		coarse := drawn[row*size : (row+1)*size]
		classes, err := t.oneHot(columns, t.classOfRow(row))
		if err != nil {
			return nil, err
		}
		inputs := []any{
			tensors.FromFlatDataAndDimensions(coarse, 1, size),
			tensors.FromFlatDataAndDimensions(drawn[rows*size:], columns, size),
			tensors.FromScalar(int32(layers)),
		}
		if t.config.Condition.active() {
			inputs = append(inputs, tensors.FromFlatDataAndDimensions(classes, columns, t.config.Condition.Classes))
		}
		output, err := t.mix.Call1(inputs...)
		if err != nil {
			return nil, errors.WithMessage(err, "gan: mixing styles")
		}
		pixels, err := tensors.CopyFlatData[uint8](output)
		if err != nil {
			return nil, errors.WithMessage(err, "gan: mixing styles")
		}
		output.MustFinalizeAll()
		examples = append(examples, pixels...)
	}
	return tensors.FromFlatDataAndDimensions(examples, append([]int{rows * columns}, arch.ExampleShape()...)...), nil
}

// classOfRow returns the class of a row of examples, none without a condition.
func (t *Trainer) classOfRow(row int) []int {
	if count := t.config.Condition.Classes; count > 0 {
		return []int{row % count}
	}
	return nil
}

// mixGraph returns the examples of a row: the inputs are the row's latent, the columns' latents, the number of layers of
// the row's style, and the classes of all columns under a condition.
func (t *Trainer) mixGraph(scope *model.Scope, inputs []*Node) *Node {
	arch := t.config.Arch.(StyleBased)
	if t.averages() {
		scope = scope.At(averageScope)
	}
	generator := func() *model.Scope { return scope.At(generatorScope) } // Anew for each use, as variables are shared.
	latents, layers := inputs[1], inputs[2]
	g, columns := latents.Graph(), latents.Shape().Dim(0)
	var classes *Node
	if len(inputs) > 3 {
		classes = inputs[3]
	}
	styles := func(latents *Node) *Node { // [columns, 1, style size]
		latents, classes := t.config.Condition.latents(generator(), arch, latents, classes)
		return InsertAxes(arch.Styles(generator(), latents, classes), 1)
	}
	coarse := styles(BroadcastToDims(inputs[0], columns, latents.Shape().Dim(1)))
	fine := styles(latents)
	count := arch.StyleLayers()
	dimensions := []int{columns, count, fine.Shape().Dim(2)}
	ofRow := LessThan(Iota(g, shapes.Make(dtypes.Int32, dimensions...), 1), layers)
	return ToPixels(arch.Synthesis(generator(), Where(ofRow, BroadcastToDims(coarse, dimensions...), BroadcastToDims(fine, dimensions...))))
}
