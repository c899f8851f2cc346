package health

import (
	"slices"

	"github.com/ganymede-ml/ganymede/gan"
)

// memory is what a monitor knows of a training.
type memory struct {
	reports   []Report
	looks     []Look    // Of the reports, without those that rollbacks undid.
	swings    []float64 // Real less fake logit at each step,
	first     int       // from this step on.
	tally     tally
	rollbacks int
}

// recall returns the memory of the run in the folder, "" for none, that goes on at a step, and of which there are these reports.
func recall(dir string, reports []Report, step int, scale lossScale) (memory, error) {
	m := memory{reports: reports}
	for i := range reports {
		report := &reports[i]
		if report.seen() {
			m.looks = append(m.looks, report.Look)
		}
		if report.BackTo != nil {
			m.rollbacks++
			m.forget(*report.BackTo)
		}
	}
	if dir == "" {
		return m, nil
	}
	looked := m.looked()
	steps, err := gan.ReadLog(dir)
	for _, s := range steps {
		if s.N > step {
			break // A run that crashed logged more than it saved.
		}
		m.see(s, scale)
		if s.N == looked {
			m.tally = tally{}
		}
	}
	return m, err
}

// seen tells whether samples could be judged.
func (r *Report) seen() bool {
	return !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Kind == NotANumber })
}

// looked returns the step of the last look, 0 before the first.
func (m *memory) looked() int {
	if len(m.looks) == 0 {
		return 0
	}
	return m.looks[len(m.looks)-1].Step
}

// interval returns the steps from one report to the next, 0 if there are not two.
func interval(reports []Report) int {
	for i := 1; i < len(reports); i++ {
		if steps := reports[i].Step - reports[i-1].Step; steps > 0 {
			return steps
		}
	}
	return 0
}

// see notes a step.
func (m *memory) see(step gan.Step, scale lossScale) {
	if len(m.swings) == 0 {
		m.first = step.N
	}
	m.swings = append(m.swings, step.RealLogit-step.FakeLogit)
	m.tally.add(step, scale)
}

// forget drops looks and steps after a step.
func (m *memory) forget(step int) {
	m.looks = slices.DeleteFunc(m.looks, func(look Look) bool { return look.Step > step })
	m.swings = m.swings[:min(len(m.swings), max(0, step-m.first+1))]
	m.tally = tally{}
}
