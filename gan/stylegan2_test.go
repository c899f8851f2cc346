package gan_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// smallStyle and smallR3 are narrow enough for tests on every backend.
func smallStyle(size int) gan.StyleGAN2 {
	return gan.StyleGAN2{Size: size, Channels: 1, Latent: 6, StyleSize: 5, MappingLayers: 2, GeneratorChannels: 2, DiscriminatorChannels: 2}
}

func smallR3(size int) gan.R3GAN {
	return gan.R3GAN{Size: size, Channels: 1, Latent: 6, GeneratorChannels: 2, DiscriminatorChannels: 2, Cardinality: 2}
}

// TestStyleNetworks checks both architectures at each kind of size: shapes, the range of pixels, that logits are a linear
// function of the features, and that every weight of either player has a gradient.
func TestStyleNetworks(t *testing.T) {
	for _, arch := range []gan.Architecture{
		smallStyle(28), smallStyle(32), smallStyle(64), smallR3(28), smallR3(32), smallR3(64),
	} {
		for _, conditional := range []bool{false, true} {
			t.Run(fmt.Sprintf("%T %d conditional %t", arch, arch.ExampleShape()[0], conditional), func(t *testing.T) {
				if err := arch.Check(); err != nil {
					t.Fatal(err)
				}
				classes := func(g *Graph) *Node {
					if !conditional {
						return nil
					}
					return Const(g, [][]float64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}})
				}
				n := newNetwork(t, gantest.Go())
				latents := gantest.Tensor(2, 0.3, 3, arch.LatentSize())
				build := func(scope *model.Scope, x []*Node) []*Node {
					images := arch.Generator(scope.In("generator"), x[0], classes(x[0].Graph()))
					judgement := arch.Discriminator(scope.In("discriminator"), images)
					return []*Node{images, judgement.Logits, judgement.Features}
				}
				first := n.run(true, build, latents)
				n.fill(0.5)
				generator, discriminator := trainable(n.store, "generator"), trainable(n.store, "discriminator")
				out := n.store.GetVariable("/discriminator/out/dense/weights")
				var shape, features []int
				results := n.run(true, func(scope *model.Scope, x []*Node) []*Node {
					outputs := build(scope, x)
					shape, features = outputs[0].Shape().Dimensions, outputs[2].Shape().Dimensions
					var all []*Node
					for _, v := range generator {
						all = append(all, v.NodeValue(x[0]))
					}
					gradients := Gradient(ReduceAllSum(Mul(outputs[0], Const(x[0].Graph(), gantest.Tensor(1, 2, shape...)))), all...)
					all = nil
					for _, v := range discriminator {
						all = append(all, v.NodeValue(x[0]))
					}
					gradients = append(gradients, Gradient(ReduceAllSum(Sin(outputs[1])), all...)...)
					linear := Dot(outputs[2], out.NodeValue(x[0])).Product()
					if _, equalized := arch.(gan.StyleGAN2); equalized {
						linear = MulScalar(linear, 1/math.Sqrt(float64(features[1])))
					}
					return append([]*Node{outputs[0], Sub(outputs[1], linear)}, gradients...)
				}, latents)

				size := arch.ExampleShape()[0]
				if want := []int{3, size, size, 1}; !slices.Equal(shape, want) {
					t.Errorf("images are shaped %v, want %v", shape, want)
				}
				if len(first[1]) != 3 || len(features) != 2 || features[0] != 3 {
					t.Errorf("%d logits and features shaped %v, want 3 and [3 n]", len(first[1]), features)
				}
				for _, pixel := range append(first[0], results[0]...) {
					if !(pixel >= -1 && pixel <= 1) {
						t.Fatalf("a pixel of %g", pixel)
					}
				}
				if rest := results[1]; gantest.RelativeError(rest, []float64{rest[0], rest[0], rest[0]}) > 1e-9 {
					t.Errorf("logits less the weighted features are %v, want one bias", rest)
				}
				for i, v := range append(generator, discriminator...) {
					if slices.Max(results[2+i]) == 0 && slices.Min(results[2+i]) == 0 {
						t.Errorf("%s has no gradient", v.Path())
					}
				}
			})
		}
	}
}

// TestStyleDerivatives compares the second derivatives of the discriminators, which R1 needs, and of the generators, which
// the path length needs, with central differences.
func TestStyleDerivatives(t *testing.T) {
	for _, arch := range []gan.Architecture{smallStyle(8), smallR3(8)} {
		t.Run(fmt.Sprintf("%T", arch), func(t *testing.T) {
			n := newNetwork(t, gantest.Go())
			latents, images := gantest.Tensor(1, 0.3, 2, 6), gantest.Tensor(1, 0.7, 2, 8, 8, 1)
			n.run(false, func(scope *model.Scope, x []*Node) []*Node {
				images := arch.Generator(scope.In("generator"), x[0], nil)
				return []*Node{arch.Discriminator(scope.In("discriminator"), images).Logits}
			}, latents)
			n.fill(0.6)
			n.store.WithVariableAsConst(true)
			gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
				gantest.CheckDerivatives(t, backend, func(x []*Node) *Node {
					model.SetStore(x[0], n.store)
					return arch.Generator(n.store.RootScope().In("generator"), x[0], nil)
				}, latents)
				gantest.CheckDerivatives(t, backend, func(x []*Node) *Node {
					model.SetStore(x[0], n.store)
					return arch.Discriminator(n.store.RootScope().In("discriminator"), x[0]).Logits
				}, images)
			})
		})
	}
}

// TestStyleR1 checks the derivative of R1 by the discriminator's weights, on each backend: along a direction it is the
// central difference of the penalty.
func TestStyleR1(t *testing.T) {
	for _, arch := range []gan.Architecture{smallStyle(8), smallR3(8)} {
		t.Run(fmt.Sprintf("%T", arch), func(t *testing.T) {
			images := gantest.Tensor(1, 0.7, 4, 8, 8, 1)
			penalty := func(scope *model.Scope, x *Node) *Node {
				judge := func(x *Node) gan.Judgement { return arch.Discriminator(scope.At("discriminator"), x) }
				judged := gan.Judged{Examples: x, Judgement: judge(x)}
				return gan.R1{Gamma: 1}.Graph(scope, judge, judged, judged)
			}
			// slope returns the derivative along a wave for each variable; at returns the penalty so far along it.
			slope := func(n network) float64 {
				n.run(true, func(scope *model.Scope, x []*Node) []*Node {
					return []*Node{arch.Discriminator(scope.At("discriminator"), x[0]).Logits}
				}, images)
				return n.run(true, func(scope *model.Scope, x []*Node) []*Node {
					var values []*Node
					for _, v := range trainable(n.store, "discriminator") {
						values = append(values, v.NodeValue(x[0]))
					}
					sum := ScalarZero(x[0].Graph(), dtypes.Float64)
					for i, gradient := range Gradient(penalty(scope, x[0]), values...) {
						direction := Const(x[0].Graph(), gantest.Tensor(1, 5+float64(i), gradient.Shape().Dimensions...))
						sum = Add(sum, ReduceAllSum(Mul(gradient, direction)))
					}
					return []*Node{sum}
				}, images)[0][0]
			}
			at := func(n network, distance float64) float64 {
				return n.run(true, func(scope *model.Scope, x []*Node) []*Node {
					for i, v := range trainable(n.store, "discriminator") {
						direction := Const(x[0].Graph(), gantest.Tensor(1, 5+float64(i), v.Shape().Dimensions...))
						v.SetNodeValue(Add(v.NodeValue(x[0]), MulScalar(direction, distance)))
					}
					return []*Node{penalty(scope, x[0])}
				}, images)[0][0]
			}
			const h = 1e-5
			n := newNetwork(t, gantest.Go())
			n.run(true, func(scope *model.Scope, x []*Node) []*Node { return []*Node{penalty(scope, x[0])} }, images)
			n.fill(0.6)
			start := n.on(t, gantest.Go())
			want := (at(n, h) - at(n, -2*h)) / (2 * h) // Each goes on from where the other left.
			gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
				if got := slope(start.on(t, backend)); want == 0 || math.Abs(got/want-1) > 1e-4 {
					t.Errorf("the derivative of R1 is %.8g, by differences %.8g", got, want)
				}
			})
		})
	}
}

// TestStyleMixing checks that an image of mixed styles begins in its own style and ends in another's.
func TestStyleMixing(t *testing.T) {
	arch := smallStyle(8)
	layers := arch.StyleLayers()
	if layers != 4 {
		t.Fatalf("%d layers take styles, want 4: for a width of 4 a convolution and the colours, and for 8 one more convolution and its colours", layers)
	}
	n := newNetwork(t, gantest.Go())
	const batch = 200
	latents := tensors.FromFlatDataAndDimensions(slices.Repeat([]float64{1, -0.5, 2, 0.3, -1, 0.1}, batch), batch, 6)
	images := func(training bool, probability float64) []float64 {
		arch.MixingProbability = probability
		return n.run(training, func(scope *model.Scope, x []*Node) []*Node {
			return []*Node{arch.Generator(scope.In("generator"), x[0], nil)}
		}, latents)[0] // The noise's strength is zero at first.
	}
	plain := images(true, -1)
	if e := gantest.RelativeError(plain[64:], plain[:len(plain)-64]); e > 1e-12 {
		t.Fatalf("without mixing, images of one latent differ by %g", e)
	}
	if e := gantest.RelativeError(images(false, 1), plain); e > 1e-12 {
		t.Errorf("outside of training, styles are mixed: images differ by %g", e)
	}
	unmixed := func(images []float64) (count int) {
		for i := range batch {
			if gantest.RelativeError(images[64*i:64*i+64], plain[:64]) < 1e-9 {
				count++
			}
		}
		return count
	}
	if got := unmixed(images(true, 1)); got != 0 {
		t.Errorf("with probability 1, %d of %d images are not mixed", got, batch)
	}
	own := n.run(true, func(scope *model.Scope, x []*Node) []*Node {
		arch.MixingProbability = 1
		images := arch.Generator(scope.In("generator"), x[0], nil)
		return []*Node{ReduceMax(Abs(Gradient(ReduceAllSum(images), x[0])[0]), 1)}
	}, latents)[0]
	if slices.Min(own) == 0 {
		t.Error("an image has nothing of its own style")
	}
	if got := unmixed(images(true, 0.7)); got < 40 || got > 80 {
		t.Errorf("with probability 0.7, %d of %d images are not mixed, want about 60", got, batch)
	}
	if got := unmixed(images(true, 0)); got < 5 || got > 40 {
		t.Errorf("with the paper's probability, %d of %d images are not mixed, want about 20", got, batch)
	}
}

// TestStyleSynthesis checks that a style per layer goes to its layer: with the same for all it is as if there were one,
// and the last one changes the colours only, which are a linear function of it before the hyperbolic tangent.
func TestStyleSynthesis(t *testing.T) {
	arch := smallStyle(8)
	n := newNetwork(t, gantest.Go())
	results := n.run(false, func(scope *model.Scope, x []*Node) []*Node {
		styles := arch.Styles(scope.In("generator"), x[0], nil)
		own, other := Slice(styles, AxisRange(0, 1)), Slice(styles, AxisRange(1, 2))
		with := func(layer int, replaced *Node) *Node {
			parts := slices.Repeat([]*Node{own}, arch.StyleLayers())
			if layer >= 0 {
				parts[layer] = replaced
			}
			return arch.Synthesis(scope.At("generator"), Stack(parts, 1))
		}
		outputs := []*Node{arch.Synthesis(scope.At("generator"), own), with(-1, nil)}
		for layer := range arch.StyleLayers() {
			outputs = append(outputs, with(layer, other))
		}
		logit := func(x *Node) *Node { return Log(Div(OnePlus(x), OneMinus(x))) }
		last := arch.StyleLayers() - 1
		half := logit(with(last, MulScalar(Add(own, other), 0.5)))
		return append(outputs, half, MulScalar(Add(logit(with(last, own)), logit(with(last, other))), 0.5))
	}, gantest.Tensor(2, 0.3, 2, 6))
	if e := gantest.RelativeError(results[1], results[0]); e > 1e-12 {
		t.Errorf("the same style for every layer is not as one style: %g", e)
	}
	for layer := range arch.StyleLayers() {
		if e := gantest.RelativeError(results[2+layer], results[0]); e < 1e-4 {
			t.Errorf("the style of layer %d changes nothing", layer)
		}
	}
	if e := gantest.RelativeError(results[6], results[7]); e > 1e-9 {
		t.Errorf("the colours are not linear in their style: %g", e)
	}
}

// TestStyleNoise checks that noise is of training only: samples depend on their latents alone.
func TestStyleNoise(t *testing.T) {
	arch := smallStyle(8)
	arch.MixingProbability = -1
	n := newNetwork(t, gantest.Go())
	latents := tensors.FromFlatDataAndDimensions(slices.Repeat([]float64{1, -0.5, 2, 0.3, -1, 0.1}, 2), 2, 6)
	images := func(training bool) []float64 {
		return n.run(training, func(scope *model.Scope, x []*Node) []*Node {
			return []*Node{arch.Generator(scope.In("generator"), x[0], nil)}
		}, latents)[0]
	}
	images(true)
	n.fill(0.5)
	drawn, fixed := images(true), images(false)
	if gantest.RelativeError(images(true), drawn) < 1e-6 || gantest.RelativeError(drawn[64:], drawn[:64]) < 1e-6 {
		t.Error("in training, the same latent gives the same image twice")
	}
	if gantest.RelativeError(images(false), fixed) != 0 || gantest.RelativeError(fixed[64:], fixed[:64]) > 1e-12 {
		t.Error("in sampling, the same latent gives different images")
	}
}

// TestStyleTruncation checks that styles are drawn to the mean that training finds.
func TestStyleTruncation(t *testing.T) {
	arch := smallStyle(8)
	n := newNetwork(t, gantest.Go())
	const batch = 500
	for range 300 {
		n.run(true, func(scope *model.Scope, x []*Node) []*Node {
			latents := gan.Latents(batch, 6, 1)
			return []*Node{arch.Styles(scope.In("generator"), ConvertDType(Const(x[0].Graph(), latents), dtypes.Float64), nil)}
		}, tensors.FromScalar(0.0))
	}
	results := n.run(false, func(scope *model.Scope, x []*Node) []*Node {
		latents := ConvertDType(Const(x[0].Graph(), gan.Latents(batch, 6, 1)), dtypes.Float64)
		scope = scope.In("generator")
		styles := arch.Styles(scope, latents, nil)
		mean := ReduceAndKeep(styles, ReduceMean, 0)
		psi := func(value float64, styles *Node) *Node {
			return arch.Truncate(scope, styles, Scalar(styles.Graph(), dtypes.Float32, value))
		}
		perLayer := BroadcastToDims(InsertAxes(styles, 1), batch, 4, 5)
		return []*Node{
			styles, psi(1, styles), BroadcastToDims(mean, batch, 5), psi(0, styles),
			Add(mean, MulScalar(Sub(styles, mean), 0.75)), psi(0.75, styles),
			ReduceMean(psi(0.75, perLayer), 1), psi(0.75, styles),
		}
	}, tensors.FromScalar(0.0))
	for i, name := range []string{"1", "0", "0.75", "0.75 for each layer"} {
		// The mean has come within 0.99³⁰⁰, 5 %, of where it goes.
		if e := gantest.RelativeError(results[2*i+1], results[2*i]); e > []float64{1e-6, 0.06, 0.06, 1e-6}[i] {
			t.Errorf("psi %s: the styles are off by %g", name, e)
		}
	}
}

// TestStylesLearn trains one player of each architecture while the other stands still: its loss falls.
func TestStylesLearn(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains for long")
	}
	still, moving := gan.Adam{LearningRate: 1e-12}, gan.Adam{LearningRate: 3e-3, Beta1: 0.01, Beta2: 0.99}
	style, r3 := smallStyle(8), smallR3(8)
	style.GeneratorChannels, style.DiscriminatorChannels = 4, 4
	r3.GeneratorChannels, r3.DiscriminatorChannels = 4, 4
	for _, arch := range []gan.Architecture{style, r3} {
		for _, player := range []string{"generator", "discriminator"} {
			t.Run(fmt.Sprintf("%T %s", arch, player), func(t *testing.T) {
				config := gan.Config{Arch: arch, Generator: moving, Discriminator: still, Seed: 5}
				if player == "discriminator" {
					config.Generator, config.Discriminator = still, moving
					config.Penalty = gan.R1{Gamma: 0.1, Every: 4}
				}
				steps := trainSteps(t, newTrainer(t, gantest.Go(), config), &pictures{batch: 16}, 60)
				loss := func(steps []gan.Step) (mean float64) {
					for _, step := range steps {
						value := step.GeneratorLoss
						if player == "discriminator" {
							value = step.DiscriminatorLoss
						}
						mean += value / float64(len(steps))
					}
					return mean
				}
				if before, after := loss(steps[:5]), loss(steps[55:]); after > 0.8*before {
					t.Errorf("the loss was %.4g and is %.4g", before, after)
				}
			})
		}
	}
}

// TestStyleSamplesBetweenSteps checks that drawing samples by the average, truncated and not, leaves the rest of a training
// as it would have been, and that truncation changes them.
func TestStyleSamplesBetweenSteps(t *testing.T) {
	config := gan.Config{Arch: smallStyle(8), EMA: 0.9, Seed: 5, Condition: gan.Condition{Classes: 3, Discriminator: gan.Projection}}
	data := &labelled{pictures{batch: 6}}
	want := trainSteps(t, newTrainer(t, gantest.Go(), config), data, 4)
	trainer := newTrainer(t, gantest.Go(), config)
	got := trainSteps(t, trainer, data, 2)
	var drawn [2]*tensors.Tensor
	for i, truncation := range []float64{0, 0.3} {
		var err error
		if drawn[i], err = trainer.Draw(gan.Draw{N: 5, Truncation: truncation}); err != nil {
			t.Fatalf("%+v", err)
		}
	}
	if drawn[0].Equal(drawn[1]) {
		t.Error("truncation changes nothing")
	}
	got = append(got, trainSteps(t, trainer, data, 2)...)
	if !slices.Equal(got, want) {
		t.Errorf("with samples in between %v, without %v", got, want)
	}
}

func TestImpossibleStyleNetworks(t *testing.T) {
	for _, arch := range []gan.Architecture{
		gan.StyleGAN2{}, gan.StyleGAN2{Size: 30}, gan.StyleGAN2{Size: 32, StyleSize: -1}, gan.StyleGAN2{Size: 32, MixingProbability: 1.5},
		gan.StyleGAN2{Size: 32, MixingProbability: -0.5}, gan.StyleGAN2{Size: 32, MixingProbability: math.NaN()},
		gan.R3GAN{}, gan.R3GAN{Size: 512}, gan.R3GAN{Size: 28, Blocks: -1}, gan.R3GAN{Size: 28, GeneratorChannels: 6, Cardinality: 5},
	} {
		if err := arch.Check(); err == nil {
			t.Errorf("%+v: no error", arch)
		}
	}
}
