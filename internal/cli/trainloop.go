package cli

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/health"
	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/internal/evaluate"
)

// trained is the result of train.
type trained struct {
	Run               string   `json:"run"`
	Preset            string   `json:"preset,omitempty"`
	Data              string   `json:"data"`
	Steps             int      `json:"steps"`   // In total.
	Seconds           float64  `json:"seconds"` // Of this training, compiling and drawing included.
	DiscriminatorLoss float64  `json:"discriminator_loss"`
	GeneratorLoss     float64  `json:"generator_loss"`
	ImagesPerSecond   float64  `json:"images_per_second"`
	Pictures          []string `json:"pictures"`
	Backend           string   `json:"backend"`
	Plugin            string   `json:"plugin,omitempty"`
	Reached           bool     `json:"already_reached"` // There was nothing left to train.

	Health *watched `json:"health,omitempty"` // What the monitor found; nil if there was none.

	*metrics.ModesResult // Of the samples, where the data is a toy of known modes.
}

// announce says what is about to be trained.
func (t *training) announce() {
	if t.quiet {
		return
	}
	if t.choice.Note != "" {
		t.say("note: %s", t.choice.Note)
	}
	name := architecture.name(&t.plan.config)
	if t.plan.preset != "" && t.plan.preset != name {
		name = t.plan.preset + " (" + name + ")"
	}
	t.say("%s on %s (%s), %s, in %s", name, t.plan.data, t.plan.learned.describe(), backendName(t.choice), t.dir)
}

// train takes the steps and draws the pictures.
func (t *training) train(ctx context.Context, data trainBatches) (*trained, error) {
	first := t.trainer.Steps()
	result := &trained{Run: t.dir, Preset: t.plan.preset, Data: t.plan.data, Backend: t.choice.Kind, Plugin: t.choice.Plugin}
	steps, limit, reached := t.plan.request.left(first, t.plan.config.DecayTo)
	pictures, err := newPictures(t.trainer, t.plan.learned, t.dir)
	if err != nil {
		return nil, err
	}
	if result.Reached = reached; !reached {
		if err := t.loop(ctx, data, steps, limit, pictures, result); err != nil {
			return nil, err
		}
		if err := t.reload(); err != nil {
			return nil, err
		}
		pictures.trainer = t.trainer
	}
	result.Steps = t.trainer.Steps()
	if result.Steps == 0 {
		return result, nil // Time was over before the first step.
	}
	result.Health = t.watch.result(t.trainer)
	if result.Pictures, err = pictures.finish(); err != nil {
		return nil, err
	}
	result.ModesResult, err = modesOf(t.trainer, t.plan.learned)
	return result, err
}

// modesOf judges a generator of points by the modes of its data; nil for data without.
func modesOf(trainer *gan.Trainer, data *trainData) (*metrics.ModesResult, error) {
	if !data.points() || data.Modes == nil {
		return nil, nil
	}
	samples, err := trainer.Sample(metrics.PointSamples)
	if err != nil {
		return nil, err
	}
	points, err := tensors.CopyFlatData[float32](samples)
	if err != nil {
		return nil, errors.WithMessage(err, "samples")
	}
	result, err := metrics.Modes(points, data.Modes, data.Sigma)
	return &result, err
}

// loop takes the steps. The limit, if not 0, is of their time.
func (t *training) loop(ctx context.Context, data trainBatches, steps int, limit time.Duration, pictures *pictures, result *trained) error {
	limited, cancel := ctx, context.CancelFunc(func() {})
	if limit > 0 {
		limited, cancel = context.WithTimeout(ctx, limit)
	}
	defer cancel()
	config := t.plan.config
	perStep := data.BatchSize() * config.DiscriminatorSteps * config.MicroBatches
	meter := newMeter(t.console, t.quiet, t.trainer.Steps(), steps, limit, perStep, t.unit())
	err := func() error {
		defer meter.close()
		t.watch.onAlarm(func(report health.Report) { meter.note(sayAlarm(report)) })
		for step, err := range t.watch.train(limited, t.trainer, data, steps) {
			if err != nil {
				return err
			}
			if step.N <= meter.last { // The training went back.
				if err := pictures.forget(step.N - 1); err != nil {
					return err
				}
			}
			result.DiscriminatorLoss, result.GeneratorLoss = step.DiscriminatorLoss, step.GeneratorLoss
			meter.update(step.N, lossNow{"D", step.DiscriminatorLoss}, lossNow{"G", step.GeneratorLoss})
			if err := pictures.maybe(step.N, meter.share(), meter.elapsed()); err != nil {
				return err
			}
		}
		return t.trainer.Close()
	}()
	result.Seconds, result.ImagesPerSecond = meter.elapsed().Seconds(), meter.speed()
	t.plan.request.Seconds += result.Seconds
	if writeErr := t.plan.request.write(t.dir); err == nil {
		err = writeErr
	}
	if err == nil && ctx.Err() != nil {
		return t.interrupted(t.trainer.Steps())
	}
	return err
}

// interrupted says how to go on after the step.
func (t *training) interrupted(step int) error {
	return interrupted{"interrupted; step " + strconv.Itoa(step) + " is saved, go on with: " + t.shell("train", "--run", t.dir, "--resume")}
}

// reload opens the last checkpoint of a training that was stopped because its weights are no numbers any more.
func (t *training) reload() (err error) {
	if t.watch == nil {
		return nil
	}
	stopped := t.watch.monitor.Stopped()
	if stopped == nil || stopped.Finding.Kind != health.NotANumber {
		return nil
	}
	if t.trainer, err = gan.Load(t.choice.Backend, t.dir); err == nil && t.trainer.Steps() == 0 {
		return errors.Errorf("%s; nothing was saved", stopped.Finding.Text)
	}
	return err
}

// printReached says that there was nothing left to train.
func (t *training) printReached(r request, steps int) error {
	goal, more := r.goal(steps)
	return t.print("The run in %s is at step %d and has reached its %s already; for more say %s.", t.dir, steps, goal, more)
}

// unit is what examples are.
func (t *training) unit() string {
	if t.plan.learned.points() {
		return "points"
	}
	return "images"
}

// report prints the result.
func (t *training) report(result *trained) error {
	switch {
	case t.json:
		return t.printJSON(result)
	case t.quiet:
		return t.print("%s", t.dir)
	case result.Reached:
		if err := t.printReached(t.plan.request, result.Steps); err != nil {
			return err
		}
	default:
		took := time.Duration(result.Seconds * float64(time.Second)).Round(time.Second)
		modes := ""
		if m := result.ModesResult; m != nil {
			modes = fmt.Sprintf(", modes %d of %d, %.0f %% within 3σ", m.Modes, len(t.plan.learned.Modes), 100*m.HighQuality)
		}
		if err := t.print("Trained to step %d in %s, %.0f %s/s%s.%s Pictures:", result.Steps, took, result.ImagesPerSecond, t.unit(), modes, result.Health.text()); err != nil {
			return err
		}
	}
	for _, picture := range result.Pictures {
		if err := t.print("  %s", picture); err != nil {
			return err
		}
	}
	next := []string{"sample", "--run", t.dir, "--n", "100", "--out", "more.png"}
	if h := result.Health; h != nil && h.Stopped != nil && h.Best > 0 {
		next = append(next, "--checkpoint", evaluate.Best)
	}
	return t.print("Next: %s", t.shell(next...))
}
