// Package jsonlines reads and writes logs of one JSON object a line.
package jsonlines

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/atomicfile"
)

// Read returns the objects in the file, none if there is no file. A last line cut short by a crash is left out.
func Read[T any](path string) ([]T, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, errors.WithStack(err)
	}
	var list []T
	for line := range bytes.Lines(data) {
		var object T
		if err := json.Unmarshal(line, &object); err != nil {
			if !bytes.HasSuffix(line, []byte("\n")) {
				break
			}
			return nil, errors.Wrapf(err, "line %d of %s", len(list)+1, path)
		}
		list = append(list, object)
	}
	return list, nil
}

// Write writes the objects to the file, in place of what is there.
func Write[T any](path string, list []T) error {
	var lines bytes.Buffer
	for _, object := range list {
		line, err := Line(object)
		if err != nil {
			return err
		}
		lines.Write(line)
	}
	return atomicfile.Write(path, lines.Bytes())
}

// Line returns an object as a line.
func Line[T any](object T) ([]byte, error) {
	line, err := json.Marshal(object)
	return append(line, '\n'), errors.WithStack(err)
}
