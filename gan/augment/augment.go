// Package augment changes images inside the graph, before a discriminator sees them: real and generated ones alike, so
// that a discriminator with few examples to learn from does not learn them by heart, and the generator does not learn the
// changes. The gradient of the generator's loss runs through them.
//
// Color, Translation and Cutout are the three parts of "Differentiable Augmentation for Data-Efficient GAN Training"
// (Zhao et al. 2020, https://arxiv.org/abs/2006.10738). ADA is the pipeline of "Training Generative Adversarial Networks
// with Limited Data" (Karras et al. 2020, https://arxiv.org/abs/2006.06676). Each example of a batch draws its own numbers,
// from the generator of the scope's store. What they do with the numbers are functions without randomness, which can be
// used by themselves: Brightness, Contrast, Saturation, HueRotation, LumaFlip, Affine, Translate and Erase.
//
// Policy is a list of classical operations, rotation, crop, brightness and so on, each with a probability. It has a text form,
// and is done inside the graph as the above, or to an image in memory, for files and for the training of classifiers. Mixup
// mixes two examples and their labels.
//
// Images are shaped [batch, height, width, channels], floats in [-1, 1]; what is returned has the same shape and dtype, and
// may leave that range, as in both papers. Derivatives with respect to the images exist to any order. The functions panic
// when misused, as GoMLX's graph building functions do.
package augment

import (
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// checkImages panics unless x is a batch of images.
func checkImages(name string, x *Node) {
	if x.Rank() != 4 || !x.DType().IsFloat() {
		Panicf("%s: images must be floats shaped [batch, height, width, channels], got %s", name, x.Shape())
	}
}

// perExample returns values, a number for each example of x, shaped [batch, 1, 1, 1].
func perExample(name string, values, x *Node) *Node {
	if values.Rank() != 1 || values.Shape().Dim(0) != x.Shape().Dim(0) {
		Panicf("%s: want one number for each of the %d examples, got %s", name, x.Shape().Dim(0), values.Shape())
	}
	return Reshape(values, -1, 1, 1, 1)
}

// draws hands out random numbers, each shaped [batch]. They come from two tables, as each operation on a table costs as
// much time to compile as one on a single list.
type draws struct {
	units   *Node // From U[0, 1), shaped [columns, batch].
	normals *Node // From N(0, 1), shaped [columns, batch]; nil if there are none.

	nextUnit, nextNormal int
}

// newDraws draws columns of both kinds for the examples of x.
func newDraws(scope *model.Scope, x *Node, units, normals int) *draws {
	table := scope.RandomUniform(x.Graph(), shapes.Make(x.DType(), units+2*normals, x.Shape().Dim(0)))
	d := &draws{units: Slice(table, AxisRange(0, units))}
	if normals > 0 { // By Box and Muller's method; 1 - [0, 1) is never 0.
		radius := Sqrt(MulScalar(Log(OneMinus(Slice(table, AxisRange(units, units+normals)))), -2))
		d.normals = Mul(radius, Cos(MulScalar(Slice(table, AxisRangeToEnd(units+normals)), 2*math.Pi)))
	}
	return d
}

// unit returns numbers from U[0, 1).
func (d *draws) unit() *Node {
	d.nextUnit++
	return Squeeze(Slice(d.units, AxisElem(d.nextUnit-1)), 0)
}

// normal returns numbers from N(0, deviation²).
func (d *draws) normal(deviation float64) *Node {
	d.nextNormal++
	return MulScalar(Squeeze(Slice(d.normals, AxisElem(d.nextNormal-1)), 0), deviation)
}

// uniform returns numbers from U[low, high).
func (d *draws) uniform(low, high float64) *Node {
	return AddScalar(MulScalar(d.unit(), high-low), low)
}

// below returns whole numbers from {0, 1, …, n - 1}.
func (d *draws) below(n int) *Node {
	return MinScalar(Floor(MulScalar(d.unit(), n)), n-1)
}

// logNormal returns numbers whose logarithm to the base 2 is from N(0, deviation²): the paper's
// Lognormal(0, (deviation · ln 2)²).
func (d *draws) logNormal(deviation float64) *Node {
	return Exp(MulScalar(d.normal(deviation), math.Ln2))
}

// with returns a function that keeps values with probability p and else returns neutral, for each example by itself. All
// values given to it share the example's fate.
func (d *draws) with(p *Node) func(values *Node, neutral float64) *Node {
	happens := LessThan(d.unit(), p) // p = 0 never, p = 1 always.
	return func(values *Node, neutral float64) *Node {
		return Where(happens, values, AddScalar(ZerosLike(values), neutral))
	}
}

// settle returns numbers for each example that XLA computes once. By itself it would compute them anew for each pixel,
// as it fuses cheap operations with what uses them.
func settle(values ...*Node) []*Node {
	if !values[0].Graph().Backend().Capabilities().Operations[compute.OpTypeOptimizationBarrier] {
		return values
	}
	return OptimizationBarriers(values...)
}
