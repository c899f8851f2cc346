package enlarge

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/augment"
	"github.com/ganymede-ml/ganymede/gan/features"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// bars is a set of grey pictures of 8×8 with a bright bar, which lies, stands or is a dot: so many of each class.
func bars(counts ...int) *datasets.Set {
	random := rand.New(rand.NewPCG(7, 7))
	set := &datasets.Set{Name: "bars", Shape: []int{8, 8, 1}, Classes: []string{"lying/flat", "standing", "dot"}[:len(counts)]}
	for class, count := range counts {
		for range count {
			picture := make([]uint8, 64)
			for i := range picture {
				picture[i] = uint8(random.IntN(60))
			}
			at := 1 + random.IntN(6)
			for i := range 8 {
				switch class {
				case 0:
					picture[8*at+i] = uint8(180 + random.IntN(70))
				case 1:
					picture[8*i+at] = uint8(180 + random.IntN(70))
				case 2:
					picture[8*at+at] = 255
				}
			}
			set.Pixels, set.Labels = append(set.Pixels, picture...), append(set.Labels, int32(class))
		}
	}
	return set
}

// quick are options under which everything is trained in a moment.
func quick(method string, to int) Options {
	adam := gan.Adam{LearningRate: 2e-3, Beta2: 0.99}
	return Options{
		Method: method, To: to, Seed: 5, Policy: augment.Policy{{Operation: augment.RandomBrightness{By: 0.2}}},
		GAN: GAN{Batch: 6, Steps: 6, Config: &gan.Config{
			Arch:      gan.DCGAN{Size: 8, Channels: 1, Latent: 4, GeneratorChannels: 4, DiscriminatorChannels: 4, DiscriminatorNorm: gan.NoNorm},
			Condition: gan.Condition{Discriminator: gan.Projection}, Generator: adam, Discriminator: adam, EMA: 0.9, SaveEvery: 2,
		}},
		Filter: features.Training{Steps: 8, Batch: 8}, Confidence: 1e-3, Tries: 3,
	}
}

func enlarger(t *testing.T, set *datasets.Set, options Options) *Enlarger {
	t.Helper()
	e, err := New(gantest.Go(), set, options)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return e
}

// TestCounts fills classes up, to a number or to the largest, and takes shares of the methods.
func TestCounts(t *testing.T) {
	for _, test := range []struct {
		to      int
		method  string
		share   float64
		classic []int // Of each class.
		gan     []int
	}{
		{to: 0, method: "classic", classic: []int{0, 3, 2}, gan: []int{0, 0, 0}},
		{to: 9, method: "classic", classic: []int{3, 6, 5}, gan: []int{0, 0, 0}},
		{to: 16, method: "gan", classic: []int{0, 0, 0}, gan: []int{10, 13, 12}},
		{to: 16, method: "mix", classic: []int{5, 7, 6}, gan: []int{5, 6, 6}},
		{to: 16, method: "mix", share: 0.2, classic: []int{8, 11, 10}, gan: []int{2, 2, 2}},
	} {
		options := quick(test.method, test.to)
		options.Share = test.share
		e := enlarger(t, bars(6, 3, 4), options)
		classic, samples := make([]int, 3), make([]int, 3)
		for _, s := range e.slots {
			switch s.method {
			case classicName:
				classic[s.class]++
			case ganName:
				samples[s.class]++
			}
		}
		if !slices.Equal(classic, test.classic) || !slices.Equal(samples, test.gan) {
			t.Errorf("%s to %d: %v classical ones and %v samples, want %v and %v", test.method, test.to, classic, samples, test.classic, test.gan)
		}
	}
}

// TestClassic checks that new pictures are their parents changed, every one of the class being parent as often as any other,
// and that they are what Origin says.
func TestClassic(t *testing.T) {
	set := bars(4, 3)
	options := quick("classic", 12)
	larger, origins, err := enlarger(t, set, options).Set(context.Background())
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if larger.Len() != 24 {
		t.Fatalf("%d pictures, want 24", larger.Len())
	}
	parents := map[int]int{}
	for i, origin := range origins {
		parent := origin.Parents[0]
		if set.Labels[parent] != larger.Labels[i] {
			t.Errorf("picture %d is of class %d, its parent of %d", i, larger.Labels[i], set.Labels[parent])
		}
		want := set.Image(parent)
		if origin.Method == classicName {
			parents[parent]++
			want = options.Policy.Apply(want, rand.New(rand.NewPCG(uint64(origin.Seed), 0)))
		}
		pixels, err := toPixels(want, set.Shape)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(pixels, larger.Pixels[64*i:64*(i+1)]) {
			t.Errorf("picture %d is not what its origin %+v says", i, origin)
		}
	}
	for parent, times := range parents {
		if set.Labels[parent] == 0 && times != 2 || set.Labels[parent] == 1 && times != 3 {
			t.Errorf("picture %d was changed %d times", parent, times)
		}
	}
}

func TestErrors(t *testing.T) {
	unlabelled := bars(3, 3)
	unlabelled.Labels, unlabelled.Classes = nil, nil
	lonely := bars(3, 1)
	odd := bars(3, 3)
	odd.Shape = []int{4, 16, 1}
	for name, test := range map[string]struct {
		set    *datasets.Set
		change func(o *Options)
		want   string
	}{
		"no such method": {bars(3, 3), func(o *Options) { o.Method = "paint" }, `there is no method "paint" (all: classic, gan, mix, style)`},
		"no labels":      {unlabelled, func(*Options) {}, "a folder for each class"},
		"points":         {&datasets.Set{Name: "ring", Shape: []int{2}, Points: []float32{1, 2}, Labels: []int32{0}, Classes: []string{"a"}}, func(*Options) {}, "holds points"},
		"too few asked":  {bars(3, 5), func(o *Options) { o.To = 4 }, `"standing" has 5 pictures already, more than the 4`},
		"single":         {lonely, func(*Options) {}, `the class "standing" has a single picture`},
		"empty class":    {bars(3, 0), func(*Options) {}, `the class "standing" has no picture`},
		"shard":          {bars(3, 3), func(o *Options) { o.Shard, o.Shards = 5, 4 }, "no shard 5 of 4"},
		"share":          {bars(3, 3), func(o *Options) { o.Share = 1 }, "choose the method classic or gan"},
		"batch":          {bars(3, 3), func(o *Options) { o.GAN.Batch = 7 }, "from 1 to the 6 pictures"},
		"size":           {odd, func(o *Options) { o.GAN.Config = nil }, "--size"},
		"run":            {bars(3, 3), func(o *Options) { o.GAN.Run = t.TempDir() }, "holds no run"},
	} {
		options := quick("mix", 8)
		test.change(&options)
		if _, err := New(gantest.Go(), test.set, options); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got the error %v, want %q in it", name, err, test.want)
		}
	}
	if _, err := New(nil, bars(3, 3), quick("mix", 8)); err == nil || !strings.Contains(err.Error(), "needs a backend") {
		t.Errorf("without a backend: %v", err)
	}
	if _, err := New(nil, lonely, quick("classic", 8)); err != nil {
		t.Errorf("classical changes need neither a backend nor two pictures: %v", err)
	}
}

func TestFolderNames(t *testing.T) {
	classes := []string{"T-shirt/top", "T-shirt-top", "Ankle boot", ".", "", "a", "A", "manifest.json", "con", "été ", "日本"}
	want := []string{"T-shirt-top", "T-shirt-top-2", "Ankle boot", "_", "_-2", "a", "A-2", "manifest.json-2", "con-2", "été", "日本"}
	if got := folderNames(classes); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
