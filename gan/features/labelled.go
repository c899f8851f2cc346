package features

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

// Labelled are pictures and the class of each.
type Labelled struct {
	Pictures *tensors.Tensor // Uint8 [n, height, width, channels].
	Labels   []int32         // The class of each picture, counted from 0.
}

// check returns an error unless there are pictures, each with one of the classes.
func (l Labelled) check(classes int) error {
	if l.Pictures == nil || l.Pictures.DType() != dtypes.Uint8 || l.Pictures.Rank() != 4 {
		return errors.New("features: labelled pictures must be uint8 [n, height, width, channels]")
	}
	if n := l.Pictures.Shape().Dim(0); len(l.Labels) != n || n == 0 {
		return errors.Errorf("features: %d pictures have %d labels; each needs its class", n, len(l.Labels))
	}
	for i, label := range l.Labels {
		if label < 0 || int(label) >= classes {
			return errors.Errorf("features: picture %d is of class %d, but there are %d classes", i, label, classes)
		}
	}
	return nil
}
