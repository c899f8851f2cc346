package cli

import (
	"context"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/compare"
)

// comparing is one call of compare.
type comparing struct {
	*console
	out  string
	n    int
	seed int64
	json bool

	checkpoint string
}

// compared is the result of compare.
type compared struct {
	Page        string               `json:"page"`
	Runs        []*compare.Result    `json:"runs"`
	Differences []compare.Difference `json:"differences"` // In their settings.
	Notes       []string             `json:"notes"`       // What does not compare like with like.
}

func newCompare(c *console) *cobra.Command {
	p := &comparing{console: c}
	command := &cobra.Command{
		Use:   "compare RUN RUN …",
		Short: "Put trained runs side by side, as a page and a table",
		Long: `Put trained runs side by side: what they draw from the same latents, their losses and logits over one another,
their scores, and what differs in their settings. It writes a page of HTML that needs nothing beside it, and
prints a table.

Scores are of 1,000 samples and each run's own data. Of points: how many modes they reach, the fraction within
three standard deviations of one, and the reverse Kullback-Leibler divergence. Of pictures: FID and others by
the features that evaluate takes by default, the sliced Wasserstein distance, and the diversity, 1 as of the
data and 0 of a generator that has collapsed. Those that evaluate added to a run's scores.json are there, too.
Scores that do not compare, of other data, features or numbers of samples, are kept apart, with the reason.`,
		Example: `  ganymede compare runs/one runs/other
  ganymede compare runs/* --out compare.html --n 100
  ganymede compare runs/one runs/other --json`,
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) < 2 {
				return misusef("compare needs the folders of two runs at least, got %d", len(arguments))
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(cmd *cobra.Command, arguments []string) error {
			return p.run(cmd.Context(), arguments)
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.StringVar(&p.out, "out", "compare.html", "`FILE`.html to write")
	flags.IntVar(&p.n, "n", gridSamples, "`number` of samples of each run on the page")
	flags.Int64Var(&p.seed, "seed", defaultSeed, "of the latents, the same for all runs")
	bindCheckpoint(command, &p.checkpoint)
	flags.BoolVar(&p.json, "json", false, "print the result as a JSON object")
	return command
}

func (p *comparing) run(ctx context.Context, folders []string) error {
	if p.n < 1 {
		return misusef("--n %d must be at least 1", p.n)
	}
	if err := checkCheckpoint(p.checkpoint); err != nil {
		return err
	}
	if !strings.HasSuffix(strings.ToLower(p.out), ".html") {
		return misusef("--out %q must end in .html", p.out)
	}
	records := make([]gan.Record, len(folders))
	for i, dir := range folders { // All of them, before any is worked on.
		var err error
		if records[i], err = gan.ReadRecord(dir); err != nil {
			return err
		}
		if records[i].Config.Arch == nil {
			return errors.Errorf("%s is damaged: its run.json names no architecture", dir)
		}
	}
	choice, err := openBackend(ctx, p.console, true)
	if err != nil {
		return err
	}
	defer choice.Backend.Finalize()
	c := &compare.Comparison{N: p.n, Seed: p.seed}
	for i, dir := range folders {
		if ctx.Err() != nil {
			return errors.WithStack(ctx.Err())
		}
		trainer, err := p.loadTrained(choice.Backend, dir, p.checkpoint)
		if err != nil {
			return err
		}
		request, err := readRequest(dir, records[i].Data)
		if err != nil {
			return err
		}
		run := compare.Run{Dir: dir, Trainer: trainer, Record: records[i], Seconds: request.Seconds, Checkpoint: p.checkpoint}
		if classes := records[i].Config.Condition.Classes; classes > 1 && classes <= maxClassColumns {
			run.Columns = classes
		}
		if data, err := dataOf(dir, records[i]); err == nil { // Without its data a run has no scores, which the page says.
			if run.Data, err = data.sample(); err != nil {
				return err
			}
		}
		err = c.Add(ctx, run)
		_ = trainer.Close()
		if err != nil {
			return err
		}
	}
	if err := c.WritePage(p.out); err != nil {
		return err
	}
	return p.report(c)
}

// report prints the result.
func (p *comparing) report(c *compare.Comparison) error {
	if p.json {
		differences, err := c.Differences()
		if err != nil {
			return err
		}
		return p.printJSON(compared{Page: p.out, Runs: c.Runs, Differences: differences, Notes: c.Notes()})
	}
	table, err := c.Table()
	if err != nil {
		return err
	}
	for _, note := range c.Notes() {
		table += "\n" + note + "\n"
	}
	return p.print("%s\n%s", table, p.out)
}
