package datasets

import (
	"fmt"
	"math/rand/v2"
)

// stackedExamples is how many pictures of the set "stacked" are drawn.
const stackedExamples = 25_600

// stacked is the "stacked MNIST" of "Unrolled Generative Adversarial Networks" (Metz et al. 2016,
// https://arxiv.org/abs/1611.02163) and of section 4.2 of PacGAN: three digits drawn at random, one as the red, one as the
// green and one as the blue of a picture, so that there are 1,000 classes, all about equally frequent. Metz et al. draw 25,600
// samples to count the classes among them; PacGAN's code trains on 128,000 pictures, of MNIST's 60,000 training digits.
// Here they are 25,600, of the 10,000 embedded digits, to need 60 MB rather than 300.
var stacked = entry{
	Info: Info{
		Name:     "stacked",
		Examples: stackedExamples,
		Shape:    []int{28, 28, 3},
		Classes:  stackedClasses(),
		Licence:  digits.Licence,
		Source:   digits.Source + "; stacked as in \"Unrolled Generative Adversarial Networks\" (Metz et al. 2016, https://arxiv.org/abs/1611.02163)",
		Summary:  "25,600 stacks of three digits, red, green and blue: 1,000 classes; from the embedded digits",
	},
	open: openStacked,
}

// stackedClasses returns "000" to "999": hundreds are red, tens green, ones blue.
func stackedClasses() []string {
	classes := make([]string, 1000)
	for i := range classes {
		classes[i] = fmt.Sprintf("%03d", i)
	}
	return classes
}

func openStacked(options Options) (*Set, error) {
	source, err := decodeDigits()
	if err != nil {
		return nil, err
	}
	size := source.exampleSize()
	set := &Set{
		Shape:  []int{source.Shape[0], source.Shape[1], 3},
		Pixels: make([]uint8, stackedExamples*size*3),
		Labels: make([]int32, stackedExamples),
	}
	random := rand.New(rand.NewPCG(uint64(options.Seed), 0))
	for i := range set.Labels {
		picture := set.Pixels[i*size*3 : (i+1)*size*3]
		for channel := range 3 {
			digit := random.IntN(source.Len())
			set.Labels[i] = 10*set.Labels[i] + source.Labels[digit]
			for j, pixel := range source.Pixels[digit*size : (digit+1)*size] {
				picture[3*j+channel] = pixel
			}
		}
	}
	return set, nil
}
