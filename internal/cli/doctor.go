package cli

import (
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/internal/doctor"
)

func newDoctor(c *console) *cobra.Command {
	var asJSON, install bool
	command := &cobra.Command{
		Use:   "doctor",
		Short: "Say what runs here, how fast, and how to mend what is missing",
		Long: `Say what Ganymede runs on here and how fast: the backend, its plugin and devices, the GPU, notebooks and data.
For whatever is missing there is the one command that mends it. The exit status is 1 if no backend opens.`,
		Example: `  ganymede doctor
  ganymede doctor --install    # get the XLA plugin, or put it right
  ganymede doctor --json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			options := doctor.Options{Install: install, Program: c.program, Data: localData()}
			if install && !asJSON {
				show, done := installProgress(c)
				defer done()
				options.Progress = show
			}
			report := doctor.Gather(cmd.Context(), options)
			if err := cmd.Context().Err(); err != nil {
				return errors.WithStack(err)
			}
			for _, text := range []*string{&report.InstallError, &report.Backend.Error, &report.Notebooks.Error} {
				*text = oneLine(*text)
			}
			for i := range report.Fixes {
				report.Fixes[i].Problem = oneLine(report.Fixes[i].Problem)
			}
			if asJSON {
				if err := c.printJSON(report); err != nil {
					return err
				}
			} else {
				report.WriteText(c.out)
			}
			switch {
			case report.InstallError != "":
				return errors.New(report.InstallError)
			case report.Backend.Error != "":
				return errors.New(report.Backend.Error)
			}
			return nil
		},
	}
	command.Flags().BoolVar(&install, "install", false, "first install the XLA plugin, or put it right")
	command.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	return command
}

// localData lists the data sets that are here without a download.
func localData() []doctor.Data {
	var list []doctor.Data
	for _, info := range datasets.List() {
		where := whereData(info.Name, info.Shape)
		if where != "" && !strings.HasPrefix(info.Name, folderPrefix) {
			list = append(list, doctor.Data{Name: info.Name, Examples: info.Examples, Where: where})
		}
	}
	return list
}
