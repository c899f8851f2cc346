package cli

import (
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

// writeNPY writes an array of uint8, int32 or float32 in NumPy's format, version 1.0
// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), part by part along its first axis. GoMLX's own
// writer wants all of it at once.
func writeNPY(file io.Writer, shape []int, parts iter.Seq2[*tensors.Tensor, error]) error {
	started := false
	for part, err := range parts {
		if err != nil {
			return err
		}
		if !started {
			if _, err := io.WriteString(file, npyHeader(part.DType(), shape)); err != nil {
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
	kind := map[dtypes.DType]string{dtypes.Uint8: "|u1", dtypes.Int32: "<i4", dtypes.Float32: "<f4"}[dtype]
	dimensions := strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", ", "), "[]")
	if len(shape) == 1 {
		dimensions += "," // A tuple of one.
	}
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", kind, dimensions)
	const preamble = 10 // Magic, version and length.
	padding := 64 - (preamble+len(header)+1)%64
	header += strings.Repeat(" ", padding%64) + "\n"
	return "\x93NUMPY\x01\x00" + string([]byte{byte(len(header)), byte(len(header) >> 8)}) + header
}
