package datasets_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"

	"github.com/ganymede-ml/ganymede/datasets"
)

// pixelFolder returns a folder of pictures of one pixel in two classes: picture i has the colour i, 2i, 7.
func pixelFolder(t testing.TB, count int) string {
	t.Helper()
	root := t.TempDir()
	for i := range count {
		path := filepath.Join(root, string(rune('a'+i%2)), fmt.Sprintf("%03d.png", i))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		writePNG(t, path, 1, color.NRGBA{R: uint8(i), G: uint8(2 * i), B: 7, A: 255})
	}
	return root
}

// writePNG writes a square picture that fades from the colour to black.
func writePNG(t testing.TB, path string, side int, colour color.NRGBA) {
	t.Helper()
	faded := image.NewNRGBA(image.Rect(0, 0, side, side))
	for i := range side * side {
		part := 1 - float64(i)/float64(side*side)
		scaled := func(value uint8) uint8 { return uint8(math.Round(part * float64(value))) }
		faded.SetNRGBA(i%side, i/side, color.NRGBA{R: scaled(colour.R), G: scaled(colour.G), B: scaled(colour.B), A: 255})
	}
	var file bytes.Buffer
	if err := png.Encode(&file, faded); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, file.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func streamBatches(t testing.TB, root string, batchSize int, seed, budget int64) *datasets.StreamBatches {
	t.Helper()
	stream, err := datasets.OpenStream(root, datasets.Options{})
	if err != nil {
		t.Fatal(err)
	}
	batches, err := stream.Batches(batchSize, seed, budget)
	if err != nil {
		t.Fatal(err)
	}
	return batches
}

// takePixels returns the pixels and labels of the next count batches.
func takePixels(t *testing.T, data train.Dataset, count int) (taken []string) {
	t.Helper()
	for batch, err := range data.Iter() {
		if err != nil {
			t.Fatal(err)
		}
		pixels := tensors.MustCopyFlatData[uint8](batch.Inputs[0])
		if len(batch.Inputs) == 2 { // A table and indices.
			table, size := pixels, len(pixels)/batch.Inputs[0].Shape().Dim(0)
			pixels = nil
			for _, i := range tensors.MustCopyFlatData[int32](batch.Inputs[1]) {
				pixels = append(pixels, table[int(i)*size:int(i+1)*size]...)
			}
		}
		taken = append(taken, fmt.Sprint(pixels, tensors.MustCopyFlatData[int32](batch.Labels[0])))
		if len(taken) == count {
			break
		}
	}
	return taken
}

// Batches of a stream are those of the set of its pictures, wherever they begin and whatever is kept of them.
func TestStreamBatchesAreThoseOfTheSet(t *testing.T) {
	const count, batchSize, seed = 23, 5, 3
	root := pixelFolder(t, count)
	ofSet, err := open(t, "folder:"+root, datasets.Options{}).Batches(batchSize, seed)
	if err != nil {
		t.Fatal(err)
	}
	want := takePixels(t, ofSet, 30)
	for _, budget := range []int64{0, 1, 6*3*batchSize + 10*3} { // All is kept, nothing, and ten pictures or so.
		batches := streamBatches(t, root, batchSize, seed, budget)
		if batches.BatchSize() != batchSize || batches.PerEpoch() != ofSet.PerEpoch() || batches.Name() != ofSet.Name() {
			t.Errorf("%q: batches of %d, %d in an epoch", batches.Name(), batches.BatchSize(), batches.PerEpoch())
		}
		if got := takePixels(t, batches, 30); !slices.Equal(got, want) {
			t.Errorf("budget %d: got\n%s\nwant\n%s", budget, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		for _, start := range []int{1, 4, 13} {
			batches.Seek(start)
			if got := takePixels(t, batches, 10); !slices.Equal(got, want[start:start+10]) {
				t.Errorf("budget %d, from batch %d: got\n%s", budget, start, strings.Join(got, "\n"))
			}
		}
	}
}

// With enough memory pictures are decoded once: later epochs do not need the files.
func TestStreamBatchesKeepPictures(t *testing.T) {
	root := pixelFolder(t, 20)
	for _, test := range []struct {
		budget int64
		keeps  bool
	}{{0, true}, {(20 + 6*4) * 3, true}, {(10 + 3*4) * 3, false}, {1, false}} {
		moved := root + "-moved"
		batches := streamBatches(t, root, 4, 1, test.budget)
		takePixels(t, batches, 5)
		if err := os.Rename(root, moved); err != nil {
			t.Fatal(err)
		}
		batches.Seek(5)
		var failure error
		count := 0
		for _, err := range batches.Iter() {
			if failure = err; err != nil {
				break
			}
			if count++; count == 12 {
				break
			}
		}
		if (failure == nil) != test.keeps {
			t.Errorf("a budget of %d bytes: after the first epoch, without the files: %v", test.budget, failure)
		}
		if err := os.Rename(moved, root); err != nil {
			t.Fatal(err)
		}
	}
}

// What decodes ahead ends with the iteration, whether the caller leaves it or it fails.
func TestStreamBatchesEndWithTheIteration(t *testing.T) {
	root := pixelFolder(t, 40)
	batches := streamBatches(t, root, 4, 1, 1)
	before := runtime.NumGoroutine()
	for range 20 {
		takePixels(t, batches, 2)
	}
	if err := os.Remove(filepath.Join(root, "a", "000.png")); err != nil {
		t.Fatal(err)
	}
	for _, err := range batches.Iter() {
		if err != nil {
			break
		}
	}
	for range batches.Iter() {
		break
	}
	for deadline := time.Now().Add(2 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond) // A goroutine that is done may still be counted for a moment.
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}

func TestStreamBatchesErrors(t *testing.T) {
	root := pixelFolder(t, 20)
	stream := openStream(t, root, datasets.Options{})
	for _, test := range []struct {
		batchSize int
		budget    int64
		want      string
	}{
		{21, 0, "a batch of 21 examples is larger than folder:" + root + ", which has 20; choose a smaller batch"},
		{0, 0, "a batch of 0 examples is too small"},
		{4, -1, "a budget of -1 bytes cannot be"},
	} {
		if _, err := stream.Batches(test.batchSize, 1, test.budget); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want %q", err, test.want)
		}
	}
	path := filepath.Join(root, "b", "007.png")
	for _, test := range []struct {
		spoil func() error
		want  string
	}{
		{func() error { return os.WriteFile(path, picture(t, "", 1, 1, red), 0o644) }, "it has changed since the folder was opened"},
		{func() error { return os.Remove(path) }, "it is gone since the folder was opened"},
	} {
		batches, err := stream.Batches(4, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		if err := test.spoil(); err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf(`datasets: folder:%s: the picture "b/007.png" cannot be read, because: %s; mend or remove it`, root, test.want)
		good := 0
		for _, err = range batches.Iter() {
			if err != nil {
				break
			}
			good++
		}
		if err == nil || err.Error() != want || good > 4 {
			t.Errorf("after %d batches: got %v, want %s", good, err, want)
		}
	}
	batches, err := stream.Batches(4, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	batches.Seek(-1)
	for _, err := range batches.Iter() {
		if err == nil || !strings.Contains(err.Error(), "no batch -1") {
			t.Fatalf("from batch -1: %v", err)
		}
	}
}

func BenchmarkStreamBatches(b *testing.B) {
	root := b.TempDir()
	const count, side = 512, 64
	for i := range count {
		writePNG(b, filepath.Join(root, fmt.Sprintf("%d.png", i)), side, color.NRGBA{R: uint8(i), G: uint8(i / 2), B: 90, A: 255})
	}
	for name, budget := range map[string]int64{"decoded each time": 1, "kept": 0} {
		b.Run(name, func(b *testing.B) {
			batches := streamBatches(b, root, 64, 1, budget)
			b.SetBytes(64 * side * side * 3)
			b.ResetTimer()
			taken := 0
			for batch, err := range batches.Iter() {
				if err != nil {
					b.Fatal(err)
				}
				if err := batch.Finalize(); err != nil {
					b.Fatal(err)
				}
				if taken++; taken >= b.N {
					break
				}
			}
			b.ReportMetric(float64(64*b.N)/b.Elapsed().Seconds(), "pictures/s")
		})
	}
}

// A set in memory and a stream of the same folder are drawn from alike.
func TestStreamDraw(t *testing.T) {
	root := pixelFolder(t, 20)
	stream, set := openStream(t, root, datasets.Options{}), open(t, "folder:"+root, datasets.Options{})
	for _, n := range []int{3, 20, 50} {
		drawn, err := stream.Draw(n, 9)
		if err != nil {
			t.Fatal(err)
		}
		want := set.Draw(n, 9)
		if !drawn.Shape().Equal(want.Shape()) || !bytes.Equal(tensors.MustCopyFlatData[uint8](drawn), tensors.MustCopyFlatData[uint8](want)) {
			t.Errorf("%d drawn: %s, want those of the set, %s", n, drawn.Shape(), want.Shape())
		}
	}
}
