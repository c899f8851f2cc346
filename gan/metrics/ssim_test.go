package metrics_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// testdata/images.json holds values of scikit-image 0.26.0 and pytorch-msssim 1.0.0, made by
// bench/golden/make_golden_images.py. Its head says what the pictures are.
type imagesGolden struct {
	Name, Kind string
	Shape      [4]int
	SSIM       []float64
	MSSSIM     []float64 `json:"ms_ssim"`
	Scales     int
	PSNR       []*float64
	L1         []float64
}

var readImages = sync.OnceValue(func() []imagesGolden {
	data, err := os.ReadFile("testdata/images.json")
	if err != nil {
		panic(err)
	}
	var golden struct{ Cases []imagesGolden }
	if err := json.Unmarshal(data, &golden); err != nil {
		panic(err)
	}
	return golden.Cases
})

// seededBytes returns n bytes that are the same as the upper ones of seeded.py.
func seededBytes(name string, n int) []int {
	bytes := make([]int, n)
	for i, v := range gantest.SeededUniform(name, n, -1, 1) {
		bytes[i] = int((float64(v) + 1) * 128)
	}
	return bytes
}

// seededPictures returns the pictures of seeded.py.
func seededPictures(name string, shape [4]int) []uint8 {
	n, height, width, channels := shape[0], shape[1], shape[2], shape[3]
	rows, columns := height/8+1, width/8+1
	coarse, fine := seededBytes(name+"/coarse", n*rows*columns*channels), seededBytes(name+"/fine", n*height*width*channels)
	pixels := make([]uint8, len(fine))
	for i := range pixels {
		channel, x, y, picture := i%channels, i/channels%width, i/channels/width%height, i/channels/width/height
		square := ((picture*rows+y/8)*columns+x/8)*channels + channel
		pixels[i] = uint8((3*coarse[square] + fine[i]) / 4)
	}
	return pixels
}

// pairs returns the pictures of the case.
func (c imagesGolden) pairs() (a, b []uint8, shape [3]int) {
	a, b = seededPictures(c.Name+"/a", c.Shape), seededPictures(c.Name+"/b", c.Shape)
	for i := range a {
		switch c.Kind {
		case "mix":
			b[i] = uint8((7*int(a[i]) + int(b[i])) / 8)
		case "negative":
			b[i] = 255 - a[i]
		case "equal":
			b[i] = a[i]
		case "flat":
			a[i], b[i] = 190, 200
		}
	}
	return a, b, [3]int(c.Shape[1:])
}

// near fails the test if numbers differ from what they should be.
func near(t *testing.T, name string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", name, len(got), len(want))
	}
	var largest float64
	for i := range want {
		within(t, fmt.Sprintf("%s, pair %d", name, i), got[i], want[i], tolerance)
		largest = max(largest, math.Abs(got[i]-want[i]))
	}
	t.Logf("%s: differs by %.1g", name, largest)
}

// A little noise costs little, a shift by one pixel much.
func ExampleSSIM() {
	picture, noisy, shifted := make([]uint8, 16*16), make([]uint8, 16*16), make([]uint8, 16*16)
	for i := range picture {
		stripe := func(x int) uint8 { return uint8(40 + 170*(x/2%2)) } // Two pixels wide.
		picture[i], shifted[i] = stripe(i%16), stripe(i%16+1)
		noisy[i] = picture[i] + uint8(i*i%8)
	}
	similarities, err := metrics.SSIM(append(picture, picture...), append(noisy, shifted...), [3]int{16, 16, 1})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.2f\n", similarities)
	// Output: [1.00 0.00]
}

func TestSSIMAsReference(t *testing.T) {
	for _, c := range readImages() {
		a, b, shape := c.pairs()
		got, err := metrics.SSIM(a, b, shape)
		if err != nil {
			t.Fatal(err)
		}
		near(t, c.Name, got, c.SSIM, 1e-9)
		if got, err = metrics.SSIM(b, a, shape); err != nil {
			t.Fatal(err)
		}
		near(t, c.Name+", the other way round", got, c.SSIM, 1e-9)
	}
}

func TestMSSSIMAsReference(t *testing.T) {
	seen := map[int]bool{}
	for _, c := range readImages() {
		a, b, shape := c.pairs()
		got, err := metrics.MSSSIM(a, b, shape)
		if err != nil {
			t.Fatal(err)
		}
		near(t, c.Name, got.Values, c.MSSSIM, 1e-9)
		if got.Scales != c.Scales {
			t.Errorf("%s: %d scales, want %d", c.Name, got.Scales, c.Scales)
		}
		seen[got.Scales] = true
	}
	for scales := range 5 {
		if !seen[scales+1] {
			t.Errorf("no case has %d scales", scales+1)
		}
	}
}

// A generator that has collapsed gives pictures that are like one another.
func ExampleMSSSIMDiversity() {
	diverse := seededPictures("diverse", [4]int{20, 32, 32, 1})
	collapsed := slices.Concat(diverse[:1024], diverse[:1024], diverse[:1024])
	for _, pictures := range [][]uint8{diverse, collapsed} {
		result, err := metrics.MSSSIMDiversity{Pairs: 200}.Of(pictures, [3]int{32, 32, 1}, nil)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%.2f, from %d pairs at %d scales\n", result.Mean, result.Pairs, result.Scales)
	}
	// Output:
	// 0.13, from 190 pairs at 2 scales
	// 1.00, from 3 pairs at 2 scales
}

// All pairs of a small class are taken, drawn ones are near the mean of all, and pairs are of one class.
func TestMSSSIMDiversity(t *testing.T) {
	const n, size = 30, 16 * 16
	shape := [3]int{16, 16, 1}
	pictures := seededPictures("diversity", [4]int{n, 16, 16, 1})
	labels := make([]int32, n)
	for i := range labels {
		labels[i] = int32(i%2) * 7
		if labels[i] == 7 { // Half of all are equal to one another.
			copy(pictures[i*size:(i+1)*size], pictures[size:])
		}
	}
	labels[n-2] = 3 // Alone.
	var sum float64
	pairs := 0
	for i := range n {
		for j := range i {
			if labels[i] == 0 && labels[j] == 0 {
				one, err := metrics.MSSSIM(pictures[i*size:(i+1)*size], pictures[j*size:(j+1)*size], shape)
				if err != nil {
					t.Fatal(err)
				}
				sum += one.Values[0]
				pairs++
			}
		}
	}
	diversity := func(d metrics.MSSSIMDiversity) metrics.MSSSIMDiversityResult {
		t.Helper()
		result, err := d.Of(pictures, shape, labels)
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	all := diversity(metrics.MSSSIMDiversity{Pairs: 1000})
	want := sum / float64(pairs)
	within(t, "class 0", all.Classes[0], want, 1e-12)
	within(t, "class 7", all.Classes[7], 1, 1e-12)
	within(t, "the mean of the classes", all.Mean, (want+1)/2, 1e-12)
	if all.Pairs != 14*13/2+15*14/2 || len(all.Classes) != 2 || all.Scales != 1 {
		t.Errorf("%d pairs of classes %v at %d scales, want 196 of 0 and 7 at 1", all.Pairs, all.Classes, all.Scales)
	}
	if !(all.Interval.Low < all.Mean && all.Mean < all.Interval.High && all.Interval.High-all.Interval.Low < 0.1) {
		t.Errorf("the interval of %g is %v", all.Mean, *all.Interval)
	}
	drawn := diversity(metrics.MSSSIMDiversity{Pairs: 60, Seed: 1})
	within(t, "drawn pairs", drawn.Mean, all.Mean, 0.05)
	if drawn.Pairs != 120 || drawn.Mean == all.Mean {
		t.Errorf("%d pairs with a mean of %g, want 120 with another mean than all", drawn.Pairs, drawn.Mean)
	}
	if again := diversity(metrics.MSSSIMDiversity{Pairs: 60, Seed: 1}); again.Mean != drawn.Mean || *again.Interval != *drawn.Interval {
		t.Error("the seed does not determine the result")
	}
	if other := diversity(metrics.MSSSIMDiversity{Pairs: 60, Seed: 2}); other.Mean == drawn.Mean {
		t.Error("another seed draws the same pairs")
	}
	if usual := diversity(metrics.MSSSIMDiversity{}); usual.Pairs != 91+100 {
		t.Errorf("%d pairs by default, want all 91 of one class and 100 of the other", usual.Pairs)
	}
}

func TestImagesMisuse(t *testing.T) {
	grey, small := [3]int{12, 12, 1}, [3]int{10, 20, 3}
	pictures := make([]uint8, 288)
	diversity := func(pictures []uint8, shape [3]int, labels []int32, pairs int) error {
		_, err := metrics.MSSSIMDiversity{Pairs: pairs}.Of(pictures, shape, labels)
		return err
	}
	misused(t, []misuse{
		{"SSIM of unequal numbers", func() error { _, err := metrics.SSIM(pictures, pictures[:144], grey); return err }, "2 and 1 pictures make no pairs"},
		{"SSIM of small pictures", func() error { _, err := metrics.SSIM(make([]uint8, 600), make([]uint8, 600), small); return err },
			"pictures of 10×20 are smaller than the 11×11 window"},
		{"MS-SSIM of small pictures", func() error { _, err := metrics.MSSSIM(make([]uint8, 600), make([]uint8, 600), small); return err },
			"pictures of 10×20 are smaller than the 11×11 window"},
		{"other channels", func() error { _, err := metrics.MSSSIM(pictures, make([]uint8, 500), grey); return err },
			"the second set holds 500 values, which is no whole number of pictures of shape [12 12 1]"},
		{"no shape", func() error { _, err := metrics.L1(pictures, pictures, [3]int{12, 12, 0}); return err }, "shape [12 12 0] cannot be"},
		{"nothing", func() error { _, err := metrics.PSNR(nil, nil, grey); return err }, "the first set holds 0 values"},
		{"pairs of small pictures", func() error { _, err := metrics.Paired(make([]uint8, 600), make([]uint8, 600), small); return err }, "smaller than the 11×11"},
		{"one picture", func() error { return diversity(pictures[:144], grey, nil, 0) }, "1 pictures in 1 classes make no pair"},
		{"lonely classes", func() error { return diversity(pictures, grey, []int32{0, 1}, 0) }, "2 pictures in 2 classes make no pair"},
		{"labels", func() error { return diversity(pictures, grey, []int32{0}, 0) }, "1 labels for 2 pictures"},
		{"pairs", func() error { return diversity(pictures, grey, nil, -1) }, "-1 pairs cannot be drawn"},
	})
}
