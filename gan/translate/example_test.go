package translate_test

import (
	"context"
	"fmt"

	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/translate"
)

// Pix2Pix learns from the emoji of two makers, which draw the same things.
func Example() {
	pairs, err := datasets.OpenPairs("emoji", datasets.Options{View: datasets.View{Split: datasets.Train}})
	if err != nil {
		panic(err)
	}
	data, err := pairs.Batches(2, 1)
	if err != nil {
		panic(err)
	}
	trainer, err := translate.New(gobackend.GetBackend(), translate.Config{
		Size: 32, Generator: translate.ResNet{Blocks: 1, Channels: 4}, // Left out, it is a U-Net.
		Discriminator: translate.PatchGAN{Layers: 2, Channels: 8}, Jitter: translate.PaperJitter, Seed: 1,
	})
	if err != nil {
		panic(err)
	}
	for step, err := range trainer.Train(context.Background(), data, 2) { // Some hundreds make sense.
		if err != nil {
			panic(err)
		}
		fmt.Println(step.N, step.Value("l1_loss") > 0, step.Value("generator_loss") > 0)
	}
	translator, err := trainer.Translator(translate.Options{})
	if err != nil {
		panic(err)
	}
	made, err := translator.Batch(tensors.FromFlatDataAndDimensions(pairs.A.Pixels[:3*32*32*3], 3, 32, 32, 3))
	if err != nil {
		panic(err)
	}
	fmt.Println(made.Shape())
	// Output:
	// 1 true true
	// 2 true true
	// (Uint8)[3, 32, 32, 3]
}

// CycleGAN learns both directions from pictures that have no partners. Here it starts from a preset, and takes from A's pictures
// in grey those of B in colour.
func ExampleCycleGAN() {
	config, defaults, err := translate.Preset("cyclegan", 32, 1, 3)
	if err != nil {
		panic(err)
	}
	fmt.Printf("batches of %d, %+v\n", defaults.Batch, config.Generator)
	config.Game = translate.CycleGAN{CycleA: 5, Pool: 20}
	config.Loss = gan.Hinge{}
	config.Augment = gan.DiffAugment{}
	fmt.Println(config.Check())
	config.ChannelsA = 3
	config.Game = translate.CycleGAN{CycleA: -5}
	fmt.Println(config.Check())
	// Output:
	// batches of 4, {Blocks:6 Channels:32 Norm:batch Dropout:0}
	// <nil>
	// translate: CycleGAN.CycleA must not be negative, got -5
}

// A discriminator of patches judges the larger ones the more layers it has.
func ExamplePatchGAN_ReceptiveField() {
	for layers := 1; layers <= 3; layers++ {
		fmt.Println(translate.PatchGAN{Layers: layers}.ReceptiveField())
	}
	// Output:
	// 16
	// 34
	// 70
}
