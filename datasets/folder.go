package datasets

import (
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/pkg/errors"
)

const (
	folderPrefix = "folder:"

	// mixedSize is the size that pictures of several sizes get if none is asked for.
	mixedSize = 64

	// looseClass is the class of pictures that lie beside the directories of the other classes.
	looseClass = "."
)

var folderInfo = Info{
	Name:    folderPrefix + "DIR",
	Licence: "yours",
	Source:  "the pictures below the directory DIR",
	Summary: "PNG, JPEG, GIF and WebP pictures of your own; a class for each sub-folder",
}

// openFolder returns the pictures below the directory; Open says how.
func openFolder(directory string, options Options) (*Set, error) {
	root, names, err := findPictures(directory)
	if err != nil {
		return nil, err
	}
	set := &Set{Name: folderPrefix + directory}
	if err := set.read(root, names, options); err != nil {
		return nil, err
	}
	return set.finish(options, false)
}

// findPictures returns the path of a directory given by the user, and the names of the pictures below it, in order.
func findPictures(directory string) (root string, names []string, err error) {
	if root, err = checkDirectory(directory); err != nil {
		return "", nil, err
	}
	found := search{}
	if err := found.walk(root, "", nil); err != nil {
		return "", nil, err
	}
	if len(found.pictures) == 0 {
		if len(found.others) > 0 {
			return "", nil, errors.Errorf("datasets: the folder %q holds no PNG, JPEG, GIF or WebP pictures, but %d other files, such as %q; convert them",
				directory, len(found.others), found.others[0])
		}
		return "", nil, errors.Errorf("datasets: the folder %q is empty; put PNG, JPEG, GIF or WebP pictures into it", directory)
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
	case ".png", ".jpg", ".jpeg", ".gif", ".webp":
		return true
	}
	return false
}

// read fills the set with the pictures called names, relative to root.
func (s *Set) read(root string, names []string, options Options) error {
	size := options.Size
	broken := make([]error, len(names))
	if size == 0 {
		size = naturalSize(root, names, broken)
	}
	channels := 3
	if options.Channels == 1 {
		channels = 1
	}
	pixels, err := newPixels(len(names), size, size, channels)
	if err != nil {
		return err
	}
	pictureSize := size * size * channels
	keys := make([]key, len(names))
	forEach(len(names), options.Progress, func(i int) {
		if broken[i] != nil {
			return
		}
		picture, err := readPicture(filepath.Join(root, filepath.FromSlash(names[i])), size, &keys[i])
		if err != nil {
			broken[i] = err
			return
		}
		recolour(pixels[i*pictureSize:(i+1)*pictureSize], picture, channels)
	})

	read, skipped, err := withoutBroken(s.Name, names, broken, options.SkipBroken)
	if err != nil {
		return err
	}
	kept := 0
	for i := range names {
		if broken[i] == nil {
			s.keys = append(s.keys, keys[i])
			copy(pixels[kept*pictureSize:], pixels[i*pictureSize:(i+1)*pictureSize])
			kept++
		}
	}
	s.Skipped, pixels = skipped, pixels[:kept*pictureSize]
	if options.Channels == 0 && isGrey(pixels) {
		channels = 1
		for i := range len(pixels) / 3 {
			pixels[i] = pixels[3*i]
		}
		pixels = slices.Clone(pixels[:len(pixels)/3])
	}
	s.Shape, s.Pixels = []int{size, size, channels}, pixels
	s.Names = read
	s.Labels, s.Classes = classify(read)
	return nil
}

// withoutBroken returns the names of the pictures that can be read and of the others, given why those cannot. It is an
// error if there are any of these and they are not to be skipped, or if there are no others.
func withoutBroken(set string, names []string, broken []error, skip bool) (read, skipped []string, err error) {
	for i, name := range names {
		switch {
		case broken[i] == nil:
			read = append(read, name)
			continue
		case err == nil:
			err = broken[i]
		}
		skipped = append(skipped, name)
	}
	switch {
	case len(read) == 0:
		return nil, nil, errors.Errorf("datasets: %s: none of the %d pictures can be read, the first, %q, because: %v", set, len(names), skipped[0], err)
	case err != nil && !skip:
		return nil, nil, errors.Errorf("datasets: %s: %d of %d pictures cannot be read, the first, %q, because: %v; remove them or leave them out (SkipBroken, --skip-broken)",
			set, len(skipped), len(names), skipped[0], err)
	}
	return read, skipped, nil
}

// naturalSize returns the size of the pictures if they are squares of one size, or else mixedSize. It fills in broken for
// those whose size cannot be read.
func naturalSize(root string, names []string, broken []error) int {
	sizes := make([]image.Point, len(names))
	forEach(len(names), nil, func(i int) {
		file, err := os.Open(filepath.Join(root, filepath.FromSlash(names[i])))
		if err != nil {
			broken[i] = err
			return
		}
		defer file.Close()
		config, _, err := decodeConfig(file, maxPicture)
		sizes[i], broken[i] = image.Pt(config.Width, config.Height), err
	})
	common := 0
	for i, size := range sizes {
		switch {
		case broken[i] != nil:
		case size.X != size.Y || common != 0 && size.X != common:
			return mixedSize
		default:
			common = size.X
		}
	}
	if common == 0 {
		return mixedSize
	}
	return common
}

// readPicture returns the picture in a file as safeDecode does, and notes its key, unless that is nil.
func readPicture(path string, size int, noted *key) (*image.RGBA, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if noted != nil {
		*noted = keyOf(data)
	}
	return safeDecode(data, size)
}

// safeDecode is decodePicture, but that a decoder which panics on a strange file makes it broken.
func safeDecode(data []byte, size int) (picture *image.RGBA, err error) {
	defer decoderFailed(&err)
	return decodePicture(data, size, maxPicture)
}

// decoderFailed, deferred, turns a panic into an error.
func decoderFailed(err *error) {
	if problem := recover(); problem != nil {
		*err = errors.Errorf("its decoder failed: %v", problem)
	}
}

// classify returns the label of each picture and the names of the classes, which are the first directories on the paths.
func classify(names []string) (labels []int32, classes []string) {
	first := func(name string) string {
		directory, _, found := strings.Cut(name, "/")
		if !found {
			return looseClass
		}
		return directory
	}
	for _, name := range names {
		classes = append(classes, first(name))
	}
	slices.Sort(classes)
	classes = slices.Clone(slices.Compact(classes))
	if len(classes) == 1 && classes[0] == looseClass {
		return nil, nil
	}
	for _, name := range names {
		label, _ := slices.BinarySearch(classes, first(name))
		labels = append(labels, int32(label))
	}
	return labels, classes
}

// forEach calls work with 0 to count-1 from as many goroutines as there are processors, and progress after each.
func forEach(count int, progress func(done, total int), work func(i int)) {
	var next atomic.Int64
	var done int
	var reporting sync.Mutex
	var workers sync.WaitGroup
	for range min(runtime.NumCPU(), count) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < count; i = int(next.Add(1)) - 1 {
				work(i)
				if progress != nil {
					reporting.Lock()
					done++
					progress(done, count)
					reporting.Unlock()
				}
			}
		})
	}
	workers.Wait()
}
