package features

func init() { entries["alexnet"] = entry{network: AlexNet()} }

// AlexNet returns torchvision's AlexNet without its dense layers: the network of "One weird trick for parallelizing
// convolutional neural networks" (Krizhevsky 2014, https://arxiv.org/abs/1404.5997), with 64, 192, 384, 256 and 256
// channels, relu1 to relu5. It takes pictures of 31×31 or more, of 63×63 with the classifier.
//
// Its perceptual distance compares all five with learned weights, as LPIPS does.
func AlexNet() *Sequential {
	return &Sequential{
		name: "alexnet",
		convolutions: []convolution{
			{name: "relu1", place: 0, in: 3, out: 64, kernel: 11, stride: 4, padding: 2},
			{name: "relu2", place: 3, in: 64, out: 192, kernel: 5, stride: 1, padding: 2, pool: true},
			{name: "relu3", place: 6, in: 192, out: 384, kernel: 3, stride: 1, padding: 1, pool: true},
			{name: "relu4", place: 8, in: 384, out: 256, kernel: 3, stride: 1, padding: 1},
			{name: "relu5", place: 10, in: 256, out: 256, kernel: 3, stride: 1, padding: 1},
		},
		window:     3,
		perceptual: []string{"relu1", "relu2", "relu3", "relu4", "relu5"},
		learned:    true,
		grid:       6, dense: [3]int{1, 4, 6}, hidden: 4096, classes: 1000,
	}
}
