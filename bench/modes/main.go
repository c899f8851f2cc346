// Command modes counts the modes that generators of points in the plane find, by the protocol of "PacGAN: The power of two
// samples in generative adversarial networks" (Lin et al. 2018, https://arxiv.org/abs/1712.04086, section 4.1): plain, and
// with one cure after another, over several seeds.
//
//	go run ./bench/modes --data ring --seeds 10
//
// Each line is a game: the mean over the seeds, with its standard error, of the number of modes with a sample of high
// quality among 2,500, of the share of such samples, and of the reverse Kullback-Leibler divergence.
package main

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/xla"
)

const judged = 2500

// game is a configuration to train.
type game struct {
	name  string
	batch int
	edit  func(c *gan.Config)
}

func main() {
	data := flag.String("data", "ring", "ring or grid")
	seeds := flag.Int("seeds", 10, "number of seeds")
	steps := flag.Int("steps", 10_000, "steps of each training")
	only := flag.String("only", "", "names of games, separated by commas; all, if it is empty")
	net := flag.String("net", "small", "small, three hidden layers of 128, or pacgan, the paper's")
	decay := flag.Bool("decay", true, "let the learning rate fall over the second half")
	rate := flag.Float64("lr", 1e-3, "learning rate of Adam; moments are PacGAN's, 0.8 and 0.999")
	flag.Parse()
	if err := run(*data, *seeds, *steps, *rate, *only, *net, *decay); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// games returns the games: PacGAN's networks and loss, narrower, and what is changed in each.
func games() []game {
	return []game{
		{"plain", 100, func(*gan.Config) {}},
		{"pacgan2", 200, func(c *gan.Config) { c.Pack = 2 }},
		{"pacgan4", 400, func(c *gan.Config) { c.Pack = 4 }},
		{"r1", 100, func(c *gan.Config) { c.Penalty = gan.R1{Gamma: 0.1} }},
		{"rp+r1r2", 100, func(c *gan.Config) { c.Loss, c.Penalty = gan.RelativisticPaired{}, gan.R1R2{Gamma: 0.1} }},
		{"wgan-gp", 100, func(c *gan.Config) {
			c.Loss, c.Penalty, c.DiscriminatorSteps = gan.Wasserstein{}, gan.GradientPenalty{Lambda: 0.1}, 5
			adam := c.Generator.(gan.Adam)
			adam.Beta1, adam.Beta2 = 0.5, 0.9
			c.Generator, c.Discriminator = adam, adam
		}},
		{"noise", 100, func(c *gan.Config) { c.Noise = gan.InstanceNoise{StdDev: 0.5, Until: c.DecayTo} }},
		{"dragan", 100, func(c *gan.Config) { c.Penalty = gan.DRAGAN{} }},
	}
}

func run(data string, seeds, steps int, rate float64, only, net string, decay bool) error {
	choice, err := xla.Open(context.Background(), xla.Options{})
	if err != nil {
		return err
	}
	defer choice.Backend.Finalize()
	for _, g := range games() {
		if only != "" && !strings.Contains(","+only+",", ","+g.name+",") {
			continue
		}
		var modes, quality, divergence []float64
		started := time.Now()
		for seed := range seeds {
			result, err := play(choice, data, g, int64(seed+1), steps, rate, net, decay)
			if err != nil {
				return err
			}
			modes = append(modes, float64(result.Modes))
			quality = append(quality, 100*result.HighQuality)
			divergence = append(divergence, result.ReverseKL)
		}
		fmt.Printf("%-8s %-8s %d seeds, %d steps: modes %s, high quality %s %%, reverse KL %s, %.0f s each; modes of each: %v\n",
			data, g.name, seeds, steps, mean(modes), mean(quality), mean(divergence), time.Since(started).Seconds()/float64(seeds), modes)
	}
	return nil
}

// play trains a game and judges its samples.
func play(choice *xla.Choice, data string, g game, seed int64, steps int, rate float64, net string, decay bool) (metrics.ModesResult, error) {
	set, err := datasets.Open(data, datasets.Options{Seed: seed})
	if err != nil {
		return metrics.ModesResult{}, err
	}
	batches, err := set.Batches(g.batch, seed)
	if err != nil {
		return metrics.ModesResult{}, err
	}
	adam := gan.Adam{LearningRate: rate, Beta1: 0.8, Beta2: 0.999}
	config := gan.Config{
		Arch: gan.MLP{
			Shape: []int{2}, GeneratorHidden: []int{128, 128, 128}, DiscriminatorHidden: []int{128, 128, 128},
		},
		Generator: adam, Discriminator: adam, Seed: seed, DecayFrom: steps / 2, DecayTo: steps,
	}
	if !decay {
		config.DecayFrom, config.DecayTo = 0, 0
	}
	if net == "pacgan" {
		config.Arch = gan.MLP{
			Shape: []int{2}, GeneratorHidden: []int{128, 128, 128, 128}, GeneratorNorm: gan.BatchNorm,
			DiscriminatorHidden: []int{64, 64, 64}, Maxout: 5, Init: gan.NormalInit,
		}
	}
	g.edit(&config)
	trainer, err := gan.NewTrainer(choice.Backend, config)
	if err != nil {
		return metrics.ModesResult{}, errors.WithMessage(err, g.name)
	}
	for _, err := range trainer.Train(context.Background(), batches, steps) {
		if err != nil {
			return metrics.ModesResult{}, errors.WithMessage(err, g.name)
		}
	}
	samples, err := trainer.Sample(judged)
	if err != nil {
		return metrics.ModesResult{}, err
	}
	points, err := tensors.CopyFlatData[float32](samples)
	if err != nil {
		return metrics.ModesResult{}, err
	}
	return metrics.Modes(points, set.Modes, set.Sigma)
}

// mean returns the mean and its standard error.
func mean(values []float64) string {
	var sum, squares float64
	n := float64(len(values))
	for _, value := range values {
		sum += value
	}
	for _, value := range values {
		squares += (value - sum/n) * (value - sum/n)
	}
	return fmt.Sprintf("%.2f ± %.2f", sum/n, math.Sqrt(squares/max(n-1, 1)/n))
}
