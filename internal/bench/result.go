package bench

import (
	"fmt"
	"slices"
)

// Result is what a bench found.
type Result struct {
	Data      string   `json:"data"`
	Train     int      `json:"train"` // Pictures that subsets are drawn from.
	Test      int      `json:"test"`  // Pictures that judge.
	Classes   []string `json:"classes"`
	Seeds     []int64  `json:"seeds"`
	Steps     int      `json:"steps"` // Of each classifier.
	Batch     int      `json:"batch"`
	Policy    string   `json:"policy"` // Of the arms with classical augmentation.
	Recipes   []string `json:"recipes,omitempty"`
	Imbalance string   `json:"imbalance,omitempty"`
	Rare      []string `json:"rare,omitempty"` // The classes with fewer pictures.
	Rows      []Row    `json:"rows"`
	Notes     []string `json:"notes,omitempty"`
	Dir       string   `json:"dir"`

	share float64 // Of the rare classes.
}

// Row is an arm with a number of pictures a class.
type Row struct {
	PerClass int     `json:"per_class"` // 0 for all.
	Pictures float64 `json:"pictures"`  // Of the subset, on the mean of a class.
	Arm      string  `json:"arm"`
	Made     float64 `json:"made"` // Pictures made, on the mean of the seeds.
	Score
	Recall  []Estimate `json:"recall"` // Of each class.
	Rare    *Score     `json:"rare,omitempty"`
	Seconds float64    `json:"seconds"` // Of a classifier, on the mean of the seeds.
}

// Score is a share of test pictures that is told right, and how it compares.
type Score struct {
	Accuracy Estimate     `json:"accuracy"`
	Against  []Comparison `json:"against"`
}

// Comparison is the difference to another arm, seed by seed.
type Comparison struct {
	Arm        string   `json:"arm"`
	Difference Estimate `json:"difference"`
	Apart      bool     `json:"apart"`   // The intervals of the two accuracies have nothing in common.
	Verdict    string   `json:"verdict"` // In words.
}

// note takes note of what a reader must know.
func (b *bench) note(format string, arguments ...any) {
	b.notes = append(b.notes, fmt.Sprintf(format, arguments...))
}

// result sums up the cells.
func (b *bench) result() *Result {
	training := b.Classifier.Filled(1)
	r := &Result{Data: b.Data, Train: b.Train.Len(), Test: b.Test.Len(), Classes: b.Train.Classes, Steps: training.Steps, Batch: training.Batch,
		Imbalance: b.Imbalance.String(), Rare: b.Imbalance.Classes, Dir: b.Dir, share: b.Imbalance.Share}
	for i := range b.Seeds {
		r.Seeds = append(r.Seeds, b.Seed+int64(i))
	}
	if slices.ContainsFunc(b.arms, func(arm Arm) bool { return arm.Policy }) {
		r.Policy = b.Policy.String()
	}
	for _, arm := range b.arms {
		if recipe := b.Makers[arm.Maker].Recipe; arm.Maker != "" && !slices.Contains(r.Recipes, recipe) {
			r.Recipes = append(r.Recipes, recipe)
		}
	}
	for _, perClass := range b.PerClass {
		r.Rows = append(r.Rows, b.rows(perClass)...)
	}
	if b.Seeds == 1 {
		b.note("One seed: differences have no interval, and that of an accuracy tells of the test pictures alone; take --seeds 3 or more.")
	}
	r.Notes = b.notes
	return r
}

// rows returns the rows of a number of pictures a class.
func (b *bench) rows(perClass int) []Row {
	cells := make(map[string][]Cell) // Of each arm, by seed.
	for _, arm := range b.arms {
		for i := range b.Seeds {
			cells[arm.Name] = append(cells[arm.Name], b.store.cells[b.key(setting{perClass, b.Seed + int64(i)}, arm)])
		}
	}
	everything := make([]int, len(b.Train.Classes))
	for class := range everything {
		everything[class] = class
	}
	var rows []Row
	for _, arm := range b.arms {
		own := cells[arm.Name]
		row := Row{PerClass: perClass, Arm: arm.Name, Score: score(cells, arm.Name, everything)}
		for _, cell := range own {
			row.Pictures += float64(cell.Learned) / float64(len(own)*len(everything))
			row.Made += float64(cell.Made) / float64(len(own))
			row.Seconds += cell.Seconds / float64(len(own))
		}
		for class := range everything {
			row.Recall = append(row.Recall, recall(own, []int{class}))
		}
		if !b.Imbalance.isZero() {
			rare := score(cells, arm.Name, b.Imbalance.rare(b.Train.Classes))
			row.Rare = &rare
		}
		rows = append(rows, row)
	}
	return rows
}

// score returns how an arm does on the pictures of the classes, and how it compares with the baselines.
func score(cells map[string][]Cell, arm string, classes []int) Score {
	s := Score{Accuracy: recall(cells[arm], classes)}
	for _, baseline := range baselines {
		if baseline == arm || cells[baseline] == nil {
			continue
		}
		c := Comparison{Arm: baseline, Difference: differences(sharesOf(cells[arm], classes), sharesOf(cells[baseline], classes))}
		c.Apart = s.Accuracy.apartFrom(recall(cells[baseline], classes))
		c.Verdict = c.words(arm)
		s.Against = append(s.Against, c)
	}
	return s
}

// counts returns how many pictures of the classes each cell tells right, of how many.
func counts(cells []Cell, classes []int) (right, count []int) {
	right, count = make([]int, len(cells)), make([]int, len(cells))
	for i, cell := range cells {
		for _, class := range classes {
			right[i] += cell.Right[class]
			count[i] += cell.Count[class]
		}
	}
	return right, count
}

// recall returns the share of the classes' pictures that the cells tell right.
func recall(cells []Cell, classes []int) Estimate { return shares(counts(cells, classes)) }

// sharesOf returns the same for each cell.
func sharesOf(cells []Cell, classes []int) []float64 {
	right, count := counts(cells, classes)
	list := make([]float64, len(cells))
	for i := range list {
		list[i] = float64(right[i]) / float64(count[i])
	}
	return list
}

// words says what a comparison shows.
func (c Comparison) words(arm string) string {
	d := c.Difference
	points := fmt.Sprintf("%+.1f points", 100*d.Value)
	if !d.hasInterval() {
		return fmt.Sprintf("%s: %s against %s; one seed shows no difference", arm, points, c.Arm)
	}
	points += fmt.Sprintf(" (%+.1f … %+.1f)", 100**d.Low, 100**d.High)
	apart := "the intervals of the two overlap"
	if c.Apart {
		apart = "the intervals of the two are apart"
	}
	switch {
	case *d.Low > 0:
		return fmt.Sprintf("%s is better than %s: %s; %s", arm, c.Arm, points, apart)
	case *d.High < 0:
		return fmt.Sprintf("%s is worse than %s: %s; %s", arm, c.Arm, points, apart)
	}
	return fmt.Sprintf("%s shows no difference to %s: %s; %s", arm, c.Arm, points, apart)
}
