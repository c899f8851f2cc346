package health_test

import (
	"context"
	"fmt"
	"log"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/health"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// A generator that is shown one of the ring's eight modes is stopped. For pictures the reference takes a function that
// extracts features, such as the method Extract of an extractor of package features.
func Example() {
	ring, err := datasets.Open("rings", datasets.Options{Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	reference, err := health.NewReference(tensors.FromFlatDataAndDimensions(ring.Points[:4000], 2000, 2), nil)
	if err != nil {
		log.Fatal(err)
	}
	monitor, err := health.New(reference, health.Options{Every: 40, OnCollapse: health.Stop})
	if err != nil {
		log.Fatal(err)
	}

	one := &datasets.Set{Name: "one mode", Shape: ring.Shape}
	for i, mode := range ring.Labels {
		if mode == 0 {
			one.Points = append(one.Points, ring.Points[2*i:2*i+2]...)
		}
	}
	data, err := one.Batches(64, 1)
	if err != nil {
		log.Fatal(err)
	}
	networks := gan.MLP{Shape: []int{2}, GeneratorHidden: []int{32, 32}, DiscriminatorHidden: []int{32, 32}}
	trainer, err := gan.NewTrainer(gantest.Go(), gan.Config{Arch: networks, Penalty: gan.R1{}})
	if err != nil {
		log.Fatal(err)
	}
	for _, err := range monitor.Train(context.Background(), trainer, data, 2000) {
		if err != nil {
			log.Fatal(err)
		}
	}
	if stopped := monitor.Stopped(); stopped != nil {
		fmt.Println("stopped:", stopped.Finding.Kind)
	}
	// Output: stopped: collapse
}
