package cli

import (
	"context"
	"fmt"
	"iter"

	"github.com/gomlx/gomlx/ml/train"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/features"
	"github.com/ganymede-ml/ganymede/gan/health"
	"github.com/ganymede-ml/ganymede/xla"
)

// unwatched is the value of --on-collapse for a training that nobody watches.
const unwatched = "off"

var collapseActions = []string{string(health.Warn), string(health.Stop), string(health.Rollback), unwatched}

// timedLooks is how many steps lie between looks at a training whose length is a time.
const timedLooks = 250

// watchedExamples is how many examples of the data a training's samples are compared with, or fewer if they are large.
const watchedExamples = 4000

// watched is what the health monitor found of a training.
type watched struct {
	Best     int             `json:"best_step,omitempty"` // Of the best checkpoint; 0 without.
	Distance float64         `json:"best_distance,omitempty"`
	Last     float64         `json:"last_distance,omitempty"`
	Features string          `json:"features,omitempty"` // What distances are of; "" of points.
	Alarms   []health.Report `json:"alarms,omitempty"`   // Reports with an alarm.
	Stopped  *health.Stopped `json:"stopped,omitempty"`  // Nil if the training was not.
}

// watch is a training under a monitor.
type watch struct {
	monitor  *health.Monitor
	features string
	tell     func(health.Report) // Of an alarm, while it trains.
	alarms   []health.Report
	alarmed  bool // The last report was one with an alarm.
	last     float64
}

// startWatch has the training watched, if that is asked for. Data that samples cannot be judged by are no reason not to
// train, unless somebody relies on it.
func (t *training) startWatch() (err error) {
	action := t.plan.request.OnCollapse
	if action == unwatched {
		return nil
	}
	every := t.plan.request.LookEvery
	if every == 0 && t.plan.request.Minutes > 0 {
		every = timedLooks
	}
	t.watch, err = newWatch(t.choice, t.plan.learned, health.Options{Every: every, OnCollapse: health.Action(action)})
	if err != nil && action == string(health.Warn) && !t.flags.Changed("on-collapse") {
		t.watch = nil
		if !t.quiet {
			t.say("note: nobody watches the samples: %v", err)
		}
		return nil
	}
	return err
}

// newWatch returns a watch over trainings on the data.
func newWatch(choice *xla.Choice, data *trainData, options health.Options) (*watch, error) {
	w := &watch{}
	var extract health.Extract
	if !data.points() {
		w.features = features.Pixels
		if choice.Kind != xla.Go { // There a network would take longer than the training.
			w.features = features.Default(data.name(), data.shape())
		}
		extractor, err := features.Open(choice.Backend, w.features)
		if err != nil {
			return nil, err
		}
		extract = extractor.Extract
	}
	examples, err := data.draw(data.atMost(watchedExamples), 1)
	if err != nil {
		return nil, err
	}
	reference, err := health.NewReference(examples, extract)
	examples.MustFinalizeAll()
	if err != nil {
		return nil, err
	}
	options.OnReport = w.report
	w.monitor, err = health.New(reference, options)
	return w, err
}

// report takes note of a look.
func (w *watch) report(report health.Report) {
	if report.Distance > 0 {
		w.last = report.Distance
	}
	alarm := report.Alarm()
	if alarm == nil {
		w.alarmed = false
		return
	}
	w.alarms = append(w.alarms, report)
	if w.tell != nil && (!w.alarmed || report.Action != health.Warn) {
		w.tell(report)
	}
	w.alarmed = true
}

// train is Trainer.Train, watched.
func (w *watch) train(ctx context.Context, trainer *gan.Trainer, data train.Dataset, n int) iter.Seq2[gan.Step, error] {
	if w == nil {
		return trainer.Train(ctx, data, n)
	}
	return w.monitor.Train(ctx, trainer, data, n)
}

// onAlarm says what to do at an alarm that was not there at the look before, or that something is done about.
func (w *watch) onAlarm(tell func(health.Report)) {
	if w != nil {
		w.tell = tell
	}
}

// result returns what was found; nil if nobody watched.
func (w *watch) result(trainer *gan.Trainer) *watched {
	if w == nil {
		return nil
	}
	found := &watched{Last: w.last, Features: w.features, Alarms: w.alarms, Stopped: w.monitor.Stopped()}
	if step, distance, ok := trainer.Best(); ok {
		found.Best, found.Distance = step, distance
	}
	return found
}

// sayAlarm returns an alarm and what was done, as a line for people.
func sayAlarm(report health.Report) string {
	done := ""
	switch {
	case report.BackTo != nil:
		done = fmt.Sprintf("; going back to step %d, slower", *report.BackTo)
	case report.Action == health.Stop:
		done = "; stopping"
	}
	return fmt.Sprintf("step %d: %s since step %d: %s%s", report.Step, report.Alarm().Kind, report.Alarm().Since, report.Alarm().Text, done)
}

// text says for people what the training came to.
func (w *watched) text() string {
	switch {
	case w == nil:
		return ""
	case w.Stopped != nil && w.Best > 0:
		return fmt.Sprintf(" Stopped: %s; the best checkpoint is that of step %d, distance %.3g.", w.Stopped.Finding.Text, w.Best, w.Distance)
	case w.Stopped != nil:
		return fmt.Sprintf(" Stopped: %s.", w.Stopped.Finding.Text)
	case w.Best > 0 && len(w.Alarms) > 0:
		return fmt.Sprintf(" The best checkpoint is that of step %d, distance %.3g; the last one has %.3g.", w.Best, w.Distance, w.Last)
	}
	return ""
}
