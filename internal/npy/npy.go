// Package npy writes and reads arrays in NumPy's format
// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), part by part along their first axis, so that
// they need not fit into memory. GoMLX's own reader and writer want all of an array at once.
package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

const (
	magic = "\x93NUMPY"

	// maxHeader is the longest header that is read; NumPy's own limit is shorter.
	maxHeader = 1 << 20
)

// kinds are the format's names of the dtypes that are written, and those that errors can name.
var kinds = map[dtypes.DType]string{
	dtypes.Bool: "b1", dtypes.Uint8: "u1", dtypes.Int8: "i1", dtypes.Uint16: "u2", dtypes.Int16: "i2", dtypes.Uint32: "u4", dtypes.Int32: "i4",
	dtypes.Uint64: "u8", dtypes.Int64: "i8", dtypes.Float16: "f2", dtypes.Float32: "f4", dtypes.Float64: "f8",
}

// Write writes an array of that shape in version 1.0 of the format, from parts that follow one another along its first
// axis; it frees them.
func Write(file io.Writer, shape []int, parts iter.Seq2[*tensors.Tensor, error]) error {
	started := false
	for part, err := range parts {
		if err != nil {
			return err
		}
		if !started {
			if _, err := io.WriteString(file, Header(part.DType(), shape)); err != nil {
				return err
			}
			started = true
		}
		var written error
		if err := part.ConstBytes(func(data []byte) { _, written = file.Write(data) }); err != nil {
			return errors.WithMessage(err, "npy")
		}
		if written != nil {
			return written
		}
		part.MustFinalizeAll()
	}
	return nil
}

// Header returns what comes before the values.
func Header(dtype dtypes.DType, shape []int) string {
	order := "<"
	if dtype.Size() == 1 {
		order = "|"
	}
	dimensions := strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", ", "), "[]")
	if len(shape) == 1 {
		dimensions += "," // A tuple of one.
	}
	header := fmt.Sprintf("{'descr': '%s%s', 'fortran_order': False, 'shape': (%s), }", order, kinds[dtype], dimensions)
	const preamble = 10 // Magic, version and length.
	padding := 64 - (preamble+len(header)+1)%64
	header += strings.Repeat(" ", padding%64) + "\n"
	return magic + "\x01\x00" + string([]byte{byte(len(header)), byte(len(header) >> 8)}) + header
}

// Array is an array in a file.
type Array struct {
	DType dtypes.DType
	Shape []int

	file  *os.File
	start int64 // Of the values.
	row   int   // Bytes of one element along the first axis.
}

// Open opens an array for reading. It is an error if the file is not of the format, is cut short, or holds what GoMLX has
// no dtype for. Close it after use.
func Open(path string) (*Array, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, errors.Wrap(err, "npy: the array cannot be read")
	}
	array, err := read(file)
	if err != nil {
		_ = file.Close()
		return nil, errors.Errorf("npy: %s %v", path, err)
	}
	return array, nil
}

// read reads all but the values.
func read(file *os.File) (*Array, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, errors.WithStack(err)
	}
	if info.IsDir() {
		return nil, errors.New("is a folder, not an array")
	}
	array, start, err := readHeader(file)
	if err != nil {
		return nil, err
	}
	size := int64(array.row)
	if len(array.Shape) > 0 {
		if array.Shape[0] > 0 && size > math.MaxInt64/2/int64(array.Shape[0]) {
			return nil, errors.Errorf("has the impossible shape %v", array.Shape)
		}
		size *= int64(array.Shape[0])
	}
	switch has := info.Size() - start; {
	case has < size:
		return nil, errors.Errorf("is cut short: %s of shape %v takes %d bytes, and it has %d", array.DType, array.Shape, size, has)
	case has > size:
		return nil, errors.Errorf("has %d bytes more than %s of shape %v takes", has-size, array.DType, array.Shape)
	}
	array.file, array.start = file, start
	return array, nil
}

var (
	descrField   = regexp.MustCompile(`['"]descr['"]\s*:\s*['"]([<>|=]?)([a-zA-Z]\d*)['"]`)
	fortranField = regexp.MustCompile(`['"]fortran_order['"]\s*:\s*(True|False)`)
	shapeField   = regexp.MustCompile(`['"]shape['"]\s*:\s*\(([\d,\s]*)\)`)
)

// readHeader returns what the header says, and where the values start.
func readHeader(file io.Reader) (*Array, int64, error) {
	preamble := make([]byte, 8)
	if _, err := io.ReadFull(file, preamble); err != nil || string(preamble[:6]) != magic {
		return nil, 0, errors.New("is no array of NumPy")
	}
	lengthBytes := 2
	if preamble[6] > 1 {
		lengthBytes = 4
	}
	if preamble[6] < 1 || preamble[6] > 3 {
		return nil, 0, errors.Errorf("is of version %d of the format; known are 1 to 3", preamble[6])
	}
	field := make([]byte, 4)
	if _, err := io.ReadFull(file, field[:lengthBytes]); err != nil {
		return nil, 0, errors.New("is cut short in its header")
	}
	length := binary.LittleEndian.Uint32(field)
	if length > maxHeader {
		return nil, 0, errors.Errorf("has a header of %d bytes, which is no array's", length)
	}
	header := make([]byte, length)
	if _, err := io.ReadFull(file, header); err != nil {
		return nil, 0, errors.New("is cut short in its header")
	}
	array, err := parseHeader(string(header))
	return array, int64(8+lengthBytes) + int64(length), err
}

// parseHeader reads the header's dictionary.
func parseHeader(header string) (*Array, error) {
	descr, fortran, shape := descrField.FindStringSubmatch(header), fortranField.FindStringSubmatch(header), shapeField.FindStringSubmatch(header)
	if descr == nil || fortran == nil || shape == nil {
		return nil, errors.New("has a header that says no simple type, order and shape")
	}
	array := &Array{}
	for dtype, kind := range kinds {
		if kind == descr[2] {
			array.DType = dtype
		}
	}
	if array.DType == dtypes.InvalidDType {
		return nil, errors.Errorf("holds numbers of type %q, which is not known", descr[1]+descr[2])
	}
	if descr[1] == ">" && array.DType.Size() > 1 {
		return nil, errors.Errorf("holds %s with the high byte first; save it as '<%s'", array.DType, descr[2])
	}
	array.row = array.DType.Size()
	for text := range strings.SplitSeq(shape[1], ",") {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		dimension, err := strconv.Atoi(text)
		if err != nil {
			return nil, errors.Errorf("has the impossible shape (%s)", shape[1])
		}
		if len(array.Shape) > 0 {
			if dimension > 0 && array.row > math.MaxInt/2/dimension {
				return nil, errors.Errorf("has the impossible shape (%s)", shape[1])
			}
			array.row *= dimension
		}
		array.Shape = append(array.Shape, dimension)
	}
	if fortran[1] == "True" && len(array.Shape) > 1 {
		return nil, errors.New("is stored column by column; save numpy.ascontiguousarray of it")
	}
	return array, nil
}

// Rows returns the bytes of count elements along the first axis, from the one numbered first on.
func (a *Array) Rows(first, count int) ([]byte, error) {
	if len(a.Shape) == 0 || first < 0 || count < 0 || first > a.Shape[0]-count {
		return nil, errors.Errorf("npy: %s of shape %v has no rows %d to %d", filepath.Base(a.file.Name()), a.Shape, first, first+count-1)
	}
	data := make([]byte, count*a.row)
	if _, err := a.file.ReadAt(data, a.start+int64(first)*int64(a.row)); err != nil {
		return nil, errors.Wrap(err, "npy: the array cannot be read")
	}
	return data, nil
}

// Hash reads all of the file into a hash.
func (a *Array) Hash(hash io.Writer) error {
	info, err := a.file.Stat()
	if err == nil {
		_, err = io.Copy(hash, io.NewSectionReader(a.file, 0, info.Size()))
	}
	return errors.Wrap(err, "npy: the array cannot be read")
}

// Close closes the file.
func (a *Array) Close() error { return a.file.Close() }
