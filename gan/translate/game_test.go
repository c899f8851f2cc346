package translate

import (
	"context"
	"iter"
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/augment"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// one is data of one batch, again and again.
type one []float32

func (one) Name() string { return "one" }

func (o one) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		for yield(train.Batch{Inputs: o.inputs()}, nil) {
		}
	}
}

// inputs returns two batches of A and of B, in which B is not A.
func (o one) inputs() []*tensors.Tensor {
	half := len(o) / 2
	return []*tensors.Tensor{
		tensors.FromFlatDataAndDimensions(o[:half], 2, 8, 8, half/128), tensors.FromFlatDataAndDimensions(o[half:], 2, 8, 8, half/128),
	}
}

// checkStep compares what the first step of a game reports with an independent formula over the same weights: the values, then
// the norms of the gradients of both players' whole losses.
func checkStep(t *testing.T, config Config, names []string, formula func(scope *model.Scope, a, b *Node) (values []*Node, generator, discriminator *Node)) {
	t.Helper()
	trainer, err := New(gantest.Go(), config)
	if err != nil {
		t.Fatal(err)
	}
	program, err := trainer.Program(func(scope *model.Scope, inputs []*Node) []*Node {
		values, generator, discriminator := formula(scope, inputs[0], inputs[1])
		for i, loss := range []*Node{generator, discriminator} {
			sum := ScalarZero(loss.Graph(), dtypes.Float32)
			for _, gradient := range scope.At("%s", []string{generatorScope, discriminatorScope}[i]).BuildTrainableVariablesGradientsGraph(loss) {
				sum = Add(sum, ReduceAllSum(Square(gradient)))
			}
			values = append(values, Sqrt(sum))
		}
		return values
	})
	if err != nil {
		t.Fatal(err)
	}
	wave := gantest.Wave(4*64*config.ChannelsA, 1, 0.5)
	data := make(one, len(wave))
	for i, value := range wave {
		data[i] = float32(value)
	}
	inputs := data.inputs()
	want, err := program.Call(inputs[0], inputs[1])
	if err != nil {
		t.Fatal(err)
	}
	for step, err := range trainer.Train(context.Background(), data, 1) {
		if err != nil {
			t.Fatal(err)
		}
		for i, name := range append(names, "generator_gradient", "discriminator_gradient") {
			if got, want := step.Value(name), float64(tensors.ToScalar[float32](want[i])); math.Abs(got-want) > 1e-4*math.Abs(want)+1e-7 {
				t.Errorf("%s is %g, want %g", name, got, want)
			}
		}
	}
}

// formulaConfig is a configuration of small networks.
func formulaConfig(game Game, loss gan.Loss) Config {
	return Config{
		Game: game, Loss: loss, Size: 8, ChannelsA: 1, ChannelsB: 1, Seed: 1,
		Generator: ResNet{Blocks: 1, Channels: 4}, Discriminator: PatchGAN{Layers: 1, Channels: 4},
	}
}

func squares(logits *Node, target float64) *Node {
	return ReduceAllMean(Square(AddScalar(logits, -target)))
}
func apart(x, y *Node) *Node { return ReduceAllMean(Abs(Sub(x, y))) }
func plus(x *Node, others ...*Node) *Node {
	for _, y := range others {
		x = Add(x, y)
	}
	return x
}

// The formulas are those of the authors' code in PyTorch: pix2pix_model.py and cycle_gan_model.py.

func TestPix2PixStep(t *testing.T) {
	for _, test := range []struct {
		name    string
		loss    gan.Loss
		real    func(logits *Node) *Node // What it costs the discriminator, or the generator, to hear of a real picture.
		fake    func(logits *Node) *Node
		reverse bool
		weight  float64
	}{
		{"cross entropy", gan.NonSaturating{},
			func(x *Node) *Node { return ReduceAllMean(Log1P(Exp(Neg(x)))) }, func(x *Node) *Node { return ReduceAllMean(Log1P(Exp(x))) }, false, 1},
		{"least squares", gan.LeastSquares{},
			func(x *Node) *Node { return squares(x, 1) }, func(x *Node) *Node { return squares(x, 0) }, true, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := formulaConfig(Pix2Pix{}, test.loss)
			config.Reverse = test.reverse
			names := []string{"generator_loss", "discriminator_loss", "l1_loss", "real_logit", "fake_logit"}
			checkStep(t, config, names, func(scope *model.Scope, a, b *Node) ([]*Node, *Node, *Node) {
				if test.reverse {
					a, b = b, a
				}
				fake := config.Generator.Graph(scope.At("generator"), a, 1)
				judge := func(picture *Node) *Node {
					return config.Discriminator.Graph(scope.At("discriminator"), Concatenate([]*Node{a, picture}, 3))
				}
				real, made := judge(b), judge(StopGradient(fake))
				adversarial, l1 := test.real(judge(fake)), apart(fake, b)
				d := plus(test.real(real), test.fake(made))
				return []*Node{DivScalar(adversarial, test.weight), DivScalar(d, test.weight), l1, ReduceAllMean(real), ReduceAllMean(made)},
					plus(adversarial, MulScalar(l1, 100)), MulScalar(d, 0.5)
			})
		})
	}
}

func TestCycleGANStep(t *testing.T) {
	config := formulaConfig(CycleGAN{CycleB: 20, Pool: -1}, gan.LeastSquares{})
	names := []string{"generator_loss", "discriminator_loss", "cycle_loss", "identity_loss", "real_logit", "fake_logit"}
	checkStep(t, config, names, func(scope *model.Scope, a, b *Node) ([]*Node, *Node, *Node) {
		toB := func(x *Node) *Node { return config.Generator.Graph(scope.At("generator").At("ab"), x, 1) }
		toA := func(x *Node) *Node { return config.Generator.Graph(scope.At("generator").At("ba"), x, 1) }
		judgeA := func(x *Node) *Node { return config.Discriminator.Graph(scope.At("discriminator").At("a"), x) }
		judgeB := func(x *Node) *Node { return config.Discriminator.Graph(scope.At("discriminator").At("b"), x) }
		fakeB, fakeA := toB(a), toA(b)
		adversarial := plus(squares(judgeB(fakeB), 1), squares(judgeA(fakeA), 1))
		cycleA, cycleB := apart(toA(fakeB), a), apart(toB(fakeA), b)
		sameA, sameB := apart(toA(a), a), apart(toB(b), b)
		generator := plus(adversarial, MulScalar(cycleA, 10), MulScalar(cycleB, 20), MulScalar(sameA, 5), MulScalar(sameB, 10))
		realA, realB, madeA, madeB := judgeA(a), judgeB(b), judgeA(StopGradient(fakeA)), judgeB(StopGradient(fakeB))
		d := plus(squares(realA, 1), squares(madeA, 0), squares(realB, 1), squares(madeB, 0))
		half := func(x, y *Node) *Node { return MulScalar(Add(x, y), 0.5) }
		return []*Node{
			MulScalar(adversarial, 0.25), MulScalar(d, 0.25), half(cycleA, cycleB), half(sameA, sameB),
			half(ReduceAllMean(realA), ReduceAllMean(realB)), half(ReduceAllMean(madeA), ReduceAllMean(madeB)),
		}, generator, MulScalar(d, 0.5)
	})
}

// moved is an augmentation that draws: it moves pictures and changes their colours.
type moved struct{}

func (moved) Check() error { return nil }
func (moved) Graph(scope *model.Scope, images, _ *Node) *Node {
	return augment.Translation(scope, augment.Color(scope, images, 1), 0.5)
}

// TestChanged checks that pictures are changed alike, each by its own channels, and that the next ones are changed otherwise.
func TestChanged(t *testing.T) {
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(1); err != nil {
		t.Fatal(err)
	}
	exec, err := model.NewExec(gantest.Go(), store, func(scope *model.Scope, x *Node) []*Node {
		grey := ReduceAndKeep(x, ReduceMean, 3)
		alike := changed(scope, moved{}, x, x, grey)
		return append(alike, changed(scope, moved{}, x)[0])
	})
	if err != nil {
		t.Fatal(err)
	}
	values := make([]float32, 4*8*8*3)
	for i, value := range gantest.Wave(len(values), 1, 0) {
		values[i] = float32(value)
	}
	outputs := exec.MustCall(tensors.FromFlatDataAndDimensions(values, 4, 8, 8, 3))
	var all [4][]float32
	for i, output := range outputs {
		all[i] = tensors.MustCopyFlatData[float32](output)
	}
	differs := 0
	for i := range all[2] {
		colour := all[0][3*i : 3*i+3]
		if mean := (colour[0] + colour[1] + colour[2]) / 3; math.Abs(float64(mean-all[2][i])) > 1e-5 {
			t.Fatalf("pixel %d is %v in colour and %g in grey", i, colour, all[2][i])
		}
		for k := range 3 {
			if colour[k] != all[1][3*i+k] {
				t.Fatal("equal pictures were changed differently")
			}
			if colour[k] != all[3][3*i+k] {
				differs++
			}
		}
	}
	if differs < len(all[0])/2 {
		t.Errorf("only %d of %d values differ in the next change", differs, len(all[0]))
	}
	if changed(nil, nil, nil)[0] != nil {
		t.Error("no augmentation changes pictures")
	}
}
