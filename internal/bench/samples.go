package bench

import (
	"context"
	"encoding/gob"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/internal/atomicfile"
)

// Maker makes pictures of few.
type Maker struct {
	Recipe string // In words, for the reader.

	// Settings is all else that decides on what is made, such as the settings of a GAN and the steps of its training, as it can
	// be JSON: what was made by some settings is not used for others.
	Settings any

	// Make returns further pictures with their classes, so many that each class has n together with those of the subset, or
	// fewer where it finds no good ones. The subset is all that it may look at. The same subset, n and seed give the same pictures.
	Make func(ctx context.Context, subset *datasets.Set, n int, seed int64) (*datasets.Set, error)
}

// samplesFolder is where what was made is kept, in the folder of a bench.
const samplesFolder = "samples"

// kept is what is kept of pictures that were made.
type kept struct {
	Pixels []uint8
	Labels []int32
}

// samples returns what the maker makes of the subset, from the folder if it is there.
func (b *bench) samples(ctx context.Context, subset *datasets.Set, s setting, name string) (*datasets.Set, error) {
	maker, n := b.Makers[name], b.to(s.perClass)
	key := hashOf([]any{version, subset.Hash(), subset.Classes, n, s.seed, name, maker.Recipe, maker.Settings})
	path := filepath.Join(b.Dir, samplesFolder, key+".gob")
	made := &datasets.Set{Name: name, Shape: subset.Shape, Classes: subset.Classes}
	var k kept
	if readGob(path, &k) == nil && !b.Force {
		made.Pixels, made.Labels = k.Pixels, k.Labels
		return made, checkMade(name, made, subset)
	}
	set, err := maker.Make(ctx, subset, n, s.seed)
	if err != nil {
		return nil, errors.WithMessagef(err, "bench: %s, %s a class, seed %d", name, perClassText(s.perClass), s.seed)
	}
	if err := checkMade(name, set, subset); err != nil {
		return nil, err
	}
	made.Pixels, made.Labels = set.Pixels, set.Labels
	return made, atomicfile.WriteTo(path, func(w io.Writer) error {
		return errors.Wrap(gob.NewEncoder(w).Encode(kept{made.Pixels, made.Labels}), path)
	})
}

// checkMade returns an error unless the pictures are like those that they were made of.
func checkMade(name string, made, subset *datasets.Set) error {
	switch {
	case made == nil || made.Len() == 0:
		return errors.Errorf("bench: %s made no pictures; have classes filled up to more (--to)", name)
	case !slices.Equal(made.Shape, subset.Shape) || len(made.Labels) != made.Len():
		return errors.Errorf("bench: %s made %d pictures %v with %d labels of pictures %v", name, made.Len(), made.Shape, len(made.Labels), subset.Shape)
	}
	for i, label := range made.Labels {
		if label < 0 || int(label) >= len(subset.Classes) {
			return errors.Errorf("bench: picture %d that %s made is of class %d of %d", i, name, label, len(subset.Classes))
		}
	}
	return nil
}

// readGob reads a value from a file.
func readGob(path string, value any) error {
	file, err := os.Open(path)
	if err != nil {
		return errors.WithStack(err)
	}
	defer func() { _ = file.Close() }() // It is only read.
	return errors.Wrap(gob.NewDecoder(file).Decode(value), path)
}
