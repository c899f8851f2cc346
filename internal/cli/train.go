package cli

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/xla"
)

// training is one call of train.
type training struct {
	*console
	trainFlags
	flags *pflag.FlagSet

	plan    *plan
	choice  *xla.Choice
	trainer *gan.Trainer
	watch   *watch // Nil if nobody watches.
}

func newTrain(c *console) *cobra.Command {
	t := &training{console: c}
	command := &cobra.Command{
		Use:   "train",
		Short: "Train a GAN on digits, points or your own pictures, or one that makes pictures from pictures",
		Long: `Train a GAN and leave a run folder with its checkpoints, samples as it learned (samples/), and pictures:
grid.png, training.gif, interpolation.png, losses.png and distance.png.

Settings start from a preset, and every flag changes one thing about it. Without --preset that is quick, whose
values are shown below, found to learn the most in a minute on two processor cores; with any of --arch, --loss
and --penalty it is plain, in which every part has its paper's values. --show prints what comes of it.

A folder whose pictures, decoded, take more than --memory is decoded as it is trained on, on all processors,
with as many pictures kept as there is room for; it trains to the same result. A smaller one lies in memory,
several times over: on the device, too.

Some presets make pictures from pictures. They learn from the training split (--split train) and draw what
they make of pictures of the validation split:

  pix2pix          pictures into others: --data pairs:DIR, with DIR/A and DIR/B, where the two of a pair are
                   called alike, or pictures with A left and B right; --direction BtoA learns the other way
  cyclegan         pictures of one kind into another and back: --data unpaired:DIR, with DIR/trainA and
                   DIR/trainB, or two other folders; A and B need no partners
  inpaint, context-encoder   holes filled: any pictures, --data digits or folder:DIR; --masks says which holes
  style            pictures in the style of others: --data unpaired:DIR, contents in A, styles in B

All know --data emoji: emoji as two firms draw them. --from starts from the weights of an earlier run. Where
networks cannot take pictures as they are, --size crops and resizes them.

Learning rates that a preset lets fall do so over --steps, and not at all with --minutes.

A monitor looks at samples while it trains: how far they are from the data, how much they differ, which
classes they are of. It marks the best checkpoint, writes what it sees to health.jsonl in the run folder, and
says when samples collapse, the discriminator has won or losses are no numbers; --on-collapse stop ends the
training there, rollback goes back to the best checkpoint and on with half the learning rates.

Ctrl-C ends a training cleanly; --resume goes on with it as if it had never stopped, with the data and
settings of its run folder.`,
		Example: `  ganymede train
  ganymede train --data folder:photos --size 32 --minutes 20 --run runs/photos
  ganymede train --run runs/photos --resume --minutes 60
  ganymede train --preset wgan-gp --show
  ganymede train --preset acgan --critic-steps 2 --steps 1000
  ganymede train --loss hinge --norm spectral --data rings
  ganymede train --preset pix2pix --data pairs:maps --steps 2000 --run runs/maps
  ganymede train --preset cyclegan --data unpaired:horse2zebra --size 128
  ganymede train --preset inpaint --data folder:photos --size 64
  ganymede train --lr 0.01 --on-collapse rollback`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			t.flags = cmd.Flags()
			return t.run(cmd.Context())
		},
	}
	t.bind(command.Flags())
	command.SetUsageFunc(groupedUsage)
	completeTrain(command)
	return command
}

func (t *training) run(ctx context.Context) error {
	if err := t.checkRanges(t.flags); err != nil {
		return err
	}
	if task, err := t.taskOf(); err != nil {
		return err
	} else if task != nil {
		return (&taskTraining{training: t, task: task}).run(ctx)
	}
	if err := t.checkTaskFlags(); err != nil {
		return err
	}
	decide := t.planNew
	if t.resume {
		decide = t.planResumed
	}
	var err error
	if t.plan, err = decide(); err != nil {
		return err
	}
	if t.show {
		return t.showPlan()
	}
	batches, err := t.plan.learned.batches(t.plan.batch, t.plan.config.Seed)
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
		t.trainer, err = gan.NewTrainer(t.choice.Backend, t.plan.config)
	}
	if err != nil {
		return err
	}
	defer func() { _ = t.trainer.Close() }() // Where it matters it is closed below.
	if err := t.plan.request.write(t.dir); err != nil {
		return err
	}
	t.announce()
	if err := t.startWatch(); err != nil {
		return err
	}
	result, err := t.train(ctx, batches)
	if err != nil {
		return err
	}
	return t.report(result)
}
