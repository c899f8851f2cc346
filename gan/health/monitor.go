package health

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/gomlx/gomlx/ml/train"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
)

// Options say how a Monitor looks and what it does. The zero fields mean the defaults.
type Options struct {
	Every    int   // Steps from one look to the next; 0 means a 25th of the training, but at least 100 and at most 1,000.
	Samples  int   // Drawn at each look; 0 means 500.
	Seed     int64 // Of their latents, which are the same at every look.
	Patience int   // Looks in a row that must show a trouble before it is an alarm; 0 means 3.

	OnCollapse   Action  // What an alarm leads to; "" means Warn.
	MaxRollbacks int     // Rollbacks before the training is stopped instead; 0 means 3.
	Rate         float64 // What a rollback multiplies both learning rates by; 0 means 0.5.

	OnReport func(Report) // Called with every report, if it is not nil.
}

func (o Options) filled() (Options, error) {
	o.Samples, o.Patience = cmp.Or(o.Samples, 500), cmp.Or(o.Patience, 3)
	o.MaxRollbacks, o.Rate = cmp.Or(o.MaxRollbacks, 3), cmp.Or(o.Rate, 0.5)
	o.OnCollapse = cmp.Or(o.OnCollapse, Warn)
	switch {
	case !slices.Contains([]Action{Warn, Stop, Rollback}, o.OnCollapse):
		return o, errors.Errorf("health: Options.OnCollapse must be %q, %q or %q, got %q", Warn, Stop, Rollback, o.OnCollapse)
	case o.Every < 0 || o.Patience < 0 || o.MaxRollbacks < 0:
		return o, errors.New("health: numbers in Options must not be negative")
	case o.Samples < minSamples:
		return o, errors.Errorf("health: Options.Samples must be at least %d, got %d", minSamples, o.Samples)
	case !(o.Rate > 0 && o.Rate <= 1):
		return o, errors.Errorf("health: Options.Rate must be above 0 and at most 1, got %g", o.Rate)
	}
	return o, nil
}

// minSamples is how many samples have a Fréchet distance at all: more than features.
const minSamples = 2 * maxFeatures

// Monitor watches a training. Make one for each with New.
type Monitor struct {
	reference *Reference
	options   Options

	every   int
	scale   lossScale
	journal journal
	memory  memory
	stopped *Stopped
}

// Stopped says why a Monitor ended a training.
type Stopped struct {
	Step     int     `json:"step"`               // At which it did.
	Finding  Finding `json:"finding"`            // The alarm.
	Best     int     `json:"best,omitempty"`     // The step of the best checkpoint, 0 if there is none.
	Distance float64 `json:"distance,omitempty"` // Its distance.
}

// New returns a monitor that judges by the reference.
func New(reference *Reference, options Options) (*Monitor, error) {
	options, err := options.filled()
	if err != nil {
		return nil, err
	}
	if reference == nil {
		return nil, errors.New("health: the reference must not be nil; NewReference makes one of real examples")
	}
	return &Monitor{reference: reference, options: options}, nil
}

// Stopped returns why the monitor ended the training, nil if it did not.
func (m *Monitor) Stopped() *Stopped { return m.stopped }

// Reports returns all reports so far, those of the run before it was resumed included.
func (m *Monitor) Reports() []Report { return slices.Clone(m.memory.reports) }

// Train is Trainer.Train, watched: it takes the same steps and yields them, until an alarm. What it sees is in health.jsonl in the
// run folder, if there is one, and the trainer's state at the smallest distance is its best checkpoint. A look follows
// the step it is of: it is left out if the caller leaves the loop at that step.
//
// An alarm of collapse, of a discriminator that has won or of numbers that are none leads to Options.OnCollapse. Warn goes
// on; losses that are not numbers are then the trainer's error. Stop ends the loop without an error; Stopped tells why.
// Rollback has the trainer go back to its best checkpoint, or to the last one, or to fresh weights, and on from there
// with lower learning rates to the same last step; when Options.MaxRollbacks are used up it stops.
//
// A monitor of a resumed run reads health.jsonl, so that best and patience go on as if it had never stopped.
func (m *Monitor) Train(ctx context.Context, trainer *gan.Trainer, data train.Dataset, n int) iter.Seq2[gan.Step, error] {
	return func(yield func(gan.Step, error) bool) {
		if n <= 0 {
			return
		}
		if err := m.begin(trainer, n); err != nil {
			yield(gan.Step{}, err)
			return
		}
		last := trainer.Steps() + n
		for trainer.Steps() < last && m.stopped == nil {
			alarm, ok := m.watch(ctx, trainer, data, last, yield)
			if !ok || alarm == nil {
				return
			}
			if err := m.act(trainer, alarm); err != nil {
				yield(gan.Step{}, err)
				return
			}
		}
	}
}

// begin recalls what was seen of the run before.
func (m *Monitor) begin(trainer *gan.Trainer, n int) error {
	config := trainer.Config()
	var err error
	if m.scale, err = newLossScale(trainer.Backend(), config.Loss); err != nil {
		return err
	}
	reports := m.memory.reports
	if m.journal, reports, err = openJournal(config.Dir, reports, trainer.Steps()); err != nil {
		return err
	}
	m.every = cmp.Or(m.options.Every, interval(reports), min(max(100, n/25), 1000))
	m.stopped = nil
	m.memory, err = recall(config.Dir, reports, trainer.Steps(), m.scale)
	return err
}

// watch trains up to the last step, or to an alarm that is to be acted on. It is not ok if the caller left or was given an
// error.
func (m *Monitor) watch(
	ctx context.Context, trainer *gan.Trainer, data train.Dataset, last int, yield func(gan.Step, error) bool,
) (alarm *Report, ok bool) {
	for step, err := range trainer.Train(ctx, data, last-trainer.Steps()) {
		var report *Report
		if err != nil {
			report, err = m.lost(err)
		} else {
			if !yield(step, nil) {
				return nil, false
			}
			m.memory.see(step, m.scale)
			if m.isDue(step.N, last) {
				report, err = m.look(trainer, step.N)
			}
		}
		if err == nil && report != nil {
			if report.Alarm() != nil && m.options.OnCollapse != Warn {
				return report, true
			}
			err = m.publish(report)
		}
		if err != nil {
			yield(gan.Step{}, err)
			return nil, false
		}
	}
	return nil, true
}

// isDue tells whether the step is one to look after: every so many, and the last one unless that has just been.
func (m *Monitor) isDue(step, last int) bool {
	return step%m.every == 0 || step == last && step-m.memory.looked() >= (m.every+1)/2
}

// lost returns the report of losses that are not numbers. Where nobody acts on it, and for other errors, it returns the error.
func (m *Monitor) lost(err error) (*Report, error) {
	var bad *gan.NotANumber
	if !errors.As(err, &bad) {
		return nil, err
	}
	report := notFinite("the losses", bad.Step.N)
	if m.options.OnCollapse == Warn {
		return nil, cmp.Or(m.publish(report), err)
	}
	return report, nil
}

// notFinite returns the report of what is no number.
func notFinite(what string, step int) *Report {
	return &Report{Look: Look{Step: step}, Findings: []Finding{{NotANumber, Alarm, step, fmt.Sprintf(
		"%s are no longer numbers at step %d; try a lower learning rate or a stronger penalty", what, step)}}}
}

// look judges samples and keeps the trainer's state if it is the best.
func (m *Monitor) look(trainer *gan.Trainer, step int) (*Report, error) {
	samples, err := trainer.Draw(gan.Draw{N: m.options.Samples, Seed: m.options.Seed})
	if err != nil {
		return nil, err
	}
	look, err := m.reference.Look(samples)
	samples.MustFinalizeAll()
	if errors.Is(err, errNotFinite) {
		return notFinite("samples", step), nil
	}
	if err != nil {
		return nil, err
	}
	look.Step = step
	m.memory.tally.write(&look)
	m.memory.tally = tally{}
	m.memory.looks = append(m.memory.looks, look)
	report := &Report{Look: look}
	report.Findings = diagnosis{m.memory.looks, m.reference.real, m.reference.spread, m.options.Patience}.findings()
	if found := oscillation(m.memory.swings, m.memory.first); found != nil {
		report.Findings = append(report.Findings, *found)
	}
	if _, best, ok := trainer.Best(); !ok || look.Distance < best {
		report.Best = true
		return report, trainer.SaveBest(look.Distance)
	}
	return report, nil
}

// publish writes the report down and tells it.
func (m *Monitor) publish(report *Report) error {
	if report.Alarm() != nil {
		report.Action = cmp.Or(report.Action, Warn)
	}
	m.memory.reports = append(m.memory.reports, *report)
	if err := m.journal.write(report); err != nil {
		return err
	}
	if m.options.OnReport != nil {
		m.options.OnReport(*report)
	}
	return nil
}

// act stops the training or takes it back.
func (m *Monitor) act(trainer *gan.Trainer, report *Report) error {
	if m.options.OnCollapse == Rollback && m.memory.rollbacks < m.options.MaxRollbacks {
		if err := trainer.Rollback(m.options.Rate); err != nil {
			return err
		}
		to := trainer.Steps()
		m.memory.rollbacks++
		m.memory.forget(to)
		report.Action, report.BackTo = Rollback, &to
		return m.publish(report)
	}
	report.Action = Stop
	m.stopped = &Stopped{Step: report.Step, Finding: *report.Alarm()}
	if step, distance, ok := trainer.Best(); ok {
		m.stopped.Best, m.stopped.Distance = step, distance
	}
	return m.publish(report)
}
