package sampler

import (
	"encoding/binary"
	"io"
)

// readFloats fills a slice with values in the machine's byte order.
func readFloats(from io.Reader, values []float32) error {
	return binary.Read(from, binary.NativeEndian, values)
}
