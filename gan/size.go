package gan

import "github.com/pkg/errors"

// Networks for pictures start from a small map of channels and double it, and the other way about.

// doublings returns how many times a map of 4 pixels, or of 7 for pictures of 28, is doubled to make pictures of the
// size; ok tells whether that can be done.
func doublings(size int) (count int, ok bool) {
	if size == 28 {
		return 2, true
	}
	for width := 4; width < 256; width *= 2 {
		count++
		if size == 2*width {
			return count, true
		}
	}
	return 0, false
}

// sizes says for messages which sizes doublings knows.
const sizes = "28 or one of 8, 16, 32, 64, 128, 256"

// growth returns the channels of a map that is so many halvings smaller than the image: they double with every halving,
// up to eight times.
func growth(channels, halvings int) int { return channels * min(1<<halvings, 8) }

// count is a field of an architecture that must not be negative.
type count struct {
	name  string
	value int
}

// checkPictures returns an error if the architecture cannot make pictures of the size, or one of the counts is negative.
func checkPictures(arch string, size int, counts ...count) error {
	if _, ok := doublings(size); !ok {
		return errors.Errorf("gan: %s cannot make images of %d pixels: Size must be "+sizes, arch, size)
	}
	for _, c := range counts {
		if c.value < 0 {
			return errors.Errorf("gan: %s.%s must not be negative, got %d", arch, c.name, c.value)
		}
	}
	return nil
}

// orDefault returns the value, or the default if it is zero.
func orDefault(value, defaultValue int) int {
	if value == 0 {
		return defaultValue
	}
	return value
}
