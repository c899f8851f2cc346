package display

import (
	"image"
	"image/png"
	"io"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/atomicfile"
)

// SavePNG writes a picture to a file, making the folders above it. The file appears whole or not at all: the picture is
// written beside it under another name first, and a file of that name stays as it was if anything fails.
func SavePNG(path string, picture image.Image) error {
	return writeFile(path, func(w io.Writer) error {
		return png.Encode(w, picture)
	})
}

// writeFile writes a file by way of a temporary one in the same folder.
func writeFile(path string, write func(io.Writer) error) error {
	return errors.WithMessage(atomicfile.WriteTo(path, write), "display")
}
