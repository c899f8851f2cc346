package bench

import (
	"context"
	"slices"
	"testing"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// classCounts returns how many pictures each class has.
func classCounts(set *datasets.Set) []int {
	var counts []int
	for _, list := range set.ByClass() {
		counts = append(counts, len(list))
	}
	return counts
}

func TestImbalance(t *testing.T) {
	calls := 0
	o := options(t, t.TempDir(), &calls)
	o.Imbalance, o.PerClass = Imbalance{[]string{"left", "right"}, 0.3}, []int{10, 20, All}
	b, err := newBench(gantest.Go(), o)
	if err != nil {
		t.Fatal(err)
	}
	for perClass, want := range map[int][]int{10: {3, 10, 3}, 20: {6, 20, 6}, All: {6, 20, 6}} {
		subset, err := b.subset(setting{perClass, 1})
		if err != nil {
			t.Fatal(err)
		}
		if got := classCounts(subset); !slices.Equal(got, want) {
			t.Errorf("%d a class: the classes have %v, want %v", perClass, got, want)
		}
		again, err := b.subset(setting{perClass, 1})
		if err != nil || again.Hash() != subset.Hash() {
			t.Errorf("one seed draws two subsets (%v)", err)
		}
		if other, err := b.subset(setting{perClass, 2}); err != nil || other.Hash() == subset.Hash() {
			t.Errorf("two seeds draw one subset (%v)", err)
		}
	}
	if got := b.to(10); got != 6 { // Options.To.
		t.Errorf("classes are filled up to %d", got)
	}
	b.To = 0
	if got := b.to(10); got != 10 {
		t.Errorf("classes are filled up to %d, want as many as the largest has", got)
	}
	b.Imbalance = Imbalance{}
	if got := []int{b.to(10), b.to(100)}; !slices.Equal(got, []int{100, 600}) {
		t.Errorf("classes are filled up to %v", got)
	}
}

// What an arm's classifier learns from: how often it meets each picture.
func TestPicturesOfArms(t *testing.T) {
	set := stripes(10, 1)
	lists := set.ByClass()
	subset := set.Select(slices.Concat(lists[0][:2], lists[1], lists[2][:3]))
	calls := 0
	made, err := faked(&calls).Make(context.Background(), subset, 10, 1)
	if err != nil {
		t.Fatal(err)
	}
	even := set.Select(slices.Concat(lists[0][:2], lists[1][:2], lists[2][:2]))
	more, err := faked(&calls).Make(context.Background(), even, 8, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		learned *datasets.Set
		want    []int
	}{
		"nothing":     {registry[0].pictures(subset, nil, false), []int{2, 10, 3}},
		"oversampled": {Arm{Repeat: true}.pictures(subset, nil, false), []int{10, 10, 9}},
		"gan, rare":   {Arm{}.pictures(subset, made, false), []int{10, 10, 10}},
		"gan":         {Arm{Share: 0.5}.pictures(even, more, true), []int{12, 12, 12}},  // Two originals thrice, and six that were made.
		"both":        {Arm{Share: 0.25}.pictures(even, more, true), []int{24, 24, 24}}, // Two originals nine times, and six that were made.
	} {
		if got := classCounts(test.learned); !slices.Equal(got, test.want) {
			t.Errorf("%s: the classes have %v pictures, want %v", name, got, test.want)
		}
		if len(test.learned.Pixels) != 64*test.learned.Len() || len(test.learned.Labels) != test.learned.Len() {
			t.Errorf("%s: %d pixels and %d labels of %d pictures", name, len(test.learned.Pixels), len(test.learned.Labels), test.learned.Len())
		}
	}
	if registry[1].pictures(subset, nil, true) != subset {
		t.Error("classic has its pictures in another order than nothing")
	}
	if subset.Len() != 15 || even.Len() != 6 {
		t.Error("the subset has changed")
	}
}

func TestParseImbalance(t *testing.T) {
	got, err := ParseImbalance("3,8:0.1")
	if err != nil || !slices.Equal(got.Classes, []string{"3", "8"}) || got.Share != 0.1 || got.String() != "3,8:0.1" {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := ParseImbalance("Travel: Places:0.5"); err != nil || !slices.Equal(got.Classes, []string{"Travel: Places"}) {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := ParseImbalance(""); err != nil || !got.isZero() {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, text := range []string{"3,8", ":0.1", "3:0", "3:1", "3:NaN", "3:x"} {
		if got, err := ParseImbalance(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
}
