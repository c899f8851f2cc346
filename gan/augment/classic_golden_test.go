package augment

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// classicGolden is testdata/classic.json, which bench/golden/make_golden_classic.py made with torchvision and Pillow.
type classicGolden struct {
	Pictures []struct {
		Name   string `json:"name"`
		Shape  []int  `json:"shape"`
		Pixels []byte `json:"pixels"`
	} `json:"pictures"`
	Cases []struct {
		Policy    string    `json:"policy"`
		Picture   string    `json:"picture"`
		Draws     []float64 `json:"draws"` // Of the operations; nil stands for those of units.
		Reference string    `json:"reference"`
		Limit     float64   `json:"limit"` // Of the mean absolute difference, in steps of 8 bits.
		Pixels    []byte    `json:"pixels"`
	} `json:"cases"`
}

// bytesOf returns the pixels of an image, without alpha.
func bytesOf(img image.Image) []byte {
	if gray, ok := img.(*image.Gray); ok {
		return gray.Pix
	}
	var pixels []byte
	for i, v := range img.(*image.NRGBA).Pix {
		if i%4 < 3 {
			pixels = append(pixels, v)
		}
	}
	return pixels
}

// imageOf returns the image of pixels shaped [height, width, 1 or 3].
func imageOf(pixels []byte, shape []int) image.Image {
	bounds := image.Rect(0, 0, shape[1], shape[0])
	if shape[2] == 1 {
		return &image.Gray{Pix: pixels, Stride: shape[1], Rect: bounds}
	}
	img := image.NewNRGBA(bounds)
	for i := range shape[0] * shape[1] {
		img.SetNRGBA(i%shape[1], i/shape[1], color.NRGBA{pixels[3*i], pixels[3*i+1], pixels[3*i+2], 0xff})
	}
	return img
}

func TestAgainstTorchvisionAndPillow(t *testing.T) {
	file := gantest.ReadJSON[classicGolden](t, "testdata/classic.json")
	images := map[string]image.Image{}
	for _, p := range file.Pictures {
		images[p.Name] = imageOf(p.Pixels, p.Shape)
	}
	for i, c := range file.Cases {
		t.Run(fmt.Sprintf("%d %s %s %s", i, c.Policy, c.Picture, c.Reference), func(t *testing.T) {
			policy, err := ParsePolicy(c.Policy)
			if err != nil {
				t.Fatal(err)
			}
			picture := NewPicture(images[c.Picture])
			given := c.Draws
			if given == nil {
				given = units(policy.Draws(picture.shape())-len(policy), 0.7)
			}
			var draws []float64
			for _, step := range policy {
				n := step.Operation.Draws(picture.shape())
				draws = append(append(draws, 0), given[:n]...)
				given = given[n:]
			}
			got := bytesOf(policy.Picture(picture, draws).Image())
			if len(got) != len(c.Pixels) {
				t.Fatalf("%d pixels, want %d", len(got), len(c.Pixels))
			}
			var sum float64
			for i, want := range c.Pixels {
				sum += math.Abs(float64(got[i]) - float64(want))
			}
			if mean := sum / float64(len(got)); mean > c.Limit {
				t.Errorf("the mean absolute difference is %.4f/255, want at most %g/255", mean, c.Limit)
			} else {
				t.Logf("%.4f", mean)
			}
		})
	}
}
