package display

import (
	"bufio"
	"crypto/rand"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
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
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return errors.Errorf("display: cannot make folder %s: %v", filepath.Dir(path), cause(err))
	}
	temporary := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+rand.Text()[:8])
	file, err := os.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return errors.Errorf("display: cannot write %s: %v", path, cause(err))
	}
	buffered := bufio.NewWriter(file)
	err = write(buffered)
	for _, finish := range []func() error{buffered.Flush, file.Sync} {
		if err == nil {
			err = finish()
		}
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		_ = os.Remove(temporary)
		return errors.Errorf("display: cannot write %s: %v", path, cause(err))
	}
	return nil
}

// cause strips the temporary file's name from an error of package os.
func cause(err error) error {
	var pathError *os.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	var linkError *os.LinkError
	if errors.As(err, &linkError) {
		return linkError.Err
	}
	return err
}
