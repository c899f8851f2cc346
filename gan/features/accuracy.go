package features

import (
	"math"

	"github.com/pkg/errors"
)

// Accuracy is how many pictures a classifier gets right.
type Accuracy struct {
	Value     float64   // The share of pictures that are told right.
	Low, High float64   // Interval of 95 % for the value, Wilson's.
	N         int       // The number of pictures.
	Classes   []float64 // The same share of each class; NaN for a class without pictures.
}

// Classify returns how many of the pictures the extractor's classifier gives their own label: the class whose logit is
// largest.
func (e *Extractor) Classify(data Labelled) (Accuracy, error) {
	classes := len(e.Classes())
	if classes == 0 {
		return Accuracy{}, errors.Errorf("features: %s has no classifier", e.Name())
	}
	if err := data.check(classes); err != nil {
		return Accuracy{}, err
	}
	_, logits, err := e.Extract(data.Pictures)
	if err != nil {
		return Accuracy{}, err
	}
	right, count := make([]int, classes), make([]int, classes)
	for i, label := range data.Labels {
		count[label]++
		if largest(logits[i*classes:(i+1)*classes]) == int(label) {
			right[label]++
		}
	}
	return accuracyOf(right, count), nil
}

// accuracyOf returns the accuracy with so many right of so many of each class.
func accuracyOf(right, count []int) Accuracy {
	a := Accuracy{Classes: make([]float64, len(count))}
	allRight := 0
	for class := range count {
		a.N += count[class]
		allRight += right[class]
		a.Classes[class] = float64(right[class]) / float64(count[class])
	}
	a.Value = float64(allRight) / float64(a.N)
	a.Low, a.High = Wilson(a.Value, a.N)
	return a
}

// Wilson returns the interval of 95 % for a share of n ("Probable inference, the law of succession, and statistical
// inference", Wilson 1927).
func Wilson(share float64, n int) (low, high float64) {
	const z = 1.959963984540054 // Of 95 %.
	count := float64(n)
	middle := (share + z*z/(2*count)) / (1 + z*z/count)
	half := z / (1 + z*z/count) * math.Sqrt(share*(1-share)/count+z*z/(4*count*count))
	return max(min(middle-half, share), 0), min(max(middle+half, share), 1) // Rounding may put a bound beyond the share.
}

// largest returns the index of the largest number.
func largest(numbers []float32) int {
	index := 0
	for i, number := range numbers {
		if number > numbers[index] {
			index = i
		}
	}
	return index
}
