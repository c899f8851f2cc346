package cli

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/ganymede-ml/ganymede/internal/lab"
)

// labCall is one call of lab.
type labCall struct {
	*console
	config lab.Config
	open   lab.OpenOptions
	check  lab.CheckOptions

	setupOnly, checkOnly, json bool

	htmlDir string
}

func newLab(c *console) *cobra.Command {
	l := &labCall{console: c}
	command := &cobra.Command{
		Use:   "lab [--check|--html DIR [NOTEBOOK|NUMBER...]]",
		Short: "Open the course in JupyterLab, or run its notebooks",
		Long: `Open the notebooks of a clone of Ganymede in JupyterLab, with a Go kernel that imports the clone. The first
time it installs JupyterLab and the kernel into .venv, which takes a network and some minutes.

With --check it runs notebooks without a window instead, all of them if none is named, and fails if a
cell fails. They are named by path, by name or by number. What was trained in notebooks/runs is neither
used nor changed. With --html it writes them as pages that need no network.

In a Go module of your own that requires Ganymede it opens that module, and cells import both.`,
		Example: `  ganymede lab
  ganymede lab --no-browser --port 8890
  ganymede lab --check notebooks/01_two_players.ipynb
  ganymede lab --check --quick 1 2 3
  ganymede lab --check --solutions 1    # with the exercises solved
  ganymede lab --html course            # course/index.html`,
		RunE: func(cmd *cobra.Command, arguments []string) error { return l.run(cmd, arguments) },
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.BoolVar(&l.setupOnly, "setup", false, "only install what is missing")
	flags.StringVar(&l.open.Host, "host", "", "`address` to listen on (default 127.0.0.1, which only this machine reaches)")
	flags.IntVar(&l.open.Port, "port", 0, "to listen on; 0: the first free one from 8888 on")
	flags.BoolVar(&l.open.NoBrowser, "no-browser", false, "do not open a browser")
	flags.BoolVar(&l.checkOnly, "check", false, "run notebooks without a window")
	flags.BoolVar(&l.check.Quick, "quick", false, "with --check: train only a little")
	flags.BoolVar(&l.check.Update, "update", false, "with --check: write the outputs into the notebooks that pass")
	flags.BoolVar(&l.check.Solutions, "solutions", false, "with --check: solve the exercises, as notebooks/solutions does")
	flags.StringVar(&l.htmlDir, "html", "", "write the notebooks as HTML into a `folder`")
	flags.BoolVar(&l.json, "json", false, "with --check: print the results as a JSON list")
	return command
}

func (l *labCall) run(cmd *cobra.Command, notebooks []string) error {
	ctx := cmd.Context()
	switch changed := cmd.Flags().Changed; {
	case !l.checkOnly && l.htmlDir == "" && len(notebooks) > 0:
		return misusef("%q is an argument, which only --check and --html take", notebooks[0])
	case l.htmlDir != "" && (l.checkOnly || l.setupOnly):
		return misusef("--html, --check and --setup exclude each other")
	case !l.checkOnly && (changed("quick") || changed("update") || changed("solutions") || changed("json")):
		return misusef("--quick, --update, --solutions and --json go with --check")
	case l.check.Update && l.check.Solutions:
		return misusef("--update and --solutions exclude each other: solved exercises are not written")
	case l.checkOnly && l.setupOnly:
		return misusef("--setup and --check exclude each other")
	case l.open.Port < 0 || l.open.Port > 65535:
		return misusef("--port %d is no port", l.open.Port)
	}
	l.config.Progress = func(line string) { l.say("%s", line) }
	if l.setupOnly {
		return lab.Setup(ctx, l.config)
	}
	if l.checkOnly {
		return l.runCheck(cmd, notebooks)
	}
	if l.htmlDir != "" {
		return l.export(cmd, notebooks)
	}
	l.open.Log = l.err
	l.open.Ready = func(url string) {
		_ = l.print("JupyterLab is at %s (Ctrl-C ends it)", url) // It is in the log too.
	}
	return lab.Open(ctx, l.config, l.open)
}

// export writes the notebooks as HTML, all those of the course if none is named.
func (l *labCall) export(cmd *cobra.Command, notebooks []string) error {
	notebooks, err := lab.Find(l.config, notebooks...)
	if err != nil {
		return err
	}
	if err := lab.Export(cmd.Context(), l.config, l.htmlDir, notebooks...); err != nil {
		return err
	}
	return l.print("%s", filepath.Join(l.htmlDir, "index.html"))
}

// runCheck runs the notebooks, all those of the course if none is named.
func (l *labCall) runCheck(cmd *cobra.Command, notebooks []string) error {
	notebooks, err := lab.Find(l.config, notebooks...)
	if err != nil {
		return err
	}
	var printed error
	say := func(line string) {
		if err := l.print("%s", line); printed == nil {
			printed = err
		}
	}
	table, begun := lab.NewTable(notebooks), false
	if !l.json {
		l.check.Report = func(result lab.Result) {
			if !begun {
				say(table.Head())
				begun = true
			}
			say(table.Row(result))
		}
	}
	results, err := lab.Check(cmd.Context(), l.config, l.check, notebooks...)
	if l.json && results != nil {
		printed = l.printJSON(results)
	}
	if begun {
		if len(results) > 1 {
			say(table.Foot(results))
		}
		for _, result := range results {
			if !result.OK {
				say("\n" + result.String())
			}
		}
	}
	if err != nil {
		return err
	}
	return printed
}
