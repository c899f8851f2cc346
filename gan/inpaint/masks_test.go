package inpaint_test

import (
	"bytes"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"

	"github.com/ganymede-ml/ganymede/gan/inpaint"
)

// share returns which part of the mask is hole.
func share(mask []uint8) float64 {
	count := 0
	for _, v := range mask {
		count += int(v)
	}
	return float64(count) / float64(len(mask))
}

func TestCentreMask(t *testing.T) {
	mask := inpaint.Masks{Kind: inpaint.CentreMasks}.Draw(28, 28, 1)
	for y := range 28 {
		for x := range 28 {
			inside := y >= 7 && y < 21 && x >= 7 && x < 21
			if (mask[y*28+x] == 1) != inside {
				t.Fatalf("row %d, column %d: %d", y, x, mask[y*28+x])
			}
		}
	}
}

func TestDrawFollowsTheSeed(t *testing.T) {
	for _, kind := range inpaint.MaskKinds {
		masks := inpaint.Masks{Kind: kind}
		if !bytes.Equal(masks.Draw(32, 48, 7), masks.Draw(32, 48, 7)) {
			t.Errorf("%s: one seed gives two masks", kind)
		}
		if kind != inpaint.CentreMasks && bytes.Equal(masks.Draw(64, 64, 7), masks.Draw(64, 64, 8)) &&
			bytes.Equal(masks.Draw(64, 64, 7), masks.Draw(64, 64, 9)) {
			t.Errorf("%s: three seeds give one mask", kind)
		}
	}
}

func TestShares(t *testing.T) {
	for _, test := range []struct {
		masks           inpaint.Masks
		height, width   int
		low, high, mean float64 // Of single masks, and how much their mean must exceed the lowest share by.
	}{
		{inpaint.Masks{Kind: inpaint.CentreMasks}, 64, 64, 0.25, 0.25, 0},
		{inpaint.Masks{Kind: inpaint.BoxMasks}, 64, 64, 0.14, 0.25, 0.02}, // Sides of 3/4 to 1 times one half.
		{inpaint.Masks{Kind: inpaint.BoxMasks, Share: 0.64}, 50, 50, 0.35, 0.64, 0.02},
		{inpaint.Masks{Kind: inpaint.StrokeMasks}, 28, 28, 0.05, 0.5, 0.05},
		{inpaint.Masks{Kind: inpaint.StrokeMasks}, 256, 256, 0.05, 0.5, 0.05},
		{inpaint.Masks{}, 32, 32, 0.05, 0.5, 0.05},
		{inpaint.Masks{Kind: inpaint.StrokeMasks}, 4, 100, 0.04, 0.5, 0},
	} {
		sum := 0.0
		for seed := range uint64(200) {
			mask := test.masks.Draw(test.height, test.width, seed)
			if len(mask) != test.height*test.width {
				t.Fatalf("%+v: %d values", test.masks, len(mask))
			}
			part := share(mask)
			if part < test.low || part > test.high {
				t.Errorf("%+v of %d×%d, seed %d: %.3f of the picture is hole", test.masks, test.height, test.width, seed, part)
			}
			sum += part / 200
		}
		if sum < test.low+test.mean {
			t.Errorf("%+v of %d×%d: the mean share is %.3f", test.masks, test.height, test.width, sum)
		}
	}
}

func TestMasksCheck(t *testing.T) {
	for _, masks := range []inpaint.Masks{{Kind: "round"}, {Share: -0.1}, {Share: 0.95}} {
		if masks.Check() == nil {
			t.Errorf("%+v: no error", masks)
		}
	}
}

// TestWithMasksSeeks asserts that going on at a batch sees the masks that going through all batches saw there, with data
// that can seek and with data that cannot.
func TestWithMasksSeeks(t *testing.T) {
	for name, data := range map[string]train.Dataset{"seeker": &pictures{count: 3, size: 8, channels: 1}, "finite": finite{&pictures{count: 3, size: 8, channels: 1}}} {
		whole := read(t, inpaint.WithMasks(data, inpaint.Masks{}, 8, 8, 5), 7)
		masked := inpaint.WithMasks(data, inpaint.Masks{}, 8, 8, 5)
		masked.Seek(4)
		for i, batch := range read(t, masked, 3) {
			for input := range 2 {
				if !bytes.Equal(batch[input], whole[4+i][input]) {
					t.Errorf("%s: input %d of batch %d is another one after Seek", name, input, 4+i)
				}
			}
		}
		if bytes.Equal(whole[0][1], whole[1][1]) {
			t.Errorf("%s: two batches have the same masks", name)
		}
		other := read(t, inpaint.WithMasks(data, inpaint.Masks{}, 8, 8, 6), 1)
		if bytes.Equal(whole[0][1], other[0][1]) {
			t.Errorf("%s: two seeds give the same masks", name)
		}
	}
}

func TestWithMasksPassesOn(t *testing.T) {
	masked := inpaint.WithMasks(&pictures{count: 3, size: 8, channels: 1}, inpaint.Masks{}, 8, 8, 5)
	if masked.Kept() != 0 || masked.BatchSize() != 2 || masked.Hash() != "pictures" || masked.Name() != "test" {
		t.Errorf("kept %d, batches of %d, hash %q, name %q", masked.Kept(), masked.BatchSize(), masked.Hash(), masked.Name())
	}
	for _, err := range inpaint.WithMasks(&pictures{count: 3, size: 8, channels: 1}, inpaint.Masks{Kind: "round"}, 8, 8, 5).Iter() {
		if err == nil {
			t.Error("masks that cannot be are no error")
		}
		break
	}
}

// read returns the flat inputs of the first n batches.
func read(t *testing.T, data train.Dataset, n int) [][][]uint8 {
	t.Helper()
	var batches [][][]uint8
	for batch, err := range data.Iter() {
		if err != nil {
			t.Fatalf("%+v", err)
		}
		var inputs [][]uint8
		for _, input := range batch.Inputs {
			inputs = append(inputs, tensors.MustCopyFlatData[uint8](input))
		}
		batches = append(batches, inputs)
		if len(batches) == n {
			break
		}
	}
	return batches
}
