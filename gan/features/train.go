package features

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/nn"
)

// Training says how a Classifier is trained: by Adam, whose learning rate falls evenly to zero, on pictures in a new order in
// each pass.
type Training struct {
	Epochs       int     `json:"epochs"`        // Passes over the pictures; 0 means 6, or as many as make 300 steps.
	Batch        int     `json:"batch"`         // Pictures of a step; 0 means 128. With fewer pictures it is their number.
	LearningRate float64 `json:"learning_rate"` // At the start; 0 means 0.003.
	Shift        int     `json:"shift"`         // Pictures are moved by up to so many pixels along both axes, and their edges repeated; 0 means not.
	Mirror       bool    `json:"mirror"`        // Half of the pictures are turned left to right.
	Seed         int64   `json:"seed"`          // Of the first weights, the order and the changes of the pictures.
}

// leastSteps is how many steps a training takes that does not say its epochs, however few its pictures are.
const leastSteps = 300

// Filled returns the training with its zero values filled in, as n pictures have them: what a record should say.
func (t Training) Filled(n int) Training {
	if t.Batch == 0 {
		t.Batch = 128
	}
	t.Batch = min(t.Batch, n)
	if t.Epochs == 0 {
		perEpoch := max(n/max(t.Batch, 1), 1)
		t.Epochs = max(6, (leastSteps+perEpoch-1)/perEpoch)
	}
	if t.LearningRate == 0 {
		t.LearningRate = 0.003
	}
	return t
}

func (t Training) check() error {
	if t.Epochs < 1 || t.Batch < 2 || !(t.LearningRate > 0) || t.Shift < 0 {
		return errors.Errorf("features: a training needs at least 1 epoch, batches of 2, a positive learning rate and no negative shift, got %+v", t)
	}
	return nil
}

// Train returns the weights of the network, trained on the pictures. After each epoch it calls report, unless that is nil,
// with the number of epochs done and their last one's mean loss, in nats. The end of the context is an error.
//
// The same pictures, training and backend give the same weights.
func (t Training) Train(ctx context.Context, backend compute.Backend, network *Classifier, data Labelled,
	report func(epoch int, loss float64)) (map[string]*tensors.Tensor, error) {
	if err := data.check(len(network.classes)); err != nil {
		return nil, err
	}
	if _, err := network.Resize(data.Pictures.Shape().Dimensions[1:]); err != nil {
		return nil, err
	}
	pictures, err := tensors.CopyFlatData[uint8](data.Pictures)
	if err != nil {
		return nil, errors.WithMessage(err, "features: pictures")
	}
	t = t.Filled(len(data.Labels))
	if err := t.check(); err != nil {
		return nil, err
	}
	store := model.NewStore()
	defer store.Finalize()
	if err := store.SetRNGStateFromSeed(t.Seed); err != nil {
		return nil, errors.WithMessage(err, "features: seed")
	}
	step, err := model.NewExec(backend, store, func(scope *model.Scope, inputs []*Node) *Node {
		return t.step(network, scope, inputs[0], inputs[1], inputs[2])
	})
	if err != nil {
		return nil, errors.WithMessage(err, "features: training")
	}
	defer step.Finalize()
	if err := t.run(ctx, step, pictures, data, report); err != nil {
		return nil, err
	}
	return folded(store)
}

// step builds one update on a batch of pictures, and returns its loss. The rate is what the learning rate is multiplied by.
func (t Training) step(network *Classifier, scope *model.Scope, pictures, labels, rate *Node) *Node {
	g := pictures.Graph()
	scope.Store().SetTraining(g, true)
	logits := network.trainable(scope, ConvertDType(pictures, dtypes.Float32))
	told := OneHot(labels, logits.Shape().Dim(1), dtypes.Float32)
	loss := Neg(ReduceAllMean(ReduceSum(Mul(told, LogSoftmax(logits)), -1)))
	weights := scope.At(weightsScope)
	gradients := weights.BuildTrainableVariablesGradientsGraph(loss)
	optimizer.LearningRateVar(weights, dtypes.Float32, t.LearningRate).SetNodeValue(MulScalar(rate, t.LearningRate))
	adam := optimizer.Adam().Scope("optimizer").LearningRate(t.LearningRate).Done()
	adam.(interface {
		UpdateGraphWithGradients(scope *model.Scope, gradients []*Node, lossDType dtypes.DType)
	}).UpdateGraphWithGradients(weights, gradients, dtypes.Float32)
	return loss
}

const weightsScope = "weights"

// trainable returns the logits of the network while it trains: with kernels and batch normalizations of their own.
func (c *Classifier) trainable(scope *model.Scope, pictures *Node) *Node {
	scope = scope.At(weightsScope)
	scope = scope.WithInitializer(nn.He(scope))
	layers := classifierLayers(c.input(pictures), func(l classifierConvolution, x *Node) *Node {
		layer := scope.In("%s", l.name)
		x = nn.Conv(layer, x).Channels(l.channels).KernelSize(l.kernel).Strides(l.stride).Padding(l.kernel / 2).UseBias(false).Done()
		return nn.BatchNorm(layer, x).Epsilon(trainingEpsilon).Done()
	})
	features := averageAll(lastOf(layers))
	return nn.Dense(scope.In(classesName), features).Channels(len(c.classes)).Done()
}

const trainingEpsilon = 1e-5

// run takes the steps of all epochs.
func (t Training) run(ctx context.Context, step *model.Exec, pictures []uint8, data Labelled, report func(epoch int, loss float64)) error {
	n := len(data.Labels)
	shape := data.Pictures.Shape().Dimensions[1:]
	changes := augmenter{t, shape, rand.New(rand.NewPCG(uint64(t.Seed), uint64(n)))}
	perEpoch := n / t.Batch
	for epoch := range t.Epochs {
		order := changes.random.Perm(n)
		sum := 0.0
		for i := range perEpoch {
			if err := ctx.Err(); err != nil {
				return errors.Wrap(err, "features: training")
			}
			batch, labels := changes.batch(pictures, data.Labels, order[i*t.Batch:(i+1)*t.Batch])
			rate := 1 - float32(epoch*perEpoch+i)/float32(t.Epochs*perEpoch)
			output, err := step.Call1(batch, labels, rate)
			if err != nil {
				return errors.WithMessage(err, "features: training")
			}
			loss := float64(tensors.ToScalar[float32](output))
			if math.IsNaN(loss) || math.IsInf(loss, 0) {
				return errors.Errorf("features: the loss of epoch %d is no longer a number; lower the learning rate of %g", epoch+1, t.LearningRate)
			}
			sum += loss
		}
		if report != nil {
			report(epoch+1, sum/float64(perEpoch))
		}
	}
	return nil
}

// augmenter makes the batches of a training.
type augmenter struct {
	Training
	shape  []int // Of a picture.
	random *rand.Rand
}

// batch returns the pictures of the rows, changed at random, and their labels.
func (a augmenter) batch(pictures []uint8, labels []int32, rows []int) (*tensors.Tensor, *tensors.Tensor) {
	size := a.shape[0] * a.shape[1] * a.shape[2]
	batch, told := make([]uint8, len(rows)*size), make([]int32, len(rows))
	for i, row := range rows {
		a.change(batch[i*size:(i+1)*size], pictures[row*size:(row+1)*size])
		told[i] = labels[row]
	}
	return tensors.FromFlatDataAndDimensions(batch, append([]int{len(rows)}, a.shape...)...),
		tensors.FromFlatDataAndDimensions(told, len(rows))
}

// change writes the picture moved and mirrored at random to another. Pixels from outside are the nearest inside.
func (a augmenter) change(to, from []uint8) {
	height, width, channels := a.shape[0], a.shape[1], a.shape[2]
	down, right := a.random.IntN(2*a.Shift+1)-a.Shift, a.random.IntN(2*a.Shift+1)-a.Shift
	mirrored := a.Mirror && a.random.IntN(2) == 1
	for y := range height {
		row := min(max(y-down, 0), height-1) * width
		for x := range width {
			column := min(max(x-right, 0), width-1)
			if mirrored {
				column = width - 1 - column
			}
			copy(to[(y*width+x)*channels:][:channels], from[(row+column)*channels:])
		}
	}
}

// folded returns the weights of a trained network as Classifier.Weights names them. A normalization of a convolution without
// bias, scale·(conv(x, kernel) - mean)/√(variance + ε) + offset, is the convolution by the kernel times scale/√(variance + ε)
// with a bias.
func folded(store *model.Store) (map[string]*tensors.Tensor, error) {
	weights := make(map[string]*tensors.Tensor)
	for _, l := range classifierConvolutions {
		list, err := values(store, l.name, "conv/weights", "batch_norm/scale", "batch_norm/offset", "batch_norm/mean", "batch_norm/variance")
		if err != nil {
			return nil, err
		}
		kernel, bias := fold(list[0].data, list[1].data, list[2].data, list[3].data, list[4].data)
		weights[kernelName(l.name)] = tensors.FromFlatDataAndDimensions(kernel, list[0].shape...)
		weights[biasName(l.name)] = tensors.FromFlatDataAndDimensions(bias, len(bias))
	}
	list, err := values(store, classesName, "dense/weights", "dense/biases")
	if err != nil {
		return nil, err
	}
	weights[kernelName(classesName)] = tensors.FromFlatDataAndDimensions(list[0].data, list[0].shape...)
	weights[biasName(classesName)] = tensors.FromFlatDataAndDimensions(list[1].data, list[1].shape...)
	return weights, nil
}

// fold returns the kernel, whose last axis are the channels, and the bias of a convolution with its normalization.
func fold(kernel, scale, offset, mean, variance []float32) (folded, bias []float32) {
	channels := len(scale)
	folded, bias = make([]float32, len(kernel)), make([]float32, channels)
	factors := make([]float64, channels)
	for c := range channels {
		factors[c] = float64(scale[c]) / math.Sqrt(float64(variance[c])+trainingEpsilon)
		bias[c] = float32(float64(offset[c]) - float64(mean[c])*factors[c])
	}
	for i, k := range kernel {
		folded[i] = float32(float64(k) * factors[i%channels])
	}
	return folded, bias
}

type value struct {
	shape []int
	data  []float32
}

// values returns the variables of a layer that is being trained.
func values(store *model.Store, layer string, names ...string) ([]value, error) {
	var list []value
	for _, name := range names {
		tensor, err := store.GetVariable("/" + weightsScope + "/" + layer + "/" + name).Value()
		if err != nil {
			return nil, errors.WithMessagef(err, "features: %s of %s", name, layer)
		}
		data, err := tensors.CopyFlatData[float32](tensor)
		if err != nil {
			return nil, errors.WithMessagef(err, "features: %s of %s", name, layer)
		}
		list = append(list, value{tensor.Shape().Dimensions, data})
	}
	return list, nil
}
