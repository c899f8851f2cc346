// Package datasets holds the pictures and points that a GAN learns from: sets embedded in the package, toys made in code,
// and any folder of pictures.
//
// A Set lies whole in memory as bytes (or as float32 for points in the plane); Batches hands it to a training loop as one
// tensor and a stream of indices, so that it is copied to the device once and each step copies only the indices. Pictures
// are height × width × channels, uint8 in [0, 255]; scaling them to [-1, 1] is the training step's first operation.
//
// A further data set is one file with an entry for it, named in the list of open.go.
package datasets

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"image"

	"github.com/pkg/errors"
)

// Set is a data set: pictures or points, and their classes if they have any.
// The fields may be filled by hand to train on data of one's own.
type Set struct {
	Name    string    // As given to Open: "digits", or "folder:DIR".
	Shape   []int     // Of one example: [height, width, channels] with 1 channel (grey) or 3 (red, green, blue), or [2].
	Pixels  []uint8   // The pictures, one after another, row by row; nil when Points is set.
	Points  []float32 // Points in the plane, one after another, x before y; nil when Pixels is set.
	Labels  []int32   // The class of each example, or nil.
	Classes []string  // The names of the classes, or nil.
	Names   []string  // What each example is called: its file, relative to the folder, or the emoji's name; nil where they have none.
	Skipped []string  // The broken pictures that Options.SkipBroken left out, relative to the folder, in order.

	// Of a toy, an equal mixture of round Gaussians: their centres, in the order of Classes, and their standard deviation. Of
	// other sets nil and 0.
	Modes [][2]float64
	Sigma float64

	keys []key // Of the examples, see keyAt; nil as long as they follow from Pixels or Points.
}

// Len returns the number of examples.
func (s *Set) Len() int {
	size := s.exampleSize()
	if size == 0 {
		return 0
	}
	return (len(s.Pixels) + len(s.Points)) / size
}

// Hash returns the SHA-256 of shape, data and labels in hexadecimal. Equal examples in the same order have the same hash,
// on any machine, whatever the set is called.
func (s *Set) Hash() string {
	hash := sha256.New()
	header := []uint64{uint64(len(s.Shape))}
	for _, size := range s.Shape {
		header = append(header, uint64(size))
	}
	header = append(header, uint64(len(s.Pixels)), uint64(len(s.Points)), uint64(len(s.Labels)))
	for _, data := range []any{header, s.Pixels, s.Points, s.Labels} {
		// Writing slices of numbers to a hash cannot fail.
		_ = binary.Write(hash, binary.LittleEndian, data)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// Image returns a copy of example i, an *image.Gray or an *image.NRGBA. It returns nil if the examples are points, and
// panics, as indexing a slice does, unless 0 ≤ i < s.Len().
func (s *Set) Image(i int) image.Image {
	if s.Pixels == nil || len(s.Shape) != 3 {
		return nil
	}
	pixels := s.picture(i)
	bounds := image.Rect(0, 0, s.Shape[1], s.Shape[0])
	if s.Shape[2] == 1 {
		gray := image.NewGray(bounds)
		copy(gray.Pix, pixels)
		return gray
	}
	colour := image.NewNRGBA(bounds)
	for j := range len(pixels) / 3 {
		copy(colour.Pix[4*j:], pixels[3*j:3*j+3])
		colour.Pix[4*j+3] = 0xff
	}
	return colour
}

// exampleSize returns the number of values of one example.
func (s *Set) exampleSize() int {
	if len(s.Shape) == 0 {
		return 0
	}
	size := 1
	for _, dimension := range s.Shape {
		size *= dimension
	}
	return size
}

// check returns an error if the fields of the set contradict each other, as those filled by hand may.
func (s *Set) check() error {
	isPicture := len(s.Shape) == 3 && (s.Shape[2] == 1 || s.Shape[2] == 3)
	isPoint := len(s.Shape) == 1
	size := s.exampleSize()
	switch {
	case !isPicture && !isPoint || size <= 0:
		return errors.Errorf("datasets: %s: the shape of an example is %v, want [height, width, 1 or 3] or [2]", s.Name, s.Shape)
	case isPicture && s.Points != nil || isPoint && s.Pixels != nil:
		return errors.Errorf("datasets: %s: examples of shape %v belong in Pixels if they are pictures, in Points if not", s.Name, s.Shape)
	case len(s.Pixels)+len(s.Points) == 0:
		return errors.Errorf("datasets: %s holds no examples", s.Name)
	case (len(s.Pixels)+len(s.Points))%size != 0:
		return errors.Errorf("datasets: %s: %d values are no whole number of examples of shape %v", s.Name, len(s.Pixels)+len(s.Points), s.Shape)
	case s.Labels != nil && len(s.Labels) != s.Len():
		return errors.Errorf("datasets: %s has %d labels for %d examples", s.Name, len(s.Labels), s.Len())
	}
	return nil
}
