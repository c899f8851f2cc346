// Package bench measures whether augmentation pays: it trains one and the same classifier on few pictures, changed and
// multiplied in several ways, and says how much of untouched pictures each tells right.
//
// Everything is paired. A seed draws the few pictures, the first weights and the order; all arms of a seed share them, take
// the same number of steps and are judged by the same pictures, so that what is left of their difference is the arm's.
package bench

import (
	"context"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/augment"
	"github.com/ganymede-ml/ganymede/gan/features"
)

// Options say what is measured.
type Options struct {
	Data        string        // What the pictures are called, for the reader.
	Train, Test *datasets.Set // What subsets are drawn from, and what judges. Run leaves out of Train what Test holds, too.

	PerClass  []int     // Pictures of each class to learn from; All is every one.
	Imbalance Imbalance // Classes with fewer; the zero value is none.
	Seed      int64     // The first of the seeds, which follow one another.
	Seeds     int
	Arms      []string // Nil means all that there are.

	Classifier features.Training // Of each arm alike; its seed and policy are the bench's. Steps must be given.
	Policy     augment.Policy    // What the arms with classical augmentation change pictures by.
	Makers     map[string]Maker  // What makes the pictures of the arms with such, by name.
	To         int               // How many pictures of each class a maker fills it up to, originals included; 0 see Options.to.

	Dir   string // The folder of results.jsonl and what else is kept.
	Force bool   // Measure again what is there.

	Progress func(Progress) // Called before each piece of work and at the end, unless nil.
}

// All as a number of pictures a class is all that there are.
const All = 0

// Run measures all cells that the folder does not hold yet, and returns what all of them say. Each is kept as soon as it is
// there, so that a bench that was ended goes on where it was.
func Run(ctx context.Context, backend compute.Backend, o Options) (*Result, error) {
	b, err := newBench(backend, o)
	if err != nil {
		return nil, err
	}
	for _, setting := range b.settings() {
		if err := b.measure(ctx, setting); err != nil {
			return nil, err
		}
	}
	b.clock.end()
	return b.result(), nil
}

// bench is one call of Run.
type bench struct {
	Options
	backend compute.Backend
	arms    []Arm
	fence   *fence
	store   *store[Cell]
	network *features.Classifier
	clock   *clock
	notes   []string

	trainHash, testHash string
}

func newBench(backend compute.Backend, o Options) (*bench, error) {
	b := &bench{Options: o, backend: backend}
	var err error
	if b.arms, err = o.chosen(); err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := b.separate(); err != nil {
		return nil, err
	}
	if b.network, err = features.NewClassifier("classifier", o.Train.Shape, o.Train.Classes); err != nil {
		return nil, err
	}
	b.trainHash, b.testHash = b.Train.Hash(), b.Test.Hash()
	if b.store, err = openStore[Cell](o.Dir); err != nil {
		return nil, err
	}
	b.clock = newClock(o.Progress)
	for _, setting := range b.settings() {
		if o.Force {
			if err := b.store.forget(b.keys(setting)); err != nil {
				return nil, err
			}
		}
		b.clock.plan(b.missing(setting))
	}
	return b, nil
}

// setting is what all arms that are compared share.
type setting struct {
	perClass int
	seed     int64
}

// settings returns all of them in their order.
func (b *bench) settings() []setting {
	var list []setting
	for _, perClass := range b.PerClass {
		for i := range b.Seeds {
			list = append(list, setting{perClass, b.Seed + int64(i)})
		}
	}
	return list
}

// keys returns the keys of the cells of all arms.
func (b *bench) keys(s setting) []string {
	var keys []string
	for _, arm := range b.arms {
		keys = append(keys, b.key(s, arm))
	}
	return keys
}

// missing returns the arms that are not measured yet.
func (b *bench) missing(s setting) []Arm {
	var arms []Arm
	for _, arm := range b.arms {
		if _, ok := b.store.cells[b.key(s, arm)]; !ok {
			arms = append(arms, arm)
		}
	}
	return arms
}

// measure measures the arms that are missing.
func (b *bench) measure(ctx context.Context, s setting) error {
	arms := b.missing(s)
	if len(arms) == 0 {
		return nil
	}
	subset, err := b.subset(s)
	if err != nil {
		return err
	}
	made := make(map[string]*datasets.Set)
	for _, arm := range arms {
		if arm.Maker != "" && made[arm.Maker] == nil {
			b.clock.begin(arm.Maker, s, arm.Maker)
			if made[arm.Maker], err = b.samples(ctx, subset, s, arm.Maker); err != nil {
				return err
			}
			b.clock.done()
		}
		b.clock.begin(arm.Name, s, "")
		cell, err := b.cell(ctx, s, arm, subset, made[arm.Maker])
		if err != nil {
			return errors.WithMessagef(err, "bench: %s, %s a class, seed %d", arm.Name, perClassText(s.perClass), s.seed)
		}
		if err := b.store.add(cell); err != nil {
			return err
		}
		b.clock.done()
	}
	return nil
}

// cell trains the classifier of an arm and judges it.
func (b *bench) cell(ctx context.Context, s setting, arm Arm, subset, made *datasets.Set) (Cell, error) {
	if err := b.fence.check(subset, made); err != nil {
		return Cell{}, err
	}
	start := time.Now()
	training := b.Classifier
	training.Seed = s.seed
	if arm.Policy {
		training.Policy = b.Policy
	}
	learned := arm.pictures(subset, made, b.Imbalance.isZero())
	weights, err := training.Train(ctx, b.backend, b.network, labelled(learned), nil)
	if err != nil {
		return Cell{}, err
	}
	extractor, err := features.New(b.backend, b.network, weights, "")
	if err != nil {
		return Cell{}, err
	}
	_, logits, err := extractor.Extract(labelled(b.Test).Pictures)
	if err != nil {
		return Cell{}, err
	}
	cell := Cell{Key: b.key(s, arm), Data: b.Data, Arm: arm.Name, PerClass: s.perClass, Seed: s.seed, Imbalance: b.Imbalance.String(),
		Learned: subset.Len(), Backend: b.backend.Name(), Subset: subset.Hash()}
	if made != nil {
		cell.Made = made.Len()
	}
	cell.judge(logits, b.Test.Labels, len(b.Test.Classes))
	cell.Seconds = time.Since(start).Seconds()
	return cell, nil
}

// labelled returns the pictures of a set with their classes.
func labelled(set *datasets.Set) features.Labelled {
	dimensions := append([]int{set.Len()}, set.Shape...)
	return features.Labelled{Pictures: tensors.FromFlatDataAndDimensions(set.Pixels, dimensions...), Labels: set.Labels}
}
