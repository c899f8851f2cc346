package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/nn"
	"github.com/ganymede-ml/ganymede/gan/nn/conv"
	"github.com/ganymede-ml/ganymede/gan/style"
)

// The encoder learns to tell what is on a picture and before which texture, and to keep enough of it that a decoder, which is
// then thrown away, can draw it again.

const (
	cropped      = 48 // Side of the part of a picture that a step sees.
	encoderBatch = 24
	encoderRate  = 3e-3
	redrawn      = 10.0 // Weight of the squared error of what is drawn again, beside the two cross entropies.
)

// trainEncoder returns the weights after so many steps.
func trainEncoder(ctx context.Context, backend compute.Backend, pictures album, steps int, seed int64) (map[string][]float32, error) {
	store := model.NewStore()
	defer store.Finalize()
	if err := store.SetRNGStateFromSeed(seed); err != nil {
		return nil, err
	}
	step, err := model.NewExec(backend, store, encoderStep)
	if err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(uint64(seed), 1))
	started := time.Now()
	var mean [3]float64
	for i := range steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		pixels, classes, kinds := pictures.crops(r, encoderBatch)
		rate := float32(encoderRate * 0.5 * (1 + math.Cos(math.Pi*float64(i)/float64(steps))))
		output, err := step.Call1(pixels, classes, kinds, rate)
		if err != nil {
			return nil, err
		}
		for k, v := range output.Value().([]float32) {
			if math.IsNaN(float64(v)) {
				return nil, errors.Errorf("step %d: the loss is no number", i+1)
			}
			mean[k] += float64(v) / 100
		}
		if (i+1)%100 == 0 {
			fmt.Printf("encoder, step %d, %.0f s: classes %.3f, textures %.3f, squared error %.4f\n",
				i+1, time.Since(started).Seconds(), mean[0], mean[1], mean[2])
			mean = [3]float64{}
		}
	}
	weights, err := folded(store)
	if err != nil {
		return nil, err
	}
	return weights, evenOut(backend, weights, pictures)
}

// encoderStep builds one update, and returns the three losses.
func encoderStep(scope *model.Scope, inputs []*Node) *Node {
	pixels, classes, kinds, rate := inputs[0], inputs[1], inputs[2], inputs[3]
	g := pixels.Graph()
	scope.Store().SetTraining(g, true)
	images := toFloat(pixels)
	weights := scope.At("weights")
	weights = weights.WithInitializer(nn.He(weights))
	x := images
	for _, c := range style.SmallConvolutions() {
		if c.Pool {
			x = nn.MaxPool2(x)
		}
		layer := weights.In("%s", c.Name)
		x = nn.Conv(layer, nn.ReflectPad(x, 1)).Channels(c.Out).KernelSize(3).UseBias(false).Done()
		x = nn.BatchNorm(layer, x).Epsilon(foldEpsilon).Done()
		x = Max(x, ScalarZero(g, x.DType()))
	}
	mean, deviation := style.Statistics(x)
	flat := Reshape(Concatenate([]*Node{mean, deviation}, -1), x.Shape().Dim(0), -1)
	classLoss := crossEntropy(nn.Dense(weights.In("classes"), flat).Channels(noClass+1).Done(), classes)
	kindLoss := crossEntropy(nn.Dense(weights.In("kinds"), flat).Channels(len(textures)+1).Done(), kinds)
	again := style.Decoder(weights.In("decoder"), x, style.SmallConvolutions())
	squared := ReduceAllMean(Square(Sub(again, images)))
	loss := Add(Add(classLoss, kindLoss), MulScalar(squared, redrawn))

	gradients := weights.BuildTrainableVariablesGradientsGraph(loss)
	optimizer.LearningRateVar(weights, dtypes.Float32, encoderRate).SetNodeValue(rate)
	adam := optimizer.Adam().Scope("optimizer").LearningRate(encoderRate).Done()
	adam.(interface {
		UpdateGraphWithGradients(scope *model.Scope, gradients []*Node, lossDType dtypes.DType)
	}).UpdateGraphWithGradients(weights, gradients, dtypes.Float32)
	return Stack([]*Node{classLoss, kindLoss, squared}, 0)
}

func toFloat(pixels *Node) *Node {
	return AddScalar(MulScalar(ConvertDType(pixels, dtypes.Float32), 1/127.5), -1)
}

func crossEntropy(logits, classes *Node) *Node {
	told := OneHot(classes, logits.Shape().Dim(-1), dtypes.Float32)
	return Neg(ReduceAllMean(ReduceSum(Mul(told, LogSoftmax(logits)), -1)))
}

// crops returns parts of n pictures drawn by r, half of them mirrored, with what is to be told of them.
func (a album) crops(r *rand.Rand, n int) (pixels, classes, kinds *tensors.Tensor) {
	flat := make([]uint8, n*cropped*cropped*3)
	told := [2][]int32{make([]int32, n), make([]int32, n)}
	for i := range n {
		which := r.IntN(len(a.classes))
		told[0][i], told[1][i] = a.classes[which], a.kinds[which]
		left, top, mirror := r.IntN(side-cropped+1), r.IntN(side-cropped+1), r.IntN(2) == 0
		for y := range cropped {
			for x := range cropped {
				from := left + x
				if mirror {
					from = left + cropped - 1 - x
				}
				copy(flat[((i*cropped+y)*cropped+x)*3:][:3], a.pixels[((which*side+top+y)*side+from)*3:])
			}
		}
	}
	return tensors.FromFlatDataAndDimensions(flat, n, cropped, cropped, 3), tensors.FromValue(told[0]), tensors.FromValue(told[1])
}

const foldEpsilon = 1e-5

// folded returns kernels and biases with the batch normalizations in them.
func folded(store *model.Store) (map[string][]float32, error) {
	weights := make(map[string][]float32)
	for _, c := range style.SmallConvolutions() {
		var parts [5][]float32
		for i, name := range []string{"conv/weights", "batch_norm/scale", "batch_norm/offset", "batch_norm/mean", "batch_norm/variance"} {
			variable := store.GetVariable("/weights/" + c.Name + "/" + name)
			if variable == nil {
				return nil, errors.Errorf("no variable %s of %s", name, c.Name)
			}
			value, err := variable.Value()
			if err != nil {
				return nil, err
			}
			if parts[i], err = tensors.CopyFlatData[float32](value); err != nil {
				return nil, err
			}
		}
		kernel, bias := parts[0], make([]float32, c.Out)
		for o := range c.Out {
			factor := float64(parts[1][o]) / math.Sqrt(float64(parts[4][o])+foldEpsilon)
			bias[o] = float32(float64(parts[2][o]) - float64(parts[3][o])*factor)
			for i := o; i < len(kernel); i += c.Out {
				kernel[i] = float32(float64(kernel[i]) * factor)
			}
		}
		weights[c.Name+".kernel"], weights[c.Name+".bias"] = kernel, bias
	}
	return weights, nil
}

// evenOut scales the weights so that every layer's mean over pictures is 1, which changes nothing else, as rectifiers pass
// scales on: what Gatys et al. do to VGG. The losses then weigh all layers alike.
func evenOut(backend compute.Backend, weights map[string][]float32, pictures album) error {
	const n = 256
	convolutions := style.SmallConvolutions()
	means, err := CallOnceN(backend, func(pixels *Node) []*Node {
		g := pixels.Graph()
		x := toFloat(pixels)
		var means []*Node
		for _, c := range convolutions {
			if c.Pool {
				x = nn.MaxPool2(x)
			}
			kernel := ConstTensor(g, tensors.FromFlatDataAndDimensions(weights[c.Name+".kernel"], 3, 3, c.In, c.Out))
			bias := ConstTensor(g, tensors.FromFlatDataAndDimensions(weights[c.Name+".bias"], 1, 1, 1, c.Out))
			x = Add(conv.Conv(nn.ReflectPad(x, 1), kernel, conv.Geometry{}), bias)
			x = Max(x, ScalarZero(g, x.DType()))
			means = append(means, ReduceAllMean(x))
		}
		return means
	}, tensors.FromFlatDataAndDimensions(pictures.pixels[:n*side*side*3], n, side, side, 3))
	if err != nil {
		return err
	}
	before := float32(1)
	for i, c := range convolutions {
		mean := tensors.ToScalar[float32](means[i])
		for k := range weights[c.Name+".kernel"] {
			weights[c.Name+".kernel"][k] *= before / mean
		}
		for k := range weights[c.Name+".bias"] {
			weights[c.Name+".bias"][k] /= mean
		}
		before = mean
	}
	return nil
}
