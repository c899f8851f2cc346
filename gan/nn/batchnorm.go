package nn

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// BatchNormBuilder configures a batch normalization. Create it with BatchNorm, and call Done.
type BatchNormBuilder struct {
	scope            *model.Scope
	x                *Node
	momentum         float64
	epsilon          float64
	scaleInitializer model.VariableInitializer
	classes          *Node
}

// BatchNorm prepares a batch normalization of x, whose last axis are channels: each channel loses its mean and is
// divided by its standard deviation over all other axes, then takes a learned scale and offset ("Batch Normalization",
// Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167, algorithm 1).
//
// While the graph trains (see model.Store.IsTraining), mean and variance are the batch's, the gradient goes through
// them to any order, and running averages of both are kept in the store; otherwise those averages are used, so that an
// example's result does not depend on its neighbours.
//
// In a graph made for it by Calibrate the running averages are replaced by the batch's statistics.
//
// GoMLX's own layer stops at the first derivative. Defaults here are those of the papers in PyTorch: momentum 0.9
// (PyTorch writes it 0.1) and epsilon 1e-5. The running variance is PyTorch's unbiased one.
func BatchNorm(scope *model.Scope, x *Node) *BatchNormBuilder {
	if x.Rank() < 2 {
		Panicf("nn: batch norm: x must be shaped [batch, ..., channels], got %s", x.Shape())
	}
	return &BatchNormBuilder{scope: scope, x: x, momentum: 0.9, epsilon: 1e-5, scaleInitializer: initializer.One}
}

// Momentum sets how much of the running averages remains after each step, in [0, 1); the default is 0.9.
func (b *BatchNormBuilder) Momentum(momentum float64) *BatchNormBuilder {
	b.momentum = momentum
	return b
}

// Epsilon sets what is added to the variance; the default is 1e-5.
func (b *BatchNormBuilder) Epsilon(epsilon float64) *BatchNormBuilder {
	b.epsilon = epsilon
	return b
}

// ScaleInitializer sets how the learned scales start; the default is one. DCGAN's official code draws them from
// N(1, 0.02).
func (b *BatchNormBuilder) ScaleInitializer(initializer model.VariableInitializer) *BatchNormBuilder {
	b.scaleInitializer = initializer
	return b
}

// Classes makes the scale and the offset those of each example's class: conditional batch normalization ("A Learned
// Representation For Artistic Style", Dumoulin et al. 2017, https://arxiv.org/abs/1610.07629, section 2.2; "cGANs with
// Projection Discriminator", Miyato and Koyama 2018, https://arxiv.org/abs/1802.05637, section 5). The classes are
// shaped [batch, number of classes], one-hot, or a mixture of classes, which mixes scales and offsets. With nil, the
// default, there is one scale and one offset for all.
func (b *BatchNormBuilder) Classes(classes *Node) *BatchNormBuilder {
	if classes != nil && (classes.Rank() != 2 || classes.Shape().Dim(0) != b.x.Shape().Dim(0)) {
		Panicf("nn: batch norm: classes must be shaped [batch, number of classes], got %s for x shaped %s",
			classes.Shape(), b.x.Shape())
	}
	b.classes = classes
	return b
}

// Done builds the normalization and returns its result.
func (b *BatchNormBuilder) Done() *Node {
	scope := b.scope.In("batch_norm")
	x := b.x
	shape := shapes.Make(x.DType(), x.Shape().Dim(-1))
	scale := b.learned(scope.WithInitializer(b.scaleInitializer), "scale")
	offset := b.learned(scope.WithInitializer(initializer.Zero), "offset")
	averageMean := scope.WithInitializer(initializer.Zero).VariableWithShape("mean", shape).SetTrainable(false)
	averageVariance := scope.WithInitializer(initializer.One).VariableWithShape("variance", shape).SetTrainable(false)

	if !scope.Store().IsTraining(x.Graph()) {
		mean, variance := perChannel(averageMean.NodeValue(x), x), perChannel(averageVariance.NodeValue(x), x)
		// Folded into one multiplication and one addition per number.
		factor := Div(scale, Sqrt(AddScalar(variance, b.epsilon)))
		return Add(Mul(x, factor), Sub(offset, Mul(mean, factor)))
	}

	normalized, mean, variance := normalize(x, axesButLast(x, 0), b.epsilon)
	count := float64(x.Shape().Size() / shape.Size())
	unbiased := MulScalar(variance, count/max(count-1, 1))
	track(scope, averageMean, Reshape(mean, shape.Dim(0)), b.momentum)
	track(scope, averageVariance, Reshape(unbiased, shape.Dim(0)), b.momentum)
	return Add(Mul(normalized, scale), offset)
}

// learned returns a trainable value per channel, or with classes per class and channel, shaped to broadcast over x.
func (b *BatchNormBuilder) learned(scope *model.Scope, name string) *Node {
	x, channels := b.x, b.x.Shape().Dim(-1)
	if b.classes == nil {
		variable := scope.VariableWithShape(name, shapes.Make(x.DType(), channels)).SetTrainable(true)
		return perChannel(variable.NodeValue(x), x)
	}
	table := scope.VariableWithShape(name, shapes.Make(x.DType(), b.classes.Shape().Dim(1), channels)).SetTrainable(true)
	values := Dot(ConvertDType(b.classes, x.DType()), table.NodeValue(x)).Product() // [batch, channels]
	dimensions := make([]int, x.Rank())
	for i := range dimensions {
		dimensions[i] = 1
	}
	dimensions[0], dimensions[x.Rank()-1] = x.Shape().Dim(0), channels
	return Reshape(values, dimensions...)
}

// calibrating is the graph parameter that Calibrate sets.
const calibrating = "batch_norm_calibrating"

// Calibrate makes the batch normalizations of a graph take the statistics of its batch as their running averages, at
// once. Weights that were not trained themselves, but averaged from others, need that: the statistics of those others
// do not fit them ("Averaging Weights Leads to Wider Optima and Better Generalization", Izmailov et al. 2018,
// https://arxiv.org/abs/1803.05407, section 3.2).
func Calibrate(scope *model.Scope, g *Graph) {
	scope.Store().SetTraining(g, true)
	scope.Store().RootScope().SetGraphParam(g, calibrating, true)
}

func calibrates(scope *model.Scope, g *Graph) bool {
	return model.GetGraphParamOr(scope.Store().RootScope(), g, calibrating, false)
}

// track moves a running average towards the value of this batch: so much of it remains as the momentum says, in
// Calibrate's graphs nothing.
func track(scope *model.Scope, average *model.Variable, value *Node, momentum float64) {
	if calibrates(scope, value.Graph()) {
		momentum = 0
	}
	value = StopGradient(value)
	average.SetNodeValue(Add(MulScalar(average.NodeValue(value), momentum), MulScalar(value, 1-momentum)))
}

// normalize returns x with zero mean and unit variance over the axes, and the mean and the (biased) variance, which
// keep those axes with one position. It is made of operations with derivatives of any order.
func normalize(x *Node, axes []int, epsilon float64) (normalized, mean, variance *Node) {
	mean = ReduceAndKeep(x, ReduceMean, axes...)
	centred := Sub(x, mean)
	variance = ReduceAndKeep(Square(centred), ReduceMean, axes...)
	return Mul(centred, Rsqrt(AddScalar(variance, epsilon))), mean, variance
}
