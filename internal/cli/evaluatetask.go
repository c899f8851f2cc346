package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/inpaint"
	engine "github.com/ganymede-ml/ganymede/gan/training"
	"github.com/ganymede-ml/ganymede/gan/translate"
	"github.com/ganymede-ml/ganymede/internal/evaluate"
)

// taskJudging is what evaluate is told of a run that it judges by the run's own data.
type taskJudging struct {
	dir       string
	direction string
	masks     string
}

// judgeRun judges the run of a task, if --run names one. A run that draws from latents becomes the fake side.
func (e *evaluating) judgeRun(ctx context.Context) (judged bool, err error) {
	dir := e.task.dir
	switch {
	case dir == "" && e.flags.Changed("run"):
		return false, misusef("--run needs the folder of a run")
	case dir != "" && e.flags.Changed("fake"):
		return false, misusef("--run and --fake exclude each other: both say what is judged")
	case dir == "":
		return false, e.checkSources()
	}
	task, err := engine.TaskOf(dir)
	if err != nil {
		return false, err
	}
	if task == "" {
		e.fake = dir
		return false, e.checkTaskOnly()
	}
	if err := e.checkTaskFlags(task); err != nil {
		return false, err
	}
	return true, e.judge(ctx)
}

// checkSources returns an error if a source is the run of a task, whose pictures are not drawn from latents.
func (e *evaluating) checkSources() error {
	for flag, name := range map[string]string{"fake": e.fake, "real": e.realName} {
		if task, err := engine.TaskOf(name); name != "" && err == nil && task != "" {
			return errors.Errorf("--%s: %s holds a run of %s, which makes pictures from pictures; judge it with %s",
				flag, name, task, e.shell("evaluate", "--run", name))
		}
	}
	return e.checkTaskOnly()
}

// checkTaskOnly returns an error about flags that are for the runs of tasks.
func (e *evaluating) checkTaskOnly() error {
	for flag, task := range map[string]string{"direction": translate.Task, "masks": inpaint.Task} {
		if e.flags.Changed(flag) {
			return misusef("--%s is for a run of %s, given by --run", flag, task)
		}
	}
	return nil
}

// checkTaskFlags returns what can be said against the flags alone.
func (e *evaluating) checkTaskFlags(task string) error {
	for _, flag := range []string{"real", "checkpoint", "truncation", "paired", "size", "channels", "per-class", "balance", "view-seed"} {
		if e.flags.Changed(flag) {
			return misusef("--%s has no meaning for a run of %s, which is judged by its own data; leave it out", flag, task)
		}
	}
	if e.task.direction != "" {
		if task != translate.Task {
			return misusef("--direction is for a run of %s, and this is one of %s", translate.Task, task)
		}
		if err := checkName("direction", e.task.direction, directionNames); err != nil {
			return err
		}
	}
	if e.task.masks != "" && task != inpaint.Task {
		return misusef("--masks is for a run of %s, and this is one of %s", inpaint.Task, task)
	}
	return e.checkCommon()
}

// judge judges the run of a task.
func (e *evaluating) judge(ctx context.Context) error {
	o, err := e.taskOptions()
	if err != nil {
		return err
	}
	choice, err := openBackend(ctx, e.console, e.asJSON)
	if err != nil {
		return err
	}
	defer choice.Backend.Finalize()
	meter := newStages(e.console, e.asJSON)
	defer meter.close()
	o.Progress = meter.update
	result, err := evaluate.JudgeRun(ctx, choice.Backend, o)
	if err != nil {
		return err
	}
	folder := e.pictures
	if folder == "" {
		folder = filepath.Join(e.task.dir, scoresFolder)
	}
	if err := result.WritePictures(folder); err != nil {
		return err
	}
	if e.save {
		if err := result.Save(); err != nil {
			return err
		}
	}
	meter.close()
	for _, note := range result.Notes {
		e.say("note: %s", note)
	}
	if e.asJSON {
		return e.printJSON(result.Scores)
	}
	of := fmt.Sprintf("%s (%s)", o.Data, o.Options.View.String())
	if o.Options.View.String() == "" {
		of = o.Data
	}
	measured := fmt.Sprintf("%s by %s, step %d", e.task.dir, of, result.Step())
	if result.Extractor != "" {
		measured += "; features " + result.Extractor
	}
	return e.printScores(result, measured)
}

// taskOptions returns how the run is judged: by the test split of its data, if no flag says another.
func (e *evaluating) taskOptions() (evaluate.TaskOptions, error) {
	o := evaluate.TaskOptions{
		Dir: e.task.dir, Direction: e.task.direction, N: e.source.N, Features: e.options.Features, Metrics: e.options.Metrics,
		Seed: e.options.Seed, Bootstrap: e.options.Bootstrap, Cache: e.options.Cache,
	}
	record, err := engine.ReadRecord(e.task.dir)
	if err != nil {
		return o, err
	}
	r, err := readRequest(e.task.dir, record.Data)
	if err != nil {
		return o, err
	}
	if r.Data == "" {
		return o, errors.Errorf("the run in %s does not tell what it was trained on", e.task.dir)
	}
	o.Data, o.Learned = r.Data, r.View
	chosen := r.chosenData
	chosen.View = datasets.View{Split: datasets.Test, Only: r.Only}
	if e.flags.Changed("split") {
		chosen.Split = e.chosen.Split
	}
	if len(e.chosen.Only) > 0 {
		chosen.Only = slices.Clone(e.chosen.Only)
	}
	if e.chosen.Labels != "" {
		chosen.Labels = e.chosen.Labels
	}
	o.Options = chosen.into(datasets.Options{SkipBroken: r.SkipBroken})
	if e.task.masks != "" {
		if o.Masks.Kind, err = maskKind(e.task.masks); err != nil {
			return o, err
		}
	}
	return o, nil
}
