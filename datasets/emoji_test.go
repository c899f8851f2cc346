package datasets_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/ganymede-ml/ganymede/datasets"
)

// The two styles are pairs: picture i of both is the same emoji.
func ExampleEmojiNames() {
	google, err := datasets.Open("emoji", datasets.Options{})
	if err != nil {
		panic(err)
	}
	twitter, err := datasets.Open("emoji:twitter", datasets.Options{})
	if err != nil {
		panic(err)
	}
	const i = 6
	fmt.Printf("%s, of %s\n", datasets.EmojiNames()[i], google.Classes[google.Labels[i]])
	// The colour in the middle: a dark stripe, and plain orange.
	fmt.Println(google.Image(i).At(16, 16), twitter.Image(i).At(16, 16))
	// Output:
	// tropical fish, of Animals & Nature
	// {93 81 36 255} {247 166 36 255}
}

func TestEmoji(t *testing.T) {
	for _, test := range []struct{ name, file, fileHash, hash string }{
		// data/make_emoji.go makes these very files. The hashes of the sets are by Python (Pillow and numpy) from the sheets of the
		// packages themselves.
		{"emoji", "data/emoji_google.webp", "539c0cdd7bd989502d3535f37f969ce8468eeb7d06ce4955138c1a655a834404",
			"14bd63342637732e0ff3747aa509968feca8c9ffec880aab069d4092bbaf8dda"},
		{"emoji:twitter", "data/emoji_twitter.webp", "9f00e3e122e1884999b00dc18cdf351bdc5e4e6e42a2785dcd7f54c51cce345f",
			"35fe2b8f0ae156224c468c13bb89af6a8c7d51553e8512fcf4df2ac9350d93ee"},
	} {
		file, err := os.ReadFile(test.file)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(file)); got != test.fileHash {
			t.Errorf("the SHA-256 of %s is %s, want %s", test.file, got, test.fileHash)
		}
		set := open(t, test.name, datasets.Options{})
		if got := set.Hash(); got != test.hash {
			t.Errorf("%s: the set's hash is %s, want %s", test.name, got, test.hash)
		}
		counts := make([]int, len(set.Classes))
		pictures := map[string]bool{}
		for i, label := range set.Labels {
			counts[label]++
			pictures[string(set.Pixels[i*32*32*3:(i+1)*32*32*3])] = true
		}
		if want := []int{169, 360, 159, 131, 218, 85, 264, 224, 261}; !slices.Equal(counts, want) {
			t.Errorf("%s: counts %v, want %v", test.name, counts, want)
		}
		if len(pictures) != set.Len() {
			t.Errorf("%s: %d pictures are alike", test.name, set.Len()-len(pictures))
		}
	}
	if name := open(t, "emoji:google", datasets.Options{}).Name; name != "emoji" {
		t.Errorf("emoji:google is called %q, want emoji", name)
	}
}

// The styles are aligned: an emoji in one style is nearer to itself in the other than to almost all others there, and the
// classes are equal one by one.
func TestEmojiPairs(t *testing.T) {
	google, twitter := open(t, "emoji", datasets.Options{Size: 8}), open(t, "emoji:twitter", datasets.Options{Size: 8})
	if !slices.Equal(google.Labels, twitter.Labels) {
		t.Error("the classes of the two styles differ")
	}
	const size = 8 * 8 * 3
	n := google.Len()
	distance := func(i, j int) (squares int) {
		for k := range size {
			d := int(google.Pixels[i*size+k]) - int(twitter.Pixels[j*size+k])
			squares += d * d
		}
		return squares
	}
	var nearer, compared int
	for i := range n {
		own := distance(i, i)
		for j := i % 7; j < n; j += 7 {
			if i != j {
				compared++
				if own < distance(i, j) {
					nearer++
				}
			}
		}
	}
	if share := float64(nearer) / float64(compared); share < 0.9 {
		t.Errorf("an emoji is nearer to itself in the other style than to %.3f of the others, want at least 0.9", share)
	}
}

func TestEmojiNames(t *testing.T) {
	names := datasets.EmojiNames()
	if len(names) != 1871 {
		t.Fatalf("%d names, want 1871", len(names))
	}
	set := open(t, "emoji", datasets.Options{})
	for name, class := range map[string]string{
		"hook": "Objects", "Iraq Flag": "Flags", "tropical fish": "Animals & Nature", "man in tuxedo": "People & Body",
		"grinning face": "Smileys & Emotion",
	} {
		if i := slices.Index(names, name); i < 0 || set.Classes[set.Labels[i]] != class {
			t.Errorf("%q is number %d, want one of class %s", name, i, class)
		}
	}
	slices.Sort(names)
	if unique := slices.Compact(slices.Clone(names)); len(unique) != len(names) {
		t.Errorf("%d names occur twice", len(names)-len(unique))
	}
}

// The first N examples hold every class in its share, within one picture.
func TestEmojiPrefix(t *testing.T) {
	set := open(t, "emoji", datasets.Options{})
	total := make([]float64, len(set.Classes))
	for _, label := range set.Labels {
		total[label]++
	}
	counts := make([]float64, len(set.Classes))
	for i, label := range set.Labels {
		counts[label]++
		for class, count := range counts {
			if want := total[class] * float64(i+1) / float64(set.Len()); count < want-1 || count > want+1 {
				t.Fatalf("the first %d hold %g of %s, want about %.1f", i+1, count, set.Classes[class], want)
			}
		}
	}
}
