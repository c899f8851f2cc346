package datasets

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/nearest"
)

// The splits of a data set.
const (
	Train      = "train"      // 70 of 100 examples: to learn from.
	Validation = "validation" // 10: to choose settings by.
	Test       = "test"       // 20: to judge by, once all is chosen.
)

// splitShares are the splits with the part of the examples, in percent, up to which they reach.
var splitShares = []struct {
	name  string
	below uint64
}{{Train, 70}, {Validation, 80}, {Test, 100}}

// Splits returns the names of the splits, in the order in which they are used.
func Splits() []string {
	var names []string
	for _, split := range splitShares {
		names = append(names, split.name)
	}
	return names
}

// key is what an example is told apart by, as it was before it was cropped, resized or recoloured: examples with one key are
// taken for the same. It decides on the example's split and on its place in subsets.
type key uint64

// keyOf returns the key of an example with this content, say the bytes of its file.
func keyOf(content []byte) key {
	hash := sha256.Sum256(content)
	return key(binary.BigEndian.Uint64(hash[:]))
}

// split returns the split that the example with the key belongs to.
func (k key) split() string {
	for _, split := range splitShares {
		if uint64(k)%100 < split.below {
			return split.name
		}
	}
	panic("unreachable: shares end at 100")
}

// place returns where the seed puts the example among others: those with the lowest places are drawn first.
func (k key) place(seed int64) uint64 {
	var content [16]byte
	binary.BigEndian.PutUint64(content[:], uint64(k))
	binary.BigEndian.PutUint64(content[8:], uint64(seed))
	return uint64(keyOf(content[:]))
}

// keyAt returns the key of example i.
func (s *Set) keyAt(i int) key {
	if s.keys != nil {
		return s.keys[i]
	}
	if s.Points == nil {
		return keyOf(s.picture(i))
	}
	size := s.exampleSize()
	var content []byte
	for _, value := range s.Points[i*size : (i+1)*size] {
		content = binary.LittleEndian.AppendUint32(content, math.Float32bits(value))
	}
	return keyOf(content)
}

// withKeys notes the keys of all examples, so that they stay what they are when pictures are fitted.
func (s *Set) withKeys() {
	keys := make([]key, s.Len())
	forEach(len(keys), nil, func(i int) { keys[i] = s.keyAt(i) })
	s.keys = keys
}

// Split returns the examples of a split: Train, Validation or Test. Which one an example belongs to follows from what it
// holds alone, by SHA-256, so that examples added to a set move no others, and equal ones never fall into two splits. For
// examples of Open that is what the data set or the file of the picture holds, at whatever size it was opened.
func (s *Set) Split(name string) (*Set, error) { return s.view(View{Split: name}) }

// checkSplit returns an error if there is no split of that name.
func checkSplit(name string) error {
	names := Splits()
	if slices.Contains(names, name) {
		return nil
	}
	return errors.Errorf("datasets: there is no split %q%s (all: %s)", name, nearest.Hint(name, names), strings.Join(names, ", "))
}
