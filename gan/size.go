package gan

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

// orDefault returns the value, or the default if it is zero.
func orDefault(value, defaultValue int) int {
	if value == 0 {
		return defaultValue
	}
	return value
}
