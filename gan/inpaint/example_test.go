package inpaint_test

import (
	"context"
	"fmt"

	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/gan/inpaint"
)

// A network learns to fill holes from pictures without any, and fills the holes of others.
func Example() {
	backend, err := gobackend.New("")
	if err != nil {
		fmt.Println(err)
		return
	}
	trainer, err := inpaint.New(backend, inpaint.Config{
		Game: inpaint.Gated{Width: 4, Discriminator: inpaint.SNPatchGAN{Channels: 4}}, Size: 16, Channels: 1, Seed: 1,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for step, err := range trainer.Train(context.Background(), &pictures{count: 10, size: 16, channels: 1}, 2) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("step", step.N)
	}
	filler, err := trainer.Filler()
	if err != nil {
		fmt.Println(err)
		return
	}
	picture, mask := make([]uint8, 16*16), inpaint.Masks{Kind: inpaint.CentreMasks}.Draw(16, 16, 1)
	filled, err := filler.Batch(tensors.FromFlatDataAndDimensions(picture, 1, 16, 16, 1), tensors.FromFlatDataAndDimensions(mask, 1, 16, 16, 1))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(filled.Shape())
	// Output:
	// step 1
	// step 2
	// (Uint8)[1, 16, 16, 1]
}

func ExampleMasks_Draw() {
	mask := inpaint.Masks{Kind: inpaint.CentreMasks}.Draw(4, 8, 1)
	for row := range 4 {
		fmt.Println(mask[row*8 : row*8+8])
	}
	// Output:
	// [0 0 0 0 0 0 0 0]
	// [0 0 1 1 1 1 0 0]
	// [0 0 1 1 1 1 0 0]
	// [0 0 0 0 0 0 0 0]
}

// What was drawn is 30 too dark; blended it continues the picture, and keeps its light spot.
func ExampleBlend() {
	picture := []uint8{100, 100, 0, 0, 0, 100, 100}
	drawn := []uint8{70, 70, 70, 120, 70, 70, 70}
	mask := []uint8{0, 0, 1, 1, 1, 0, 0}
	blended, err := inpaint.Blend(picture, drawn, [3]int{1, 7, 1}, mask)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(blended)
	// Output: [100 100 100 150 100 100 100]
}
