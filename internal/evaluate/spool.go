package evaluate

import (
	"bufio"
	"os"

	"github.com/pkg/errors"
)

// spool keeps pictures in a temporary file, so that any number of them takes no memory and each can be had again.
type spool struct {
	file     *os.File
	buffered *bufio.Writer
	size     int // Bytes of a picture.
}

func newSpool(size int) (*spool, error) {
	file, err := os.CreateTemp("", "ganymede-samples-")
	if err != nil {
		return nil, errors.Wrap(err, "samples")
	}
	return &spool{file: file, buffered: bufio.NewWriterSize(file, 1<<20), size: size}, nil
}

// write adds pictures.
func (s *spool) write(pixels []uint8) error {
	_, err := s.buffered.Write(pixels)
	return errors.Wrap(err, "samples")
}

// finish ends the writing.
func (s *spool) finish() error { return errors.Wrap(s.buffered.Flush(), "samples") }

// pictures returns the pictures with the numbers.
func (s *spool) pictures(numbers []int) ([]uint8, error) {
	return gather(numbers, func(first, count int) ([]byte, error) {
		data := make([]byte, count*s.size)
		_, err := s.file.ReadAt(data, int64(first)*int64(s.size))
		return data, errors.Wrap(err, "samples")
	})
}

// close removes the file.
func (s *spool) close() error {
	_ = s.file.Close()
	return errors.Wrap(os.Remove(s.file.Name()), "samples")
}
