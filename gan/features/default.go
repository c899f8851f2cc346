package features

import "strings"

// Default returns the spec of the extractor for pictures of the shape, [height, width, channels], of the data set of that
// name, where nobody asks for another: the network in the package that was trained on such data, or else "pixels".
func Default(data string, shape []int) string {
	name, _, _ := strings.Cut(data, ":") // As in "emoji:twitter".
	if e, ok := entries[name]; ok && e.weights != nil {
		if _, err := e.network.Resize(shape); err == nil {
			return name
		}
	}
	return Pixels
}
