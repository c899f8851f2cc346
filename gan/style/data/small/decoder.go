package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/style"
)

const decoderBatch = 4

// decoderConfig is the paper's, with a higher learning rate that falls sooner, as steps are few, and with an identity loss.
func decoderConfig(seed int64, dir string) style.Config {
	return style.Config{
		Crop: 48, StyleWeight: 3, IdentityWeight: 40, Optimizer: gan.Adam{LearningRate: 1e-3, Beta1: 0.9, Beta2: 0.999}, Decay: 3e-4, Seed: seed, Dir: dir, SaveEvery: 250,
	}
}

// trainDecoder returns the names, values and shapes of the decoder's weights once the run in the folder has taken so many
// steps.
func trainDecoder(ctx context.Context, backend compute.Backend, s sources, steps, count int, seed int64, dir string) (
	names []string, values map[string][]float32, shapes map[string][]int, done int, err error) {
	trainer, err := openRun(backend, seed, dir)
	if err != nil {
		return nil, nil, nil, 0, err
	}
	if steps > trainer.Steps() {
		if err := goOn(ctx, trainer, s, steps, count, seed); err != nil {
			return nil, nil, nil, 0, err
		}
	}
	values, shapes = make(map[string][]float32), make(map[string][]int)
	for v := range trainer.Store().IterVariables() {
		name, ok := strings.CutPrefix(v.Path(), "/decoder/")
		if !ok || !strings.Contains(name, "/conv/") {
			continue
		}
		value, err := v.Value()
		if err != nil {
			return nil, nil, nil, 0, err
		}
		if values[name], err = tensors.CopyFlatData[float32](value); err != nil {
			return nil, nil, nil, 0, err
		}
		names, shapes[name] = append(names, name), value.Shape().Dimensions
	}
	return names, values, shapes, trainer.Steps(), trainer.Close()
}

// openRun goes on with the run in the folder, or starts one.
func openRun(backend compute.Backend, seed int64, dir string) (*style.Trainer, error) {
	if _, err := os.Stat(filepath.Join(dir, "run.json")); err == nil {
		return style.Load(backend, dir)
	}
	return style.New(backend, decoderConfig(seed, dir))
}

// goOn trains to the number of steps.
func goOn(ctx context.Context, trainer *style.Trainer, s sources, steps, count int, seed int64) error {
	pairs := datasets.Pairs{Name: "made"}
	for i, set := range []**datasets.Set{&pairs.A, &pairs.B} {
		album := s.draw(count, uint64(seed)+1+uint64(i))
		*set = &datasets.Set{Name: "made", Shape: []int{side, side, 3}, Pixels: album.pixels}
	}
	batches, err := pairs.Batches(decoderBatch, seed)
	if err != nil {
		return err
	}
	started := time.Now()
	means := make(map[string]float64)
	for step, err := range trainer.Train(ctx, batches, steps-trainer.Steps()) {
		if err != nil {
			return err
		}
		for _, value := range step.Values {
			means[value.Name] += value.Value / 100
		}
		if step.N%100 == 0 {
			fmt.Printf("decoder, step %d, %.0f s: content %.3f, style %.3f, identity %.4f\n", step.N, time.Since(started).Seconds(),
				means["content_loss"], means["style_loss"], means["identity_loss"])
			clear(means)
		}
	}
	return nil
}
