package datasets

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/nearest"
)

// View says which examples of a data set are taken. Its zero value takes all. What it does comes in the order of its fields.
type View struct {
	Split string   `json:"split,omitempty"` // Only those of this split, see Set.Split; "" takes all.
	Only  []string `json:"only,omitempty"`  // Only the classes with these names, in this order.

	// PerClass keeps so many examples of each class, and Balance as many as the class with the fewest has. Those of 10 are
	// among those of 20. ViewSeed draws them.
	PerClass int   `json:"per_class,omitempty"`
	Balance  bool  `json:"balance,omitempty"`
	ViewSeed int64 `json:"view_seed,omitempty"`
}

// check returns an error about what can never be.
func (v View) check() error {
	if v.PerClass < 0 {
		return errors.Errorf("datasets: %d examples a class cannot be; give at least 1, or 0 for all", v.PerClass)
	}
	if v.Balance && v.PerClass > 0 {
		return errors.New("datasets: a number of examples a class balances the classes; leave out Balance (--balance) or PerClass (--per-class)")
	}
	if v.Split != "" {
		return checkSplit(v.Split)
	}
	return nil
}

// takesAll tells whether nothing is left out.
func (v View) takesAll() bool {
	return v.Split == "" && len(v.Only) == 0 && v.PerClass == 0 && !v.Balance
}

// PerClass returns n examples of each class, drawn by the seed, in the order of the set: those of 10 are among those of 20. It
// is an error if a class has fewer.
func (s *Set) PerClass(n int, seed int64) (*Set, error) {
	if n < 1 {
		return nil, errors.Errorf("datasets: %s: %d examples a class are too few; take at least 1", s.Name, n)
	}
	return s.view(View{PerClass: n, ViewSeed: seed})
}

// Balanced returns as many examples of each class as the class with the fewest has, drawn by the seed, in the order of the
// set.
func (s *Set) Balanced(seed int64) (*Set, error) { return s.view(View{Balance: true, ViewSeed: seed}) }

// Only returns the examples of the classes with these names; class 0 is the first of them.
func (s *Set) Only(classes ...string) (*Set, error) {
	if len(classes) == 0 {
		return nil, errors.Errorf("datasets: %s: no class is named to be kept", s.Name)
	}
	return s.view(View{Only: classes})
}

// ByClass returns the numbers of the examples of each class, in the order of Classes; nil without labels.
func (s *Set) ByClass() [][]int {
	if s.Labels == nil {
		return nil
	}
	return byClass(s.Labels, len(s.Classes), nil)
}

// byClass returns the numbers of the examples of each class, out of those given, or of all for nil.
func byClass(labels []int32, classes int, numbers []int) [][]int {
	lists := make([][]int, classes)
	if numbers == nil {
		for i, label := range labels {
			lists[label] = append(lists[label], i)
		}
		return lists
	}
	for _, i := range numbers {
		lists[labels[i]] = append(lists[labels[i]], i)
	}
	return lists
}

// view returns the examples that a view takes.
func (s *Set) view(v View) (*Set, error) {
	if err := v.check(); err != nil {
		return nil, err
	}
	if v.takesAll() {
		return s, nil
	}
	all := viewed{name: s.Name, count: s.Len(), labels: s.Labels, classes: s.Classes, key: s.keyAt}
	numbers, err := all.take(v)
	if err != nil {
		return nil, err
	}
	taken := s.Select(numbers)
	taken.Labels, taken.Classes = renamed(taken.Labels, s.Classes, v.Only)
	if v.Only != nil && s.Modes != nil {
		taken.Modes = nil
		for _, name := range v.Only {
			taken.Modes = append(taken.Modes, s.Modes[slices.Index(s.Classes, name)])
		}
	}
	return taken, nil
}

// viewed is what a view must know of examples.
type viewed struct {
	name    string // Of the data.
	count   int
	labels  []int32 // Or nil.
	classes []string
	key     func(i int) key
}

// take returns the numbers of the examples that the view takes, in their order.
func (d viewed) take(v View) ([]int, error) {
	if err := d.check(v); err != nil {
		return nil, err
	}
	var numbers []int
	for i := range d.count {
		if v.Split != "" && d.key(i).split() != v.Split {
			continue
		}
		if len(v.Only) > 0 && !slices.Contains(v.Only, d.classes[d.labels[i]]) {
			continue
		}
		numbers = append(numbers, i)
	}
	if len(numbers) == 0 {
		return nil, errors.Errorf("datasets: %s: nothing is left of its %d examples; take another split or other classes", d.name, d.count)
	}
	if v.PerClass == 0 && !v.Balance {
		return numbers, nil
	}
	return d.draw(v, numbers)
}

// check returns an error if the view asks for classes that there are not.
func (d viewed) check(v View) error {
	if d.labels == nil && (v.PerClass > 0 || v.Balance || len(v.Only) > 0) {
		return errors.Errorf("datasets: %s has no classes to choose by; put its pictures into a folder for each class, or name their classes in a CSV file (Options.Labels, --labels)", d.name)
	}
	for i, name := range v.Only {
		if !slices.Contains(d.classes, name) {
			return errors.Errorf("datasets: %s has no class %q%s (all: %s)", d.name, name, nearest.Hint(name, d.classes), strings.Join(d.classes, ", "))
		}
		if slices.Contains(v.Only[:i], name) {
			return errors.Errorf("datasets: the class %q is named twice", name)
		}
	}
	return nil
}

// draw returns the numbers of equally many examples of each class.
func (d viewed) draw(v View, numbers []int) ([]int, error) {
	lists := byClass(d.labels, len(d.classes), numbers)
	least, n := -1, v.PerClass
	for class, list := range lists {
		wanted := len(v.Only) == 0 || slices.Contains(v.Only, d.classes[class])
		if wanted && (least < 0 || len(list) < len(lists[least])) {
			least = class
		}
	}
	switch fewest := len(lists[least]); {
	case n > fewest:
		return nil, errors.Errorf("datasets: %s: the class %q has %d examples, fewer than the %d asked for; ask for fewer, or leave the class out (Only, --only)",
			d.name, d.classes[least], fewest, n)
	case v.Balance && fewest == 0:
		return nil, errors.Errorf("datasets: %s: the class %q has no examples, so that no number balances it; leave it out (Only, --only)", d.name, d.classes[least])
	case v.Balance:
		n = fewest
	}
	var drawn []int
	for class, list := range lists {
		if len(v.Only) > 0 && !slices.Contains(v.Only, d.classes[class]) {
			continue
		}
		places := make(map[int]uint64, len(list))
		for _, i := range list {
			places[i] = d.key(i).place(v.ViewSeed)
		}
		slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(places[a], places[b]) })
		drawn = append(drawn, list[:n]...)
	}
	slices.Sort(drawn)
	return drawn, nil
}

// renamed returns the labels and classes if only some of these are kept; none kept means all.
func renamed(labels []int32, classes, only []string) ([]int32, []string) {
	if len(only) == 0 {
		return labels, classes
	}
	changed := make([]int32, len(labels))
	for i, label := range labels {
		changed[i] = int32(slices.Index(only, classes[label]))
	}
	return changed, slices.Clone(only)
}

// String says which examples are taken, in the words of the command's flags: "test split, 20 per class, drawn by 1"; "" for all.
func (v View) String() string {
	var words []string
	if v.Split != "" {
		words = append(words, v.Split+" split")
	}
	if len(v.Only) > 0 {
		words = append(words, "only "+strings.Join(v.Only, ", "))
	}
	if v.PerClass > 0 {
		words = append(words, fmt.Sprintf("%d per class", v.PerClass))
	}
	if v.Balance {
		words = append(words, "balanced")
	}
	if v.ViewSeed != 0 && (v.PerClass > 0 || v.Balance) {
		words = append(words, fmt.Sprintf("drawn by %d", v.ViewSeed))
	}
	return strings.Join(words, ", ")
}
