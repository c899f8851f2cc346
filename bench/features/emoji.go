package main

import (
	"crypto/sha256"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/features"
)

// emoji returns the embedded emoji of both styles. About a fifth of the names is held out: an emoji is so in both styles, as
// it is much the same picture.
func emoji() (*source, error) {
	s := &source{
		about: "four fifths, by name, of the embedded emoji in both styles, judged by the others",
		how:   features.Training{Epochs: 40, Shift: 3, Mirror: true},
	}
	var pixels [2][]uint8
	var labels [2][]int32
	names := datasets.EmojiNames()
	for _, style := range []string{"emoji", "emoji:twitter"} {
		set, err := datasets.Open(style, datasets.Options{})
		if err != nil {
			return nil, err
		}
		s.shape, s.classes = set.Shape, set.Classes
		size := len(set.Pixels) / set.Len()
		for i, name := range names {
			part := 0
			if heldOut(name) {
				part = 1
			}
			pixels[part] = append(pixels[part], set.Pixels[i*size:(i+1)*size]...)
			labels[part] = append(labels[part], set.Labels[i])
		}
	}
	s.training, s.held = tensorOf(pixels[0], s.shape, labels[0]), tensorOf(pixels[1], s.shape, labels[1])
	return s, nil
}

// heldOut says whether an emoji judges: of one name in five, by its SHA-256.
func heldOut(name string) bool { return sha256.Sum256([]byte(name))[0] >= 205 }
