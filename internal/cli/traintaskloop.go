package cli

import (
	"context"
	"strings"
	"time"

	"github.com/gomlx/gomlx/ml/train"

	engine "github.com/ganymede-ml/ganymede/gan/training"
)

// taskTrained is the result of train for a task.
type taskTrained struct {
	Run             string             `json:"run"`
	Task            string             `json:"task"`
	Preset          string             `json:"preset,omitempty"`
	Data            string             `json:"data"`
	Steps           int                `json:"steps"`    // In total.
	Seconds         float64            `json:"seconds"`  // Of this training, compiling and drawing included.
	Reported        map[string]float64 `json:"reported"` // Losses and others of the last step, by the names in its log.
	ImagesPerSecond float64            `json:"images_per_second"`
	Pictures        []string           `json:"pictures"`
	Backend         string             `json:"backend"`
	Plugin          string             `json:"plugin,omitempty"`
	Reached         bool               `json:"already_reached"` // There was nothing left to train.
}

// announce says what is about to be trained.
func (t *taskTraining) announce() {
	if t.quiet {
		return
	}
	if t.choice.Note != "" {
		t.say("note: %s", t.choice.Note)
	}
	name := t.task.name()
	if t.preset != "" {
		name = t.preset
	}
	t.say("%s on %s (%s), %s, in %s", name, t.dataName, t.data.describe(), backendName(t.choice), t.dir)
	_, remarks := t.task.shown()
	for _, remark := range remarks {
		t.say("%s", remark)
	}
}

// train takes the steps and draws the pictures.
func (t *taskTraining) train(ctx context.Context, data train.Dataset) (*taskTrained, error) {
	result := &taskTrained{Run: t.dir, Task: t.task.name(), Preset: t.preset, Data: t.dataName, Backend: t.choice.Kind, Plugin: t.choice.Plugin}
	steps, limit, reached := t.request.left(t.trainer.Steps(), t.task.common().lastStep())
	frames := &film{dir: t.dir, draw: t.task.preview}
	if err := frames.forget(t.trainer.Steps()); err != nil {
		return nil, err
	}
	if result.Reached = reached; !reached {
		if err := t.loop(ctx, data, steps, limit, frames, result); err != nil {
			return nil, err
		}
	}
	if result.Steps = t.trainer.Steps(); result.Steps == 0 {
		return result, nil // Time was over before the first step.
	}
	log, err := engine.ReadLog(t.dir)
	if err != nil {
		return nil, err
	}
	result.Reported = map[string]float64{}
	var losses curves
	for _, step := range log {
		for _, loss := range lossesNow(step) {
			losses.add(loss.name, step.N, loss.value)
		}
		for _, value := range step.Values {
			result.Reported[value.Name] = value.Value
		}
	}
	grid, err := t.task.preview()
	if err != nil {
		return nil, err
	}
	result.Pictures, err = frames.end(result.Steps, grid, namedPicture{"losses.png", losses.draw("Losses")})
	return result, err
}

// loop takes the steps. The limit, if not 0, is of their time.
func (t *taskTraining) loop(ctx context.Context, data train.Dataset, steps int, limit time.Duration, frames *film, result *taskTrained) error {
	limited, cancel := ctx, context.CancelFunc(func() {})
	if limit > 0 {
		limited, cancel = context.WithTimeout(ctx, limit)
	}
	defer cancel()
	meter := newMeter(t.console, t.quiet, t.trainer.Steps(), steps, limit, t.batch, "images")
	err := func() error {
		defer meter.close()
		for step, err := range t.trainer.Train(limited, data, steps) {
			if err != nil {
				return err
			}
			meter.update(step.N, lossesNow(step)...)
			if err := frames.maybe(step.N, meter.share(), meter.elapsed()); err != nil {
				return err
			}
		}
		return t.trainer.Close()
	}()
	result.Seconds, result.ImagesPerSecond = meter.elapsed().Seconds(), meter.speed()
	t.request.Seconds += result.Seconds
	if writeErr := t.request.write(t.dir); err == nil {
		err = writeErr
	}
	if err == nil && ctx.Err() != nil {
		return t.interrupted(t.trainer.Steps())
	}
	return err
}

// lossesNow returns the losses of a step by short names, "generator", without what else it reports: logits and gradients.
func lossesNow(step engine.Step) []lossNow {
	var losses []lossNow
	for _, value := range step.Values {
		if !strings.HasSuffix(value.Name, "_logit") && !strings.HasSuffix(value.Name, "_gradient") {
			losses = append(losses, lossNow{strings.ReplaceAll(strings.TrimSuffix(value.Name, "_loss"), "_", " "), value.Value})
		}
	}
	return losses
}

// report prints the result.
func (t *taskTraining) report(result *taskTrained) error {
	switch {
	case t.json:
		return t.printJSON(result)
	case t.quiet:
		return t.print("%s", t.dir)
	case result.Reached:
		if err := t.printReached(t.request, result.Steps); err != nil {
			return err
		}
	default:
		took := time.Duration(result.Seconds * float64(time.Second)).Round(time.Second)
		if err := t.print("Trained to step %d in %s, %.0f images/s. Pictures:", result.Steps, took, result.ImagesPerSecond); err != nil {
			return err
		}
	}
	for _, picture := range result.Pictures {
		if err := t.print("  %s", picture); err != nil {
			return err
		}
	}
	for i, next := range t.task.next(t.dir) {
		word := "Next:"
		if i > 0 {
			word = "  or:"
		}
		if err := t.print("%s %s", word, t.shell(next...)); err != nil {
			return err
		}
	}
	return nil
}
