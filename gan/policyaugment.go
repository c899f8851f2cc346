package gan

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/augment"
)

// PolicyAugment changes all pictures that the discriminator sees by a policy of classical operations, in the steps of both
// players and letting the gradient through, as "Differentiable Augmentation for Data-Efficient GAN Training" does with its own
// (Zhao et al. 2020, https://arxiv.org/abs/2006.10738). Steps that happen to every picture, such as a blur, teach the
// generator to make them: give them a probability well below 1, or small strengths around "as it is".
type PolicyAugment struct {
	// Policy is the policy's text, "flip,rotate:10:p=0.5", or the name of one; "" means the one that augment.For has for
	// pictures of the shape.
	Policy string `json:"policy,omitempty"`
}

// AdaptivePolicy is PolicyAugment with the probability of each step multiplied by a number that follows how much the
// discriminator overfits, from 0 at the start to 1 at most, as in ADA.
type AdaptivePolicy struct {
	Policy string  `json:"policy,omitempty"` // As in PolicyAugment.
	Target float64 `json:"target,omitempty"` // This and the others as in ADA.
	Every  int     `json:"every,omitempty"`
	Images int     `json:"images,omitempty"`
}

func init() {
	Augmentations.Register("policy", PolicyAugment{})
	Augmentations.Register("adaptive_policy", AdaptivePolicy{})
}

// Check returns an error if the text is no policy.
func (p PolicyAugment) Check() error {
	_, err := augment.ParsePolicy(p.Policy)
	return errors.WithMessage(err, "gan: the augmentation's policy")
}

// Graph returns the changed images. Every step has its own probability.
func (p PolicyAugment) Graph(scope *model.Scope, images, _ *Node) *Node {
	return p.policy(images).Graph(scope, images)
}

// policy returns the policy for the images.
func (p PolicyAugment) policy(images *Node) augment.Policy {
	if p.Policy == "" {
		return augment.For("", images.Shape().Dimensions[1:])
	}
	policy, err := augment.ParsePolicy(p.Policy)
	if err != nil {
		Panicf("PolicyAugment: %v", err)
	}
	return policy
}

// Check returns an error if the text is no policy, or a field is out of range.
func (a AdaptivePolicy) Check() error {
	if err := (PolicyAugment{Policy: a.Policy}).Check(); err != nil {
		return err
	}
	return a.ada().Check()
}

// Graph returns the changed images, the probability of each step multiplied by the one given.
func (a AdaptivePolicy) Graph(scope *model.Scope, images, probability *Node) *Node {
	return (PolicyAugment{Policy: a.Policy}).policy(images).GraphOften(scope, images, probability)
}

func (a AdaptivePolicy) adapt(state *model.Scope, probability, realLogits *Node, batch int) *Node {
	return a.ada().adapt(state, probability, realLogits, batch)
}

func (a AdaptivePolicy) ada() ADA { return ADA{Target: a.Target, Every: a.Every, Images: a.Images} }
