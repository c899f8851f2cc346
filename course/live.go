package course

import (
	"context"
	"fmt"
	"image"
	"io"
	"math"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/ml/train"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/display"
	"github.com/ganymede-ml/ganymede/gan/training"
)

// Batches is what trainers train on: datasets.Batches and others.
type Batches = train.Dataset

// Live shows a training in its cell while it runs: how far it is, the losses, and whatever the cell draws.
type Live struct {
	Every    int  // Steps from one drawing to the next. Begin sets it to a twentieth of all, in quick mode to an eighth.
	NoCurves bool // Draw no losses.

	ctx      context.Context
	stop     context.CancelFunc
	steps    int // To do in all.
	begun    int // Done before this cell.
	done     int
	dir      string // Of the run, or empty.
	progress *display.Progress
	values   []display.Series
}

func newLive(steps, done int) *Live {
	live := &Live{Every: max(1, steps/Pick(20, 8)), steps: steps, begun: done, done: done, progress: &display.Progress{Total: steps}}
	live.ctx, live.stop = signal.NotifyContext(context.Background(), os.Interrupt)
	return live
}

// Context ends when the cell is interrupted, by the ■ button.
func (l *Live) Context() context.Context { return l.ctx }

// Left returns the steps that are still to do.
func (l *Live) Left() int { return l.steps - l.done }

// Step takes note of a step, a gan.Step or a training.Step, and tells whether it is time to draw. An error fails the cell.
func (l *Live) Step(step any, err error) bool {
	if err != nil && l.begun > 0 && l.done == l.begun {
		Fail("%v\n  This cell went on with a training that was interrupted. To start afresh, delete %s.", err, l.dir)
	}
	Must(err)
	var values []training.Value
	switch step := step.(type) {
	case gan.Step:
		l.done, values = step.N, []training.Value{
			{Name: "discriminator", Value: step.DiscriminatorLoss}, {Name: "generator", Value: step.GeneratorLoss}}
	case training.Step:
		// How steep the losses are would flatten their curves.
		isSteepness := func(v training.Value) bool { return strings.HasSuffix(v.Name, "_gradient") }
		l.done, values = step.N, slices.DeleteFunc(slices.Clone(step.Values), isSteepness)
	default:
		Fail("course.Live.Step: %T is no step", step)
	}
	l.note(values)
	if l.done%l.Every != 0 && l.done != l.steps {
		return false
	}
	if !l.NoCurves && len(l.values) > 0 && len(l.values[0].Y) > 1 {
		l.drawCurves()
	}
	return true
}

// note adds the values of a step to the curves, and moves the progress on.
func (l *Live) note(values []training.Value) {
	numbers := make([]float64, len(l.values), len(l.values)+len(values))
	for i := range numbers {
		numbers[i] = math.NaN() // Of a value that this step does not report.
	}
	for _, value := range values {
		i := slices.IndexFunc(l.values, func(s display.Series) bool { return s.Name == value.Name })
		if i < 0 {
			i = len(l.values)
			l.values, numbers = append(l.values, display.Series{Name: value.Name}), append(numbers, 0)
			l.progress.Losses = append(l.progress.Losses, value.Name)
		}
		numbers[i] = value.Value
		l.values[i].X, l.values[i].Y = append(l.values[i].X, float64(l.done)), append(l.values[i].Y, value.Value)
	}
	Must(l.progress.Update(l.done, numbers...))
}

func (l *Live) drawCurves() {
	series := make([]display.Series, len(l.values))
	for i, values := range l.values {
		values.Smooth = max(1, len(values.Y)/40)
		series[i] = values
	}
	Show("losses", display.Chart{YLabel: "loss", Height: 280, Series: series}.Draw())
}

// End closes the trainer at the end of its cell, and says so if it was interrupted: what was learned is saved.
func (l *Live) End(trainer io.Closer) {
	l.stop()
	Must(trainer.Close())
	if l.done < l.steps {
		fmt.Printf("Interrupted after step %d of %d, and saved. Run this cell again, and it goes on.\n", l.done, l.steps)
	}
}

// Show draws a picture in place of the last one of the same name in this cell.
func Show(name string, picture image.Image) { Must(display.Update(name, picture)) }

// Must ends the cell if there is an error, with its message alone.
func Must(err error) {
	if err != nil {
		Fail("%v", err)
	}
}

// TrainDrawing is Train with a drawing of one's own; nil draws 36 samples.
func TrainDrawing(config gan.Config, batches Batches, steps int, draw func(trainer *gan.Trainer) image.Image) *gan.Trainer {
	trainer, live := Begin(config.Dir, steps, config, gan.NewTrainer, gan.Load)
	if draw == nil {
		draw = func(trainer *gan.Trainer) image.Image {
			samples, err := trainer.Sample(36)
			Must(err)
			return display.Grid(samples, 12)
		}
	}
	for step, err := range trainer.Train(live.Context(), batches, live.Left()) {
		if live.Step(step, err) {
			Show("samples", draw(trainer))
		}
	}
	live.End(trainer)
	return trainer
}
