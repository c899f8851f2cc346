package cli

import (
	"github.com/gomlx/compute"
	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/evaluate"
)

var checkpointNames = []string{evaluate.Last, evaluate.Best}

// bindCheckpoint defines the flag that chooses one.
func bindCheckpoint(command *cobra.Command, value *string) {
	command.Flags().StringVar(value, "checkpoint", evaluate.Last, "draw from the `last` checkpoint, or the best: that with the smallest distance from the data while it trained")
	must(command.RegisterFlagCompletionFunc("checkpoint", cobra.FixedCompletions(checkpointNames, cobra.ShellCompDirectiveNoFileComp)))
}

// checkCheckpoint returns an error about a name that there is not.
func checkCheckpoint(name string) error { return checkName("checkpoint", name, checkpointNames) }

// loadTrained opens a run that has something to show.
func (c *console) loadTrained(backend compute.Backend, dir, checkpoint string) (*gan.Trainer, error) {
	if checkpoint == evaluate.Best {
		return gan.LoadBest(backend, dir)
	}
	trainer, err := gan.Load(backend, dir)
	if err != nil {
		return nil, err
	}
	if trainer.Steps() == 0 {
		_ = trainer.Close()
		return nil, errors.Errorf("the run in %s has no checkpoint yet; train it first: %s", dir, c.shell("train", "--run", dir, "--resume"))
	}
	return trainer, nil
}
