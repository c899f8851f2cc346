package features

import "fmt"

func init() {
	entries["vgg16"] = entry{network: VGG16()}
	entries["vgg19"] = entry{network: VGG19()}
}

// VGG16 returns the network of configuration D in table 1 of "Very Deep Convolutional Networks for Large-Scale Image
// Recognition" (Simonyan and Zisserman 2014, https://arxiv.org/abs/1409.1556), without its dense layers: 13 convolutions of
// 3×3, in blocks of 2, 2, 3, 3 and 3. Layer reluA_B is the B-th of block A. It takes pictures of 16×16 or more, of 32×32
// with the classifier.
//
// Its perceptual distance compares relu1_2, relu2_2, relu3_3, relu4_3 and relu5_3 with learned weights, as LPIPS does.
func VGG16() *Sequential {
	s := vgg("vgg16", 2, 2, 3, 3, 3)
	s.learned = true
	return s
}

// VGG19 returns the network of configuration E of the same paper, without its dense layers: 16 convolutions, in blocks of
// 2, 2, 4, 4 and 4. Sizes and names are as those of VGG16.
//
// Its perceptual distance compares the last layers of the blocks, as VGG16's, all channels alike: LPIPS has no weights for
// it.
func VGG19() *Sequential { return vgg("vgg19", 2, 2, 4, 4, 4) }

// vgg returns the network with so many convolutions in each block.
func vgg(name string, blocks ...int) *Sequential {
	s := &Sequential{name: name, window: 2, grid: 7, dense: [3]int{0, 3, 6}, hidden: 4096, classes: 1000}
	in, place := 3, 0
	for block, n := range blocks {
		out := min(64<<block, 512)
		for i := range n {
			s.convolutions = append(s.convolutions, convolution{
				name: fmt.Sprintf("relu%d_%d", block+1, i+1), place: place,
				in: in, out: out, kernel: 3, stride: 1, padding: 1, pool: block > 0 && i == 0,
			})
			in = out
			place += 2 // The convolution and its rectifier.
		}
		place++ // The pool.
		s.perceptual = append(s.perceptual, lastOf(s.convolutions).name)
	}
	return s
}
