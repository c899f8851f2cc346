package torchfile

import (
	"encoding/binary"
	"math"

	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
)

// element is how numbers are stored.
type element struct {
	name    string
	size    int                         // Bytes of one.
	convert func(data []byte) []float32 // Nil for those that are no weights.
}

// elements are PyTorch's storages.
var elements = map[string]element{
	"FloatStorage":    {"float32", 4, converter(4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) })},
	"DoubleStorage":   {"float64", 8, converter(8, func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) })},
	"HalfStorage":     {"float16", 2, converter(2, func(b []byte) float32 { return float16.FromBits(binary.LittleEndian.Uint16(b)).Float32() })},
	"BFloat16Storage": {"bfloat16", 2, converter(2, func(b []byte) float32 { return bfloat16.FromBits(binary.LittleEndian.Uint16(b)).Float32() })},
	"LongStorage":     {name: "int64", size: 8},
	"IntStorage":      {name: "int32", size: 4},
	"ShortStorage":    {name: "int16", size: 2},
	"CharStorage":     {name: "int8", size: 1},
	"ByteStorage":     {name: "uint8", size: 1},
	"BoolStorage":     {name: "bool", size: 1},
}

// converter returns the function that converts numbers of the size one by one.
func converter(size int, one func(data []byte) float32) func([]byte) []float32 {
	return func(data []byte) []float32 {
		values := make([]float32, len(data)/size)
		for i := range values {
			values[i] = one(data[i*size:])
		}
		return values
	}
}
