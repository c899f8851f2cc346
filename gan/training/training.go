// Package training takes the steps of a training, whatever its networks are: it holds the variables, compiles the step, runs
// it on batch after batch, and keeps a run folder from which a training goes on as if it had never stopped.
//
// It is what the tasks other than drawing from latents, such as package translate, stand on. A task gives a Definition: what
// to record, and a function that builds the graph of one step, in which all of its networks learn.
package training

import (
	"encoding/json"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/runfolder"
)

// Definition says what is trained.
type Definition struct {
	Task   string // The kind of run, "translate": run.json has it, and Load refuses runs of other tasks.
	Config any    // The settings, with defaults filled in, for run.json; they must go through JSON unharmed.
	Seed   int64  // Of initial weights and random numbers. Equal seeds give equal runs on the same backend.

	Dir       string // Run folder to save to; "" means nothing is written.
	SaveEvery int    // Steps from one checkpoint to the next while training, when Dir is set; 0 means 500.

	// Step builds the graph of one step.
	Step func(r *Round)
}

func (d Definition) saveEvery() int {
	if d.SaveEvery == 0 {
		return 500
	}
	return d.SaveEvery
}

// Trainer trains what a Definition says. Make one with New, or with Load from a run folder.
//
// It is not safe for concurrent use.
type Trainer struct {
	backend    compute.Backend
	definition Definition
	store      *model.Store

	steps  int // Steps taken.
	step   *model.Exec
	names  []string // Of what a step reports, in its order.
	record Record
	folder *runfolder.Folder // Nil without a run folder.
	broken error             // Why the weights must not be saved.
	leave  error             // Of saving when the caller left the loop: nobody was listening, the next call says it.
}

// New returns a trainer with fresh weights. If d.Dir is set, it starts a run folder there; it is an error if that already
// holds a run.
func New(backend compute.Backend, d Definition) (*Trainer, error) {
	t, err := newTrainer(backend, d)
	if err != nil {
		return nil, err
	}
	if t.record, err = newRecord(d, backend.Name()); err != nil || d.Dir == "" {
		return t, err
	}
	if t.folder, err = runfolder.Create(d.Dir); err != nil {
		return nil, errors.WithMessage(err, d.Task)
	}
	return t, errors.WithMessage(t.folder.WriteRecord(t.record), d.Task)
}

// Load returns a trainer that goes on with the run of the task in the folder, from its last checkpoint; from the start, if
// there is none yet. Define makes a Definition of the settings in its record. Going on gives the same weights, byte for byte,
// as never having stopped, on the same backend.
func Load(backend compute.Backend, dir, task string, define func(config json.RawMessage) (Definition, error)) (*Trainer, error) {
	record, err := readRecordOf(dir, task)
	if err != nil {
		return nil, err
	}
	d, err := define(record.Config)
	if err != nil {
		return nil, errors.WithMessagef(err, "%s: %s", task, runfolder.RecordPath(dir))
	}
	d.Task, d.Dir = task, dir
	t, err := newTrainer(backend, d)
	if err != nil {
		return nil, err
	}
	t.record, t.folder = record, &runfolder.Folder{Dir: dir}
	data, path, err := runfolder.Last(dir)
	if err == nil && data != nil {
		t.steps, _, err = runfolder.Unpack(t.store, data)
		err = errors.WithMessagef(err, "the checkpoint %s cannot be read; delete it to go on from the one before", path)
	}
	t.folder.Saved = t.steps
	return t, errors.WithMessage(err, task)
}

func newTrainer(backend compute.Backend, d Definition) (t *Trainer, err error) {
	if backend == nil {
		return nil, errors.Errorf("%s: the backend must not be nil; xla.New returns one", d.Task)
	}
	t = &Trainer{backend: backend, definition: d, store: model.NewStore()}
	if err := t.store.SetRNGStateFromSeed(d.Seed); err != nil {
		return nil, errors.WithMessagef(err, "%s: seed", d.Task)
	}
	t.step, err = model.NewExec(backend, t.store, func(scope *model.Scope, inputs []*graph.Node) *graph.Node {
		return t.build(scope, inputs)
	})
	return t, errors.WithMessagef(err, "%s: step", d.Task)
}

// Backend returns the backend.
func (t *Trainer) Backend() compute.Backend { return t.backend }

// Store returns the variables: weights, what optimizers remember, the random state.
func (t *Trainer) Store() *model.Store { return t.store }

// Steps returns the number of steps taken since the weights were fresh.
func (t *Trainer) Steps() int { return t.steps }

// Dir returns the run folder, "" if there is none.
func (t *Trainer) Dir() string { return t.definition.Dir }

// Record returns what the run says of itself.
func (t *Trainer) Record() Record { return t.record }

// Save writes a checkpoint to the run folder: all variables and the number of steps, which is the place in the data. It is
// written beside the last one and then renamed, so that a crash or a full disk costs nothing that was saved.
func (t *Trainer) Save() error {
	if t.folder == nil {
		return errors.Errorf("%s: there is no run folder to save to; set Config.Dir", t.definition.Task)
	}
	if t.broken != nil {
		return errors.WithMessage(t.broken, "not saved")
	}
	if t.folder.Saved == t.steps && t.steps > 0 {
		return nil
	}
	data, err := runfolder.Pack(t.store, t.steps, nil)
	if err == nil {
		err = t.folder.SaveStep(t.steps, data)
	}
	return errors.WithMessage(err, t.definition.Task)
}

// saveIfRun saves if there is a folder to save to.
func (t *Trainer) saveIfRun() error {
	if t.folder == nil {
		return nil
	}
	return t.Save()
}

// Close writes out the log of the run folder. It does not save.
func (t *Trainer) Close() error {
	if t.folder == nil {
		return nil
	}
	return errors.WithMessage(t.folder.Close(), t.definition.Task)
}

// TakeWeights gives the weights under the scopes the values they have in the last checkpoint of another run of the same task:
// fine-tuning starts from them. It is an error if that run has no checkpoint, or lacks one of the weights, or has it in
// another shape; then no weight is changed. What optimizers remember is not taken.
//
// Weights that this trainer has not made yet, because it took no step, are made. Names of scopes are as in Player.
func (t *Trainer) TakeWeights(dir string, scopes ...string) error {
	if _, err := readRecordOf(dir, t.definition.Task); err != nil {
		return err
	}
	return errors.WithMessagef(t.takeWeights(dir, scopes), "%s: weights of %s", t.definition.Task, dir)
}
