package cli

import (
	"cmp"
	"context"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/xla"
)

// training is one call of train.
type training struct {
	*console
	flags  *pflag.FlagSet
	given  settings // What the flags hold, defaults included.
	dir    string
	resume bool
	quiet  bool
	json   bool

	settings settings // What holds: of the flags, the defaults, and of a run that is resumed.
	request  request
	set      *datasets.Set
	choice   *xla.Choice
	trainer  *gan.Trainer
}

// trained is the result of train.
type trained struct {
	Run               string   `json:"run"`
	Data              string   `json:"data"`
	Steps             int      `json:"steps"`   // In total.
	Seconds           float64  `json:"seconds"` // Of this training, compiling and drawing included.
	DiscriminatorLoss float64  `json:"discriminator_loss"`
	GeneratorLoss     float64  `json:"generator_loss"`
	ImagesPerSecond   float64  `json:"images_per_second"`
	Pictures          []string `json:"pictures"`
	Backend           string   `json:"backend"`
	Plugin            string   `json:"plugin,omitempty"`
	Reached           bool     `json:"already_reached"` // There was nothing left to train.
}

func newTrain(c *console) *cobra.Command {
	t := &training{console: c, given: defaultSettings([]int{28, 28, 1}, false)}
	command := &cobra.Command{
		Use:   "train",
		Short: "Train a GAN on digits, points or your own pictures",
		Long: `Train a GAN and leave a run folder with its checkpoints, samples as it learned (samples/), and pictures:
grid.png, training.gif, interpolation.png and losses.png.

Without flags it learns the digits, with the defaults below, found to learn the most in a minute on two
processor cores. With any of --arch, --loss and --penalty the flags you do not give fall back on the
papers' plain settings instead: dcgan (mlp for points), ns, no penalty, width 64, latents of 100, Adam
with 2e-4 and (0.5, 0.999), no average, no minibatch standard deviation, and batch normalization in the
discriminator except at 28 pixels or with a penalty. A default that lets the learning rates fall does not
hold with --steps or --minutes.

Ctrl-C ends a training cleanly; --resume goes on with it as if it had never stopped, with the data and
settings of its run folder.`,
		Example: `  ganymede train
  ganymede train --data folder:photos --size 32 --minutes 20 --run runs/photos
  ganymede train --run runs/photos --resume --minutes 60
  ganymede train --arch dcgan --loss ns --steps 1000
  ganymede train --data rings --steps 3000`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			t.flags = cmd.Flags()
			return t.run(cmd.Context())
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	t.given.bind(flags)
	flags.StringVar(&t.dir, "run", "", "run `DIR`; otherwise a new one in runs/")
	flags.BoolVar(&t.resume, "resume", false, "go on with the run in --run")
	flags.BoolVar(&t.quiet, "quiet", false, "print nothing but the run folder")
	flags.BoolVar(&t.json, "json", false, "print the result as a JSON object")
	completeTrain(command)
	return command
}

func (t *training) run(ctx context.Context) error {
	if err := t.checkFlags(); err != nil {
		return err
	}
	plan := t.planNew
	if t.resume {
		plan = t.planResumed
	}
	config, err := plan()
	if err != nil {
		return err
	}
	batches, err := t.set.Batches(t.settings.batch, t.settings.seed)
	if err != nil {
		return err
	}
	if t.choice, err = openBackend(ctx, t.console, t.quiet); err != nil {
		return err
	}
	defer t.choice.Backend.Finalize()
	if t.resume {
		t.trainer, err = gan.Load(t.choice.Backend, t.dir)
	} else {
		t.trainer, err = gan.NewTrainer(t.choice.Backend, config)
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

// checkFlags returns what can be said against the flags without looking at anything else.
func (t *training) checkFlags() error {
	if err := t.given.checkRanges(); err != nil {
		return err
	}
	switch {
	case t.flags.Changed("steps") && t.flags.Changed("minutes"):
		return misusef("--steps and --minutes exclude each other")
	case t.flags.Changed("minutes") && t.given.minutes == 0:
		return misusef("--minutes 0 must be a time above 0")
	case t.flags.Changed("run") && t.dir == "":
		return misusef("--run needs the name of a folder")
	case t.resume && t.dir == "":
		return misusef("--resume needs --run DIR, the run to go on with")
	}
	return t.given.checkNames()
}

// planNew decides on a new run: its settings, its data and its configuration.
func (t *training) planNew() (gan.Config, error) {
	if t.dir != "" && gan.HoldsRun(t.dir) {
		return gan.Config{}, errors.Errorf("%s already holds a run: add --resume to go on with it, or choose another folder with --run", t.dir)
	}
	plain := t.flags.Changed("arch") || t.flags.Changed("loss") || t.flags.Changed("penalty")
	if t.given.size != 0 {
		if err := t.given.checkSize(t.given.size); err != nil { // Before reading a thousand pictures.
			return gan.Config{}, err
		}
	}
	if err := t.openData(t.given); err != nil {
		return gan.Config{}, err
	}
	s := defaultSettings(t.set.Shape, plain)
	if err := s.overlay(t.flags); err != nil {
		return gan.Config{}, err
	}
	if t.flags.Changed("steps") || t.flags.Changed("minutes") {
		if !t.flags.Changed("decay-to") {
			s.decayFrom, s.decayTo = 0, 0
		}
	}
	if plain && !t.flags.Changed("norm") {
		s.norm = plainNorm(s, t.set.Shape)
	}
	if !t.flags.Changed("batch") {
		s.batch = min(s.batch, t.set.Len())
	}
	t.settings = s
	if t.dir == "" {
		t.dir = newRunFolder(s.data, time.Now())
	}
	t.request = request{Data: absoluteData(s.data), SkipBroken: s.skipBroken, Steps: s.steps}
	if s.minutes > 0 {
		t.request.Steps, t.request.Minutes = 0, s.minutes
	}
	config, err := s.config(t.set.Shape)
	config.Dir = t.dir
	if err != nil {
		return config, err
	}
	return config, t.checkGoal()
}

// checkGoal returns an error if steps are asked for in which nothing would be learned.
func (t *training) checkGoal() error {
	if last := t.settings.decayTo; last != 0 && t.request.Steps > last {
		return errors.Errorf("the learning rates of the run in %s are at zero from step %d on, so that %d steps are too many; "+
			"start another run with these --steps", t.dir, last, t.request.Steps)
	}
	return nil
}

// planResumed takes data and settings from the run folder. Flags may say when to end; others may only agree.
func (t *training) planResumed() (gan.Config, error) {
	record, err := gan.ReadRecord(t.dir)
	if err != nil {
		return gan.Config{}, err
	}
	if record.Config.Arch == nil {
		return gan.Config{}, errors.Errorf("%s is damaged: it names no architecture", filepath.Join(t.dir, "run.json"))
	}
	if t.request, err = readRequest(t.dir, record); err != nil {
		return gan.Config{}, err
	}
	t.settings = recordedSettings(record)
	t.settings.data, t.settings.skipBroken = t.request.Data, t.request.SkipBroken
	if t.settings.data == "" { // It ended before it began, in another program.
		t.settings.data = t.given.data
	}
	if t.settings.batch == 0 {
		t.settings.batch = t.given.batch
	}
	if list := t.settings.differences(t.flags); len(list) > 0 {
		return gan.Config{}, errors.Errorf("the run in %s is another: %s; leave that out, or start a run in another folder",
			t.dir, strings.Join(list, ", "))
	}
	switch {
	case t.flags.Changed("minutes"):
		t.request.Steps, t.request.Minutes = 0, t.given.minutes
	case t.flags.Changed("steps") || t.request.Steps == 0 && t.request.Minutes == 0:
		t.request.Steps, t.request.Minutes = t.given.steps, 0
	}
	if err := t.checkGoal(); err != nil {
		return gan.Config{}, err
	}
	if err := t.openData(t.settings); err != nil {
		return gan.Config{}, err
	}
	if hash := record.Data.Hash; hash != "" && hash != t.set.Hash() {
		return gan.Config{}, errors.Errorf("the data %s is not what the run in %s was trained on; bring that back, or start a run in another folder",
			t.settings.data, t.dir)
	}
	return record.Config, nil
}

// openData opens the data set.
func (t *training) openData(s settings) error {
	set, err := openSet(t.console, s.data, t.quiet, datasets.Options{
		Size: s.size, Channels: s.channels, Seed: s.seed, SkipBroken: s.skipBroken,
	})
	if err != nil {
		return err
	}
	if len(set.Skipped) > 0 && !t.quiet {
		t.say("left out %d pictures that cannot be read, the first %s", len(set.Skipped), set.Skipped[0])
	}
	t.set = set
	return nil
}

// announce says what is about to be trained.
func (t *training) announce() {
	if t.quiet {
		return
	}
	if t.choice.Note != "" {
		t.say("note: %s", t.choice.Note)
	}
	t.say("%s on %s (%s), %s, in %s", t.settings.arch, t.settings.data, describe(t.set), backendName(t.choice), t.dir)
}

// train takes the steps and draws the pictures.
func (t *training) train(ctx context.Context, data *datasets.Batches) (*trained, error) {
	first := t.trainer.Steps()
	result := &trained{Run: t.dir, Data: t.settings.data, Backend: t.choice.Kind, Plugin: t.choice.Plugin}
	steps, limit := t.request.Steps-first, time.Duration(0)
	if t.request.Minutes > 0 {
		const endless = 1 << 40
		steps = cmp.Or(t.settings.decayTo, endless) - first
		limit = time.Duration((t.request.Minutes*60 - t.request.Seconds) * float64(time.Second))
	}
	pictures, err := newPictures(t.trainer, t.set, t.dir)
	if err != nil {
		return nil, err
	}
	result.Reached = steps <= 0 || t.request.Minutes > 0 && limit <= 0
	if !result.Reached {
		if err := t.loop(ctx, data, steps, limit, pictures, result); err != nil {
			return nil, err
		}
	}
	result.Steps = t.trainer.Steps()
	if result.Steps == 0 {
		return result, nil // Time was over before the first step.
	}
	if result.Pictures, err = pictures.finish(); err != nil {
		return nil, err
	}
	return result, nil
}

// loop takes the steps. The limit, if not 0, is of their time.
func (t *training) loop(ctx context.Context, data *datasets.Batches, steps int, limit time.Duration, pictures *pictures, result *trained) error {
	limited, cancel := ctx, context.CancelFunc(func() {})
	if limit > 0 {
		limited, cancel = context.WithTimeout(ctx, limit)
	}
	defer cancel()
	meter := newMeter(t.console, t.quiet, t.trainer.Steps(), steps, limit, data.BatchSize(), t.unit())
	err := func() error {
		defer meter.close()
		for step, err := range t.trainer.Train(limited, data, steps) {
			if err != nil {
				return err
			}
			result.DiscriminatorLoss, result.GeneratorLoss = step.DiscriminatorLoss, step.GeneratorLoss
			meter.update(step)
			if err := pictures.maybe(step.N, meter.share(), meter.elapsed()); err != nil {
				return err
			}
		}
		return t.trainer.Close()
	}()
	result.Seconds, result.ImagesPerSecond = meter.elapsed().Seconds(), meter.speed()
	t.request.Seconds += result.Seconds
	if writeErr := t.request.write(t.dir); err == nil {
		err = writeErr
	}
	if err == nil && ctx.Err() != nil {
		return interrupted{"interrupted; step " + strconv.Itoa(t.trainer.Steps()) + " is saved, go on with: " +
			t.shell("train", "--run", t.dir, "--resume")}
	}
	return err
}

// unit is what examples are.
func (t *training) unit() string {
	if t.set.Points != nil {
		return "points"
	}
	return "images"
}

// report prints the result.
func (t *training) report(result *trained) error {
	switch {
	case t.json:
		return t.printJSON(result)
	case t.quiet:
		return t.print("%s", t.dir)
	case result.Reached:
		goal := strconv.Itoa(t.request.Steps) + " steps"
		more := "--steps " + strconv.Itoa(2*result.Steps)
		if t.request.Minutes > 0 {
			goal, more = strconv.FormatFloat(t.request.Minutes, 'g', -1, 64)+" minutes", "--minutes "+strconv.FormatFloat(2*t.request.Minutes, 'g', -1, 64)
		}
		if err := t.print("The run in %s is at step %d and has reached its %s already; for more say %s.", t.dir, result.Steps, goal, more); err != nil {
			return err
		}
	default:
		took := time.Duration(result.Seconds * float64(time.Second)).Round(time.Second)
		if err := t.print("Trained to step %d in %s, %.0f %s/s. Pictures:", result.Steps, took, result.ImagesPerSecond, t.unit()); err != nil {
			return err
		}
	}
	for _, picture := range result.Pictures {
		if err := t.print("  %s", picture); err != nil {
			return err
		}
	}
	return t.print("Next: %s", t.shell("sample", "--run", t.dir, "--n", "100", "--out", "more.png"))
}
