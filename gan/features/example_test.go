package features_test

import (
	"fmt"
	"log"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/features"
	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// The Fréchet distance of some digits to others, and of the same with their colours turned round: features of each set, their
// mean and covariance, one number. Elsewhere xla.New makes the backend.
func Example() {
	set, err := datasets.Open("digits", datasets.Options{})
	if err != nil {
		log.Fatal(err)
	}
	extractor, err := features.Open(gantest.Go(), "digits")
	if err != nil {
		log.Fatal(err)
	}
	moments := func(pictures *tensors.Tensor) *metrics.Moments {
		rows, _, err := extractor.Extract(pictures)
		if err != nil {
			log.Fatal(err)
		}
		m := metrics.NewMoments(extractor.Size())
		if err := m.Add(rows); err != nil {
			log.Fatal(err)
		}
		return m
	}
	real, others, turned := set.Draw(140, 1), set.Draw(140, 2), set.Draw(140, 3)
	tensors.MustMutableFlatData(turned, func(pixels []uint8) {
		for i := range pixels {
			pixels[i] = 255 - pixels[i]
		}
	})
	like, err := metrics.FrechetDistance(moments(others), moments(real))
	if err != nil {
		log.Fatal(err)
	}
	unlike, err := metrics.FrechetDistance(moments(turned), moments(real))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("other digits are near:", like < 5)
	fmt.Println("turned ones are far:", unlike > 20*like)
	// Output:
	// other digits are near: true
	// turned ones are far: true
}
