package datasets

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What is held of pictures stays below the budget, and what is decoded ahead is bounded however long nobody takes it.
func TestStreamBatchesKeepTheBudget(t *testing.T) {
	const count, batchSize, size = 400, 4, 2 * 2 * 3
	root := t.TempDir()
	for i := range count {
		colour := image.NewNRGBA(image.Rect(0, 0, 2, 2))
		colour.SetNRGBA(0, 0, color.NRGBA{R: uint8(i), G: 1, B: 7, A: 255})
		var file bytes.Buffer
		if err := png.Encode(&file, colour); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, fmt.Sprintf("%d.png", i)), file.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	stream, err := OpenStream(root, Options{})
	if err != nil {
		t.Fatal(err)
	}
	const batchBytes = batchSize * size
	for _, test := range []struct {
		budget int64
		ahead  int // Batches.
		kept   int // Pictures.
	}{
		{0, batchesAhead, count},
		{1, 1, 0},
		{3 * batchBytes, 1, 0},
		{16 * batchBytes, 2, 12 * batchSize},
		{100 * batchBytes, batchesAhead, 94 * batchSize},
		{(6*batchSize + 10) * size, 1, 3*batchSize + 10},
		{(6*batchSize + count) * size, batchesAhead, count},
	} {
		batches, err := stream.Batches(batchSize, 1, test.budget)
		if err != nil {
			t.Fatal(err)
		}
		if batches.ahead != test.ahead {
			t.Errorf("budget %d: %d batches ahead, want %d", test.budget, batches.ahead, test.ahead)
		}
		for range batches.Iter() {
			time.Sleep(30 * time.Millisecond) // As long as it takes to decode all pictures.
			break
		}
		if got, most := batches.decoded.taken, (test.ahead+2)*batchSize; got > most || test.kept >= most && got < batchSize {
			t.Errorf("budget %d: %d pictures were decoded for one batch, want at most %d", test.budget, got, most)
		}
		taken := 0
		for _, err := range batches.Iter() {
			if err != nil {
				t.Fatal(err)
			}
			if taken++; taken == 2*batches.PerEpoch() {
				break
			}
		}
		if got := batches.decoded.taken; got != test.kept {
			t.Errorf("budget %d: %d pictures are kept, want %d", test.budget, got, test.kept)
		}
		if held := batches.decoded.bytes() + int64((test.ahead+2)*batchBytes); test.budget >= 3*batchBytes && held > test.budget {
			t.Errorf("budget %d: %d bytes are held", test.budget, held)
		}
	}
}
