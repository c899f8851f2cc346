package datasets

import (
	_ "embed"
	"sync"
)

// fashionFile holds two IDX files, images and labels, in one gzip stream; data/make_fashion.go made it.
//
//go:embed data/fashion.idx.gz
var fashionFile []byte

var fashion = entry{
	Info: Info{
		Name:     "fashion",
		Examples: 10_000,
		Shape:    []int{28, 28, 1},
		Classes: []string{
			"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
		},
		Licence: "MIT",
		Source:  "Fashion-MNIST (Xiao, Rasul and Vollgraf; Zalando SE), the first 10,000 of its 60,000 training pictures",
		Summary: "10,000 articles of clothing, grey; embedded",
	},
	open: func(Options) (*Set, error) { return copyOf(decodeFashion()) },
}

// decodeFashion unpacks the embedded file, once.
var decodeFashion = sync.OnceValues(func() (*Set, error) { return decodeEmbedded("fashion", fashionFile) })
