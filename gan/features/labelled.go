package features

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

// Labelled are pictures and the class of each.
type Labelled struct {
	Pictures *tensors.Tensor // Uint8 [n, height, width, channels].
	Labels   []int32         // The class of each picture, counted from 0.

	// Soft, if not nil, is what a training learns in place of Labels: the probability of each class for each picture, [n,
	// classes], one picture after the other.
	Soft []float32
}

// len returns the number of pictures.
func (l Labelled) len() int { return l.Pictures.Shape().Dim(0) }

// check returns an error unless there are pictures, each with one of the classes.
func (l Labelled) check(classes int) error {
	if err := l.checkPictures(); err != nil {
		return err
	}
	if n := l.len(); len(l.Labels) != n {
		return errors.Errorf("features: %d pictures have %d labels; each needs its class", n, len(l.Labels))
	}
	for i, label := range l.Labels {
		if label < 0 || int(label) >= classes {
			return errors.Errorf("features: picture %d is of class %d, but there are %d classes", i, label, classes)
		}
	}
	return nil
}

// checkPictures returns an error unless there are pictures.
func (l Labelled) checkPictures() error {
	if l.Pictures == nil || l.Pictures.DType() != dtypes.Uint8 || l.Pictures.Rank() != 4 || l.len() == 0 {
		return errors.New("features: labelled pictures must be uint8 [n, height, width, channels]")
	}
	return nil
}

// checkTargets returns an error unless there are pictures, each with what a training learns of it.
func (l Labelled) checkTargets(classes int) error {
	if l.Soft == nil {
		return l.check(classes)
	}
	if err := l.checkPictures(); err != nil {
		return err
	}
	if want := l.len() * classes; len(l.Soft) != want {
		return errors.Errorf("features: %d pictures of %d classes need %d probabilities, got %d", l.len(), classes, want, len(l.Soft))
	}
	for i := range l.len() {
		sum, least := 0.0, 0.0
		for _, p := range l.Soft[i*classes : (i+1)*classes] {
			sum, least = sum+float64(p), min(least, float64(p))
		}
		if !(math.Abs(sum-1) < 1e-3) || least < 0 { // A sum that is no number is refused, too.
			return errors.Errorf("features: the probabilities of picture %d must sum to 1 and none may be negative; they sum to %g, the least is %g", i, sum, least)
		}
	}
	return nil
}
