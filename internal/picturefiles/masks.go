package picturefiles

import (
	"image"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
)

// Masks finds the masks of pictures.
type Masks struct {
	path string // Of a file, which is the mask of all pictures.
	once sync.Once
	all  *image.NRGBA // What it holds.
	err  error

	folder string
	files  map[string]string // Of a folder: paths, by names without their ends.
}

// OpenMasks returns the masks in a file, which is then that of all pictures, or in a folder, where they have the names of the
// pictures but for their ends.
func OpenMasks(path string) (*Masks, error) {
	if !isFolderName(path) {
		if _, err := datasets.PictureSize(path); err != nil {
			return nil, errors.Errorf("the mask %s cannot be read: %s", path, Reason(err))
		}
		return &Masks{path: path}, nil
	}
	root, names, err := datasets.FindPictures(path)
	if err != nil {
		return nil, err
	}
	m := &Masks{folder: path, files: map[string]string{}}
	for _, name := range names {
		file := filepath.Join(root, filepath.FromSlash(name))
		if other, taken := m.files[stem(name)]; taken {
			return nil, errors.Errorf("%s and %s are masks for the same pictures; remove one of them", other, file)
		}
		m.files[stem(name)] = file
	}
	return m, nil
}

// stem returns the name of a file without its end.
func stem(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }

// For returns the mask of a file, and its path.
func (m *Masks) For(file File) (mask *image.NRGBA, path string, err error) {
	if m.path != "" {
		m.once.Do(func() { m.all, m.err = datasets.DecodeFile(m.path) })
		return m.all, m.path, errors.WithMessage(m.err, "its mask cannot be read")
	}
	path, found := m.files[stem(file.Name)]
	if !found { // A single file.
		path, found = m.files[stem(filepath.Base(file.In))]
	}
	if !found {
		return nil, "", errors.Errorf("it has no mask in %s, such as %s.png", m.folder, stem(filepath.Base(file.Name)))
	}
	if mask, err = datasets.DecodeFile(path); err != nil {
		return nil, "", errors.Errorf("its mask %s cannot be read: %s", path, Reason(err))
	}
	return mask, path, nil
}
