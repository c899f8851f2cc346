package datasets_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/datasets"
)

func ExamplePairs_Batches() {
	pairs, err := datasets.OpenPairs("emoji", datasets.Options{View: datasets.View{Split: datasets.Train}})
	if err != nil {
		panic(err)
	}
	batches, err := pairs.Batches(4, 42)
	if err != nil {
		panic(err)
	}
	for batch, err := range batches.Iter() {
		if err != nil {
			panic(err)
		}
		a, b := tensors.MustCopyFlatData[int32](batch.Inputs[2]), tensors.MustCopyFlatData[int32](batch.Inputs[3])
		fmt.Println(batch.Inputs[0].Shape().Dimensions[1:], batch.Inputs[1].Shape().Dimensions[1:], slices.Equal(a, b))
		break // A training loop would go on for as long as it likes.
	}
	// Output: [32 32 3] [32 32 3] true
}

// pairsOf returns pairs of pictures of one pixel, a on one side and b on the other.
func pairsOf(a, b int, paired bool) *datasets.Pairs {
	return &datasets.Pairs{Name: "numbered", A: numbered(a), B: numbered(b), Paired: paired}
}

// takePairs returns the indices of A and of B of count batches from a start on.
func takePairs(t *testing.T, pairs *datasets.Pairs, seed int64, start, count int) (a, b [][]int32) {
	t.Helper()
	batches, err := pairs.Batches(3, seed)
	if err != nil {
		t.Fatal(err)
	}
	batches.Seek(start)
	for batch, err := range batches.Iter() {
		if err != nil {
			t.Fatal(err)
		}
		a = append(a, tensors.MustCopyFlatData[int32](batch.Inputs[2]))
		b = append(b, tensors.MustCopyFlatData[int32](batch.Inputs[3]))
		if len(a) == count {
			break
		}
	}
	return a, b
}

func TestPairBatchesOfPairs(t *testing.T) {
	a, b := takePairs(t, pairsOf(9, 9, true), 1, 0, 12)
	if fmt.Sprint(a) != fmt.Sprint(b) {
		t.Errorf("partners were parted:\n%v\n%v", a, b)
	}
	for epoch := range 4 {
		seen := slices.Sorted(slices.Values(slices.Concat(a[3*epoch : 3*epoch+3]...)))
		if !slices.Equal(seen, []int32{0, 1, 2, 3, 4, 5, 6, 7, 8}) {
			t.Errorf("epoch %d visits %v", epoch, seen)
		}
	}
}

func TestPairBatchesOfUnpaired(t *testing.T) {
	a, b := takePairs(t, pairsOf(6, 15, false), 1, 0, 40)
	for i, side := range [][][]int32{a, b} {
		count := []int{6, 15}[i]
		for epoch := range 40 * 3 / count {
			seen := map[int32]bool{}
			for _, index := range slices.Concat(side[epoch*count/3 : (epoch+1)*count/3]...) {
				seen[index] = true
			}
			if len(seen) != count {
				t.Errorf("side %d: %d of %d pictures are in epoch %d", i, len(seen), count, epoch)
			}
		}
	}
	// With as many on either side, the pictures that meet must change: 6 pictures meet 6 others by chance in a sixth of cases.
	a, b = takePairs(t, pairsOf(6, 6, false), 1, 0, 400)
	meetings := map[[2]int32]int{}
	for i := range a {
		for j := range a[i] {
			meetings[[2]int32{a[i][j], b[i][j]}]++
		}
	}
	for meeting, count := range meetings { // 1200 meetings of 36 kinds: 33.3 ± 5.7 each; five standard deviations.
		if count < 5 || count > 62 {
			t.Errorf("%v met %d times", meeting, count)
		}
	}
	if len(meetings) != 36 {
		t.Errorf("%d kinds of meetings, want 36", len(meetings))
	}
}

func TestPairBatchesSeek(t *testing.T) {
	for _, paired := range []bool{true, false} {
		pairs := pairsOf(9, 9, paired)
		a, b := takePairs(t, pairs, 7, 0, 20)
		for start := range 10 {
			laterA, laterB := takePairs(t, pairs, 7, start, 10)
			if fmt.Sprint(laterA, laterB) != fmt.Sprint(a[start:start+10], b[start:start+10]) {
				t.Errorf("paired %t: from batch %d others come", paired, start)
			}
		}
		if other, _ := takePairs(t, pairs, 8, 0, 20); fmt.Sprint(other) == fmt.Sprint(a) {
			t.Errorf("paired %t: seeds 7 and 8 gave the same batches", paired)
		}
	}
}

func TestPairBatchesKeepTheirTables(t *testing.T) {
	pairs := pairsOf(6, 9, false)
	batches, err := pairs.Batches(2, 0)
	if err != nil {
		t.Fatal(err)
	}
	if batches.Name() != "numbered" || batches.BatchSize() != 2 || batches.PerEpoch() != 4 || batches.Kept() != 2 || batches.Hash() != pairs.Hash() {
		t.Errorf("name %q, batches of %d, %d to an epoch, %d kept", batches.Name(), batches.BatchSize(), batches.PerEpoch(), batches.Kept())
	}
	var first []*tensors.Tensor
	for batch := range batches.Iter() {
		if first == nil {
			first = batch.Inputs
			continue
		}
		if batch.Inputs[0] != first[0] || batch.Inputs[1] != first[1] || batch.Inputs[2] == first[2] {
			t.Error("the tables must stay, and the indices change")
		}
		break
	}
	if got := tensors.MustCopyFlatData[uint8](first[1]); !slices.Equal(got, pairs.B.Pixels) {
		t.Errorf("the table of B holds %v", got)
	}
}

func TestPairBatchesOfWrongSizes(t *testing.T) {
	for _, test := range []struct {
		pairs *datasets.Pairs
		batch int
		want  string
	}{
		{pairsOf(6, 9, true), 2, "6 and 9"},
		{pairsOf(9, 6, false), 7, "which has 6"},
		{pairsOf(6, 6, true), 0, "at least 1"},
		{&datasets.Pairs{Name: "empty", A: &datasets.Set{Name: "A", Shape: []int{1, 1, 1}}, B: numbered(1)}, 1, "no examples"},
	} {
		if _, err := test.pairs.Batches(test.batch, 0); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want an error with %q", err, test.want)
		}
	}
	batches, err := pairsOf(6, 6, true).Batches(2, 0)
	if err != nil {
		t.Fatal(err)
	}
	batches.Seek(-1)
	for _, err := range batches.Iter() {
		if err == nil {
			t.Fatal("batches begin at batch -1")
		}
	}
}
