// Package safetensors reads and writes tensors in the format of that name (https://huggingface.co/docs/safetensors):
// a header in JSON and the raw numbers, which every framework reads and no reader executes.
//
// Files written here carry the SHA-256 of their numbers in the metadata, so that a damaged one is noticed.
package safetensors

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"math"
	"os"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

// Named is a tensor and its name.
type Named struct {
	Name   string
	Tensor *tensors.Tensor
}

const (
	metadataKey = "__metadata__"
	checksumKey = "sha256" // Of all numbers, in hexadecimal.

	maxHeader = 100 << 20 // As in the reference implementation.
)

// dtypeNames are the format's names of the dtypes that have one.
var dtypeNames = map[dtypes.DType]string{
	dtypes.Bool: "BOOL", dtypes.Uint8: "U8", dtypes.Int8: "I8", dtypes.Int16: "I16", dtypes.Uint16: "U16",
	dtypes.Int32: "I32", dtypes.Uint32: "U32", dtypes.Int64: "I64", dtypes.Uint64: "U64",
	dtypes.Float16: "F16", dtypes.BFloat16: "BF16", dtypes.Float32: "F32", dtypes.Float64: "F64",
}

// header is what the format says of one tensor.
type header struct {
	DType   string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"` // Of its bytes, after the header.
}

// Write writes the tensors, in the order given, and the metadata with a checksum added.
func Write(w io.Writer, list []Named, metadata map[string]string) error {
	var body bytes.Buffer
	entries := make(map[string]any, len(list)+1)
	for _, named := range list {
		name, ok := dtypeNames[named.Tensor.DType()]
		if !ok {
			return errors.Errorf("safetensors: %s: the format has no %s", named.Name, named.Tensor.DType())
		}
		if _, taken := entries[named.Name]; taken || named.Name == metadataKey {
			return errors.Errorf("safetensors: the name %q is taken", named.Name)
		}
		start := body.Len()
		if err := named.Tensor.ConstBytes(func(data []byte) { body.Write(data) }); err != nil {
			return errors.WithMessagef(err, "safetensors: %s", named.Name)
		}
		shape := slices.Clone(named.Tensor.Shape().Dimensions)
		if shape == nil {
			shape = []int{}
		}
		entries[named.Name] = header{name, shape, [2]int{start, body.Len()}}
	}
	checksum := sha256.Sum256(body.Bytes())
	metadata = maps.Clone(metadata)
	if metadata == nil {
		metadata = make(map[string]string)
	}
	metadata[checksumKey] = hex.EncodeToString(checksum[:])
	entries[metadataKey] = metadata

	text, err := json.Marshal(entries)
	if err != nil {
		return errors.Wrap(err, "safetensors")
	}
	text = append(text, bytes.Repeat([]byte(" "), (8-len(text)%8)%8)...) // The numbers start at a multiple of 8.
	for _, part := range [][]byte{binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text, body.Bytes()} {
		if _, err := w.Write(part); err != nil {
			return errors.WithStack(err)
		}
	}
	return nil
}

// Read returns the tensors of a file, in the order of their numbers, and its metadata. It is an error if the file is
// not of the format, is damaged, or does not have the checksum it carries, if any.
func Read(data []byte) ([]Named, map[string]string, error) {
	if len(data) < 8 {
		return nil, nil, errors.Errorf("safetensors: %d bytes are too few for a file", len(data))
	}
	length, err := headerLength(data, int64(len(data)))
	if err != nil {
		return nil, nil, err
	}
	raw, metadata, err := parseHeader(data[8 : 8+length])
	if err != nil {
		return nil, nil, err
	}
	body := data[8+length:]
	if want, ok := metadata[checksumKey]; ok {
		if got := sha256.Sum256(body); hex.EncodeToString(got[:]) != want {
			return nil, nil, errors.New("safetensors: the numbers do not have the checksum in the header: the file is damaged")
		}
	}

	type entry struct {
		name string
		header
	}
	entries := make([]entry, 0, len(raw))
	for name, text := range raw {
		e := entry{name: name}
		if err := json.Unmarshal(text, &e.header); err != nil {
			return nil, nil, errors.Wrapf(err, "safetensors: %s", name)
		}
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.Offsets[0], b.Offsets[0]), cmp.Compare(a.Offsets[1], b.Offsets[1]), cmp.Compare(a.name, b.name))
	})
	list := make([]Named, len(entries))
	end := 0
	for i, e := range entries {
		if e.Offsets[0] != end {
			return nil, nil, errors.Errorf("safetensors: %s starts at %d, but what is before it ends at %d", e.name, e.Offsets[0], end)
		}
		tensor, err := e.tensor(body)
		if err != nil {
			return nil, nil, errors.WithMessagef(err, "safetensors: %s", e.name)
		}
		list[i] = Named{e.name, tensor}
		end = e.Offsets[1]
	}
	if end != len(body) {
		return nil, nil, errors.Errorf("safetensors: the tensors end at %d, the file at %d", end, len(body))
	}
	return list, metadata, nil
}

// ReadMetadata returns the metadata of the file at the path, without reading its numbers.
func ReadMetadata(path string) (map[string]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, errors.Wrap(err, "safetensors")
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Wrap(err, "safetensors")
	}
	start := make([]byte, 8)
	if _, err := io.ReadFull(file, start); err != nil {
		return nil, errors.Wrap(err, "safetensors: header")
	}
	length, err := headerLength(start, info.Size())
	if err != nil {
		return nil, err
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(file, text); err != nil {
		return nil, errors.Wrap(err, "safetensors: header")
	}
	_, metadata, err := parseHeader(text)
	return metadata, err
}

// headerLength returns the length of the header that a file of so many bytes starts with.
func headerLength(start []byte, size int64) (uint64, error) {
	length := binary.LittleEndian.Uint64(start)
	if length > maxHeader || length > uint64(size-8) {
		return 0, errors.Errorf("safetensors: a header of %d bytes in a file of %d", length, size)
	}
	return length, nil
}

// parseHeader returns what a header says of each tensor, and the metadata.
func parseHeader(text []byte) (raw map[string]json.RawMessage, metadata map[string]string, err error) {
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, nil, errors.Wrap(err, "safetensors: header")
	}
	if text, ok := raw[metadataKey]; ok {
		if err := json.Unmarshal(text, &metadata); err != nil {
			return nil, nil, errors.Wrap(err, "safetensors: metadata")
		}
		delete(raw, metadataKey)
	}
	return raw, metadata, nil
}

// tensor returns the tensor that the header describes, after making sure that its bytes are there.
func (h header) tensor(body []byte) (*tensors.Tensor, error) {
	var dtype dtypes.DType
	for known, name := range dtypeNames {
		if name == h.DType {
			dtype = known
		}
	}
	if dtype == dtypes.InvalidDType {
		return nil, errors.Errorf("unknown dtype %q", h.DType)
	}
	start, end := h.Offsets[0], h.Offsets[1]
	if start < 0 || end < start || end > len(body) {
		return nil, errors.Errorf("bytes %d to %d of %d", start, end, len(body))
	}
	size := dtype.Size()
	for _, dimension := range h.Shape {
		if dimension < 1 || size > math.MaxInt/dimension {
			return nil, errors.Errorf("impossible shape %v", h.Shape)
		}
		size *= dimension
	}
	if size != end-start {
		return nil, errors.Errorf("shape %v of %s takes %d bytes, the file has %d", h.Shape, h.DType, size, end-start)
	}
	tensor := tensors.FromShape(shapes.Make(dtype, h.Shape...))
	err := tensor.MutableBytes(func(data []byte) { copy(data, body[start:end]) })
	return tensor, err
}
