package datasets

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

const (
	// pictureFormats are the formats that can be read.
	pictureFormats = "PNG, JPEG, GIF, WebP, BMP or TIFF"

	// sheetName is the picture at the top of a folder that is none of its pictures if a file manifestName is beside it.
	sheetName    = "sheet.png"
	manifestName = "manifest.json"
)

// findPictures returns the path of a directory given by the user, and the names of the pictures below it, in order. The sheet
// that Ganymede draws beside the manifest of pictures it made is none of them.
func findPictures(directory string) (root string, names []string, err error) {
	if root, err = checkDirectory(directory); err != nil {
		return "", nil, err
	}
	found := search{}
	if err := found.walk(root, "", nil); err != nil {
		return "", nil, err
	}
	if slices.Contains(found.others, manifestName) {
		found.pictures = slices.DeleteFunc(found.pictures, func(name string) bool { return name == sheetName })
	}
	if len(found.pictures) == 0 {
		if len(found.others) > 0 {
			return "", nil, errors.Errorf("datasets: the folder %q holds no %s pictures, but %d other files, such as %q; convert them",
				directory, pictureFormats, len(found.others), found.others[0])
		}
		return "", nil, errors.Errorf("datasets: the folder %q is empty; put %s pictures into it", directory, pictureFormats)
	}
	slices.Sort(found.pictures)
	return root, found.pictures, nil
}

// checkDirectory returns the path of a directory given by the user, where ~/ is the home directory.
func checkDirectory(directory string) (string, error) {
	if directory == "" {
		return "", errors.Errorf("datasets: %q names no directory; write %sDIR", folderPrefix, folderPrefix)
	}
	root := directory
	if below, found := strings.CutPrefix(directory, "~/"); found {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", errors.Wrapf(err, "datasets: the folder %q", directory)
		}
		root = filepath.Join(home, below)
	}
	info, err := os.Stat(root)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", errors.Errorf("datasets: there is no folder %q", directory)
	case err != nil:
		return "", errors.Wrapf(err, "datasets: the folder %q cannot be read", directory)
	case !info.IsDir():
		return "", errors.Errorf("datasets: %q is a file, not a folder", directory)
	}
	return root, nil
}

// search collects the files below a directory, relative to it, with slashes.
type search struct {
	pictures []string // Files whose names end as pictures' do.
	others   []string
}

// walk adds the files of root/relative, following links, except into the directories above it.
func (s *search) walk(root, relative string, above []os.FileInfo) error {
	directory := filepath.Join(root, filepath.FromSlash(relative))
	info, err := os.Stat(directory)
	if err != nil {
		return errors.Wrap(err, "datasets: a folder cannot be read")
	}
	if slices.ContainsFunc(above, func(other os.FileInfo) bool { return os.SameFile(info, other) }) {
		return nil
	}
	above = append(above, info)
	entries, err := os.ReadDir(directory)
	if err != nil {
		return errors.Wrap(err, "datasets: a folder cannot be read")
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		name := entry.Name()
		if relative != "" {
			name = relative + "/" + name
		}
		kind := entry.Type()
		if kind&fs.ModeSymlink != 0 {
			// A link that leads nowhere stays one, and is reported as a broken picture if it is named like a picture.
			if target, err := os.Stat(filepath.Join(directory, entry.Name())); err == nil {
				kind = target.Mode().Type()
			}
		}
		switch {
		case kind.IsDir():
			if err := s.walk(root, name, above); err != nil {
				return err
			}
		case kind != 0 && kind&fs.ModeSymlink == 0: // A device or pipe, which may never end.
		case isPictureName(name):
			s.pictures = append(s.pictures, name)
		default:
			s.others = append(s.others, name)
		}
	}
	return nil
}

// isPictureName says whether a file is called as pictures are. What is in it decides how it is read.
func isPictureName(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff":
		return true
	}
	return false
}
