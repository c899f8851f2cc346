package course

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/gomlx/compute"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/runfolder"
)

// planFile is the file in a run folder that says what the cell wanted.
const planFile = "course.json"

// plan is what a cell wants of a training.
type plan struct {
	Steps  int             `json:"steps"`
	Config json.RawMessage `json:"config"`
}

// Begin returns a trainer for the run in the folder, and what shows the training in the cell:
//
//	trainer, live := course.Begin(config.Dir, 2000, config, gan.NewTrainer, gan.Load)
//	for step, err := range trainer.Train(live.Context(), batches, live.Left()) {
//		if live.Step(step, err) { // Time to draw.
//			course.Show("samples", display.Grid(must.M1(trainer.Sample(36)), 12))
//		}
//	}
//	live.End(trainer)
//
// Where the cell was interrupted, in the middle of the same training, it goes on; any other run in the folder is replaced. An
// empty dir, like a config without one, keeps nothing.
func Begin[Config, Trainer any](dir string, steps int, config Config,
	start func(compute.Backend, Config) (Trainer, error), load func(compute.Backend, string) (Trainer, error)) (Trainer, *Live) {
	if dir == "" {
		trainer, err := start(Backend(), config)
		Must(err)
		return trainer, newLive(steps, 0)
	}
	wanted, err := json.Marshal(config)
	Must(err)
	open, done := func() (Trainer, error) { return start(Backend(), config) }, 0
	if earlier, ok := readPlan(dir); ok && earlier.Steps == steps && bytes.Equal(earlier.Config, wanted) {
		if at := stepsDone(dir); 0 < at && at < steps {
			fmt.Printf("going on after step %d, where this cell was interrupted\n", at)
			open, done = func() (Trainer, error) { return load(Backend(), dir) }, at
		}
	}
	if done == 0 && gan.HoldsRun(dir) {
		Must(os.RemoveAll(dir))
	}
	trainer, err := open()
	Must(err)
	Must(writePlan(dir, plan{Steps: steps, Config: wanted}))
	live := newLive(steps, done)
	live.dir = dir
	return trainer, live
}

// Train trains a configuration in its folder, or goes on where the cell was interrupted. It draws 36 samples and the losses
// while it runs. Where nothing but the result matters, it is all a cell needs.
func Train(config gan.Config, batches Batches, steps int) *gan.Trainer {
	return TrainDrawing(config, batches, steps, nil)
}

// Trained loads the run that a cell above has trained. If there is none it says so and ends the cell; if that cell was
// interrupted it says so too, and goes on with what there is.
func Trained(dir string) *gan.Trainer { return Load(dir, gan.Load) }

// Load is Trained for trainers of any kind: course.Load(dir, translate.Load).
func Load[Trainer any](dir string, load func(compute.Backend, string) (Trainer, error)) Trainer {
	if !gan.HoldsRun(dir) {
		Fail("There is no training in %s yet: run the cells above this one first (menu Run, Run All Above Selected Cell).", dir)
	}
	if wanted, ok := readPlan(dir); ok {
		if done := stepsDone(dir); done < wanted.Steps {
			fmt.Printf("The training in %s was interrupted after step %d of %d. It is saved: run its cell again, and it goes on.\n",
				dir, done, wanted.Steps)
		}
	}
	trainer, err := load(Backend(), dir)
	Must(err)
	return trainer
}

func readPlan(dir string) (plan, bool) {
	var p plan
	content, err := os.ReadFile(filepath.Join(dir, planFile))
	return p, err == nil && json.Unmarshal(content, &p) == nil
}

func writePlan(dir string, p plan) error {
	content, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, planFile), content, 0o644)
}

// stepsDone returns how far the run in the folder is: the step of its last checkpoint.
func stepsDone(dir string) int {
	names, err := runfolder.Checkpoints(dir)
	if err != nil || len(names) == 0 {
		return 0
	}
	step, err := strconv.Atoi(names[len(names)-1])
	if err != nil {
		return 0
	}
	return step
}
