package gan

import (
	"cmp"
	"context"
	"fmt"
	"iter"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
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

	steps      int // Steps taken.
	kept       int // Inputs of a batch that stay from one to the next: 1 for a table of all examples, 0 without.
	programs   map[phase]*model.Exec
	generate   *model.Exec
	average    *model.Exec // Generates by the moving average.
	mix        *model.Exec // Mixes styles; nil until it is wanted.
	opinions   opinions
	calibrate  *model.Exec // Takes the average's statistics.
	calibrated int         // Steps when that was last done.
	going      going       // What rollbacks changed.
	best       *best       // Nil before SaveBest.
	run        *run        // Nil without a run folder.
	broken     error       // Why the weights must not be saved.
	leave      error       // Of saving when the caller left the loop: nobody was listening, the next call says it.
}

// Step reports one step: an update of the discriminator, or as many as Config.DiscriminatorSteps, then one of the
// generator. Losses are those before each player's last update, in the units of the Loss; they do not contain penalty,
// term and class loss.
type Step struct {
	N                 int     `json:"step"` // Steps taken so far, from 1 on.
	DiscriminatorLoss float64 `json:"discriminator_loss"`
	GeneratorLoss     float64 `json:"generator_loss"`
	Penalty           float64 `json:"penalty"`                  // As added to the discriminator's loss; 0 in steps without.
	GeneratorTerm     float64 `json:"generator_term,omitempty"` // As added to the generator's loss; 0 in steps without.
	ClassLoss         float64 `json:"class_loss,omitempty"`     // Of an auxiliary classifier, on the real examples and the fake ones it learns from, in nats.
	RealLogit         float64 `json:"real_logit"`               // The discriminator's mean logit for real examples.
	FakeLogit         float64 `json:"fake_logit"`               // Its mean logit for fake ones.
	Augment           float64 `json:"augment,omitempty"`        // Probability of an augmentation that adapts.

	// Euclidean norms of the gradients of each player's last update, over all its weights, before the optimizer.
	DiscriminatorGradient float64 `json:"discriminator_gradient"`
	GeneratorGradient     float64 `json:"generator_gradient"`
}

// NewTrainer returns a trainer with fresh weights. If config.Dir is set, it starts a run folder there; it is an error
// if that already holds a run.
func NewTrainer(backend compute.Backend, config Config) (*Trainer, error) {
	config = config.defaults()
	if err := config.Check(); err != nil {
		return nil, err
	}
	t, err := newTrainer(backend, config)
	if err != nil {
		return nil, err
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
	t := &Trainer{backend: backend, config: config}
	return t, t.reset()
}

// reset gives the trainer fresh weights, and programs that use them.
func (t *Trainer) reset() (err error) {
	t.store, t.programs, t.mix, t.opinions = model.NewStore(), map[phase]*model.Exec{}, nil, opinions{}
	t.steps, t.calibrated, t.going = 0, 0, going{rate: 1}
	if err := t.store.SetRNGStateFromSeed(t.config.Seed); err != nil {
		return errors.WithMessage(err, "gan: seed")
	}
	if t.generate, err = model.NewExec(t.backend, t.store, func(scope *model.Scope, inputs []*Node) *Node {
		return ToPixels(t.generateGraph(scope.At(generatorScope), inputs))
	}); err != nil {
		return errors.WithMessage(err, "gan: generator")
	}
	if t.calibrate, err = model.NewExec(t.backend, t.store, t.calibrateGraph); err != nil {
		return errors.WithMessage(err, "gan: statistics of the average")
	}
	t.average, err = model.NewExec(t.backend, t.store, func(scope *model.Scope, inputs []*Node) *Node {
		return ToPixels(t.generateGraph(scope.At(averageScope).At(generatorScope), inputs))
	})
	return errors.WithMessage(err, "gan: average of the generator")
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
// indices of the batch's. Under a Condition its first labels are the classes, int32 [batch]; others do not look at labels.
// If the data ends it starts again.
//
// Training ends when n steps are taken, the caller leaves the loop, the context ends, or an error occurs: ends of the
// first three kinds save a checkpoint if there is a run folder. An end of the context is no error here; ctx.Err tells.
// Losses that are not numbers are a *NotANumber that says at which step; the last checkpoint is kept.
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
		for batches, err := range t.batches(data) {
			if err != nil {
				yield(Step{}, err)
				return
			}
			if ctx.Err() != nil {
				break
			}
			step, err := t.takeStep(batches)
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
	return errors.WithMessage(t.run.Close(), "gan")
}

// NotANumber is the error of a step whose losses went out of bounds. The weights are spoiled: only Trainer.Rollback, or Load,
// goes on.
type NotANumber struct {
	Step  Step
	Saved int // Steps of the last checkpoint, which is kept; 0 if there is none.
}

// Error says at which step, what is kept, and what to try.
func (e *NotANumber) Error() string {
	kept := "nothing was saved"
	if e.Saved > 0 {
		kept = fmt.Sprintf("the checkpoint of step %d is kept", e.Saved)
	}
	return fmt.Sprintf("gan: the losses are no longer numbers at step %d (discriminator %.4g, generator %.4g, penalty %.4g); %s; "+
		"try a lower learning rate or a stronger penalty", e.Step.N, e.Step.DiscriminatorLoss, e.Step.GeneratorLoss, e.Step.Penalty, kept)
}

// notANumber returns the error of the step.
func (t *Trainer) notANumber(step Step) error {
	e := &NotANumber{Step: step}
	if t.run != nil {
		e.Saved = t.run.Saved
	}
	return errors.WithStack(e)
}
