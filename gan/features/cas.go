package features

import (
	"context"

	"github.com/gomlx/compute"
	"github.com/pkg/errors"
)

// CAS is the classification accuracy score: what a classifier that has seen only generated pictures knows of real ones
// ("Classification Accuracy Score for Conditional Generative Models", Ravuri and Vinyals 2019,
// https://arxiv.org/abs/1905.10887, section 3), and the reverse. "How good is my GAN?" (Shmelkov et al. 2018,
// https://arxiv.org/abs/1807.09499, section 3) calls the two GAN-train, which falls when the generator lacks variety or
// quality, and GAN-test, which falls with quality alone: a generator that repeats one good picture per class passes it.
//
// Our classifier is the small network of [Classifier], where the first paper has a ResNet-50 on ImageNet; scores of two
// classifiers do not compare. Accuracy of real pictures on real ones says how much there is to reach.
type CAS struct {
	Classes  []string // The names of the classes, at least 2.
	Training Training // How the classifiers are trained; the zero value is Training's.
}

// GANTrain returns the accuracy on real pictures of a classifier trained on generated ones. The real pictures should be ones
// that the generator did not learn from.
func (c CAS) GANTrain(ctx context.Context, backend compute.Backend, generated, real Labelled) (Accuracy, error) {
	accuracy, err := c.Accuracy(ctx, backend, generated, real)
	return accuracy, errors.WithMessage(err, "GAN-train")
}

// GANTest returns the accuracy on generated pictures of a classifier trained on real ones.
func (c CAS) GANTest(ctx context.Context, backend compute.Backend, generated, real Labelled) (Accuracy, error) {
	accuracy, err := c.Accuracy(ctx, backend, real, generated)
	return accuracy, errors.WithMessage(err, "GAN-test")
}

// Accuracy returns the accuracy on the second pictures of a classifier trained on the first. It looks at pictures of the first
// ones' size, if that is at most 32×32 and divisible by 4, and else at 32×32; the others are brought to it.
func (c CAS) Accuracy(ctx context.Context, backend compute.Backend, first, second Labelled) (Accuracy, error) {
	for _, data := range []Labelled{first, second} {
		if err := data.check(len(c.Classes)); err != nil {
			return Accuracy{}, err
		}
	}
	shape := first.Pictures.Shape().Dimensions[1:]
	network, err := NewClassifier("classifier", casShape(shape), c.Classes)
	if err != nil {
		return Accuracy{}, err
	}
	if _, err := network.Resize(second.Pictures.Shape().Dimensions[1:]); err != nil {
		return Accuracy{}, err
	}
	weights, err := c.Training.Train(ctx, backend, network, first, nil)
	if err != nil {
		return Accuracy{}, err
	}
	extractor, err := New(backend, network, weights, "")
	if err != nil {
		return Accuracy{}, err
	}
	return extractor.Classify(second)
}

// casShape returns the shape at which pictures are looked at.
func casShape(shape []int) []int {
	if max(shape[0], shape[1]) <= casSide && shape[0]%4 == 0 && shape[1]%4 == 0 {
		return shape
	}
	return []int{casSide, casSide, shape[2]}
}

const casSide = 32
