package gan_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// play builds both networks once, and returns the shapes of an example and of logits, and the numbers of weights.
func play(t *testing.T, arch gan.Architecture) (examples, logits []int, generator, discriminator int) {
	t.Helper()
	store := model.NewStore()
	exec, err := model.NewExec(gantest.Go(), store, func(scope *model.Scope, z *Node) []*Node {
		scope.Store().SetTraining(z.Graph(), true)
		x := arch.Generator(scope.In("generator"), z, nil)
		return []*Node{x, arch.Discriminator(scope.In("discriminator"), x).Logits}
	})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	outputs, err := exec.Call(gan.Latents(2, arch.LatentSize(), 1))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for v := range store.IterVariables() {
		if v.Trainable && strings.HasPrefix(v.Path(), "/generator/") {
			generator += v.Shape().Size()
		}
		if v.Trainable && strings.HasPrefix(v.Path(), "/discriminator/") {
			discriminator += v.Shape().Size()
		}
	}
	tensors.MustConstFlatData(outputs[0], func(pixels []float32) {
		for _, value := range pixels {
			if len(arch.ExampleShape()) == 3 && (value < -1 || value > 1) {
				t.Fatalf("a pixel of %g", value)
			}
		}
	})
	return outputs[0].Shape().Dimensions, outputs[1].Shape().Dimensions, generator, discriminator
}

// TestArchitectures checks shapes and numbers of weights. Those of DCGAN at 28 are of the networks in
// bench/train_reference.py: dense 100·6272, batch norm 2·6272, kernels 16·128·64 and 16·64 with a bias, and so on.
// At 64 they are of PyTorch's DCGAN tutorial, whose first layer, a transposed convolution of one pixel, has the
// weights of a dense one; but batch norm here is of each of the 4·4·512 numbers, and biases stand where there is none.
func TestArchitectures(t *testing.T) {
	for _, test := range []struct {
		arch                     gan.Architecture
		shape                    string
		generator, discriminator int
	}{
		{gan.DCGAN{Size: 28, Channels: 1, DiscriminatorNorm: gan.NoNorm}, "[2 28 28 1]",
			100*6272 + 2*6272 + 16*128*64 + 2*64 + 16*64 + 1,
			16*64 + 64 + 16*64*128 + 128 + 6272 + 1},
		{gan.DCGAN{Size: 64, Channels: 3}, "[2 64 64 3]",
			100*8192 + 2*8192 + 16*(512*256+256*128+128*64+64*3) + 2*(256+128+64) + 3,
			16*(3*64+64*128+128*256+256*512) + 64 + 2*(128+256+512) + 8192 + 1},
		{gan.DCGAN{Size: 32, Channels: 1, GeneratorChannels: 8, DiscriminatorChannels: 8, Latent: 10}, "[2 32 32 1]", 0, 0},
		{gan.DCGAN{Size: 8, GeneratorChannels: 4, DiscriminatorChannels: 4}, "[2 8 8 3]", 0, 0},
		{gan.MLP{Shape: []int{2}}, "[2 2]", 2*128 + 128 + 2*(128*128+128) + 128*2 + 2, 2*128 + 128 + 2*(128*128+128) + 128 + 1},
		{gan.MLP{Shape: []int{28, 28, 1}}, "[2 28 28 1]", 0, 0},
	} {
		t.Run(fmt.Sprintf("%T%v", test.arch, test.arch.ExampleShape()), func(t *testing.T) {
			if err := test.arch.Check(); err != nil {
				t.Fatal(err)
			}
			shape, logits, generator, discriminator := play(t, test.arch)
			if fmt.Sprint(shape) != test.shape || fmt.Sprint(logits) != "[2 1]" {
				t.Errorf("got examples %v and logits %v, want %s and [2 1]", shape, logits, test.shape)
			}
			if test.generator != 0 && (generator != test.generator || discriminator != test.discriminator) {
				t.Errorf("got %d and %d weights, want %d and %d", generator, discriminator, test.generator, test.discriminator)
			}
		})
	}
}

func TestImpossibleArchitectures(t *testing.T) {
	for _, arch := range []gan.Architecture{
		gan.DCGAN{}, gan.DCGAN{Size: 30}, gan.DCGAN{Size: 512}, gan.DCGAN{Size: 32, Channels: -1},
		gan.DCGAN{Size: 32, DiscriminatorNorm: "instance"}, gan.MLP{}, gan.MLP{Shape: []int{2, 2}}, gan.MLP{Shape: []int{0}},
		gan.MLP{Shape: []int{2}, GeneratorHidden: []int{0}},
	} {
		if err := arch.Check(); err == nil {
			t.Errorf("%+v: no error", arch)
		}
	}
}
