package cli

import (
	"context"
	"encoding/json"
	"image"
	"iter"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/spf13/pflag"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/preset"
	engine "github.com/ganymede-ml/ganymede/gan/training"
	"github.com/ganymede-ml/ganymede/xla"
)

// task is what train must know of a task other than drawing from latents. It holds the configuration and the data of one
// training.
type task interface {
	// name returns the name that a run's record has: "translate".
	name() string

	// presets returns what --preset may be for the task.
	presets() []taskPreset

	// standardData returns the data that are learned from if nobody says it, "" if they are those of an ordinary GAN.
	standardData() string

	// open opens the data called name. There is an error for data of a kind that the preset cannot learn from. Whether a run
	// that is resumed streamed its data is known.
	open(o taskOpening) (taskData, error)

	// configure makes the configuration of a preset for the data, with what the flags change.
	configure(t *training, preset string) (taskDefaults, error)

	// restore takes the configuration from the record of a run.
	restore(config json.RawMessage) error

	// takes tells whether a flag that is a setting means something to the task.
	takes(flag string) bool

	// differences returns how the user's flags differ from the configuration.
	differences(flags *pflag.FlagSet, assignments []string) []string

	// common returns the fields that all configurations have.
	common() taskCommon

	// shown returns the configuration, for --show, and what else there is to say about it, a line each.
	shown() (config any, remarks []string)

	// start makes a trainer with fresh weights, or those of another run where from names one; resume goes on with a run.
	start(backend compute.Backend, from string) (taskTrainer, error)
	resume(backend compute.Backend, dir string) (taskTrainer, error)

	// preview draws what the training makes of a few pictures, now.
	preview() (image.Image, error)

	// next returns the commands that may come next, each as its arguments.
	next(dir string) [][]string
}

// taskTrainer is the trainer of a task.
type taskTrainer interface {
	Train(ctx context.Context, data train.Dataset, n int) iter.Seq2[engine.Step, error]
	Steps() int
	Close() error
}

// taskPreset is a preset of a task.
type taskPreset struct{ name, summary string }

// taskDefaults are what a preset says beside its configuration.
type taskDefaults struct {
	batch, steps int
	paper        string
	deviations   []string
}

// taskCommon points to what every configuration has.
type taskCommon struct {
	seed             *int64
	dir              *string
	decayFrom, decay *int // Steps between which learning rates fall; nil where they cannot.
}

// lastStep returns the step from which on nothing is learned, 0 for none.
func (c taskCommon) lastStep() int {
	if c.decay == nil {
		return 0
	}
	return *c.decay
}

// taskOpening says which data to open.
type taskOpening struct {
	preset   string // "" if it is not known.
	name     string
	options  datasets.Options
	memory   int64
	streamed *bool // Nil for a new run.
}

// taskData is data that a task learns from.
type taskData interface {
	examples() int
	describe() string // "1310 pairs 32×32×3".
	shown() shownData // But for the name.
	isStream() bool
	skippedFiles() []string
	taskBatches(batchSize int, seed int64) (train.Dataset, error)
}

// newTasks returns all tasks, each as if for a new training.
func newTasks() []task {
	return []task{newTranslateTask(), newInpaintTask(), newStyleTask()}
}

// taskPresets returns the presets of all tasks.
func taskPresets() []taskPreset {
	var all []taskPreset
	for _, t := range newTasks() {
		all = append(all, t.presets()...)
	}
	return all
}

// presetNames returns all names that --preset takes.
func presetNames() []string {
	names := preset.Names()
	for _, p := range taskPresets() {
		names = append(names, p.name)
	}
	return names
}

// taskOf returns the task that this training is of: by the run that is resumed, or by the preset. It is nil for an ordinary
// GAN.
func (t *training) taskOf() (task, error) {
	is := func(other task) bool {
		return slices.ContainsFunc(other.presets(), func(p taskPreset) bool { return p.name == t.preset })
	}
	if t.resume && gan.HoldsRun(t.dir) {
		name, err := engine.TaskOf(t.dir)
		if err != nil {
			return nil, err
		}
		is = func(other task) bool { return other.name() == name }
	}
	for _, other := range newTasks() {
		if is(other) {
			return other, nil
		}
	}
	return nil, nil
}

// taskTraining is one call of train for a task.
type taskTraining struct {
	*training
	task task

	preset   string // What it started from; "" if that is not known.
	request  request
	defaults taskDefaults
	data     taskData
	dataName string // As the user gives it.
	batch    int

	choice  *xla.Choice
	trainer taskTrainer
}

func (t *taskTraining) run(ctx context.Context) error {
	if err := t.checkFlags(); err != nil {
		return err
	}
	decide := t.planNew
	if t.resume {
		decide = t.planResumed
	}
	if err := decide(); err != nil {
		return err
	}
	if t.show {
		return t.showPlan()
	}
	seed := *t.task.common().seed
	batches, err := t.data.taskBatches(t.batch, seed)
	if err != nil {
		return err
	}
	if t.choice, err = openBackend(ctx, t.console, t.quiet); err != nil {
		return err
	}
	defer t.choice.Backend.Finalize()
	if t.resume {
		t.trainer, err = t.task.resume(t.choice.Backend, t.dir)
	} else {
		t.trainer, err = t.task.start(t.choice.Backend, t.from)
	}
	if err != nil {
		return err
	}
	defer func() { _ = t.trainer.Close() }() // Where it matters it is closed below.
	if err := t.request.write(t.dir); err != nil {
		return err
	}
	t.announce()
	result, err := t.train(ctx, batches)
	if err != nil {
		return err
	}
	return t.report(result)
}
