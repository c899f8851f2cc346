// Package atomicfile writes files whole or not at all.
package atomicfile

import (
	"bufio"
	"crypto/rand"
	"io"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
)

// Write writes a file, and the folders it is in. Until all of it is on the disk, what was there before stays.
func Write(path string, data []byte) error {
	return WriteTo(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// WriteTo is Write for a function that writes piece by piece; w is buffered. The file stays as it was if it fails.
func WriteTo(path string, write func(w io.Writer) error) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return errors.Errorf("cannot make folder %s: %v", folder, cause(err))
	}
	temporary := filepath.Join(folder, "."+filepath.Base(path)+"."+rand.Text()[:8])
	file, err := os.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return errors.Errorf("cannot write %s: %v", path, cause(err))
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
		return errors.Errorf("cannot write %s: %v", path, cause(err))
	}
	return nil
}

// cause strips the name of the temporary file, which is gone, from an error of package os.
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
