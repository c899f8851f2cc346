package gan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// smallResNet is a ResNet narrow enough for tests.
func smallResNet(size int) gan.ResNet {
	return gan.ResNet{Size: size, Channels: 1, Latent: 8, GeneratorChannels: 8, DiscriminatorChannels: 8}
}

// resnetRun builds both networks in one program over the store, and returns what f makes of them.
func resnetRun(t *testing.T, store *model.Store, arch gan.ResNet, latents, classes *tensors.Tensor,
	f func(scope *model.Scope, images *Node, judgement gan.Judgement) []*Node) []*tensors.Tensor {
	t.Helper()
	build := func(scope *model.Scope, z, classes *Node) []*Node {
		scope.Store().SetTraining(z.Graph(), true)
		images := arch.Generator(scope.In("generator"), z, classes)
		return f(scope, images, arch.Discriminator(scope.In("discriminator"), images))
	}
	var exec *model.Exec
	var err error
	args := []any{latents}
	if classes == nil {
		exec, err = model.NewExec(gantest.Go(), store, func(scope *model.Scope, z *Node) []*Node { return build(scope, z, nil) })
	} else {
		exec, err = model.NewExec(gantest.Go(), store, build)
		args = append(args, classes)
	}
	if err != nil {
		t.Fatalf("%+v", err)
	}
	outputs, err := exec.Call(args...)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return outputs
}

func seededStore(t *testing.T) *model.Store {
	t.Helper()
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(1); err != nil {
		t.Fatal(err)
	}
	return store
}

// TestResNets checks shapes, the range of pixels, and numbers of weights, counted from SNGAN's table 4 less the biases that
// batch normalization takes away.
func TestResNets(t *testing.T) {
	block := func(in, out, hidden int, biases int) int { // Two convolutions, a shortcut, biases.
		return 9*in*hidden + 9*hidden*out + in*out + biases
	}
	// The first layer has 8 weights and a bias for each number of the map. Then come blocks with two batch normalizations,
	// and the last normalization and convolution.
	generator := func(width, blocks int) int { return 9*width*8 + blocks*(block(8, 8, 8, 0)+4*8) + 2*8 + 9*8 + 1 }
	// The last two blocks have no shortcut of their own.
	discriminator := block(1, 8, 8, 16) + 3*block(8, 8, 8, 16) - 2*64 + 8 + 1

	with := func(arch gan.ResNet, set func(*gan.ResNet)) gan.ResNet { set(&arch); return arch }
	attention := 8*1 + 8*1 + 8*4 + 4*8 + 1 // For 8 channels.
	for _, test := range []struct {
		arch                              gan.ResNet
		features                          int
		weightsGenerator, weightsOfOthers int
	}{
		{smallResNet(28), 8, generator(7*7, 2), discriminator},
		{smallResNet(32), 8, generator(4*4, 3), discriminator},
		{with(smallResNet(32), func(r *gan.ResNet) { r.Attention = true; r.GeneratorSpectralNorm = true }), 8,
			generator(4*4, 3) + attention, discriminator + attention},
		{with(smallResNet(28), func(r *gan.ResNet) { r.DiscriminatorNorm = gan.NoNorm; r.MinibatchStdDev = true }), 9,
			generator(7*7, 2), discriminator + 1},
		// Layer normalization has a scale and an offset before six rectifiers.
		{with(smallResNet(28), func(r *gan.ResNet) { r.DiscriminatorNorm = gan.LayerNorm; r.Channels = 3 }), 8, 0, 0},
		{with(smallResNet(28), func(r *gan.ResNet) { r.DiscriminatorNorm = gan.BatchNorm; r.Init = gan.OrthogonalInit }), 8,
			generator(7*7, 2), discriminator + 6*2*8 - 3*8},
		{with(smallResNet(64), func(r *gan.ResNet) { r.GeneratorChannels, r.DiscriminatorChannels = 2, 2 }), 16,
			9*16*32 + block(32, 16, 16, 2*(32+16)) + block(16, 8, 8, 2*(16+8)) + block(8, 4, 4, 2*(8+4)) + block(4, 2, 2, 2*(4+2)) +
				2*2 + 9*2 + 1,
			block(1, 2, 2, 4) + block(2, 4, 2, 6) + block(4, 8, 4, 12) + block(8, 16, 8, 24) + 2*(9*16*16+16) + 16 + 1},
	} {
		t.Run(fmt.Sprintf("%+v", test.arch), func(t *testing.T) {
			if err := test.arch.Check(); err != nil {
				t.Fatal(err)
			}
			store := seededStore(t)
			outputs := resnetRun(t, store, test.arch, gan.Latents(2, test.arch.LatentSize(), 1), nil,
				func(_ *model.Scope, images *Node, judgement gan.Judgement) []*Node {
					return []*Node{images, judgement.Logits, judgement.Features}
				})
			for i, want := range [][]int{append([]int{2}, test.arch.ExampleShape()...), {2, 1}, {2, test.features}} {
				if got := outputs[i].Shape().Dimensions; !slices.Equal(got, want) {
					t.Errorf("output %d is shaped %v, want %v", i, got, want)
				}
			}
			var smallest, largest float64
			for _, pixel := range gantest.Float64s(t, outputs[0]) {
				smallest, largest = min(smallest, pixel), max(largest, pixel)
			}
			if smallest < -1 || largest > 1 || largest-smallest < 0.1 {
				t.Errorf("pixels are from %g to %g", smallest, largest)
			}
			counts := map[string]int{}
			for v := range store.IterVariables() {
				if v.Trainable {
					counts[strings.Split(v.Path(), "/")[1]] += v.Shape().Size()
				}
			}
			got := [2]int{counts["generator"], counts["discriminator"]}
			if want := [2]int{test.weightsGenerator, test.weightsOfOthers}; want[0] != 0 && got != want {
				t.Errorf("got %d weights, want %d", got, want)
			}
		})
	}
}

// TestResNetGradients checks that the loss moves every weight of both networks.
func TestResNetGradients(t *testing.T) {
	for _, norm := range []gan.Norm{gan.SpectralNorm, gan.NoNorm, gan.LayerNorm, gan.BatchNorm} {
		t.Run(string(norm), func(t *testing.T) {
			arch := smallResNet(16)
			arch.DiscriminatorNorm, arch.Attention, arch.MinibatchStdDev = norm, true, true
			store := seededStore(t)
			// Attention starts as the identity, which would stop the gradients within it.
			for _, path := range []string{"generator/block_0", "discriminator/block_0"} {
				scope := store.RootScope()
				for _, name := range append(strings.Split(path, "/"), "attention", "self_attention") {
					scope = scope.At("%s", name)
				}
				scope.VariableWithValue("gamma", float32(0.5))
			}
			var paths []string
			outputs := resnetRun(t, store, arch, gan.Latents(4, 8, 1), nil,
				func(scope *model.Scope, images *Node, judgement gan.Judgement) []*Node {
					var weights []*Node
					for v := range scope.Store().IterVariables() {
						if v.Trainable {
							paths = append(paths, v.Path())
							weights = append(weights, v.NodeValue(images))
						}
					}
					loss := ReduceAllMean(Square(AddScalar(judgement.Logits, 1)))
					var sizes []*Node
					for _, gradient := range Gradient(loss, weights...) {
						sizes = append(sizes, ReduceAllSum(Abs(gradient)))
					}
					return sizes
				})
			if len(paths) < 40 {
				t.Fatalf("only %d variables", len(paths))
			}
			for i, size := range outputs {
				if got := gantest.Float64s(t, size)[0]; !(got > 1e-7) {
					t.Errorf("%s: the gradient is %g", paths[i], got)
				}
			}
		})
	}
}

// TestResNetTrains takes steps of gradient descent: the discriminator tells bars from what the generator makes, and the
// generator then pleases it.
func TestResNetTrains(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains")
	}
	arch := smallResNet(16)
	arch.Attention, arch.GeneratorSpectralNorm = true, true
	pixels := make([]float32, 8*16*16)
	for i := range pixels {
		pixels[i] = float32(i/4%2*2 - 1)
	}
	bars := tensors.FromFlatDataAndDimensions(pixels, 8, 16, 16, 1)
	exec, err := model.NewExec(gantest.Go(), seededStore(t), func(scope *model.Scope, bars, z, generatorPlays *Node) *Node {
		scope.Store().SetTraining(z.Graph(), true)
		fakes := arch.Generator(scope.In("generator"), z, nil)
		fake := arch.Discriminator(scope.In("discriminator"), fakes).Logits
		real := arch.Discriminator(scope.At("discriminator"), bars).Logits
		losses := map[string]*Node{
			"/generator/":     gan.Hinge{}.Generator(real, fake),
			"/discriminator/": gan.Hinge{}.Discriminator(real, fake),
		}
		for path, loss := range losses {
			rate := Mul(generatorPlays, Scalar(z.Graph(), z.DType(), 0.002))
			if path == "/discriminator/" {
				rate = Mul(OneMinus(generatorPlays), Scalar(z.Graph(), z.DType(), 0.002))
			}
			var variables []*model.Variable
			var weights []*Node
			for v := range scope.Store().IterVariables() {
				if v.Trainable && strings.HasPrefix(v.Path(), path) {
					variables = append(variables, v)
					weights = append(weights, v.NodeValue(z))
				}
			}
			for i, gradient := range Gradient(loss, weights...) {
				variables[i].SetNodeValue(Sub(weights[i], Mul(gradient, rate)))
			}
		}
		return Concatenate([]*Node{Reshape(losses["/discriminator/"], 1), Reshape(losses["/generator/"], 1)}, 0)
	})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	play := func(generatorPlays float32, steps int) (losses [][]float64) {
		for range steps {
			output, err := exec.Call1(bars, gan.Latents(8, 8, 1), generatorPlays)
			if err != nil {
				t.Fatalf("%+v", err)
			}
			losses = append(losses, gantest.Float64s(t, output))
		}
		return losses
	}
	if losses := play(0, 20); losses[19][0] > 0.7*losses[0][0] {
		t.Errorf("the discriminator's loss goes from %.3f to %.3f", losses[0][0], losses[19][0])
	}
	if losses := play(1, 20); losses[19][1] > losses[0][1]-0.1 {
		t.Errorf("the generator's loss goes from %.3f to %.3f", losses[0][1], losses[19][1])
	}
}

// TestResNetFollowsClasses checks that images differ by class once scales do, and by nothing else.
func TestResNetFollowsClasses(t *testing.T) {
	arch := smallResNet(16)
	store := seededStore(t)
	latents := tensors.FromValue([][]float32{{1, 2, 3, 4, 5, 6, 7, 8}, {1, 2, 3, 4, 5, 6, 7, 8}, {8, 7, 6, 5, 4, 3, 2, 1}})
	generate := func(classes [][]float32) [2][]float64 {
		outputs := resnetRun(t, store, arch, latents, tensors.FromValue(classes),
			func(_ *model.Scope, images *Node, judgement gan.Judgement) []*Node {
				return []*Node{images, judgement.Logits}
			})
		pixels := gantest.Float64s(t, outputs[0])
		return [2][]float64{pixels[:256], pixels[256:512]}
	}
	same, different := [][]float32{{1, 0}, {1, 0}, {0, 1}}, [][]float32{{1, 0}, {0, 1}, {0, 1}}
	if images := generate(different); gantest.RelativeError(images[0], images[1]) > 1e-5 {
		t.Error("at the start the classes differ")
	}
	scale := store.GetVariable("/generator/block_1/conv_0/batch_norm/scale")
	if scale == nil || !slices.Equal(scale.Shape().Dimensions, []int{2, 8}) {
		t.Fatalf("the scales are %v, want one for each of 2 classes and 8 channels", scale)
	}
	values := make([]float32, 16)
	for i := range values {
		values[i] = float32(1 + i/8)
	}
	if err := scale.SetValue(tensors.FromFlatDataAndDimensions(values, 2, 8)); err != nil {
		t.Fatal(err)
	}
	if images := generate(same); gantest.RelativeError(images[0], images[1]) > 1e-5 {
		t.Error("the same latent and class give different images")
	}
	if images := generate(different); gantest.RelativeError(images[0], images[1]) < 1e-2 {
		t.Error("the same latent gives the same image for different classes")
	}
}

func TestImpossibleResNets(t *testing.T) {
	for want, arch := range map[string]gan.ResNet{
		"Size must be 28":               {},
		"30 pixels":                     {Size: 30},
		"ResNet.Latent":                 {Size: 32, Latent: -1},
		`ResNet.DiscriminatorNorm must`: {Size: 32, DiscriminatorNorm: "instance"},
		"ResNet.Attention":              {Size: 8, Attention: true},
		`ResNet.Init must be one of`:    {Size: 32, Init: "zero"},
	} {
		if err := arch.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want an error with %q", arch, err, want)
		}
	}
}
