package bench

import (
	"crypto/sha256"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
)

// digest is what a picture is known by: the SHA-256 of its pixels.
type digest = [sha256.Size]byte

// digests returns those of all pictures.
func digests(set *datasets.Set) []digest {
	if set == nil {
		return nil
	}
	size := len(set.Pixels) / set.Len()
	list := make([]digest, set.Len())
	for i := range list {
		list[i] = sha256.Sum256(set.Pixels[i*size : (i+1)*size])
	}
	return list
}

// fence keeps apart what is learned from and what judges.
type fence struct {
	test map[digest]int // The number of each test picture.
	pool []digest       // Of what subsets are drawn from.
}

// separate leaves out of the pictures to learn from those that judge as well, and notes how many they were.
func (b *bench) separate() error {
	b.fence = &fence{test: make(map[digest]int)}
	for i, d := range digests(b.Test) {
		b.fence.test[d] = i
	}
	train, out, err := apart(b.Data, b.Train, b.Test)
	if err != nil {
		return err
	}
	if out > 0 {
		b.note(leftOut, out)
	}
	b.Train = train
	b.fence.pool = digests(b.Train)
	return b.Options.check() // A class may have become too small.
}

// leftOut is what a reader is told of pictures that are left out.
const leftOut = "%d pictures to learn from are left out, as they are among the test pictures, too."

// apart returns the pictures to learn from without those that judge as well, and how many these were. A data set that is split
// by what its pictures hold has none.
func apart(data string, train, test *datasets.Set) (*datasets.Set, int, error) {
	judges := make(map[digest]bool)
	for _, d := range digests(test) {
		judges[d] = true
	}
	var kept []int
	for i, d := range digests(train) {
		if !judges[d] {
			kept = append(kept, i)
		}
	}
	switch out := train.Len() - len(kept); {
	case len(kept) == 0:
		return nil, 0, errors.Errorf("bench: every picture of %s to learn from is a test picture", data)
	case out > 0:
		return train.Select(kept), out, nil
	}
	return train, 0, nil
}

// check returns an error if a test picture is among those that are learned from, or if something was made that is a picture of
// the data set outside the subset, so that its maker has seen more than it.
func (f *fence) check(subset, made *datasets.Set) error {
	seen := make(map[digest]bool)
	for i, d := range digests(subset) {
		if number, judges := f.test[d]; judges {
			return errors.Errorf("picture %d of the subset is test picture %d", i, number)
		}
		seen[d] = true
	}
	if made == nil {
		return nil
	}
	unseen := make(map[digest]bool)
	for _, d := range f.pool {
		unseen[d] = !seen[d]
	}
	for i, d := range digests(made) {
		if number, judges := f.test[d]; judges {
			return errors.Errorf("picture %d that was made is test picture %d", i, number)
		}
		if unseen[d] {
			return errors.Errorf("picture %d that was made is one of the data set outside the subset, of which its maker must not know", i)
		}
	}
	return nil
}
