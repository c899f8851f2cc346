package cli

import "github.com/spf13/cobra"

func newBench(c *console) *cobra.Command {
	command := &cobra.Command{
		Use:   "bench",
		Short: "Measure whether what a GAN makes is of use",
		Long:  `Measure whether what a GAN makes is of use, against what does without one.`,
		Example: `  ganymede bench augment --data digits --per-class 20 --seeds 3
  ganymede bench inpaint --data digits --steps 300
  ganymede bench augment --help`,
	}
	parent(command)
	command.AddCommand(newBenchAugment(c), newBenchInpaint(c))
	return command
}
