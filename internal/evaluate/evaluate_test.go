package evaluate

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/internal/gantest"
	"github.com/ganymede-ml/ganymede/internal/npy"
)

// writeArray writes n random pictures 12×12, grey, around a brightness, as an array.
func writeArray(t *testing.T, path string, n int, brightness float64, seed uint64) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 0))
	pixels := make([]uint8, n*144)
	for i := range pixels {
		pixels[i] = uint8(min(255, max(0, brightness+40*random.NormFloat64())))
	}
	writePixels(t, path, pixels, n, 12, 12)
}

func writePixels(t *testing.T, path string, pixels []uint8, shape ...int) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := npy.Write(file, shape, func(yield func(*tensors.Tensor, error) bool) {
		yield(tensors.FromFlatDataAndDimensions(pixels, shape...), nil)
	}); err != nil {
		t.Fatal(err)
	}
}

// writeFolder writes n pictures 12×12 of one colour each, in two classes.
func writeFolder(t *testing.T, folder string, n int) {
	t.Helper()
	for i := range n {
		picture := image.NewNRGBA(image.Rect(0, 0, 12, 12))
		for j := range 144 {
			picture.Set(j%12, j/12, color.NRGBA{R: uint8(3 * i), G: uint8(255 - 3*i), B: uint8(j), A: 255})
		}
		var data bytes.Buffer
		if err := png.Encode(&data, picture); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, []string{"one", "two"}[i%2], fmt.Sprintf("%03d.png", i))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func open(t *testing.T, name string, options SourceOptions) *Source {
	t.Helper()
	source, err := OpenSource(name, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = source.Close() })
	return source
}

func evaluate(t *testing.T, backend compute.Backend, options Options) *Result {
	t.Helper()
	result, err := Evaluate(context.Background(), backend, options)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// The distances of a set from itself are nothing, and larger the further another is away; the cards tell what was done.
func TestDistances(t *testing.T) {
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		t.Chdir(t.TempDir())
		for i, brightness := range []float64{100, 110, 150} {
			writeArray(t, fmt.Sprintf("%d.npy", i), 400, brightness, 7)
		}
		var before *Result
		for i := range 3 {
			result := evaluate(t, backend, Options{
				Real: open(t, "0.npy", SourceOptions{}), Fake: open(t, fmt.Sprintf("%d.npy", i), SourceOptions{}),
				Metrics: []string{"prdc", "kid", "fid"}, Bootstrap: -1,
			})
			if want := "fid kid precision recall density coverage"; strings.Join(result.Keys, " ") != want {
				t.Fatalf("scores %v, want %s", result.Keys, want)
			}
			if i == 0 {
				if fid := result.Scores["fid"].Value; fid > 1e-6 {
					t.Errorf("a set is %g from itself", fid)
				}
				card := result.Scores["kid"].Card
				if card.Samples != 400 || card.References != 400 || card.Extractor != "pixels" || card.Reference != "0.npy" || len(card.ReferenceHash) != 64 ||
					card.Settings["subset_size"] != "200" || card.Split != "all" || card.Seed != DefaultSeed || card.Resize != "none" || card.Interval == "" {
					t.Errorf("card %+v", card)
				}
			} else {
				for _, key := range []string{"fid", "kid"} {
					if result.Scores[key].Value <= before.Scores[key].Value {
						t.Errorf("%s of a set further away is %g, of one nearer %g", key, result.Scores[key].Value, before.Scores[key].Value)
					}
				}
				if result.Scores["coverage"].Value > before.Scores["coverage"].Value {
					t.Errorf("a set further away covers more")
				}
			}
			before = result
		}
		if coverage := before.Scores["coverage"].Value; coverage > 0.6 {
			t.Errorf("a set far away covers %g", coverage)
		}
	})
}

// What the cache holds makes no difference to the last bit, and a damaged file none but time.
func TestCache(t *testing.T) {
	t.Chdir(t.TempDir())
	writeArray(t, "real.npy", 300, 100, 1)
	writeArray(t, "fake.npy", 200, 120, 2)
	extracted := 0
	of := func(cache string) map[string]metrics.Score {
		t.Helper()
		extracted = 0
		result := evaluate(t, gantest.Go(), Options{
			Real: open(t, "real.npy", SourceOptions{}), Fake: open(t, "fake.npy", SourceOptions{}), Cache: cache, Metrics: []string{"fid", "kid", "prdc"},
			Bootstrap: 20, Progress: func(what string, _, _ int) {
				if what == "features of real.npy" {
					extracted++
				}
			},
		})
		return result.Scores
	}
	want := of("")
	for i, wantExtracted := range []bool{true, false, true, false} {
		if got := of("cache"); !reflect.DeepEqual(got, want) || (extracted > 0) != wantExtracted {
			t.Errorf("time %d: extracted %v, want %v; scores %v, want %v", i, extracted > 0, wantExtracted, got, want)
		}
		files, err := filepath.Glob("cache/*.safetensors")
		if err != nil || len(files) != 1 {
			t.Fatalf("the cache holds %v (%v)", files, err)
		}
		if i == 1 {
			data, err := os.ReadFile(files[0])
			if err != nil {
				t.Fatal(err)
			}
			data[len(data)/2] ^= 1
			if err := os.WriteFile(files[0], data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile("file", nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if got := of("file/cache"); !reflect.DeepEqual(got, want) { // Where nothing can be kept.
		t.Errorf("without a cache: %v, want %v", got, want)
	}
}

// Memory bounds what is kept, and the cards say it: here more than are looked at at a time, in a subset.
func TestSubset(t *testing.T) {
	t.Chdir(t.TempDir())
	n := maxKept + 500
	pixels := make([]uint8, n*16)
	random := rand.New(rand.NewPCG(3, 0))
	for i := range pixels {
		pixels[i] = uint8(random.IntN(256))
	}
	writePixels(t, "a.npy", pixels, n, 4, 4)
	result := evaluate(t, gantest.Go(), Options{Real: open(t, "a.npy", SourceOptions{}), Fake: open(t, "a.npy", SourceOptions{N: 100}), Metrics: []string{"fid", "kid"}, Bootstrap: -1})
	if card := result.Scores["fid"].Card; card.References != n || card.Samples != 100 || card.Settings["subset"] != "" {
		t.Errorf("fid is of all, and its card says %+v", card)
	}
	if card := result.Scores["kid"].Card; card.References != maxKept || card.Settings["subset"] != "10000 of 10500 references, evenly spread" {
		t.Errorf("the card of kid says %+v", card)
	}
}

// Pairs: nothing differs between a set and itself, and by a tenth of the range if each pixel does.
func TestPaired(t *testing.T) {
	t.Chdir(t.TempDir())
	pixels, brighter := make([]uint8, 5*144), make([]uint8, 5*144)
	for i := range pixels {
		pixels[i] = uint8(i % 200)
		brighter[i] = pixels[i] + 51
	}
	writePixels(t, "a.npy", pixels, 5, 12, 12, 1)
	writePixels(t, "b.npy", brighter, 5, 12, 12)
	a, b := open(t, "a.npy", SourceOptions{}), open(t, "b.npy", SourceOptions{})
	same := evaluate(t, gantest.Go(), Options{Real: a, Fake: a, Paired: true})
	if want := "l1 psnr ssim perceptual"; strings.Join(same.Keys, " ") != want {
		t.Errorf("scores %v, want %s", same.Keys, want)
	}
	for key, want := range map[string]float64{"l1": 0, "ssim": 1, "perceptual": 0} {
		if got := same.Scores[key].Value; got < want-1e-9 || got > want+1e-9 {
			t.Errorf("%s of equal pictures is %g, want %g", key, got, want)
		}
	}
	if len(same.Notes) == 0 || !strings.Contains(strings.Join(same.Notes, "\n"), "5 of 5 pairs are equal") {
		t.Errorf("notes %q", same.Notes)
	}
	other := evaluate(t, gantest.Go(), Options{Real: a, Fake: b, Paired: true, Metrics: []string{"l1", "psnr"}})
	if l1, psnr := other.Scores["l1"].Value, other.Scores["psnr"].Value; l1 < 0.2-1e-9 || l1 > 0.2+1e-9 || psnr < 13.979 || psnr > 13.98 { // 20 log₁₀ 5
		t.Errorf("l1 %g, psnr %g; want 0.2, 13.9794", l1, psnr)
	}
}

// Samples that are those of the data are found to be copies, and each is shown beside itself.
func TestNearestAndPictures(t *testing.T) {
	t.Chdir(t.TempDir())
	writeArray(t, "real.npy", 120, 100, 1)
	writeArray(t, "other.npy", 120, 100, 2)
	real := open(t, "real.npy", SourceOptions{})
	copies := evaluate(t, gantest.Go(), Options{Real: real, Fake: open(t, "real.npy", SourceOptions{N: 40}), Metrics: []string{"nearest"}})
	fresh := evaluate(t, gantest.Go(), Options{Real: real, Fake: open(t, "other.npy", SourceOptions{}), Metrics: []string{"nearest"}})
	if copies.Scores["copies"].Value != 1 || copies.Scores["nearest"].Value != 0 || fresh.Scores["copies"].Value != 0 || fresh.Scores["nearest"].Value < 0.8 {
		t.Errorf("of copies %v, of others %v", copies.Scores, fresh.Scores)
	}
	if err := copies.WritePictures("out"); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"best.png", "worst.png", "nearest.png"} {
		path := filepath.Join("out", name)
		if _, err := os.Stat(path); err != nil || copies.Pictures[i] != path {
			t.Errorf("%s: %v, said %v", path, err, copies.Pictures)
		}
	}
	list, err := copies.rank()
	if err != nil {
		t.Fatal(err)
	}
	for i, one := range list {
		if one.sample != i || one.reference != 3*i || one.distance != 0 { // 40 of 120, evenly spread.
			t.Errorf("sample %d is nearest to %d, at %g", one.sample, one.reference, one.distance)
		}
	}
	pairs, err := copies.pairs(list)
	if err != nil {
		t.Fatal(err)
	}
	if got := pairs.Shape().Dimensions; !reflect.DeepEqual(got, []int{40, 12, 24, 1}) {
		t.Fatalf("pairs are %v", got)
	}
	if err := tensors.ConstFlatData(pairs, func(flat []uint8) {
		for i := 0; i < len(flat); i += 24 {
			if !bytes.Equal(flat[i:i+12], flat[i+12:i+24]) {
				t.Fatal("a sample is not beside itself")
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
}

// Points have metrics of their own.
func TestPoints(t *testing.T) {
	real, fake := open(t, "rings", SourceOptions{}), open(t, "ring", SourceOptions{N: 2500, Seed: 2})
	result := evaluate(t, gantest.Go(), Options{Real: real, Fake: fake})
	if want := "modes high_quality reverse_kl swd"; strings.Join(result.Keys, " ") != want {
		t.Errorf("scores %v, want %s", result.Keys, want)
	}
	if modes := result.Scores["modes"]; modes.Value != 8 || Perfect("modes", modes) != "8" {
		t.Errorf("%g modes of %s", modes.Value, Perfect("modes", modes))
	}
	if high := result.Scores["high_quality"].Value; high < 0.98 || high > 0.995 { // 1 - exp(-9/2) = 0.9889
		t.Errorf("high quality %g", high)
	}
}

// Folders with sub-folders have classes, which tell pictures that differ apart.
func TestLabelsAndDiversity(t *testing.T) {
	t.Chdir(t.TempDir())
	writeFolder(t, "pics", 40)
	source := open(t, "pics", SourceOptions{})
	if source.Classes != 2 || len(source.Labels) != 40 || source.Name != "folder:pics" {
		t.Fatalf("%q has %d classes, labels %v", source.Name, source.Classes, source.Labels)
	}
	half := open(t, "pics", SourceOptions{N: 20})
	if !reflect.DeepEqual(half.Labels, source.Labels[:0:0]) && len(half.Labels) != 20 {
		t.Errorf("half of them have labels %v", half.Labels)
	}
	result := evaluate(t, gantest.Go(), Options{Real: source, Fake: source, Metrics: []string{"ms-ssim", "diversity", "swd"}})
	if result.Scores["diversity"].Value != 1 || result.Scores["swd"].Value != 0 {
		t.Errorf("a set and itself: %v", result.Scores)
	}
	score := result.Scores["ms-ssim"]
	if score.Value != score.Parts["data"] || score.Card.Settings["within_classes"] != "true" {
		t.Errorf("ms-ssim %+v", score)
	}
}

// A classifier tells two classes apart that differ in brightness. On the pure Go backend it would take minutes to train.
func TestCAS(t *testing.T) {
	backend := gantest.XLA()
	if testing.Short() || backend == nil {
		t.Skip("it takes a while, and needs XLA")
	}
	t.Chdir(t.TempDir())
	for class, level := range []uint8{20, 220} {
		for i := range 40 {
			var data bytes.Buffer
			if err := png.Encode(&data, &image.Gray{Pix: bytes.Repeat([]uint8{level + uint8(i%10)}, 64), Stride: 8, Rect: image.Rect(0, 0, 8, 8)}); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("pics", fmt.Sprint(class), fmt.Sprintf("%d.png", i))
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, data.Bytes(), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	result := evaluate(t, backend, Options{Real: open(t, "pics", SourceOptions{}), Fake: open(t, "pics", SourceOptions{N: 60}), Metrics: []string{"cas"}})
	for key, n := range map[string]int{"gan_train": 60, "gan_test": 60} {
		score := result.Scores[key]
		if score.Value < 0.9 || score.Low == nil || score.Card.Samples != n || score.Card.References != 80 {
			t.Errorf("%s %+v", key, score)
		}
	}
}

// With a classifier there are its classes, too: all ten of the digits, in the shares of the data.
func TestClassifier(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute and more under -race")
	}
	result := evaluate(t, gantest.Go(), Options{
		Real: open(t, "digits", SourceOptions{N: 300}), Fake: open(t, "digits", SourceOptions{N: 150}), Metrics: []string{"is", "classes", "modes"},
	})
	if want := "is classes modes"; strings.Join(result.Keys, " ") != want || result.Extractor != "digits" {
		t.Fatalf("scores %v of %s, want %s", result.Keys, result.Extractor, want)
	}
	if is := result.Scores["is"]; is.Value < 7 || is.Value > 10 || Perfect("is", is) != "10" || is.Card.Samples != 150 {
		t.Errorf("inception score %+v", is)
	}
	if classes := result.Scores["classes"]; classes.Value > 0.1 || len(classes.Parts) != 10 {
		t.Errorf("classes %+v", classes)
	}
	if modes := result.Scores["modes"]; modes.Value != 10 || Perfect("modes", modes) != "10" {
		t.Errorf("modes %+v", modes)
	}
}
