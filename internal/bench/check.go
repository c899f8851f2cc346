package bench

import (
	"slices"
	"strconv"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/features"
)

// check returns an error about what cannot be measured.
func (o Options) check() error {
	for _, set := range []*datasets.Set{o.Train, o.Test} {
		if set.Points != nil {
			return errors.Errorf("bench: %s holds points, and the classifier looks at pictures; choose a data set of pictures", o.Data)
		}
		if set.Labels == nil || len(set.Classes) < 2 {
			return errors.Errorf("bench: %s has no classes to tell apart; put its pictures into a folder for each class, or name their classes in a CSV file (--labels)", o.Data)
		}
	}
	if !slices.Equal(o.Train.Classes, o.Test.Classes) || !slices.Equal(o.Train.Shape, o.Test.Shape) {
		return errors.Errorf("bench: the pictures of %s that are learned from have other classes or another shape than those that judge: %v and %v", o.Data, o.Train.Shape, o.Test.Shape)
	}
	if o.Seeds < 1 {
		return errors.Errorf("bench: %d seeds are too few; take at least 1, and 2 or more for intervals of differences", o.Seeds)
	}
	if o.Classifier.Steps < 1 {
		return errors.Errorf("bench: %d steps are too few; the classifier takes at least 1", o.Classifier.Steps)
	}
	if len(o.PerClass) == 0 {
		return errors.New("bench: no number of pictures a class is given")
	}
	for i, n := range o.PerClass {
		if n < 0 || slices.Contains(o.PerClass[:i], n) {
			return errors.Errorf("bench: %s pictures a class cannot be, or are named twice", perClassText(n))
		}
		if n > 0 {
			if _, err := o.Train.PerClass(n, o.Seed); err != nil {
				return err
			}
		}
		if o.to(n) < 0 {
			return errors.Errorf("bench: classes cannot be filled up to %d", o.To)
		}
	}
	for what, set := range map[string]*datasets.Set{"learn from": o.Train, "judge by": o.Test} {
		for class, list := range set.ByClass() {
			if len(list) == 0 {
				return errors.Errorf("bench: the class %q of %s has no pictures to %s; leave it out (--only)", set.Classes[class], o.Data, what)
			}
		}
	}
	return o.Imbalance.check(o.Train)
}

// DefaultClassifier returns how the classifier is trained unless one says otherwise: long enough for 20 pictures a class, with
// and without augmentation. Smoothed labels were better for both on the validation split of fashion.
func DefaultClassifier() features.Training {
	return features.Training{Steps: 300, Batch: 64, LearningRate: 0.003, Smoothing: 0.1}
}

// to returns up to how many pictures of each class a maker fills it, originals included. Unless To says so that is ten times
// what a class has, and no more than 500 beside them; of a set out of balance, as many as the largest class has.
func (o Options) to(perClass int) int {
	switch {
	case o.To != 0:
		return o.To
	case perClass == All:
		perClass = largestClass(o.Train)
	}
	if !o.Imbalance.isZero() {
		return perClass
	}
	return perClass + min(9*perClass, 500)
}

// largestClass returns how many examples the class with the most has.
func largestClass(set *datasets.Set) int {
	most := 0
	for _, list := range set.ByClass() {
		most = max(most, len(list))
	}
	return most
}

// perClassText returns a number of pictures a class as people write it.
func perClassText(n int) string {
	if n == All {
		return "all"
	}
	return strconv.Itoa(n)
}
