package gan_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/xla"
)

// TestMain keeps the examples, which ask for the best backend, from installing a plugin while testing.
func TestMain(m *testing.M) {
	if err := os.Setenv(xla.NoInstallEnv, "1"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// A few steps, to see that everything is there; 2000 of them draw digits.
func Example() {
	backend, err := xla.New()
	check(err)
	digits, err := datasets.Open("digits", datasets.Options{})
	check(err)
	batches, err := digits.Batches(64, 42)
	check(err)
	trainer, err := gan.NewTrainer(backend, gan.Config{
		Arch: gan.DCGAN{Size: 28, Channels: 1, GeneratorChannels: 8, DiscriminatorChannels: 8},
		Loss: gan.RelativisticPaired{}, Seed: 42,
	})
	check(err)
	for step, err := range trainer.Train(context.Background(), batches, 3) {
		check(err)
		fmt.Printf("step %d: losses are finite: %t\n", step.N, step.DiscriminatorLoss < 100)
	}
	samples, err := trainer.Sample(16)
	check(err)
	fmt.Println("samples:", samples.Shape())
	// Output:
	// step 1: losses are finite: true
	// step 2: losses are finite: true
	// step 3: losses are finite: true
	// samples: (Uint8)[16, 28, 28, 1]
}

// A run folder outlives the program: Load goes on where it was.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "run")
	check(err)
	defer func() { check(os.RemoveAll(dir)) }()
	backend, err := xla.New()
	check(err)
	rings, err := datasets.Open("rings", datasets.Options{})
	check(err)
	points, err := rings.Batches(100, 1)
	check(err)

	trainer, err := gan.NewTrainer(backend, gan.Config{Arch: gan.MLP{Shape: []int{2}}, Dir: dir + "/run"})
	check(err)
	for _, err := range trainer.Train(context.Background(), points, 5) {
		check(err)
	}
	check(trainer.Close())

	again, err := gan.Load(backend, dir+"/run")
	check(err)
	for step, err := range again.Train(context.Background(), points, 1) {
		check(err)
		fmt.Println("step", step.N)
	}
	check(again.Close())
	// Output:
	// step 6
}

// reverseKL is a loss of one's own: two functions of logits. It is the one of "f-GAN" (Nowozin et al. 2016) for the
// reverse Kullback-Leibler divergence.
type reverseKL struct{}

func (reverseKL) Discriminator(realLogits, fakeLogits *Node) *Node {
	return Add(ReduceAllMean(Exp(Neg(realLogits))), ReduceAllMean(Sub(fakeLogits, ScalarOne(fakeLogits.Graph(), fakeLogits.DType()))))
}

func (reverseKL) Generator(_, fakeLogits *Node) *Node { return Neg(ReduceAllMean(fakeLogits)) }

// A loss that is registered can be saved with a run and named on the command line.
func ExampleRegistry() {
	gan.Losses.Register("reverse-kl", reverseKL{})
	loss, err := gan.Losses.Named("reverse-kl")
	check(err)
	fmt.Printf("%T\n", loss)
	// Output:
	// gan_test.reverseKL
}

// check stands for the error handling of a real program.
func check(err error) {
	if err != nil {
		panic(err)
	}
}
