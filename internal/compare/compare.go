// Package compare puts trained runs side by side: what they draw from the same latents, their curves, their scores, and
// what differs in their settings, as one page of HTML and one table of text.
//
// A Comparison is filled run by run, so that only one generator is in memory at a time.
package compare

import (
	"context"
	"fmt"
	"image"
	"path/filepath"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/display"
	"github.com/ganymede-ml/ganymede/gan/health"
)

// pointSamples is how many points a picture of them has at least: a few would show nothing.
const pointSamples = 1000

// Comparison is what is known of some runs.
type Comparison struct {
	N    int   // Samples to draw of each run.
	Seed int64 // Of their latents.

	Runs []*Result
}

// Run is a run to compare.
type Run struct {
	Dir     string
	Trainer *gan.Trainer
	Record  gan.Record
	Data    *datasets.Set // What it was trained on; nil if that cannot be had any more.
	Seconds float64       // That training took; 0 if nobody knows.
	Columns int           // Of the grid; 0 for a nearly square one.

	Checkpoint string // That the trainer is at: evaluate.Last or evaluate.Best.
}

// Result is what a comparison says of a run.
type Result struct {
	Name    string  `json:"name"` // The end of its folder's path, if no other run has the same.
	Dir     string  `json:"run"`
	Data    string  `json:"data"`
	Steps   int     `json:"steps"`
	Seconds float64 `json:"seconds,omitempty"`
	Scores  Scores  `json:"scores"`
	Floor   Scores  `json:"data_scores,omitempty"` // The same of the data itself.

	record gan.Record
	shape  []int
	latent int
	log    []gan.Step
	looks  []health.Report
	stale  int // Scores in its folder that are of other steps.
	grid   image.Image
}

// Add draws and judges a run.
func (c *Comparison) Add(ctx context.Context, run Run) error {
	config := run.Trainer.Config()
	r := &Result{
		Dir: run.Dir, Data: run.Record.Data.Name, Steps: run.Trainer.Steps(), Seconds: run.Seconds,
		record: run.Record, shape: config.Arch.ExampleShape(), latent: config.Arch.LatentSize(),
	}
	var err error
	if r.log, err = gan.ReadLog(run.Dir); err != nil {
		return err
	}
	if r.looks, err = health.ReadReports(run.Dir); err != nil {
		return err
	}
	n := c.N
	if len(r.shape) != 3 {
		n = max(n, pointSamples)
	}
	samples, err := run.Trainer.Draw(gan.Draw{N: n, Seed: c.Seed})
	if err != nil {
		return errors.WithMessage(err, run.Dir)
	}
	if len(r.shape) == 3 {
		r.grid = display.Grid(samples, run.Columns)
	} else {
		r.grid = display.Cloud{Real: realPoints(run.Data)}.Draw(samples)
	}
	if r.Scores, r.Floor, err = judge(ctx, run.Trainer.Backend(), run, c.Seed, c.floorOf(run)); err != nil {
		return errors.WithMessage(err, run.Dir)
	}
	more, others, err := recorded(run.Dir, run.Checkpoint, r.Steps)
	if err != nil {
		return err
	}
	r.Scores, r.stale = append(r.Scores, more...), others
	c.Runs = append(c.Runs, r)
	c.name()
	return nil
}

// floorOf returns the scores of a run's data that were found for a run before, nil if there was none of the same data.
func (c *Comparison) floorOf(run Run) Scores {
	for _, r := range c.Runs {
		if hash := run.Record.Data.Hash; hash != "" && r.record.Data.Hash == hash && r.Floor != nil {
			return r.Floor
		}
	}
	return nil
}

// realPoints returns some points of the data, or nil.
func realPoints(set *datasets.Set) *tensors.Tensor {
	if set == nil {
		return nil
	}
	n := min(set.Len(), 2*pointSamples)
	return tensors.FromFlatDataAndDimensions(set.Points[:2*n], n, 2)
}

// name names the runs as briefly as tells them apart.
func (c *Comparison) name() {
	count := map[string]int{}
	for _, r := range c.Runs {
		count[filepath.Base(r.Dir)]++
	}
	for _, r := range c.Runs {
		r.Name = filepath.Base(r.Dir)
		if count[r.Name] > 1 || r.Name == "." || r.Name == ".." {
			r.Name = r.Dir
		}
	}
}

// Notes returns what a reader must know not to be misled: where the runs cannot be compared like with like.
func (c *Comparison) Notes() []string {
	var notes []string
	first := c.Runs[0]
	same := func(of func(r *Result) string) bool {
		for _, r := range c.Runs {
			if of(r) != of(first) {
				return false
			}
		}
		return true
	}
	each := func(of func(r *Result) string) string {
		var parts []string
		for _, r := range c.Runs {
			parts = append(parts, of(r)+" ("+r.Name+")")
		}
		return strings.Join(parts, ", ")
	}
	shape := func(r *Result) string { return strings.ReplaceAll(strings.Trim(fmt.Sprint(r.shape), "[]"), " ", "×") }
	if !same(shape) {
		notes = append(notes, "The runs make examples of different shapes, so that their scores do not compare: "+each(shape)+".")
	}
	if !same(func(r *Result) string { return r.Data + r.record.Data.Hash }) {
		notes = append(notes, "The runs learned different data, and each is judged by its own: "+each(func(r *Result) string { return r.Data })+".")
	}
	latent := func(r *Result) string { return fmt.Sprint(r.latent) }
	if !same(latent) {
		notes = append(notes, "The runs have latents of different lengths, so that a sample has nothing to do with the one at its place in another run: "+each(latent)+".")
	}
	if !same(func(r *Result) string { return fmt.Sprint(r.Steps) }) {
		notes = append(notes, "The runs were trained for different numbers of steps.")
	}
	notes = append(notes, apart(c.columns())...)
	for _, r := range c.Runs {
		if r.stale > 0 {
			notes = append(notes, fmt.Sprintf("%s has %d scores from evaluate that are of another step or checkpoint, and left out.", r.Name, r.stale))
		}
		if len(r.Scores) == 0 {
			notes = append(notes, r.Name+" has no scores: the data that it was trained on, "+r.Data+", is not there any more.")
		}
	}
	return notes
}
