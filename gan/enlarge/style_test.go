package enlarge

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/style"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// coloured is bars in a colour for each class.
func coloured(counts ...int) *datasets.Set {
	grey := bars(counts...)
	set := &datasets.Set{Name: "coloured", Shape: []int{8, 8, 3}, Labels: grey.Labels, Classes: grey.Classes}
	for i, v := range grey.Pixels {
		colour := [3]uint8{v / 4, v / 4, v / 4}
		colour[grey.Labels[i/64]] = v
		set.Pixels = append(set.Pixels, colour[:]...)
	}
	return set
}

// TestStyle checks that pictures are their first parent in the style of the second, as strong as Origin says; that strengths
// stay below the one asked for; and that the pictures of a shard are those of the whole.
func TestStyle(t *testing.T) {
	stylizer, err := style.Open(gantest.Go(), "")
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for name, set := range map[string]*datasets.Set{"grey": bars(3, 2), "coloured": coloured(3, 2)} {
		options := Options{Method: "style", To: 6, Seed: 5, Style: Style{Strength: 0.6}}
		larger, origins, err := enlarger(t, set, options).Set(context.Background())
		if err != nil {
			t.Fatalf("%+v", err)
		}
		size := len(set.Pixels) / set.Len()
		made := 0
		for i, origin := range origins {
			if origin.Method != styleName {
				continue
			}
			made++
			content, other := origin.Parents[0], origin.Parents[1]
			if content == other || set.Labels[content] != larger.Labels[i] {
				t.Errorf("%s: picture %d of class %d is picture %d in the style of %d", name, i, larger.Labels[i], content, other)
			}
			if !(origin.Strength > 0 && origin.Strength <= 0.6) {
				t.Errorf("%s: picture %d has strength %g, above 0.6", name, i, origin.Strength)
			}
			want, err := stylizer.Stylize(set.Image(content), []style.Style{{Image: set.Image(other)}}, style.Options{Keep: 1 - origin.Strength})
			if err != nil {
				t.Fatalf("%+v", err)
			}
			pixels, err := toPixels(want, set.Shape)
			if err != nil {
				t.Fatal(err)
			}
			if got := larger.Pixels[i*size : (i+1)*size]; !slices.Equal(got, pixels) {
				t.Errorf("%s: picture %d is not what its origin %+v says", name, i, origin)
			} else if slices.Equal(got, set.Pixels[content*size:(content+1)*size]) {
				t.Errorf("%s: picture %d is its parent, unchanged", name, i)
			}
		}
		if made != 7 {
			t.Errorf("%s: %d pictures by style, want 7", name, made)
		}
		options.Shard, options.Shards = 2, 2
		half, _, err := enlarger(t, set, options).Set(context.Background())
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if !slices.Equal(half.Pixels, larger.Pixels[6*size:]) {
			t.Errorf("%s: the second half is not that of the whole", name)
		}
	}
}

// TestStyleStrengths checks that without a strength they are drawn evenly up to 1, and styles from all others.
func TestStyleStrengths(t *testing.T) {
	_, origins, err := enlarger(t, bars(3, 2), Options{Method: "style", To: 80, Seed: 5}).Set(context.Background())
	if err != nil {
		t.Fatalf("%+v", err)
	}
	sum, most, pairs := 0.0, 0.0, map[[2]int]bool{}
	for _, origin := range origins {
		if origin.Method == styleName {
			sum, most = sum+origin.Strength, max(most, origin.Strength)
			pairs[[2]int(origin.Parents)] = true
		}
	}
	if mean := sum / 155; mean < 0.43 || mean > 0.57 || most < 0.95 {
		t.Errorf("strengths have mean %.2f and are at most %.2f, want 0.5 and nearly 1", mean, most)
	}
	if len(pairs) != 5*4 {
		t.Errorf("%d pairs of content and style, want each of 5 pictures in the style of each of 4 others", len(pairs))
	}
}

func TestStyleErrors(t *testing.T) {
	for name, test := range map[string]struct {
		set      *datasets.Set
		strength float64
		want     string
	}{
		"too strong": {bars(3, 2), 1.5, "at most 1, got 1.5"},
		"negative":   {bars(3, 2), -1, "above 0"},
		"alone":      {bars(1), 0, "there is only one"},
	} {
		_, err := New(gantest.Go(), test.set, Options{Method: "style", To: 6, Style: Style{Strength: test.strength}})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, test.want)
		}
	}
	if _, err := New(nil, bars(3, 2), Options{Method: "style", To: 6}); err == nil || !strings.Contains(err.Error(), "needs a backend") {
		t.Errorf("without a backend: error %v", err)
	}
}
