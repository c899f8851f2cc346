package gan

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/pkg/errors"
)

// Trainer trains the two players of a Config. Make one with NewTrainer, or with Load from a run folder.
//
// It is not safe for concurrent use.
type Trainer struct {
	backend compute.Backend
	config  Config
	store   *model.Store

	steps          int // Steps taken.
	inputsPerBatch int // 1: examples; 2: a table of all examples and indices into it.
	plain          *model.Exec
	penalized      *model.Exec
	generate       *model.Exec
	average        *model.Exec // Generates by the moving average.
	calibrate      *model.Exec // Takes the average's statistics.
	calibrated     int         // Steps when that was last done.
	run            *run        // Nil without a run folder.
	broken         error       // Why the weights must not be saved.
	leave          error       // Of saving when the caller left the loop: nobody was listening, the next call says it.
}

// Step reports one step: an update of the discriminator, or as many as Config.DiscriminatorSteps, then one of the
// generator. Losses are those before each player's update, in the units of the Loss.
type Step struct {
	N                 int     `json:"step"` // Steps taken so far, from 1 on.
	DiscriminatorLoss float64 `json:"discriminator_loss"`
	GeneratorLoss     float64 `json:"generator_loss"`
	Penalty           float64 `json:"penalty"`    // As added to the discriminator's loss; 0 in steps without.
	RealLogit         float64 `json:"real_logit"` // The discriminator's mean logit for real examples.
	FakeLogit         float64 `json:"fake_logit"` // Its mean logit for fake ones.
}

// NewTrainer returns a trainer with fresh weights. If config.Dir is set, it starts a run folder there; it is an error
// if that already holds a run.
func NewTrainer(backend compute.Backend, config Config) (*Trainer, error) {
	config = config.defaults()
	if err := config.check(); err != nil {
		return nil, err
	}
	t, err := newTrainer(backend, config)
	if err != nil {
		return nil, err
	}
	if err := t.store.SetRNGStateFromSeed(config.Seed); err != nil {
		return nil, errors.WithMessage(err, "gan: seed")
	}
	if config.Dir != "" {
		if t.run, err = createRun(config, backend.Name()); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func newTrainer(backend compute.Backend, config Config) (*Trainer, error) {
	if backend == nil {
		return nil, errors.New("gan: the backend must not be nil; xla.New returns one")
	}
	t := &Trainer{backend: backend, config: config, store: model.NewStore()}
	var err error
	if t.plain, err = model.NewExec(backend, t.store, func(scope *model.Scope, inputs []*Node) *Node {
		return t.round(scope, inputs, false)
	}); err != nil {
		return nil, errors.WithMessage(err, "gan: step")
	}
	if t.penalized, err = model.NewExec(backend, t.store, func(scope *model.Scope, inputs []*Node) *Node {
		return t.round(scope, inputs, true)
	}); err != nil {
		return nil, errors.WithMessage(err, "gan: step")
	}
	if t.generate, err = model.NewExec(backend, t.store, func(scope *model.Scope, latents *Node) *Node {
		return toPixels(config.Arch.Generator(scope.At(generatorScope), latents))
	}); err != nil {
		return nil, errors.WithMessage(err, "gan: generator")
	}
	if t.calibrate, err = model.NewExec(backend, t.store, t.calibrateGraph); err != nil {
		return nil, errors.WithMessage(err, "gan: statistics of the average")
	}
	t.average, err = model.NewExec(backend, t.store, func(scope *model.Scope, latents *Node) *Node {
		return toPixels(config.Arch.Generator(scope.At(averageScope).At(generatorScope), latents))
	})
	return t, errors.WithMessage(err, "gan: average of the generator")
}

// Config returns the configuration, with its defaults filled in.
func (t *Trainer) Config() Config { return t.config }

// Backend returns the backend.
func (t *Trainer) Backend() compute.Backend { return t.backend }

// Steps returns the number of steps taken since the weights were fresh.
func (t *Trainer) Steps() int { return t.steps }

// Seeker is a data set that can go on where an earlier pass over it stopped. A data set that is not one is
// fast-forwarded instead.
type Seeker interface {
	// Seek makes the next iteration start at this batch, counted from 0 over as many passes as it takes.
	Seek(batch int)
}

// Train takes n steps on the data, and yields each. The data is what a train.Dataset gives: either one input per batch,
// the examples, as uint8 pixels or float32, or two, a table of all examples, which stays the same tensor, and the int32
// indices of the batch's. Labels are not used. If the data ends it starts again.
//
// Training ends when n steps are taken, the caller leaves the loop, the context ends, or an error occurs: ends of the
// first three kinds save a checkpoint if there is a run folder. An end of the context is no error here; ctx.Err tells.
// Losses that are not numbers are an error that says at which step; the last checkpoint is kept.
func (t *Trainer) Train(ctx context.Context, data train.Dataset, n int) iter.Seq2[Step, error] {
	return func(yield func(Step, error) bool) {
		if n <= 0 {
			return
		}
		if err := t.leave; t.broken != nil || err != nil {
			t.leave = nil
			yield(Step{}, cmp.Or(t.broken, err))
			return
		}
		if err := t.recordData(data); err != nil {
			yield(Step{}, err)
			return
		}
		last := t.steps + n
		for inputs, err := range t.batches(data) {
			if err != nil {
				yield(Step{}, err)
				return
			}
			if ctx.Err() != nil {
				break
			}
			step, err := t.step(inputs)
			if err == nil && t.run != nil && t.steps%t.config.SaveEvery == 0 {
				err = t.Save()
			}
			if err != nil {
				yield(Step{}, err)
				return
			}
			if !yield(step, nil) {
				t.leave = t.saveIfRun()
				return
			}
			if t.steps >= last {
				break
			}
		}
		if err := t.saveIfRun(); err != nil {
			yield(Step{}, err)
		}
	}
}

// saveIfRun saves if there is a folder to save to.
func (t *Trainer) saveIfRun() error {
	if t.run == nil {
		return nil
	}
	return t.Save()
}

// Close writes out the log of the run folder. It does not save.
func (t *Trainer) Close() error {
	if t.run == nil {
		return nil
	}
	return t.run.close()
}

// batches returns the inputs of step after step, without end, from the step the trainer is at.
func (t *Trainer) batches(data train.Dataset) iter.Seq2[[]*tensors.Tensor, error] {
	perStep := t.config.DiscriminatorSteps
	return func(yield func([]*tensors.Tensor, error) bool) {
		position, skip := t.steps*perStep, t.steps*perStep // In batches, over all passes.
		var inputs []*tensors.Tensor
		count := 0
		for {
			if seeker, ok := data.(Seeker); ok {
				seeker.Seek(position)
				skip = 0
			}
			empty := true
			for batch, err := range data.Iter() {
				empty = false
				if skip > 0 && err == nil {
					skip--
					continue
				}
				if err == nil {
					err = t.checkBatch(batch)
				}
				if err != nil {
					yield(nil, errors.WithMessagef(err, "gan: data %q", data.Name()))
					return
				}
				position++
				if count > 0 {
					batch.Inputs = batch.Inputs[t.inputsPerBatch-1:] // The table is there already.
				}
				inputs = append(inputs, batch.Inputs...)
				if count++; count == perStep {
					if !yield(inputs, nil) {
						return
					}
					inputs, count = nil, 0
				}
			}
			if empty {
				yield(nil, errors.Errorf("gan: data %q has no batch", data.Name()))
				return
			}
		}
	}
}

// checkBatch returns an error if the batch is not what the architecture plays with.
func (t *Trainer) checkBatch(batch train.Batch) error {
	n := len(batch.Inputs)
	if n != 1 && n != 2 {
		return errors.Errorf("a batch must have one input (examples) or two (a table and indices), got %d", n)
	}
	want := t.config.Arch.ExampleShape()
	got := batch.Inputs[0].Shape().Dimensions
	if len(got) != len(want)+1 || !slices.Equal(got[1:], want) {
		return errors.Errorf("its examples have the shape %v, but the architecture plays with %v", got[min(1, len(got)):], want)
	}
	t.inputsPerBatch = n
	return nil
}

// step takes one step.
func (t *Trainer) step(inputs []*tensors.Tensor) (Step, error) {
	exec := t.plain
	if t.config.Penalty != nil && t.steps%t.config.Penalty.Interval() == 0 {
		exec = t.penalized
	}
	args := make([]any, len(inputs))
	for i, input := range inputs {
		args[i] = input
	}
	output, err := exec.Call1(args...)
	if err != nil {
		return Step{}, errors.WithMessagef(err, "gan: step %d", t.steps+1)
	}
	defer output.MustFinalizeAll()
	// The table is kept; everything else was for this step only.
	for _, input := range inputs[t.inputsPerBatch-1:] {
		input.MustFinalizeAll()
	}
	t.steps++
	report, err := tensors.CopyFlatData[float32](output)
	if err != nil {
		return Step{}, errors.WithMessagef(err, "gan: step %d", t.steps)
	}
	step := Step{
		N:                 t.steps,
		DiscriminatorLoss: float64(report[reportDiscriminatorLoss]),
		GeneratorLoss:     float64(report[reportGeneratorLoss]),
		Penalty:           float64(report[reportPenalty]),
		RealLogit:         float64(report[reportRealLogit]),
		FakeLogit:         float64(report[reportFakeLogit]),
	}
	for _, value := range report {
		if math.IsNaN(float64(value)) || math.IsInf(float64(value), 0) {
			t.broken = t.notANumber(step)
			return Step{}, t.broken
		}
	}
	if t.run != nil {
		if err := t.run.log(step); err != nil {
			return Step{}, err
		}
	}
	return step, nil
}

// notANumber describes a step whose losses went out of bounds.
func (t *Trainer) notANumber(step Step) error {
	kept := "nothing was saved"
	if t.run != nil && t.run.saved > 0 {
		kept = fmt.Sprintf("the checkpoint of step %d is kept", t.run.saved)
	}
	return errors.Errorf("gan: the losses are no longer numbers at step %d (discriminator %.4g, generator %.4g, penalty %.4g); %s; "+
		"try a lower learning rate or a stronger penalty", step.N, step.DiscriminatorLoss, step.GeneratorLoss, step.Penalty, kept)
}
