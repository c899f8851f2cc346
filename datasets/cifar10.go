package datasets

import (
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/archive"
)

// cifarArchive holds the files of CIFAR-10 for C programs in a folder cifar-10-batches-bin; the checksum is the one that
// TensorFlow Datasets and GoMLX verify it by.
const cifarArchive = "cifar-10-binary.tar.gz"

const (
	cifarSide    = 32
	cifarPlane   = cifarSide * cifarSide
	cifarRecord  = 1 + 3*cifarPlane // A label, and the red, green and blue planes, row by row.
	maxCIFARFile = 1 << 30
)

var cifar10Published = published{
	name: "cifar10",
	files: []publishedFile{{
		name:   cifarArchive,
		urls:   []string{"https://www.cs.toronto.edu/~kriz/" + cifarArchive},
		size:   170_052_171,
		sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
	}},
	also:   []string{"cifar-10-batches-bin"},
	needed: func(split string) [][]string { return [][]string{{cifarArchive}, cifarFiles(split)} },
	read:   readCIFAR,
}

var cifar10 = cifar10Published.entry(Info{
	Name:     "cifar10",
	Examples: 50_000,
	Shape:    []int{cifarSide, cifarSide, 3},
	Classes:  []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"},
	Licence:  "none stated",
	Source:   "CIFAR-10 (Krizhevsky, \"Learning Multiple Layers of Features from Tiny Images\", 2009, https://www.cs.toronto.edu/~kriz/cifar.html), which asks to be cited",
	Summary:  "50,000 small photos of ten things, in colour, and 10,000 to test; to download",
})

// cifarFiles returns the files of a split, in order.
func cifarFiles(split string) []string {
	if split == Test {
		return []string{"test_batch.bin"}
	}
	var names []string
	for i := range 5 {
		names = append(names, fmt.Sprintf("data_batch_%d.bin", i+1))
	}
	return names
}

// readCIFAR returns the set of the files of a split, or of the archive.
func readCIFAR(paths []string, split string) (*Set, error) {
	if filepath.Base(paths[0]) == cifarArchive {
		set, err := openCIFARArchive(paths[0], split)
		return set, errors.WithMessagef(err, "datasets: %s", paths[0])
	}
	set := &Set{Shape: []int{cifarSide, cifarSide, 3}}
	for _, path := range paths {
		if err := withContent(path, func(r io.Reader) error { return appendCIFAR(set, r) }); err != nil {
			return nil, err
		}
	}
	return set, nil
}

func openCIFARArchive(file, split string) (*Set, error) {
	reader, err := os.Open(file)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	defer func() { _ = reader.Close() }()
	info, err := reader.Stat()
	if err != nil {
		return nil, errors.WithStack(err)
	}
	return readCIFARArchive(reader, info.Size(), split)
}

// readCIFARArchive returns the set of the files of a split in an archive of that size.
func readCIFARArchive(reader io.ReaderAt, size int64, split string) (*Set, error) {
	names := cifarFiles(split)
	parts := map[string]*Set{}
	err := archive.Walk(reader, size, archive.Limits{Bytes: maxCIFARFile}, func(m archive.Member) error {
		name := path.Base(m.Name)
		if m.Folder || !slices.Contains(names, name) {
			return nil
		}
		parts[name] = &Set{Shape: []int{cifarSide, cifarSide, 3}}
		return errors.WithMessage(appendCIFAR(parts[name], m.Content), name)
	})
	if err != nil {
		return nil, err
	}
	set := &Set{Shape: []int{cifarSide, cifarSide, 3}}
	for _, name := range names { // In their order, whichever the archive has.
		if parts[name] == nil {
			return nil, errors.Errorf("it lacks %s", name)
		}
		set.Pixels = append(set.Pixels, parts[name].Pixels...)
		set.Labels = append(set.Labels, parts[name].Labels...)
	}
	return set, nil
}

// appendCIFAR adds the examples of a file to the set.
func appendCIFAR(set *Set, reader io.Reader) error {
	content, err := io.ReadAll(io.LimitReader(reader, maxCIFARFile+1))
	switch {
	case err != nil:
		return errors.Errorf("it is cut off or damaged: %v", err)
	case len(content) == 0 || len(content)%cifarRecord != 0 || len(content) > maxCIFARFile:
		return errors.Errorf("%d bytes are no whole number of CIFAR's records of %d", len(content), cifarRecord)
	}
	first := len(set.Labels)
	for ; len(content) > 0; content = content[cifarRecord:] {
		set.Labels = append(set.Labels, int32(content[0]))
		planes := content[1:cifarRecord]
		for i := range cifarPlane {
			set.Pixels = append(set.Pixels, planes[i], planes[cifarPlane+i], planes[2*cifarPlane+i])
		}
	}
	return checkLabels(set.Labels[first:], 10)
}
