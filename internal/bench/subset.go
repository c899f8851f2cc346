package bench

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/internal/nearest"
)

// Imbalance says which classes are rare.
type Imbalance struct {
	Classes []string `json:"classes"`
	Share   float64  `json:"share"` // Of the pictures that the other classes have.
}

// ParseImbalance reads classes and their share, such as "3,8:0.1".
func ParseImbalance(text string) (Imbalance, error) {
	if text == "" {
		return Imbalance{}, nil
	}
	colon := strings.LastIndex(text, ":")
	if colon > 0 {
		if share, err := strconv.ParseFloat(text[colon+1:], 64); err == nil && share > 0 && share < 1 {
			return Imbalance{strings.Split(text[:colon], ","), share}, nil
		}
	}
	return Imbalance{}, errors.Errorf("bench: %q names no rare classes and their share above 0 and below 1, such as 3,8:0.1", text)
}

// String returns what ParseImbalance reads.
func (i Imbalance) String() string {
	if i.isZero() {
		return ""
	}
	return fmt.Sprintf("%s:%g", strings.Join(i.Classes, ","), i.Share)
}

func (i Imbalance) isZero() bool { return len(i.Classes) == 0 }

// check returns an error unless the set has the classes and others.
func (i Imbalance) check(set *datasets.Set) error {
	for k, name := range i.Classes {
		if !slices.Contains(set.Classes, name) {
			return errors.Errorf("bench: %s has no class %q to be rare%s (all: %s)", set.Name, name, nearest.Hint(name, set.Classes), strings.Join(set.Classes, ", "))
		}
		if slices.Contains(i.Classes[:k], name) {
			return errors.Errorf("bench: the rare class %q is named twice", name)
		}
	}
	if len(i.Classes) == len(set.Classes) {
		return errors.Errorf("bench: all classes of %s are rare, so that none is", set.Name)
	}
	return nil
}

// rare returns the numbers of the rare classes.
func (i Imbalance) rare(classes []string) []int {
	var numbers []int
	for _, name := range i.Classes {
		numbers = append(numbers, slices.Index(classes, name))
	}
	return numbers
}

// subset returns the pictures that all arms of a setting learn from. Those of fewer a class are among those of more.
func (b *bench) subset(s setting) (*datasets.Set, error) {
	subset := b.Train
	if s.perClass != All {
		var err error
		if subset, err = b.Train.PerClass(s.perClass, s.seed); err != nil {
			return nil, err
		}
	}
	if b.Imbalance.isZero() {
		return subset, nil
	}
	random := rand.New(rand.NewPCG(uint64(s.seed), 0))
	rare := b.Imbalance.rare(subset.Classes)
	var numbers []int
	for class, list := range subset.ByClass() {
		if slices.Contains(rare, class) {
			n := max(1, int(math.Round(b.Imbalance.Share*float64(len(list)))))
			random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			list = list[:n]
		}
		numbers = append(numbers, list...)
	}
	slices.Sort(numbers)
	return subset.Select(numbers), nil
}
