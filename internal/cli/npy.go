package cli

import (
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

// writeNPY writes an array of uint8 or float32 in NumPy's format, version 1.0
// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), part by part along its first axis. GoMLX's own
// writer wants all of it at once.
func writeNPY(file *os.File, shape []int, parts iter.Seq2[*tensors.Tensor, error]) error {
	started := false
	for part, err := range parts {
		if err != nil {
			return err
		}
		if !started {
			if _, err := file.WriteString(npyHeader(part.DType(), shape)); err != nil {
				return err
			}
			started = true
		}
		var written error
		if err := part.ConstBytes(func(data []byte) { _, written = file.Write(data) }); err != nil {
			return errors.WithMessage(err, "samples")
		}
		if written != nil {
			return written
		}
		part.MustFinalizeAll()
	}
	return nil
}

// npyHeader returns what comes before the values.
func npyHeader(dtype dtypes.DType, shape []int) string {
	kind := "|u1"
	if dtype == dtypes.Float32 {
		kind = "<f4"
	}
	dimensions := strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", ", "), "[]")
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", kind, dimensions)
	const preamble = 10 // Magic, version and length.
	padding := 64 - (preamble+len(header)+1)%64
	header += strings.Repeat(" ", padding%64) + "\n"
	return "\x93NUMPY\x01\x00" + string([]byte{byte(len(header)), byte(len(header) >> 8)}) + header
}

// writeWhole writes a file, and the folders it is in, whole or not at all.
func writeWhole(path string, write func(*os.File) error) (err error) {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return errors.WithStack(err)
	}
	file, err := os.CreateTemp(folder, "."+filepath.Base(path)+".*")
	if err != nil {
		return errors.WithStack(err)
	}
	err = write(file)
	if err == nil {
		err = file.Chmod(0o644)
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	if failed := (*os.PathError)(nil); errors.As(err, &failed) {
		err = failed.Err // Without the name of a file that is gone.
	}
	return errors.WithMessagef(err, "writing %s", path)
}
