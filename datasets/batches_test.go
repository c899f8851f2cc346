package datasets_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/gomlx/gomlx/core/tensors"
)

func ExampleSet_Batches() {
	digits, err := datasets.Open("digits", datasets.Options{})
	if err != nil {
		panic(err)
	}
	batches, err := digits.Batches(64, 42)
	if err != nil {
		panic(err)
	}
	batches.Seek(1_000) // Go on where an earlier run stopped.
	for batch, err := range batches.Iter() {
		if err != nil {
			panic(err)
		}
		table, indices := batch.Inputs[0], batch.Inputs[1]
		fmt.Println(table.Shape(), indices.Shape(), batch.Labels[0].Shape())
		break // A training loop would go on for as long as it likes.
	}
	fmt.Println(batches.PerEpoch(), "batches are an epoch")
	// Output:
	// (Uint8)[10000, 28, 28, 1] (Int32)[64] (Int32)[64]
	// 156 batches are an epoch
}

// numbered returns a set of count pictures of one pixel. The label of a picture is ten times its index.
func numbered(count int) *datasets.Set {
	set := &datasets.Set{Name: "numbered", Shape: []int{1, 1, 1}, Pixels: make([]uint8, count), Labels: make([]int32, count)}
	for i := range count {
		set.Pixels[i] = uint8(i)
		set.Labels[i] = int32(10 * i)
	}
	return set
}

// take returns the indices of the next count batches.
func take(t *testing.T, batches *datasets.Batches, count int) [][]int32 {
	t.Helper()
	var taken [][]int32
	for batch, err := range batches.Iter() {
		if err != nil {
			t.Fatal(err)
		}
		indices := tensors.MustCopyFlatData[int32](batch.Inputs[1])
		for i, label := range tensors.MustCopyFlatData[int32](batch.Labels[0]) {
			if label != 10*indices[i] {
				t.Fatalf("example %d has label %d", indices[i], label)
			}
		}
		if taken = append(taken, indices); len(taken) == count {
			break
		}
	}
	return taken
}

func batchesOf(t *testing.T, count, batchSize int, seed int64) *datasets.Batches {
	t.Helper()
	batches, err := numbered(count).Batches(batchSize, seed)
	if err != nil {
		t.Fatal(err)
	}
	return batches
}

func TestBatchesVisitEachExampleOncePerEpoch(t *testing.T) {
	const count, batchSize, perEpoch, epochs = 23, 5, 4, 200 // Three examples are left over in each epoch.
	batches := batchesOf(t, count, batchSize, 1)
	if got := batches.PerEpoch(); got != perEpoch {
		t.Fatalf("%d batches per epoch, want %d", got, perEpoch)
	}
	visits := make([]int, count)
	firsts := make([]int, count)
	taken := take(t, batches, perEpoch*epochs)
	for epoch := range epochs {
		seen := map[int32]bool{}
		for _, batch := range taken[epoch*perEpoch : (epoch+1)*perEpoch] {
			if len(batch) != batchSize {
				t.Fatalf("a batch of %d, want %d", len(batch), batchSize)
			}
			for _, index := range batch {
				if seen[index] {
					t.Fatalf("epoch %d visits example %d twice", epoch, index)
				}
				seen[index] = true
				visits[index]++
			}
		}
		firsts[taken[epoch*perEpoch][0]]++
	}
	// An example is visited in 20 of 23 epochs, and first in one of 23: 173.9 ± 4.8 and 8.7 ± 2.9 times in 200. Five
	// standard deviations are allowed.
	for i := range count {
		if visits[i] < 150 || visits[i] > 198 || firsts[i] > 23 {
			t.Errorf("example %d was visited %d times and first %d times", i, visits[i], firsts[i])
		}
	}
	if slices.Equal(slices.Concat(taken[:perEpoch]...), slices.Concat(taken[perEpoch:2*perEpoch]...)) {
		t.Error("the first two epochs go in the same order")
	}
}

func TestBatchesDependOnTheSeedAlone(t *testing.T) {
	first := fmt.Sprint(take(t, batchesOf(t, 23, 5, 1), 12))
	if again := fmt.Sprint(take(t, batchesOf(t, 23, 5, 1), 12)); again != first {
		t.Errorf("the same seed gave\n%s\nand\n%s", first, again)
	}
	for _, seed := range []int64{0, 2, -1} {
		if other := fmt.Sprint(take(t, batchesOf(t, 23, 5, seed), 12)); other == first {
			t.Errorf("seeds 1 and %d gave the same batches", seed)
		}
	}
	// Runs that are resumed rely on the order, so that it may not change from one version to the next.
	if got, want := fmt.Sprint(take(t, batchesOf(t, 8, 4, 42), 4)), "[[3 4 2 1] [5 0 6 7] [1 2 6 0] [5 7 4 3]]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestBatchesSeek(t *testing.T) {
	batches := batchesOf(t, 23, 5, 7)
	straight := take(t, batches, 40)
	if again := take(t, batches, 40); fmt.Sprint(again) != fmt.Sprint(straight) {
		t.Error("a second Iter does not start where the first did")
	}
	for start := range 20 { // Within and at the borders of epochs.
		fresh := batchesOf(t, 23, 5, 7)
		fresh.Seek(start)
		if got, want := fmt.Sprint(take(t, fresh, 20)), fmt.Sprint(straight[start:start+20]); got != want {
			t.Errorf("from batch %d: got\n%s\nwant\n%s", start, got, want)
		}
	}
	batches.Seek(-1)
	for _, err := range batches.Iter() {
		if err == nil {
			t.Fatal("batches begin at batch -1")
		}
	}
}

func TestBatchesKeepOneTable(t *testing.T) {
	batches := batchesOf(t, 6, 2, 0)
	if batches.Name() != "numbered" {
		t.Errorf("name %q", batches.Name())
	}
	var table *tensors.Tensor
	count := 0
	for batch, err := range batches.Iter() {
		if err != nil {
			t.Fatal(err)
		}
		if table == nil {
			table = batch.Inputs[0]
		}
		if batch.Inputs[0] != table {
			t.Fatal("the table is another tensor")
		}
		if count++; count == 5 {
			break
		}
	}
	if got := tensors.MustCopyFlatData[uint8](table); !slices.Equal(got, []uint8{0, 1, 2, 3, 4, 5}) {
		t.Errorf("the table holds %v", got)
	}
}

func TestBatchesOfPoints(t *testing.T) {
	set := &datasets.Set{Name: "points", Shape: []int{2}, Points: []float32{1, 2, 3, 4, 5, 6}}
	batches, err := set.Batches(3, 0)
	if err != nil {
		t.Fatal(err)
	}
	for batch, err := range batches.Iter() {
		if err != nil {
			t.Fatal(err)
		}
		if got := tensors.MustCopyFlatData[float32](batch.Inputs[0]); !slices.Equal(got, set.Points) || batch.Inputs[0].Rank() != 2 {
			t.Errorf("the table is %s", batch.Inputs[0])
		}
		if batch.Labels != nil {
			t.Error("there are labels")
		}
		break
	}
}

func TestBatchesOfWrongSizes(t *testing.T) {
	if _, err := numbered(23).Batches(24, 0); err == nil || !strings.Contains(err.Error(), "24") || !strings.Contains(err.Error(), "23") {
		t.Errorf("a batch larger than the set: got %v, want an error with both numbers", err)
	}
	if _, err := numbered(23).Batches(0, 0); err == nil {
		t.Error("a batch of nothing passed")
	}
	if batches, err := numbered(23).Batches(23, 0); err != nil || batches.PerEpoch() != 1 {
		t.Errorf("a batch of the whole set: %v", err)
	}
}
