package bench

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/display"
	"github.com/ganymede-ml/ganymede/internal/atomicfile"
	"github.com/ganymede-ml/ganymede/internal/npy"
)

// What a bench keeps in its folder beside the results. Below arraysFolder is a folder for each kind of holes and seed, with the
// masks, the true pictures, and those that each method filled.
const (
	arraysFolder = "arrays"
	resultFile   = "result.json"
	SheetFile    = "sheet.png"
	masksFile    = "masks.npy" // uint8 [n, height, width].
	truthFile    = "truth.npy" // uint8 [n, height, width, channels], as are those of the methods.
)

// arrays returns the folder of the arrays of a kind of holes and a seed.
func (b *inpaintBench) arrays(kind string, seed int64) string {
	return filepath.Join(b.Dir, arraysFolder, kind+"-seed"+strconv.FormatInt(seed, 10))
}

func (b *inpaintBench) filledPath(method InpaintMethod, kind string, seed int64) string {
	return filepath.Join(b.arrays(kind, seed), method.Name+".npy")
}

// writeHoles writes the masks and the truth of a seed.
func (b *inpaintBench) writeHoles(seed int64) error {
	for _, kind := range b.Masks {
		folder := b.arrays(kind, seed)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return errors.WithStack(err)
		}
		if _, err := writeArray(filepath.Join(folder, truthFile), b.tensor(b.Test.Pixels)); err != nil {
			return err
		}
		masks := tensors.FromFlatDataAndDimensions(b.holes(kind, seed), b.Test.Len(), b.Test.Shape[0], b.Test.Shape[1])
		if _, err := writeArray(filepath.Join(folder, masksFile), masks); err != nil {
			return err
		}
	}
	return nil
}

// writeFilled writes filled pictures, and returns the hash of the file.
func (b *inpaintBench) writeFilled(method InpaintMethod, kind string, seed int64, filled []uint8) (string, error) {
	return writeArray(b.filledPath(method, kind, seed), b.tensor(filled))
}

// writeArray writes an array, and returns the hash of the file.
func writeArray(path string, array *tensors.Tensor) (string, error) {
	var data bytes.Buffer
	err := npy.Write(&data, array.Shape().Dimensions, func(yield func(*tensors.Tensor, error) bool) { yield(array, nil) })
	if err != nil {
		return "", err
	}
	return sha(data.Bytes()), atomicfile.Write(path, data.Bytes())
}

// sha returns the SHA-256 of the data.
func sha(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// readFilled returns the pixels of what a method filled.
func (b *inpaintBench) readFilled(method InpaintMethod, kind string, seed int64) ([]uint8, error) {
	array, err := npy.Open(b.filledPath(method, kind, seed))
	if err != nil {
		return nil, err
	}
	defer func() { _ = array.Close() }() // It is only read.
	return array.Rows(0, array.Shape[0])
}

// sheetPictures is how many pictures the sheet shows at most.
const sheetPictures = 12

// writeSheet draws some pictures of the first seed: the truth, what methods are given, and what each makes of it, in rows.
func (b *inpaintBench) writeSheet() error {
	numbers := evenNumbers(b.Test.Len(), sheetPictures)
	size := len(b.Test.Pixels) / b.Test.Len()
	var pixels []uint8
	var names []string
	add := func(name string, all []uint8) {
		names = append(names, name)
		for _, i := range numbers {
			pixels = append(pixels, all[i*size:(i+1)*size]...)
		}
	}
	for _, kind := range b.Masks {
		add("truth", b.Test.Pixels)
		hidden, masks := slices.Clone(b.Test.Pixels), b.holes(kind, b.Seeds[0])
		for i := range hidden {
			if masks[i/b.Test.Shape[2]] != 0 {
				hidden[i] = 128
			}
		}
		add(kind, hidden)
		for _, method := range b.Methods {
			filled, err := b.readFilled(method, kind, b.Seeds[0])
			if err != nil {
				return err
			}
			add(method.Title, filled)
		}
	}
	tiles := tensors.FromFlatDataAndDimensions(pixels, append([]int{len(names) * len(numbers)}, b.Test.Shape...)...)
	return display.SavePNG(filepath.Join(b.Dir, SheetFile), display.Tiles{Columns: len(numbers), RowNames: names}.Draw(tiles))
}

// evenNumbers returns count of the numbers below n, or all if there are fewer, evenly.
func evenNumbers(n, count int) []int {
	count = min(n, count)
	numbers := make([]int, count)
	for i := range numbers {
		numbers[i] = i * n / count
	}
	return numbers
}

// writeResult writes the result for programs that check it.
func (b *inpaintBench) writeResult(result *InpaintResult) error {
	data, err := json.MarshalIndent(result, "", " ")
	if err != nil {
		return errors.WithStack(err)
	}
	return atomicfile.Write(filepath.Join(b.Dir, resultFile), append(data, '\n'))
}
