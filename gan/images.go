package gan

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// The range of values changes in the two functions of this file and nowhere else.

// ToFloat returns examples as the networks see them: pixels in [0, 255] become float32 in [-1, 1], floats stay.
func ToFloat(examples *Node) *Node {
	if examples.DType() != dtypes.Uint8 {
		return examples
	}
	return AddScalar(MulScalar(ConvertDType(examples, dtypes.Float32), 1/127.5), -1)
}

// ToPixels returns images in [-1, 1] as uint8, rounded; examples that are no images stay as they are.
func ToPixels(examples *Node) *Node {
	if examples.Rank() != 4 {
		return examples
	}
	return ConvertDType(ClipScalar(Round(MulScalar(OnePlus(examples), 127.5)), 0, 255), dtypes.Uint8)
}
