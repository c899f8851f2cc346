package nearest_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ganymede-ml/ganymede/internal/nearest"
)

func ExampleNames() {
	architectures := []string{"mlp", "dcgan", "resnet"}
	fmt.Println(nearest.Names("dcgn", architectures))
	fmt.Println(nearest.Names("transformer", architectures))
	// Output:
	// [dcgan]
	// []
}

func TestNames(t *testing.T) {
	sets := []string{"digits", "rings", "grid", "fashion"}
	for _, test := range []struct {
		name string
		from []string
		want []string
	}{
		{"digits", sets, []string{"digits"}},
		{"DIGTIS", sets, []string{"digits"}},                     // Two letters swapped, and the case ignored.
		{"digit", sets, []string{"digits"}},                      // One letter missing.
		{"fash", sets, []string{"fashion"}},                      // A prefix, though three letters are missing.
		{"grids", sets, []string{"grid"}},                        // One letter too many.
		{"mnist", sets, nil},                                     // Nothing near.
		{"", sets, nil},                                          // An empty name is the prefix of all and near to none.
		{"ns", []string{"ns", "rp"}, []string{"ns"}},             // A short name: both letters of rp differ.
		{"rq", []string{"ns", "rp"}, []string{"rp"}},             // One letter of a short name may always differ.
		{"ax", []string{"abcx", "ax", "a"}, []string{"ax", "a"}}, // The nearest first.
		{"aa", []string{"ab", "ac", "ad", "ae"}, []string{"ab", "ac", "ad"}},
	} {
		if got := nearest.Names(test.name, test.from); !slices.Equal(got, test.want) {
			t.Errorf("Names(%q): got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestHint(t *testing.T) {
	for _, test := range []struct {
		name string
		want string
	}{
		{"zzzzzz", ""},
		{"ring", "; did you mean rings?"},
		{"r", "; did you mean ra, rb or rings?"},
	} {
		if got := nearest.Hint(test.name, []string{"rings", "ra", "rb"}); got != test.want {
			t.Errorf("Hint(%q): got %q, want %q", test.name, got, test.want)
		}
	}
}
