package bench

import (
	"math"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/internal/nearest"
)

// Arm is a way to get more out of few pictures.
type Arm struct {
	Name    string
	Summary string // One line.

	Policy bool   // The classical policy changes every picture anew in every step.
	Maker  string // What makes further pictures; "" for none.

	// Share is the part that made pictures are of those learned from, where the classes are in balance: the originals are
	// repeated until that holds, or nearly.
	Share  float64
	Repeat bool // Pictures of classes that have fewer are repeated until all have equally many. For sets out of balance alone.
}

// registry are the arms in the order of tables.
var registry = []Arm{
	{Name: "nothing", Summary: "the pictures as they are"},
	{Name: "classic", Summary: "every picture changed by the classical policy, anew in every step", Policy: true},
	{Name: "oversampled", Summary: "classic, and the pictures of rare classes repeated (with --imbalance)", Policy: true, Repeat: true},
	{Name: "gan", Summary: "samples of a GAN that has seen these pictures alone, added to them, half and half", Maker: "gan", Share: 0.5},
	{Name: "both", Summary: "the samples of gan added, one to three, and classic on everything", Policy: true, Maker: "gan", Share: 0.25},
}

// baselines are the arms that others are compared with.
var baselines = []string{"nothing", "classic", "oversampled"}

// Arms returns the arms.
func Arms() []Arm { return slices.Clone(registry) }

// possible returns the arms that can be measured.
func (o Options) possible() []Arm {
	var arms []Arm
	for _, arm := range registry {
		_, known := o.Makers[arm.Maker]
		if (arm.Maker == "" || known) && (!arm.Repeat || !o.Imbalance.isZero()) {
			arms = append(arms, arm)
		}
	}
	return arms
}

// chosen returns the arms that are asked for, in the order of the registry.
func (o Options) chosen() ([]Arm, error) {
	possible := o.possible()
	if len(o.Arms) == 0 {
		return possible, nil
	}
	var names []string
	for _, arm := range possible {
		names = append(names, arm.Name)
	}
	for _, name := range o.Arms {
		if !slices.Contains(names, name) {
			return nil, errors.Errorf("bench: there is no arm %q here%s (all: %s)", name, nearest.Hint(name, names), strings.Join(names, ", "))
		}
	}
	return slices.DeleteFunc(possible, func(arm Arm) bool { return !slices.Contains(o.Arms, arm.Name) }), nil
}

// pictures returns what the arm's classifier learns from: the subset and what was made of it, which is nil without a maker. In
// a set in balance the originals are repeated until the made ones have their share of all.
func (a Arm) pictures(subset, made *datasets.Set, balanced bool) *datasets.Set {
	copies := make([]int, len(subset.Classes)) // Of each original, by class.
	most := largestClass(subset)
	madeOf := make([]int, len(subset.Classes))
	if made != nil {
		for class, list := range made.ByClass() {
			madeOf[class] = len(list)
		}
	}
	var numbers []int
	for class, list := range subset.ByClass() {
		copies[class] = 1
		switch {
		case len(list) == 0:
		case a.Repeat:
			copies[class] = (most + len(list)/2) / len(list)
		case balanced && a.Share > 0:
			originals := float64(madeOf[class]) * (1 - a.Share) / a.Share
			copies[class] = max(1, int(math.Round(originals/float64(len(list)))))
		}
		for range copies[class] {
			numbers = append(numbers, list...)
		}
	}
	if !a.Repeat && made == nil {
		return subset // In its own order, which all arms without a maker share.
	}
	learned := subset.Select(numbers)
	if made != nil {
		learned.Pixels = append(learned.Pixels, made.Pixels...)
		learned.Labels = append(learned.Labels, made.Labels...)
	}
	return learned
}
