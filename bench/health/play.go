package main

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/display"
	"github.com/ganymede-ml/ganymede/gan/features"
	"github.com/ganymede-ml/ganymede/gan/health"
)

// bench is what all trainings share.
type bench struct {
	backend    compute.Backend
	references map[string]*health.Reference
	features   string // The extractor's name; "" for that of the data set.
	dir        string // For run folders.
}

// verdict is what the monitor said of a training.
type verdict struct {
	Script   string        `json:"script"`
	HeldOut  bool          `json:"held_out"`
	Expected []health.Kind `json:"expected,omitempty"`
	Sick     bool          `json:"sick"`
	Kind     health.Kind   `json:"kind,omitempty"` // Of the first alarm; "" if there was none.
	Since    int           `json:"since,omitempty"`
	Step     int           `json:"step,omitempty"` // Of the first alarm.
	Text     string        `json:"text,omitempty"`
	Notes    []health.Kind `json:"notes,omitempty"`
	Right    bool          `json:"right"`
	Named    bool          `json:"named"` // The alarm is of an expected kind.
	Seconds  float64       `json:"seconds"`
}

// play runs a script and returns the verdict.
func (b *bench) play(s script) (verdict, error) {
	v := verdict{Script: s.name, HeldOut: s.heldOut, Expected: s.expect, Sick: s.sick()}
	started := time.Now()
	set, err := datasets.Open(s.data, datasets.Options{Seed: 1})
	if err != nil {
		return v, err
	}
	reference, err := b.reference(set)
	if err != nil {
		return v, err
	}
	data, err := s.source(set)
	if err != nil {
		return v, err
	}
	dir := filepath.Join(b.dir, folderName(s.name))
	config := s.config
	config.Seed, config.Dir, config.SaveEvery = s.seed, dir, 1<<30
	trainer, err := gan.NewTrainer(b.backend, config)
	if err != nil {
		return v, err
	}
	for i, steps := range s.parts() {
		if i > 0 {
			if trainer, err = changed(b.backend, dir, s.after); err != nil {
				return v, err
			}
		}
		monitor, err := health.New(reference, health.Options{Every: s.every(), Seed: s.seed, OnReport: v.hear})
		if err != nil {
			return v, err
		}
		if err := follow(monitor, trainer, data, steps); err != nil {
			return v, err
		}
		if err := trainer.Close(); err != nil {
			return v, err
		}
	}
	v.judge(s)
	v.Seconds = time.Since(started).Seconds()
	return v, draw(trainer, dir)
}

// follow trains; losses that are not numbers are part of the play.
func follow(monitor *health.Monitor, trainer *gan.Trainer, data train.Dataset, steps int) error {
	for _, err := range monitor.Train(context.Background(), trainer, data, steps) {
		var bad *gan.NotANumber
		if errors.As(err, &bad) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// hear notes the first alarm, and what was noted besides.
func (v *verdict) hear(report health.Report) {
	for _, f := range report.Findings {
		switch {
		case f.Severity == health.Note:
			if !slices.Contains(v.Notes, f.Kind) {
				v.Notes = append(v.Notes, f.Kind)
			}
		case v.Kind == "":
			v.Kind, v.Since, v.Step, v.Text = f.Kind, f.Since, report.Step, f.Text
		}
	}
}

// judge compares the alarm with what was expected. One before there was a disease is a false one.
func (v *verdict) judge(s script) {
	v.Right = !v.Sick && v.Kind == "" || v.Sick && v.Kind != "" && v.Step > s.onset()
	v.Named = slices.Contains(v.Expected, v.Kind)
}

// changed returns a trainer that goes on with the run in the folder by a changed configuration.
func changed(backend compute.Backend, dir string, change func(c *gan.Config)) (*gan.Trainer, error) {
	record, err := gan.ReadRecord(dir)
	if err != nil {
		return nil, err
	}
	change(&record.Config)
	data, err := json.Marshal(record)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "run.json"), data, 0o666); err != nil {
		return nil, errors.WithStack(err)
	}
	return gan.Load(backend, dir)
}

// reference returns what a set's samples are compared with.
func (b *bench) reference(set *datasets.Set) (*health.Reference, error) {
	if r := b.references[set.Name]; r != nil {
		return r, nil
	}
	n := min(set.Len(), 3000)
	var r *health.Reference
	var err error
	if set.Points != nil {
		r, err = health.NewReference(tensors.FromFlatDataAndDimensions(set.Points[:2*n], n, 2), nil)
	} else {
		size := len(set.Pixels) / set.Len()
		examples := tensors.FromFlatDataAndDimensions(set.Pixels[:n*size], append([]int{n}, set.Shape...)...)
		extractor, openErr := features.Open(b.backend, cmp.Or(b.features, set.Name))
		if openErr != nil {
			return nil, openErr
		}
		r, err = health.NewReference(examples, extractor.Extract)
	}
	b.references[set.Name] = r
	return r, err
}

// draw keeps a picture of samples in the run folder, for people to see who is sick.
func draw(trainer *gan.Trainer, dir string) error {
	samples, err := trainer.Sample(64)
	if err != nil {
		return err
	}
	return display.SavePNG(filepath.Join(dir, "samples.png"), display.Grid(samples, 8))
}

// source returns the batches of the script: those of all examples, or some from the middle on.
func (s script) source(set *datasets.Set) (train.Dataset, error) {
	first, err := subset(set, s.only).Batches(s.batch, s.seed)
	if err != nil || s.labels == nil {
		return first, err
	}
	second, err := subset(set, s.labels).Batches(s.batch, s.seed)
	return &switching{first, second, s.middle() * max(1, s.config.DiscriminatorSteps), 0}, err
}

// subset returns the set of the examples whose label is kept, repeated to as many as before, so that batches of both fit the
// same program.
func subset(set *datasets.Set, keep func(int32) bool) *datasets.Set {
	if keep == nil {
		return set
	}
	var kept []int
	for n := set.Len(); len(kept) < n; {
		for i := 0; i < n && len(kept) < n; i++ {
			if keep(set.Labels[i]) {
				kept = append(kept, i)
			}
		}
	}
	return set.Select(kept)
}

// switching is a data set that becomes another one at a batch.
type switching struct {
	before, after *datasets.Batches
	at, start     int
}

func (s *switching) Name() string   { return s.before.Name() }
func (s *switching) Seek(batch int) { s.start = batch }

func (s *switching) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		position := s.start
		for position < s.at {
			s.before.Seek(position)
			for batch, err := range s.before.Iter() {
				if !yield(batch, err) {
					return
				}
				if position++; position == s.at {
					break
				}
			}
		}
		s.after.Seek(position)
		for batch, err := range s.after.Iter() {
			if !yield(batch, err) {
				return
			}
		}
	}
}
