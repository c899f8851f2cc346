package enlarge

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/atomicfile"
)

// recipe is how the GAN of an Enlarger is trained.
type recipe struct {
	config gan.Config
	batch  int
	steps  int           // 0 with a limit.
	limit  time.Duration // 0 with steps.

	// Of a run that exists already: its folder and what it was trained on.
	run  string
	data gan.DataRecord
}

// checkGAN returns an error if no GAN can learn the set, and decides on its recipe.
func (e *Enlarger) checkGAN() error {
	for class, list := range e.byClass {
		if len(list) < 2 {
			return errors.Errorf("enlarge: the class %q has a single picture, which a GAN would only copy; give it at least 2, leave the class out (Only, --only) or choose the method classic",
				e.set.Classes[class])
		}
	}
	if e.options.GAN.Run != "" {
		return e.checkRun(e.options.GAN.Run)
	}
	var err error
	r := &e.recipe
	options := e.options.GAN
	if options.Config != nil {
		r.config, r.batch, r.steps = *options.Config, options.Batch, options.Steps
		if r.batch == 0 || r.steps == 0 && options.Limit == 0 {
			return errors.New("enlarge: a configuration of one's own needs a batch and a number of steps, too")
		}
	} else if r.config, r.batch, r.steps, err = Recipe(e.set); err != nil {
		return err
	}
	r.batch, r.steps, r.limit = cmp.Or(options.Batch, r.batch), cmp.Or(options.Steps, r.steps), options.Limit
	if r.limit > 0 {
		r.steps, r.config.DecayFrom, r.config.DecayTo = 0, 0, 0
	}
	r.config.Condition = toldClasses(r.config.Condition, len(e.set.Classes))
	r.config.Dir, r.config.Seed = e.options.Keep, e.options.Seed
	switch {
	case r.batch < 1 || r.batch > e.set.Len():
		return errors.Errorf("enlarge: a batch must have from 1 to the %d pictures of the set, not %d", e.set.Len(), r.batch)
	case r.steps < 0 || r.limit < 0:
		return errors.New("enlarge: the GAN cannot be trained for less than nothing")
	}
	if !slices.Equal(r.config.Arch.ExampleShape(), e.set.Shape) {
		return errors.Errorf("enlarge: the GAN makes pictures of %v, and those of the set are %v", r.config.Arch.ExampleShape(), e.set.Shape)
	}
	return r.config.Check()
}

// toldClasses returns the condition for so many classes; a single one need not be told.
func toldClasses(condition gan.Condition, classes int) gan.Condition {
	if classes < 2 {
		return gan.Condition{}
	}
	condition.Classes = classes
	return condition
}

// checkRun returns an error if the run in the folder does not make pictures of the set's classes.
func (e *Enlarger) checkRun(dir string) error {
	record, err := gan.ReadRecord(dir)
	if err != nil {
		return err
	}
	if record.Config.Arch == nil {
		return errors.Errorf("enlarge: the run in %s is damaged: it names no architecture", dir)
	}
	if shape := record.Config.Arch.ExampleShape(); !slices.Equal(shape, e.set.Shape) {
		return errors.Errorf("enlarge: the run in %s makes pictures of %v, and those of the set are %v", dir, shape, e.set.Shape)
	}
	if told, want := record.Config.Condition.Classes, toldClasses(gan.Condition{}, len(e.set.Classes)).Classes; told != want {
		return errors.Errorf("enlarge: the run in %s was told %d classes, and the set has %d; train one on the same classes, with a condition (--condition projection)",
			dir, told, len(e.set.Classes))
	}
	e.recipe = recipe{config: record.Config, batch: record.Data.BatchSize, run: dir, data: record.Data}
	return nil
}

// lockKept waits until no other program trains in the folder that networks are kept in.
func (e *Enlarger) lockKept(ctx context.Context) (unlock func(), err error) {
	if e.options.Keep == "" || e.draw != nil {
		return func() {}, nil
	}
	if err := os.MkdirAll(e.options.Keep, 0o777); err != nil {
		return nil, errors.Errorf("enlarge: %v", err)
	}
	lock := flock.New(filepath.Join(e.options.Keep, "lock"))
	locked, err := lock.TryLock()
	if err == nil && !locked {
		e.options.Progress("waiting for another program that trains in "+e.options.Keep, 0, 0)
		_, err = lock.TryLockContext(ctx, 200*time.Millisecond)
	}
	if ctx.Err() != nil {
		return nil, errors.WithStack(ctx.Err())
	}
	return func() { _ = lock.Unlock() }, errors.Wrapf(err, "enlarge: lock in %s", e.options.Keep)
}

// trained returns the GAN, trained as far as it was not before.
func (e *Enlarger) trained(ctx context.Context) (*gan.Trainer, error) {
	if dir := e.recipe.run; dir != "" {
		trainer, err := gan.Load(e.backend, dir)
		if err == nil && trainer.Steps() == 0 {
			err = errors.Errorf("enlarge: the run in %s has not been trained yet", dir)
		}
		return trainer, err
	}
	trainer, err := e.openTrainer()
	if err != nil {
		return nil, err
	}
	if err := e.train(ctx, trainer); err != nil {
		_ = trainer.Close()
		return nil, err
	}
	return trainer, trainer.Close()
}

// openTrainer returns the trainer that is kept, or a new one.
func (e *Enlarger) openTrainer() (*gan.Trainer, error) {
	config := e.recipe.config
	if config.Dir == "" || !gan.HoldsRun(config.Dir) {
		return gan.NewTrainer(e.backend, config)
	}
	record, err := gan.ReadRecord(config.Dir)
	if err != nil {
		return nil, err
	}
	kept, err := json.Marshal(record.Config)
	if err != nil {
		return nil, errors.WithMessage(err, "enlarge: the GAN")
	}
	wanted, err := json.Marshal(config)
	if err != nil {
		return nil, errors.WithMessage(err, "enlarge: the GAN")
	}
	if !bytes.Equal(kept, wanted) {
		return nil, errors.Errorf("enlarge: %s holds a GAN with other settings; choose another folder", config.Dir)
	}
	return gan.Load(e.backend, config.Dir)
}

// train takes the steps that are left.
func (e *Enlarger) train(ctx context.Context, trainer *gan.Trainer) error {
	done, err := e.spent()
	if err != nil {
		return err
	}
	steps, limited := e.recipe.steps-trainer.Steps(), ctx
	if e.recipe.limit > 0 {
		const endless = 1 << 40
		steps = endless
		left := e.recipe.limit - time.Duration(done.Seconds*float64(time.Second))
		if left <= 0 && trainer.Steps() > 0 {
			return nil
		}
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, left)
		defer cancel()
	}
	if steps <= 0 {
		return nil
	}
	batches, err := e.set.Batches(e.recipe.batch, e.options.Seed)
	if err != nil {
		return err
	}
	start := time.Now()
	const stage = "training the GAN"
	for step, err := range trainer.Train(limited, batches, steps) {
		if err != nil {
			return errors.WithMessage(err, "enlarge: the GAN")
		}
		e.options.Progress(stage, step.N, e.recipe.steps)
	}
	done.Seconds += time.Since(start).Seconds()
	if err := e.noteSpent(done); err != nil {
		return err
	}
	return errors.WithStack(ctx.Err())
}

// spent is the time that the training of a kept GAN has taken.
type spent struct {
	Seconds float64 `json:"seconds"`
}

const spentFile = "time.json"

func (e *Enlarger) spent() (spent, error) {
	var s spent
	if e.options.Keep == "" {
		return s, nil
	}
	data, err := os.ReadFile(filepath.Join(e.options.Keep, spentFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	return s, errors.Wrap(err, "enlarge: the GAN")
}

func (e *Enlarger) noteSpent(s spent) error {
	if e.options.Keep == "" {
		return nil
	}
	data, err := json.Marshal(s)
	if err != nil {
		return errors.Wrap(err, "enlarge: the GAN")
	}
	return errors.WithMessage(atomicfile.Write(filepath.Join(e.options.Keep, spentFile), append(data, '\n')), "enlarge: the GAN")
}
