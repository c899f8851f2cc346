package features

import (
	"context"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/augment"
	"github.com/ganymede-ml/ganymede/gan/nn"
)

// Training says how a Classifier is trained: by Adam, whose learning rate falls evenly to zero, on pictures in a new order in
// each pass.
type Training struct {
	Epochs       int     `json:"epochs"`        // Passes over the pictures; 0 means 6, or as many as make 300 steps.
	Batch        int     `json:"batch"`         // Pictures of a step; 0 means 128. With fewer pictures it is their number, but see Steps.
	LearningRate float64 `json:"learning_rate"` // At the start; 0 means 0.003.
	Shift        int     `json:"shift"`         // Pictures are moved by up to so many pixels along both axes, and their edges repeated; 0 means not.
	Mirror       bool    `json:"mirror"`        // Half of the pictures are turned left to right.
	Seed         int64   `json:"seed"`          // Of the first weights, the order and the changes of the pictures.

	// Steps is a number of steps to take in place of Epochs, 0 for those. Then a batch is as large as Batch says and runs on into
	// the next pass, so that trainings on few pictures and on many differ in nothing but the pictures.
	Steps int `json:"steps,omitempty"`

	// Policy changes the pictures of each step anew, on the device.
	Policy augment.Policy `json:"policy,omitempty"`

	// Smoothing is the part of each picture's probability that all classes share alike, as in section 7 of "Rethinking the
	// Inception Architecture for Computer Vision" (Szegedy et al. 2015, https://arxiv.org/abs/1512.00567), which takes 0.1.
	Smoothing float64 `json:"smoothing,omitempty"`

	// Mixup is α of augment.Mixup, by which the pictures and classes of each step are mixed after the policy; 0 mixes none.
	Mixup float64 `json:"mixup,omitempty"`
}

// leastSteps is how many steps a training takes that does not say its epochs, however few its pictures are.
const leastSteps = 300

// Filled returns the training with its zero values filled in, as n pictures have them: what a record should say.
func (t Training) Filled(n int) Training {
	if t.Batch == 0 {
		t.Batch = 128
	}
	if t.Steps == 0 {
		t.Batch = min(t.Batch, n)
	}
	if t.Epochs == 0 && t.Steps == 0 {
		perEpoch := max(n/max(t.Batch, 1), 1)
		t.Epochs = max(6, (leastSteps+perEpoch-1)/perEpoch)
	}
	if t.LearningRate == 0 {
		t.LearningRate = 0.003
	}
	return t
}

// check returns an error unless the training, filled in, can be done.
func (t Training) check() error {
	switch {
	case t.Steps < 0 || t.Steps == 0 && t.Epochs < 1 || t.Batch < 2 || !(t.LearningRate > 0) || t.Shift < 0:
		return errors.Errorf("features: a training needs at least 1 epoch or step, batches of 2, a positive learning rate and no negative shift, got %+v", t)
	case t.Steps > 0 && t.Epochs > 0:
		return errors.Errorf("features: a training takes so many steps or so many epochs, not %d and %d", t.Steps, t.Epochs)
	case !(t.Smoothing >= 0 && t.Smoothing < 1):
		return errors.Errorf("features: the smoothing of labels must be from 0 to below 1, got %g", t.Smoothing)
	case t.Mixup != 0 && !(t.Mixup >= 0.01 && t.Mixup <= 100):
		return errors.Errorf("features: the strength of mixup must be from 0.01 to 100, or 0 for none, got %g", t.Mixup)
	}
	return t.Policy.Check()
}

// Train returns the weights of the network, trained on the pictures. After each epoch it calls report, unless that is nil,
// with the number of epochs done and their last one's mean loss, in nats; with Steps it does so after every 50 of them, with
// their number. The end of the context is an error.
//
// The same pictures, training and backend give the same weights.
func (t Training) Train(ctx context.Context, backend compute.Backend, network *Classifier, data Labelled,
	report func(done int, loss float64)) (map[string]*tensors.Tensor, error) {
	if err := data.checkTargets(len(network.classes)); err != nil {
		return nil, err
	}
	if _, err := network.Resize(data.Pictures.Shape().Dimensions[1:]); err != nil {
		return nil, err
	}
	t = t.Filled(data.len())
	if err := t.check(); err != nil {
		return nil, err
	}
	batches, err := newTrainingBatches(t, data)
	if err != nil {
		return nil, err
	}
	store := model.NewStore()
	defer store.Finalize()
	if err := store.SetRNGStateFromSeed(t.Seed); err != nil {
		return nil, errors.WithMessage(err, "features: seed")
	}
	step, err := model.NewExec(backend, store, func(scope *model.Scope, inputs []*Node) *Node {
		return t.step(network, scope, inputs)
	})
	if err != nil {
		return nil, errors.WithMessage(err, "features: training")
	}
	defer step.Finalize()
	if err := t.run(ctx, step, batches, report); err != nil {
		return nil, err
	}
	return folded(store)
}

// step builds one update on what trainingBatches.next returns, and returns its loss.
func (t Training) step(network *Classifier, scope *model.Scope, inputs []*Node) *Node {
	pictures, targets, rate := inputs[0], inputs[1], inputs[2]
	g := pictures.Graph()
	scope.Store().SetTraining(g, true)
	pictures = t.changed(scope, ConvertDType(pictures, dtypes.Float32))
	told := targets // [batch, classes]
	if targets.Rank() == 1 {
		told = OneHot(targets, len(network.classes), dtypes.Float32)
	}
	if t.Mixup > 0 {
		pictures, told = augment.Mixup(pictures, told, augment.MixupWeights(scope, pictures, t.Mixup))
	}
	if t.Smoothing > 0 {
		told = AddScalar(MulScalar(told, 1-t.Smoothing), t.Smoothing/float64(len(network.classes)))
	}
	logits := network.trainable(scope, pictures)
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

// changed returns the pictures, with numbers from 0 to 255, as the policy changes them.
func (t Training) changed(scope *model.Scope, pictures *Node) *Node {
	if len(t.Policy) == 0 {
		return pictures
	}
	changed := t.Policy.Graph(scope, AddScalar(MulScalar(pictures, 2.0/255), -1))
	return MulScalar(AddScalar(ClipScalar(changed, -1, 1), 1), 255.0/2)
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

// stepsReported is how many steps a training that counts them takes from one report to the next.
const stepsReported = 50

// run takes all steps.
func (t Training) run(ctx context.Context, step *model.Exec, batches *trainingBatches, report func(done int, loss float64)) error {
	perEpoch := batches.data.len() / t.Batch
	steps, unit := t.Epochs*perEpoch, perEpoch
	if t.Steps > 0 {
		steps, unit = t.Steps, stepsReported
	}
	sum := 0.0
	for i := range steps {
		if err := ctx.Err(); err != nil {
			return errors.Wrap(err, "features: training")
		}
		output, err := step.Call1(batches.next(1 - float32(i)/float32(steps))...)
		if err != nil {
			return errors.WithMessage(err, "features: training")
		}
		loss := float64(tensors.ToScalar[float32](output))
		output.MustFinalizeAll()
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			return errors.Errorf("features: the loss of step %d is no longer a number; lower the learning rate of %g", i+1, t.LearningRate)
		}
		sum += loss
		if (i+1)%unit != 0 {
			continue
		}
		if report != nil {
			done := (i + 1) / unit
			if t.Steps > 0 {
				done = i + 1
			}
			report(done, sum/float64(unit))
		}
		sum = 0
	}
	return nil
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
