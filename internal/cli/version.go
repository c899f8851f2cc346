package cli

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// versions is the result of version.
type versions struct {
	Version string `json:"version"`          // Of this module; "(devel)" for a build from a clone that says no more.
	Commit  string `json:"commit,omitempty"` // Empty if the build does not say.
	Go      string `json:"go"`
	GoMLX   string `json:"gomlx,omitempty"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

func newVersion(c *console) *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Long:    "Print the version of Ganymede, and of what it was built with.",
		Example: "  ganymede version --json",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			v := readVersions()
			if asJSON {
				return c.printJSON(v)
			}
			text := "ganymede " + v.Version
			if v.Commit != "" {
				text += " (" + v.Commit + ")"
			}
			if v.GoMLX != "" {
				text += ", GoMLX " + v.GoMLX
			}
			return c.print("%s, %s, %s/%s", text, v.Go, v.OS, v.Arch)
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	return command
}

func readVersions() versions {
	v := versions{Version: "(devel)", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			v.Commit = setting.Value
		}
	}
	for _, module := range info.Deps {
		if module.Path == "github.com/gomlx/gomlx" {
			v.GoMLX = module.Version
		}
	}
	return v
}
