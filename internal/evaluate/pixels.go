package evaluate

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/features"
	"github.com/ganymede-ml/ganymede/gan/metrics"
)

const (
	// pixelValues is how many values of pixels are compared as they are, of either side: 10,000 pictures of 28×28.
	pixelValues = 8 << 20

	projections     = 512
	diversePictures = 1000 // The time grows with their square.
	// partData is the part of a score that the data themselves have.
	partData = "data"

	trainingBytes = 256 << 20 // Of pictures that a classifier is trained on.
)

// values returns up to most examples of a source, evenly spread, as float32: pixels in [-1, 1], or points as they are.
func (e *evaluation) values(s *Source, most int) ([]float32, error) {
	if !s.ArePictures() {
		var points []float32
		for _, i := range spread(min(most, s.Len()), s.Len()) {
			points = append(points, s.points[2*i:2*i+2]...)
		}
		return points, nil
	}
	pixels, err := e.pixels(s, s.fitting(pixelValues, most))
	if err != nil {
		return nil, err
	}
	values := make([]float32, len(pixels))
	for i, pixel := range pixels {
		values[i] = float32(pixel)/127.5 - 1
	}
	return values, nil
}

// pixels returns up to most pictures of a source, evenly spread.
func (e *evaluation) pixels(s *Source, most int) ([]uint8, error) {
	numbers := spread(min(most, s.Len()), s.Len())
	var pixels []uint8
	for len(numbers) > 0 {
		if err := e.ctx.Err(); err != nil {
			return nil, errors.WithStack(err)
		}
		count := min(s.chunk(), len(numbers))
		pictures, err := s.Pictures(numbers[:count])
		if err != nil {
			return nil, err
		}
		err = tensors.ConstFlatData(pictures, func(flat []uint8) { pixels = append(pixels, flat...) })
		if err != nil {
			return nil, errors.WithMessage(err, "pictures")
		}
		pictures.MustFinalizeAll()
		numbers = numbers[count:]
	}
	return pixels, nil
}

// both returns examples of the two sides, up to most of each, and how many values one has.
func (e *evaluation) both(most int) (fake, real []float32, size int, err error) {
	size = 1
	for _, dimension := range e.Real.Shape {
		size *= dimension
	}
	if fake, err = e.values(e.Fake, most); err != nil {
		return nil, nil, 0, err
	}
	real, err = e.values(e.Real, most)
	return fake, real, size, err
}

func (e *evaluation) swd() error {
	fake, real, size, err := e.both(maxKept)
	if err != nil {
		return err
	}
	distance, err := metrics.SlicedWasserstein(fake, real, size, projections, e.Seed)
	if err != nil {
		return err
	}
	e.add(e.card("swd", len(fake)/size, len(real)/size, "projections", projections), distance, nil, "")
	return nil
}

func (e *evaluation) diversity() error {
	fake, real, size, err := e.both(diversePictures)
	if err != nil {
		return err
	}
	diversity, err := metrics.Diversity(fake, real, size)
	if err != nil {
		return err
	}
	e.add(e.card("diversity", len(fake)/size, len(real)/size), diversity, nil, "")
	return nil
}

// msSSIM draws pairs of one class where classes are known, and adds what the data have: that is what a perfect generator has.
func (e *evaluation) msSSIM() error {
	fakeLabels, realLabels := e.Fake.Labels, e.Real.Labels
	if fakeLabels == nil || realLabels == nil {
		fakeLabels, realLabels = nil, nil
	}
	of := func(s *Source, labels []int32) (metrics.MSSSIMDiversityResult, int, error) {
		count := min(s.fitting(pixelValues, maxKept), s.Len())
		pixels, err := e.pixels(s, count)
		if err != nil {
			return metrics.MSSSIMDiversityResult{}, 0, err
		}
		result, err := metrics.MSSSIMDiversity{Seed: e.Seed}.Of(pixels, s.shape3(), someLabels(labels, count))
		return result, count, err
	}
	fake, samples, err := of(e.Fake, fakeLabels)
	if err != nil {
		return err
	}
	real, references, err := of(e.Real, realLabels)
	if err != nil {
		return err
	}
	card := e.card("ms-ssim", samples, references, "pairs", fake.Pairs, "scales", fake.Scales, "within_classes", fakeLabels != nil)
	e.add(card, fake.Mean, fake.Interval, "95 %, bootstrap of the pairs, 1000 replicates")
	e.parts("ms-ssim", map[string]float64{partData: real.Mean})
	return nil
}

// cas trains a classifier on each side and tries it on the other.
func (e *evaluation) cas() error {
	fake, err := e.labelled(e.Fake)
	if err != nil {
		return err
	}
	real, err := e.labelled(e.Real)
	if err != nil {
		return err
	}
	classes := make([]string, e.Real.Classes)
	for i := range classes {
		classes[i] = fmt.Sprint(i)
	}
	score := features.CAS{Classes: classes, Training: features.Training{Seed: e.Seed}}
	trained, err := score.GANTrain(e.ctx, e.backend, fake, real)
	if err != nil {
		return err
	}
	tested, err := score.GANTest(e.ctx, e.backend, fake, real)
	if err != nil {
		return err
	}
	for _, one := range []struct {
		key      string
		accuracy features.Accuracy
	}{{"gan_train", trained}, {"gan_test", tested}} {
		card := e.card(one.key, len(fake.Labels), len(real.Labels), "classes", len(classes))
		e.add(card, one.accuracy.Value, &metrics.Interval{Low: one.accuracy.Low, High: one.accuracy.High}, "95 %, Wilson")
	}
	return nil
}

// labelled returns pictures of a source with their classes.
func (e *evaluation) labelled(s *Source) (features.Labelled, error) {
	count := min(s.fitting(trainingBytes, maxKept), s.Len())
	pixels, err := e.pixels(s, count)
	if err != nil {
		return features.Labelled{}, err
	}
	pictures := tensors.FromFlatDataAndDimensions(pixels, append([]int{count}, s.Shape...)...)
	return features.Labelled{Pictures: pictures, Labels: someLabels(s.Labels, count)}, nil
}

// someLabels returns count of the labels, evenly spread, or nil if there are none.
func someLabels(labels []int32, count int) []int32 {
	if labels == nil {
		return nil
	}
	some := make([]int32, count)
	for i, number := range spread(count, len(labels)) {
		some[i] = labels[number]
	}
	return some
}
