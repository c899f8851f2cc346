package datasets_test

import (
	"crypto/sha256"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/datasets"
)

func ExampleOpen() {
	digits, err := datasets.Open("digits", datasets.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Println(digits.Len(), "pictures of", digits.Shape, "in", len(digits.Classes), "classes")
	const i = 5
	fmt.Printf("Number %d is a %s\n", i, digits.Classes[digits.Labels[i]])
	picture := digits.Image(i).(*image.Gray)
	for y := 4; y < 24; y++ {
		line := ""
		for x := 4; x < 24; x++ {
			line += []string{"  ", "░░", "▒▒", "▓▓", "██"}[int(picture.GrayAt(x, y).Y)*5/256]
		}
		fmt.Println(strings.TrimRight(line, " "))
	}
	// Output:
	// 10000 pictures of [28 28 1] in 10 classes
	// Number 5 is a 6
	//                       ░░██▓▓
	//                     ░░████
	//                   ░░██▓▓
	//                   ██▓▓
	//                 ████
	//               ▒▒██▒▒
	//               ██▒▒
	//             ▓▓██
	//           ░░██░░          ▓▓██▓▓
	//           ▓▓▓▓          ▒▒██▓▓██
	//         ░░██░░        ▒▒██▒▒░░██
	//         ▓▓▓▓        ▒▒██░░  ▒▒██
	//         ██▒▒      ░░██▓▓    ▓▓██
	//         ██░░      ▓▓██    ▒▒██░░
	//         ██        ██░░  ░░██▓▓
	//         ██░░    ▓▓██  ░░██▓▓
	//         ▒▒██▓▓░░▓▓██▓▓██▓▓
	//           ░░████████▓▓░░
}

// Any directory of pictures is a data set, and the directories in it are its classes.
func ExampleOpen_folder() {
	directory, err := os.MkdirTemp("", "pets")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(directory)
	scene, err := os.ReadFile("testdata/scene.png")
	if err != nil {
		panic(err)
	}
	for name, content := range map[string][]byte{"cats/1.png": scene, "cats/2.png": scene, "dogs/1.png": scene, "dogs/2.png": scene[:99]} {
		path := filepath.Join(directory, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			panic(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			panic(err)
		}
	}

	pets, err := datasets.Open("folder:"+directory, datasets.Options{Size: 32, SkipBroken: true})
	if err != nil {
		panic(err)
	}
	fmt.Println(pets.Len(), "pictures of", pets.Shape, "in classes", pets.Classes, pets.Labels)
	fmt.Println("left out:", pets.Skipped)
	// Output:
	// 3 pictures of [32 32 3] in classes [cats dogs] [0 0 1]
	// left out: [dogs/2.png]
}

func ExampleList() {
	for _, info := range datasets.List() {
		fmt.Printf("%-13s  %s\n", info.Name, info.Summary)
	}
	// Output:
	// digits         10,000 handwritten digits, grey; embedded
	// fashion        10,000 articles of clothing, grey; embedded
	// emoji          1,871 emoji as Google draws them, in colour; embedded
	// emoji:twitter  the same emoji as Twitter draws them, in the same order; embedded
	// stacked        25,600 stacks of three digits, red, green and blue: 1,000 classes; from the embedded digits
	// rings          8 Gaussians on a ring; points in the plane
	// grid           25 Gaussians on a grid; points in the plane
	// mnist          60,000 handwritten digits, grey, and 10,000 to test; to download
	// fashion-mnist  60,000 articles of clothing, grey, and 10,000 to test; to download, or Debian's
	// cifar10        50,000 small photos of ten things, in colour, and 10,000 to test; to download
	// folder:DIR     PNG, JPEG, GIF, WebP, BMP or TIFF pictures of your own; a class for each sub-folder
}

func open(t *testing.T, name string, options datasets.Options) *datasets.Set {
	t.Helper()
	set, err := datasets.Open(name, options)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// What List promises is what Open gives.
func TestListIsTrue(t *testing.T) {
	for _, info := range datasets.List() {
		if info.Licence == "" || info.Source == "" || info.Summary == "" {
			t.Errorf("%s: licence, source or summary is missing", info.Name)
		}
		if download, err := datasets.FindDownload(info.Name); strings.HasPrefix(info.Name, "folder:") || err == nil && download.Where() == "" {
			continue
		}
		set := open(t, info.Name, datasets.Options{})
		if set.Name != info.Name || set.Len() != info.Examples || !slices.Equal(set.Shape, info.Shape) || !slices.Equal(set.Classes, info.Classes) {
			t.Errorf("%s: got %q of %d examples %v with classes %v", info.Name, set.Name, set.Len(), set.Shape, set.Classes)
		}
		for _, label := range set.Labels {
			if label < 0 || int(label) >= len(set.Classes) {
				t.Fatalf("%s: there is no class %d", info.Name, label)
			}
		}
		// What a caller does to a set must not reach the next.
		set.Labels[0], set.Classes[0], set.Shape[0] = 99, "changed", 99
		if set.Pixels != nil {
			set.Pixels[0] = 99
		}
		again := open(t, info.Name, datasets.Options{})
		if again.Labels[0] == 99 || again.Classes[0] == "changed" || again.Shape[0] == 99 || again.Pixels != nil && again.Pixels[0] == 99 {
			t.Errorf("%s: two sets share their data", info.Name)
		}
	}
}

func TestDigits(t *testing.T) {
	file, err := os.ReadFile("data/digits.idx.gz")
	if err != nil {
		t.Fatal(err)
	}
	// data/make_digits.go makes this very file.
	if got, want := fmt.Sprintf("%x", sha256.Sum256(file)), "d1c82e95bb24ddf9a605b3c7118376a2b7105ecd2f6eaf449d12e1015fee7f08"; got != want {
		t.Errorf("the file's SHA-256 is %s, want %s", got, want)
	}
	set := open(t, "digits", datasets.Options{})
	if got, want := set.Hash(), "66153e583f5ac04465e24ce6ddbc530a4a60d1091769408b06a15e496461716a"; got != want {
		t.Errorf("the set's hash is %s, want %s", got, want)
	}

	// The counts, and the mean and standard deviation of all pixels, by numpy from the original package. They are close to
	// those of all 60,000 digits, 0.1307 and 0.3081.
	wantCounts := []int{1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978}
	counts := make([]int, 10)
	firstThousand := make([]int, 10)
	for i, label := range set.Labels {
		counts[label]++
		if i < 1000 {
			firstThousand[label]++
		}
	}
	if !slices.Equal(counts, wantCounts) {
		t.Errorf("counts %v, want %v", counts, wantCounts)
	}
	if slices.Min(firstThousand) < 60 {
		t.Errorf("the classes are not mixed: the first thousand have %v", firstThousand)
	}
	var sum, squares float64
	for _, pixel := range set.Pixels {
		value := float64(pixel) / 255
		sum += value
		squares += value * value
	}
	mean := sum / float64(len(set.Pixels))
	deviation := math.Sqrt(squares/float64(len(set.Pixels)) - mean*mean)
	if math.Abs(mean-0.13112575) > 1e-7 || math.Abs(deviation-0.30869855) > 1e-7 {
		t.Errorf("mean %.8f and standard deviation %.8f, want 0.13112575 and 0.30869855", mean, deviation)
	}
}

func TestFashion(t *testing.T) {
	file, err := os.ReadFile("data/fashion.idx.gz")
	if err != nil {
		t.Fatal(err)
	}
	// data/make_fashion.go makes this very file.
	if got, want := fmt.Sprintf("%x", sha256.Sum256(file)), "fd1d655e87f366f36d276454f6ea9b77e224d82ab04b10b03f1dcbf338be701d"; got != want {
		t.Errorf("the file's SHA-256 is %s, want %s", got, want)
	}
	set := open(t, "fashion", datasets.Options{})
	// By Python from the files of Fashion-MNIST themselves.
	if got, want := set.Hash(), "a7522adb0afe5331f3e181dd6b53eba3e6bdd6906f5756c63f66d4c9a4cb3270"; got != want {
		t.Errorf("the set's hash is %s, want %s", got, want)
	}
	counts := make([]int, 10)
	for _, label := range set.Labels {
		counts[label]++
	}
	if want := []int{942, 1027, 1016, 1019, 974, 989, 1021, 1022, 990, 1000}; !slices.Equal(counts, want) {
		t.Errorf("counts %v, want %v", counts, want)
	}
	if set.Classes[set.Labels[0]] != "Ankle boot" || set.Classes[set.Labels[1]] != "T-shirt/top" {
		t.Errorf("the first two are %q and %q", set.Classes[set.Labels[0]], set.Classes[set.Labels[1]])
	}
}

// Each channel of a stack is one of the digits, and its label names the three.
func TestStacked(t *testing.T) {
	digits := open(t, "digits", datasets.Options{})
	const size = 28 * 28
	labels := map[[size]uint8]int32{}
	for i, label := range digits.Labels {
		labels[[size]uint8(digits.Pixels[i*size:])] = label
	}
	set := open(t, "stacked", datasets.Options{Seed: 3})
	counts := make([]int, 1000)
	for i, label := range set.Labels {
		counts[label]++
		if set.Classes[label] != fmt.Sprintf("%03d", label) {
			t.Fatalf("class %d is %q", label, set.Classes[label])
		}
		if i >= 500 {
			continue
		}
		var got int32
		for channel := range 3 {
			var pixels [size]uint8
			for j := range pixels {
				pixels[j] = set.Pixels[(i*size+j)*3+channel]
			}
			digit, found := labels[pixels]
			if !found {
				t.Fatalf("channel %d of picture %d is no digit", channel, i)
			}
			got = 10*got + digit
		}
		if got != label {
			t.Fatalf("picture %d shows %03d, its label is %d", i, got, label)
		}
	}
	// Expected are 16 to 37 of each, as the digits are not quite equally frequent; all are there.
	if slices.Min(counts) < 3 || slices.Max(counts) > 75 {
		t.Errorf("a class has %d examples, another %d", slices.Min(counts), slices.Max(counts))
	}
	if open(t, "stacked", datasets.Options{Seed: 3}).Hash() != set.Hash() || open(t, "stacked", datasets.Options{}).Hash() == set.Hash() {
		t.Error("the seed does not determine the set")
	}
}

func TestDigitsInColour(t *testing.T) {
	grey := open(t, "digits", datasets.Options{})
	colour := open(t, "digits", datasets.Options{Size: 28, Channels: 3})
	if !slices.Equal(colour.Shape, []int{28, 28, 3}) || !slices.Equal(colour.Labels, grey.Labels) || colour.Name != "digits" {
		t.Fatalf("%s: pictures of %v", colour.Name, colour.Shape)
	}
	for i, pixel := range colour.Pixels {
		if pixel != grey.Pixels[i/3] {
			t.Fatalf("value %d is %d, want %d", i, pixel, grey.Pixels[i/3])
		}
	}
}

// The points of a toy lie around the modes of PacGAN's sets, as many around each, as far as a sample of 100,000 can tell.
func TestToys(t *testing.T) {
	for _, test := range []struct {
		name  string
		sigma float64
		modes int
		mode  func(label int) (x, y float64)
	}{
		{"rings", 0.01, 8, func(label int) (x, y float64) {
			return math.Cos(math.Pi / 4 * float64(label)), math.Sin(math.Pi / 4 * float64(label))
		}},
		{"grid", 0.05, 25, func(label int) (x, y float64) { return float64(2*(label/5) - 4), float64(2*(label%5) - 4) }},
	} {
		set := open(t, test.name, datasets.Options{Seed: 3})
		counts := make([]float64, test.modes)
		var sumX, sumY, squareX, squareY, product float64
		for i, label := range set.Labels {
			x, y := test.mode(int(label))
			dx, dy := (float64(set.Points[2*i])-x)/test.sigma, (float64(set.Points[2*i+1])-y)/test.sigma
			counts[label]++
			sumX, sumY = sumX+dx, sumY+dy
			squareX, squareY, product = squareX+dx*dx, squareY+dy*dy, product+dx*dy
		}
		// In standard deviations of a mode: means 0 ± 0.0032, variances 1 ± 0.0045, covariance 0 ± 0.0032.
		n := float64(set.Len())
		for what, got := range map[string]float64{
			"mean of x": sumX / n, "mean of y": sumY / n, "variance of x - 1": squareX/n - 1, "variance of y - 1": squareY/n - 1,
			"covariance": product / n,
		} {
			if math.Abs(got) > 0.02 {
				t.Errorf("%s: %s is %.4f, want 0", test.name, what, got)
			}
		}
		if len(set.Modes) != test.modes || set.Sigma != test.sigma {
			t.Fatalf("%s: %d modes of deviation %g", test.name, len(set.Modes), set.Sigma)
		}
		for i, mode := range set.Modes {
			if x, y := test.mode(i); math.Hypot(mode[0]-x, mode[1]-y) > 1e-12 {
				t.Errorf("%s: mode %d is at %v, want (%g, %g)", test.name, i, mode, x, y)
			}
		}
		expected := n / float64(test.modes)
		for label, count := range counts {
			if math.Abs(count-expected) > 5*math.Sqrt(expected) {
				t.Errorf("%s: mode %d has %.0f points, want about %.0f", test.name, label, count, expected)
			}
		}
		if open(t, test.name, datasets.Options{Seed: 3}).Hash() != set.Hash() {
			t.Errorf("%s: the same seed gave other points", test.name)
		}
		if open(t, test.name, datasets.Options{Seed: 4}).Hash() == set.Hash() {
			t.Errorf("%s: another seed gave the same points", test.name)
		}
	}
	ring := open(t, "ring", datasets.Options{})
	if ring.Name != "rings" || ring.Hash() != open(t, "rings", datasets.Options{}).Hash() || ring.Classes[1] != "45°" {
		t.Errorf("ring is not rings: %s %v", ring.Name, ring.Classes)
	}
}

func TestOpenErrors(t *testing.T) {
	directory := t.TempDir()
	for _, test := range []struct {
		name    string
		options datasets.Options
		want    string
	}{
		{"digts", datasets.Options{}, `there is no data set "digts"; did you mean digits? (all: digits, fashion, emoji, emoji:twitter, stacked, rings, grid, mnist, fashion-mnist, cifar10, folder:DIR)`},
		{"svhn", datasets.Options{}, `there is no data set "svhn" (all: digits, fashion, emoji, emoji:twitter, stacked, rings, grid, mnist, fashion-mnist, cifar10, folder:DIR)`},
		{"folder", datasets.Options{}, `there is no data set "folder"; did you mean folder:DIR?`},
		{"", datasets.Options{}, `there is no data set ""`},
		{directory, datasets.Options{}, `is a directory; for the pictures in it write "folder:` + directory},
		{"digits", datasets.Options{Size: -1}, "size -1"},
		{"digits", datasets.Options{Channels: 2}, "not 2"},
		{"digits", datasets.Options{Size: 4096}, "10000 pictures of 4096×4096×1 take 156 GiB of memory, more than 16; choose a smaller size"},
		{"rings", datasets.Options{Size: 32}, "rings holds points in the plane, which have no size or channels"},
		{"grid", datasets.Options{Channels: 1}, "grid holds points in the plane"},
	} {
		_, err := datasets.Open(test.name, test.options)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q, %+v: got %v, want one line with %q", test.name, test.options, err, test.want)
		}
	}
}
