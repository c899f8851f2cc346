package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

func init() { GeneratorTerms.Register("feature-matching", FeatureMatching{}) }

// FeatureMatching draws the mean of the discriminator's features over fake examples to the mean over real ones: the
// squared distance of the two means, "Improved Techniques for Training GANs" (Salimans et al. 2016,
// https://arxiv.org/abs/1606.03498, section 3.1). The features are the discriminator's last hidden layer, where the
// paper leaves the layer open.
//
// The paper's generator minimizes it instead of a loss on the logits; here it is added to that loss, weighted.
type FeatureMatching struct {
	Weight float64 `json:"weight,omitempty"` // 0 means 1.
}

// Check returns an error if the weight is out of range.
func (f FeatureMatching) Check() error { return checkPositive("FeatureMatching.Weight", f.Weight) }

// Graph returns the weighted distance, a scalar.
func (f FeatureMatching) Graph(round GeneratorRound) *Node {
	real, fake := round.Real.Features, round.Fake.Features
	if real == nil || fake == nil {
		Panicf("gan: FeatureMatching needs an architecture whose Discriminator returns Features")
	}
	distance := Sub(ReduceMean(fake, 0), ReduceMean(real, 0)) // [features]
	return MulScalar(ReduceAllSum(Square(distance)), orElse(f.Weight, 1))
}

// Interval returns 1.
func (FeatureMatching) Interval() int { return 1 }
