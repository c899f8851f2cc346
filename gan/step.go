package gan

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"
)

// takeStep takes one step on its batches.
func (t *Trainer) takeStep(batches [][]*tensors.Tensor) (Step, error) {
	penalized := t.config.Penalty != nil && t.steps%t.config.Penalty.Interval() == 0
	term := t.config.GeneratorTerm != nil && t.steps%t.config.GeneratorTerm.Interval() == 0
	micro := t.config.MicroBatches
	var discriminator, generator [reportSize]float64
	for i, batch := range batches {
		// Where an update takes one batch, the last one serves both players.
		last := i == len(batches)-1
		p := phase{discriminator: true, penalized: penalized, apply: (i+1)%micro == 0, generator: last && micro == 1}
		p.term = p.generator && term
		report, err := t.runPhase(p, batch)
		if err != nil {
			return Step{}, err
		}
		if i%micro == 0 {
			discriminator = [reportSize]float64{}
		}
		for j, value := range report {
			discriminator[j] += value / float64(micro)
		}
	}
	generator = discriminator
	if micro > 1 {
		generator = [reportSize]float64{}
		for i, batch := range batches[len(batches)-micro:] {
			report, err := t.runPhase(phase{generator: true, term: term, apply: i == micro-1}, batch)
			if err != nil {
				return Step{}, err
			}
			for j, value := range report {
				generator[j] += value / float64(micro)
			}
		}
	}
	// A table is kept; everything else was for this step only.
	for _, batch := range batches {
		for _, input := range batch[t.kept:] {
			input.MustFinalizeAll()
		}
	}
	t.steps++
	step := Step{
		N:                 t.steps,
		DiscriminatorLoss: discriminator[reportDiscriminatorLoss],
		GeneratorLoss:     generator[reportGeneratorLoss],
		Penalty:           discriminator[reportPenalty],
		GeneratorTerm:     generator[reportGeneratorTerm],
		ClassLoss:         discriminator[reportClassLoss],
		RealLogit:         discriminator[reportRealLogit],
		FakeLogit:         discriminator[reportFakeLogit],
		Augment:           discriminator[reportProbability],

		DiscriminatorGradient: discriminator[reportDiscriminatorGradient],
		GeneratorGradient:     generator[reportGeneratorGradient],
	}
	for i := range reportSize {
		if sum := discriminator[i] + generator[i]; math.IsNaN(sum) || math.IsInf(sum, 0) {
			t.broken = t.notANumber(step)
			return Step{}, t.broken
		}
	}
	if t.run != nil {
		if err := t.run.Log(step.N, step); err != nil {
			return Step{}, errors.WithMessage(err, "gan")
		}
	}
	return step, nil
}

// runPhase runs a phase on a batch and returns its report.
func (t *Trainer) runPhase(p phase, batch []*tensors.Tensor) (report []float64, err error) {
	program := t.programs[p]
	if program == nil {
		program, err = model.NewExec(t.backend, t.store, func(scope *model.Scope, inputs []*Node) *Node {
			return t.build(scope, inputs, p)
		})
		if err != nil {
			return nil, errors.WithMessage(err, "gan: step")
		}
		t.programs[p] = program
	}
	args := make([]any, len(batch))
	for i, input := range batch {
		args[i] = input
	}
	output, err := program.Call1(args...)
	if err != nil {
		return nil, errors.WithMessagef(err, "gan: step %d", t.steps+1)
	}
	defer output.MustFinalizeAll()
	values, err := tensors.CopyFlatData[float32](output)
	if err != nil {
		return nil, errors.WithMessagef(err, "gan: step %d", t.steps+1)
	}
	report = make([]float64, len(values))
	for i, value := range values {
		report[i] = float64(value)
	}
	return report, nil
}
