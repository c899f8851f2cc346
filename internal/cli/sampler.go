package cli

import (
	"github.com/gomlx/compute"
	"github.com/spf13/cobra"

	"github.com/ganymede-ml/ganymede/internal/samplerhelper"
	"github.com/ganymede-ml/ganymede/xla"
)

// newSampler is the helper of notebooks' cells. Nobody calls it by hand.
func newSampler(*console) *cobra.Command {
	var options samplerhelper.Options
	command := &cobra.Command{
		Use:   "sampler --socket FILE",
		Short: "Answer the cells of notebooks that ask for samples",
		Long: `Answer the cells of notebooks that ask for samples, until nobody has asked for a while. Package
course/sampler starts it by itself.`,
		Example: `  ganymede sampler --socket /tmp/samples.sock`,
		Hidden:  true,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if options.Socket == "" {
				return misusef("--socket is missing: package course/sampler starts this command by itself")
			}
			options.Open = func() (compute.Backend, error) { return xla.New() }
			return samplerhelper.Serve(cmd.Context(), options)
		},
	}
	command.Flags().StringVar(&options.Socket, "socket", "", "`file` to listen at")
	command.Flags().DurationVar(&options.Idle, "idle", 0, "ends after so long without a request (default 10m)")
	return command
}
