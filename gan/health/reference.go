package health

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/ganymede-ml/ganymede/gan/metrics"
)

// Extract turns pictures, uint8 [n, height, width, channels], into features, as many for each, one picture's after
// another, and into a classifier's logits, likewise, or nil without a classifier.
type Extract func(pictures *tensors.Tensor) (features, logits []float32, err error)

const (
	maxFeatures  = 64                    // Of a sample; more are projected to so many.
	minReference = 4 * (maxFeatures + 1) // Examples that a Reference takes at least: a quarter of them must have a Fréchet distance.
	heldOut      = 500                   // Examples that are kept apart, at most, to be judged as samples are.
)

// Reference is what samples are compared with: real examples, judged in the same way. It can serve several trainings.
type Reference struct {
	shape      []int
	extract    Extract
	size       int       // Of the features as extracted.
	projection []float32 // [size, maxFeatures]; nil if the features are few enough.
	classes    []int     // Examples of each class; nil without a classifier.
	moments    *metrics.Moments
	compared   []float32 // Features of some of the data, for what compares pairs.
	width      int       // Of the features as they are used.
	spread     float64   // Sum of the variances of the features: how far apart the data are, as a distance.
	real       Look      // What examples that were kept apart score.
}

// NewReference judges real examples: pictures, uint8 [n, height, width, channels], or points of the plane, float32 [n, 2],
// which are their own features, so that extract is nil. Some thousands are best, drawn at random from the data. A quarter of them, at most
// 500, is kept apart and judged as samples are, for their score is the best that samples can hope for.
//
// Features of more than 64 numbers are projected to 64 in random directions, always the same: a Fréchet distance of
// few samples needs few numbers. It is an error if there are fewer than 260 examples, or if they are all alike.
func NewReference(examples *tensors.Tensor, extract Extract) (*Reference, error) {
	if err := checkExamples(examples, extract); err != nil {
		return nil, err
	}
	r := &Reference{shape: slices.Clone(examples.Shape().Dimensions[1:]), extract: extract}
	features, logits, err := r.features(examples)
	if err != nil {
		return nil, err
	}
	n := examples.Shape().Dim(0)
	order := rand.New(rand.NewPCG(0, 1)).Perm(n) // They may be sorted by class.
	apart, others := order[:min(n/4, heldOut)], order[min(n/4, heldOut):]
	compared := picked(features, n, others)
	r.width = len(features) / n
	if r.moments, err = r.momentsOf(compared); err != nil {
		return nil, err
	}
	if r.spread = mat.Trace(r.moments.Covariance()); !(r.spread > 0) {
		return nil, errors.New("health: the examples are all alike to these features, so that no samples can be told from them")
	}
	r.compared = compared[:min(len(others), heldOut)*r.width]
	if logits != nil {
		if r.classes, err = metrics.ClassCounts(logits, len(logits)/n); err != nil {
			return nil, errors.WithMessage(err, "health: classes")
		}
	}
	pixels, err := pixelsOf(examples)
	if err != nil {
		return nil, err
	}
	r.real, err = r.judge(picked(pixels, n, apart), picked(features, n, apart), picked(logits, n, apart))
	return r, err
}

// checkExamples returns an error if the examples are not what a reference can be made of.
func checkExamples(examples *tensors.Tensor, extract Extract) error {
	shape := examples.Shape()
	isPoints := shape.Rank() == 2 && shape.DType == dtypes.Float32
	isPictures := shape.Rank() == 4 && shape.DType == dtypes.Uint8
	switch {
	case !isPoints && !isPictures:
		return errors.Errorf("health: the examples must be pictures, uint8 [n, height, width, channels], or points, float32 [n, 2], got %s", shape)
	case isPictures && extract == nil:
		return errors.New("health: pictures need a function that extracts features; gan/features has some")
	case isPoints && extract != nil:
		return errors.New("health: points are their own features; give no function to extract them")
	case shape.Dim(0) < minReference:
		return errors.Errorf("health: %d examples are too few to judge samples by; give at least %d", shape.Dim(0), minReference)
	}
	return nil
}

// picked returns some of n rows.
func picked[T any](values []T, n int, indices []int) []T {
	size := len(values) / n
	if size == 0 {
		return nil
	}
	rows := make([]T, 0, len(indices)*size)
	for _, i := range indices {
		rows = append(rows, values[i*size:(i+1)*size]...)
	}
	return rows
}

// pixelsOf returns the values of pictures; nil for points.
func pixelsOf(examples *tensors.Tensor) ([]uint8, error) {
	if examples.DType() != dtypes.Uint8 {
		return nil, nil
	}
	pixels, err := tensors.CopyFlatData[uint8](examples)
	return pixels, errors.WithMessage(err, "health: pictures")
}

// Real returns what real examples score that were kept apart, as if they were samples: what samples can hope for.
func (r *Reference) Real() Look { return r.real }

// Spread returns the scale of distances: the sum of the variances of the data's features.
func (r *Reference) Spread() float64 { return r.spread }

// Look returns what samples score. Numbers of steps are left 0.
func (r *Reference) Look(samples *tensors.Tensor) (Look, error) {
	if got := samples.Shape().Dimensions; !slices.Equal(got[1:], r.shape) {
		return Look{}, errors.Errorf("health: samples of shape %v cannot be compared with examples of shape %v", got[1:], r.shape)
	}
	features, logits, err := r.features(samples)
	if err != nil {
		return Look{}, err
	}
	pixels, err := pixelsOf(samples)
	if err != nil {
		return Look{}, err
	}
	return r.judge(pixels, features, logits)
}

// features returns the features of examples, projected if they are many, and their logits.
func (r *Reference) features(examples *tensors.Tensor) (features, logits []float32, err error) {
	if r.extract == nil {
		features, err = tensors.CopyFlatData[float32](examples)
	} else {
		features, logits, err = r.extract(examples)
	}
	if err != nil {
		return nil, nil, errors.WithMessage(err, "health: features")
	}
	n := examples.Shape().Dim(0)
	if len(features) == 0 || len(features)%n != 0 || len(logits)%n != 0 {
		return nil, nil, errors.Errorf("health: %d features and %d logits are not as many for each of %d examples", len(features), len(logits), n)
	}
	size := len(features) / n
	if r.size == 0 {
		r.size = size
		r.projection = newProjection(size)
	}
	if size != r.size {
		return nil, nil, errors.Errorf("health: samples have %d features and the data %d", size, r.size)
	}
	return project(features, size, r.projection), logits, nil
}

// errNotFinite is of samples that cannot be judged.
var errNotFinite = errors.New("health: samples are not finite")

// judge returns the scores of samples with these pixels, nil for points, features and logits.
func (r *Reference) judge(pixels []uint8, features, logits []float32) (Look, error) {
	var look Look
	if !finite(features) || !finite(logits) {
		return look, errNotFinite
	}
	moments, err := r.momentsOf(features)
	if err != nil {
		return look, err
	}
	if look.Distance, err = metrics.FrechetDistance(moments, r.moments); err != nil {
		return look, errors.WithMessage(err, "health: distance")
	}
	if look.Diversity, err = metrics.Diversity(features, r.compared, r.width); err != nil {
		return look, errors.WithMessage(err, "health: diversity")
	}
	if !finite([]float64{look.Distance, look.Diversity}) { // Points may be so far away that squares overflow.
		return look, errNotFinite
	}
	neighbours, err := metrics.PRDC(features, r.compared, r.width, metrics.PrecisionRecallNeighbours)
	if err != nil {
		return look, errors.WithMessage(err, "health: neighbours")
	}
	look.Precision, look.Recall = neighbours.Precision.Value, neighbours.Recall.Value
	if r.classes != nil {
		if err := look.count(logits, r.classes); err != nil {
			return look, err
		}
	}
	if pixels != nil {
		p := pictures{pixels, r.shape[0], r.shape[1], r.shape[2]}
		look.Saturated, look.Checkerboard = p.saturated(), p.checkerboard()
	}
	return look, nil
}

func finite[T float32 | float64](values []T) bool {
	return !slices.ContainsFunc(values, func(v T) bool { return math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) })
}

// count writes the classes of samples with these logits into the look.
func (l *Look) count(logits []float32, reference []int) error {
	counts, err := metrics.ClassCounts(logits, len(reference))
	if err != nil {
		return errors.WithMessage(err, "health: classes")
	}
	classes, err := metrics.Classes(counts, reference, 0)
	if err != nil {
		return errors.WithMessage(err, "health: classes")
	}
	l.Classes, l.KL = classes.Shares, classes.KL.Value
	return nil
}

func (r *Reference) momentsOf(features []float32) (*metrics.Moments, error) {
	moments := metrics.NewMoments(r.width)
	return moments, errors.WithMessage(moments.Add(features), "health: features")
}

// newProjection returns random directions, nil if there are few features.
func newProjection(size int) []float32 {
	if size <= maxFeatures {
		return nil
	}
	random := rand.New(rand.NewPCG(0, 0))
	directions := make([]float32, size*maxFeatures)
	for i := range directions {
		directions[i] = float32(random.NormFloat64() / math.Sqrt(maxFeatures)) // Keeps squared distances, in the mean.
	}
	return directions
}

// project returns features of the size in the directions.
func project(features []float32, size int, directions []float32) []float32 {
	if directions == nil {
		return features
	}
	n := len(features) / size
	projected := make([]float32, n*maxFeatures)
	for i := range n {
		out := projected[i*maxFeatures : (i+1)*maxFeatures]
		for j, v := range features[i*size : (i+1)*size] {
			for k, direction := range directions[j*maxFeatures : (j+1)*maxFeatures] {
				out[k] += v * direction
			}
		}
	}
	return projected
}
