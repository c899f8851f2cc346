package datasets

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"os"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/fetch"
)

// The numbers that IDX files begin with, MNIST's own format (http://yann.lecun.com/exdb/mnist/): then come the sizes of their
// axes and their bytes. All numbers are big-endian uint32.
const (
	idxImages = 0x803 // Count, height, width.
	idxLabels = 0x801 // Count.
)

const (
	maxIDXSide   = 4096
	maxIDXPixels = 1 << 28 // Of all pictures of a file: five times those of MNIST.
)

// decodeIDX returns the grey pictures and labels of two IDX files that follow one another.
func decodeIDX(reader io.Reader) (*Set, error) {
	set, err := decodeIDXImages(reader)
	if err != nil {
		return nil, err
	}
	set.Labels, err = decodeIDXLabels(reader, set.Len())
	return set, err
}

// decodeIDXImages returns the grey pictures of an IDX file. What it takes in memory goes by what there is to read, whatever the
// header says.
func decodeIDXImages(reader io.Reader) (*Set, error) {
	var header struct{ Magic, Count, Height, Width uint32 }
	if err := binary.Read(reader, binary.BigEndian, &header); err != nil {
		return nil, errors.Errorf("the header of the pictures is cut off")
	}
	if header.Magic != idxImages {
		return nil, errors.Errorf("it begins with %#x, where IDX pictures begin with %#x", header.Magic, idxImages)
	}
	count, height, width := int64(header.Count), int64(header.Height), int64(header.Width)
	if count < 1 || height < 1 || width < 1 || height > maxIDXSide || width > maxIDXSide || count > maxIDXPixels/(height*width) {
		return nil, errors.Errorf("its header says %d pictures of %d×%d pixels, which cannot be", count, height, width)
	}
	pixels, err := readBytes(reader, count*height*width)
	if err != nil {
		return nil, errors.WithMessagef(err, "its header says %d pictures of %d×%d pixels", count, height, width)
	}
	return &Set{Shape: []int{int(height), int(width), 1}, Pixels: pixels}, nil
}

// decodeIDXLabels returns the labels of an IDX file, of so many examples.
func decodeIDXLabels(reader io.Reader, examples int) ([]int32, error) {
	var header struct{ Magic, Count uint32 }
	if err := binary.Read(reader, binary.BigEndian, &header); err != nil {
		return nil, errors.Errorf("the header of the labels is cut off")
	}
	if header.Magic != idxLabels {
		return nil, errors.Errorf("it begins with %#x, where IDX labels begin with %#x", header.Magic, idxLabels)
	}
	if int64(header.Count) != int64(examples) {
		return nil, errors.Errorf("its header says %d labels, and there are %d pictures", header.Count, examples)
	}
	content, err := readBytes(reader, int64(examples))
	if err != nil {
		return nil, errors.WithMessagef(err, "its header says %d labels", examples)
	}
	labels := make([]int32, len(content))
	for i, label := range content {
		labels[i] = int32(label)
	}
	return labels, nil
}

// readBytes returns the next n bytes. Memory is taken as they come.
func readBytes(reader io.Reader, n int64) ([]byte, error) {
	const atOnce = 1 << 24
	var content bytes.Buffer
	content.Grow(int(min(n, atOnce)))
	switch got, err := io.CopyN(&content, reader, n); {
	case err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errors.Errorf("it is cut off: %d bytes follow, not %d", got, n)
	case err != nil:
		return nil, errors.WithStack(err)
	}
	return content.Bytes(), nil
}

// withContent calls read with the content of a file, unzipped if it is gzipped, and returns an error if anything is left of it
// or if it is none that read understands.
func withContent(file string, read func(io.Reader) error) error {
	opened, err := os.Open(file)
	if err != nil {
		return errors.Wrap(err, "datasets")
	}
	defer func() { _ = opened.Close() }()
	return errors.WithMessagef(readContent(opened, read), "datasets: %s", file)
}

func readContent(opened io.Reader, read func(io.Reader) error) error {
	buffered := bufio.NewReader(opened)
	head, err := buffered.Peek(512)
	switch {
	case err != nil && err != io.EOF:
		return errors.WithStack(err)
	case fetch.IsPage(head):
		return errors.New("it is a web page, saved under this name; remove it and get the file")
	}
	content := io.Reader(buffered)
	if bytes.HasPrefix(head, []byte{0x1f, 0x8b}) {
		if content, err = gzip.NewReader(buffered); err != nil {
			return errors.Errorf("it is gzipped, and cut off or damaged")
		}
	}
	if err := read(content); err != nil {
		return err
	}
	switch n, err := io.ReadFull(content, make([]byte, 1)); {
	case n > 0:
		return errors.New("it goes on after what its header says")
	case err != io.EOF: // The checksum at the end of gzip.
		return errors.Errorf("it is damaged: %v", err)
	}
	return nil
}
