package datasets

import (
	"bytes"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func open(t *testing.T, name string, options Options) *Set {
	t.Helper()
	set, err := Open(name, options)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// Splits cut a set into its 70, 10 and 20 percent, without an example in two or none, and equal ones together.
func TestSplit(t *testing.T) {
	all := open(t, "fashion", Options{})
	seen := map[string]string{}
	total := 0
	for _, split := range []struct {
		name  string
		share float64
	}{{Train, .7}, {Validation, .1}, {Test, .2}} {
		set, err := all.Split(split.name)
		if err != nil {
			t.Fatal(err)
		}
		if share := float64(set.Len()) / float64(all.Len()); math.Abs(share-split.share) > .015 { // Three deviations of 10,000 draws.
			t.Errorf("%s has %.3f of the examples, want about %g", split.name, share, split.share)
		}
		total += set.Len()
		for i := range set.Len() {
			picture := string(set.Pixels[i*784 : (i+1)*784])
			if other := seen[picture]; other != "" && other != split.name {
				t.Fatalf("a picture is in %s and in %s", other, split.name)
			}
			seen[picture] = split.name
		}
	}
	if total != all.Len() {
		t.Errorf("the splits hold %d examples, the set %d", total, all.Len())
	}
}

// An example stays in its split when others come and go, and when pictures are opened at another size.
func TestSplitIsStable(t *testing.T) {
	all := open(t, "digits", Options{})
	numbers := []int{5, 3, 9000, 77, 1234, 4321}
	few := all.Select(numbers)
	for i, number := range numbers {
		if few.keyAt(i).split() != all.keyAt(number).split() {
			t.Errorf("example %d moved", number)
		}
	}
	small := open(t, "digits", Options{Size: 16, Channels: 3, View: View{Split: Test}})
	test, err := all.Split(Test)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(small.Labels, test.Labels) {
		t.Error("the test split of 16×16×3 pictures has other examples than that of 28×28×1")
	}
	google, twitter := open(t, "emoji", Options{View: View{Split: Test}}), open(t, "emoji:twitter", Options{View: View{Split: Test}})
	if !slices.Equal(google.Names, twitter.Names) {
		t.Error("the two styles of the emoji have different test splits")
	}
}

func TestPerClass(t *testing.T) {
	all := open(t, "digits", Options{})
	ten, err := all.PerClass(10, 3)
	if err != nil {
		t.Fatal(err)
	}
	twenty, err := all.PerClass(20, 3)
	if err != nil {
		t.Fatal(err)
	}
	for class, list := range twenty.ByClass() {
		if len(list) != 20 {
			t.Errorf("class %d has %d examples, want 20", class, len(list))
		}
	}
	has := func(set *Set, i int) string { return string(set.Pixels[i*784 : (i+1)*784]) }
	of20 := map[string]bool{}
	for i := range twenty.Len() {
		of20[has(twenty, i)] = true
	}
	for i := range ten.Len() {
		if !of20[has(ten, i)] {
			t.Fatal("an example of 10 a class is not among those of 20")
		}
	}
	other, err := all.PerClass(20, 4)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(other.Pixels, twenty.Pixels) {
		t.Error("another seed draws the same examples")
	}
}

func TestBalancedAndOnly(t *testing.T) {
	fashion := open(t, "fashion", Options{View: View{Only: []string{"Bag", "Dress"}, Balance: true}})
	lists := fashion.ByClass()
	if len(lists) != 2 || len(lists[0]) != len(lists[1]) || !slices.Equal(fashion.Classes, []string{"Bag", "Dress"}) {
		t.Errorf("got classes %v with %d and %d examples", fashion.Classes, len(lists[0]), len(lists[1]))
	}
	all := open(t, "fashion", Options{})
	bag := slices.Index(all.Classes, "Bag")
	first := all.ByClass()[bag]
	bags, err := all.Only("Bag")
	if err != nil {
		t.Fatal(err)
	}
	if bags.Len() != len(first) || !slices.Equal(bags.Pixels[:784], all.Pixels[first[0]*784:(first[0]+1)*784]) || bags.Labels[0] != 0 {
		t.Errorf("%d bags, want %d, and the first is class %d", bags.Len(), len(first), bags.Labels[0])
	}
	ring := open(t, "ring", Options{})
	two, err := ring.Only(ring.Classes[5], ring.Classes[1])
	if err != nil {
		t.Fatal(err)
	}
	if len(two.Modes) != 2 || two.Modes[0] != ring.Modes[5] || two.Modes[1] != ring.Modes[1] {
		t.Errorf("modes %v are not those of the classes kept", two.Modes)
	}
}

func TestViewErrors(t *testing.T) {
	unlabelled := &Set{Name: "mine", Shape: []int{1, 1, 1}, Pixels: []uint8{1, 2, 3}}
	for _, test := range []struct {
		name string
		view View
		want string
	}{
		{"digits", View{Split: "tset"}, `there is no split "tset"`},
		{"digits", View{PerClass: 5000}, "fewer than the 5000 asked for"},
		{"digits", View{PerClass: -1}, "at least 1"},
		{"digits", View{PerClass: 5, Balance: true}, "leave out Balance"},
		{"fashion", View{Only: []string{"Bags"}}, `no class "Bags"; did you mean Bag?`},
		{"fashion", View{Only: []string{"Bag", "Bag"}}, "named twice"},
		{"mine", View{PerClass: 1}, "has no classes to choose by"},
	} {
		var err error
		if test.name == "mine" {
			_, err = unlabelled.view(test.view)
		} else {
			_, err = Open(test.name, Options{View: test.view})
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s, %+v: got the error %v, want %q in it", test.name, test.view, err, test.want)
		}
	}
}

// writePNG writes a picture to a file, and the folders above it.
func writePNG(t *testing.T, file string, picture image.Image) {
	t.Helper()
	var data bytes.Buffer
	err := png.Encode(&data, picture)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o755)
	}
	if err == nil {
		err = os.WriteFile(file, data.Bytes(), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A folder's files keep their split, whatever they are called.
func TestSplitOfFolder(t *testing.T) {
	digits := open(t, "digits", Options{View: View{PerClass: 5}})
	one, other := t.TempDir(), t.TempDir()
	for i := range digits.Len() {
		class := digits.Classes[digits.Labels[i]]
		writePNG(t, one+"/"+class+"/"+string(rune('a'+i%26))+string(rune('a'+i/26))+".png", digits.Image(i))
		if i%2 == 0 {
			writePNG(t, other+"/"+class+"/"+string(rune('z'-i/26))+string(rune('z'-i%26))+".png", digits.Image(i))
		}
	}
	whole := open(t, "folder:"+one, Options{View: View{Split: Train}})
	half := open(t, "folder:"+other, Options{View: View{Split: Train}, Size: 14})
	all := open(t, "folder:"+other, Options{})
	inWhole := map[string]bool{}
	for i := range whole.Len() {
		inWhole[string(whole.Pixels[i*784:(i+1)*784])] = true
	}
	n := 0
	for i := range all.Len() {
		if inWhole[string(all.Pixels[i*784:(i+1)*784])] {
			n++
		}
	}
	if n != half.Len() || n == 0 || n == all.Len() {
		t.Errorf("%d of %d files are in the train split of the larger folder, %d in their own", n, all.Len(), half.Len())
	}
	if len(half.Names) != half.Len() {
		t.Errorf("%d names for %d pictures", len(half.Names), half.Len())
	}
}
