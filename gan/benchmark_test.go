package gan_test

import (
	"context"
	"sort"
	"testing"
	"time"

	"github.com/gomlx/compute"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// plain is the game of case dcgan28_b64 of bench/torch_step.py, recipe that of case dcgan28_32_rp_r1_b64 but for the
// moving average.
var plain = gan.Config{Arch: gan.DCGAN{Size: 28, Channels: 1, DiscriminatorNorm: gan.NoNorm}}

var recipe = gan.Config{
	Arch: gan.DCGAN{Size: 28, Channels: 1, GeneratorChannels: 32, DiscriminatorChannels: 32, DiscriminatorNorm: gan.NoNorm},
	Loss: gan.RelativisticPaired{}, Penalty: gan.R1{Gamma: 0.3, Every: 8}, EMA: 0.998,
	Generator: gan.Adam{LearningRate: 2e-3, Beta2: 0.99}, Discriminator: gan.Adam{LearningRate: 2e-3, Beta2: 0.99},
}

// BenchmarkStep times steps on batches of 64 digits of 28 pixels: go test -run - -bench Step ./gan. Besides the mean it
// gives the median and the best, and the seconds of the first step, which compiles.
func BenchmarkStep(b *testing.B) {
	for name, config := range map[string]gan.Config{"plain": plain, "recipe": recipe} {
		for _, backend := range []compute.Backend{gantest.XLA(), gantest.Go()} {
			if backend == nil {
				continue
			}
			b.Run(name+"/"+backend.Name(), func(b *testing.B) { benchmarkStep(b, backend, config) })
		}
	}
}

func benchmarkStep(b *testing.B, backend compute.Backend, config gan.Config) {
	digits, err := datasets.Open("digits", datasets.Options{})
	if err != nil {
		b.Fatal(err)
	}
	batches, err := digits.Batches(64, 1)
	if err != nil {
		b.Fatal(err)
	}
	trainer, err := gan.NewTrainer(backend, config)
	if err != nil {
		b.Fatal(err)
	}
	take := func(n int) (milliseconds []float64) {
		last := time.Now()
		for _, err := range trainer.Train(context.Background(), batches, n) {
			if err != nil {
				b.Fatal(err)
			}
			milliseconds = append(milliseconds, float64(time.Since(last).Microseconds())/1e3)
			last = time.Now()
		}
		return milliseconds
	}
	compile := take(1)[0]
	take(3)
	b.ResetTimer()
	times := take(b.N)
	b.StopTimer()
	sort.Float64s(times)
	b.ReportMetric(times[len(times)/2], "median-ms")
	b.ReportMetric(times[0], "best-ms")
	b.ReportMetric(compile/1e3, "first-s")
}
