package datasets

import (
	"image"
	"os"
	"path/filepath"
	"runtime"
	"slices"
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
	Summary: "PNG, JPEG, GIF, WebP, BMP or TIFF pictures of your own; a class for each sub-folder",
}

// openFolder returns the pictures below the directory; Open says how.
func openFolder(directory string, options Options) (*Set, error) {
	set, err := readFolder(folderPrefix+directory, directory, options)
	if err != nil {
		return nil, err
	}
	return set.finish(options, false)
}

// readFolder returns all pictures below the directory, with Size, Channels, SkipBroken and Labels obeyed, as a set of that name.
func readFolder(name, directory string, options Options) (*Set, error) {
	root, names, err := findPictures(directory)
	if err != nil {
		return nil, err
	}
	given, err := readLabels(options.Labels, root, names)
	if err != nil {
		return nil, err
	}
	set := &Set{Name: name}
	path := func(i int) string { return inFolder(root, names[i]) }
	size := options.Size
	if size == 0 {
		var read bool
		if read, err = set.fillAlike(names, path, options); err != nil {
			return nil, err
		}
		if !read {
			size = naturalSize(len(names), make([]error, len(names)), func(i int) (image.Point, error) { return headSize(path(i)) })
		}
	}
	if size != 0 {
		err = fill([]*Set{set}, names, make([]error, len(names)), size, options, func(i int) ([]*image.RGBA, key, error) {
			var noted key
			picture, err := readPicture(path(i), size, &noted)
			return []*image.RGBA{picture}, noted, err
		})
	}
	if err != nil {
		return nil, err
	}
	set.Labels, set.Classes = classify(set.Names, given)
	return set, nil
}

// fillAlike reads the pictures into the set, provided that they are small squares of the size of the first. It says whether
// they are. Often they are, and this opens each file only once.
func (s *Set) fillAlike(names []string, path func(i int) string, options Options) (read bool, err error) {
	const small, smallSet = 256, 4 << 30
	common, err := headSize(path(0))
	if err != nil || common.X != common.Y || common.X > small || 3*common.X*common.X > smallSet/len(names) {
		return false, nil
	}
	var differ atomic.Bool
	err = fill([]*Set{s}, names, make([]error, len(names)), common.X, options, func(i int) ([]*image.RGBA, key, error) {
		var noted key
		var picture *image.RGBA
		if !differ.Load() {
			var err error
			if picture, err = readPicture(path(i), 0, &noted); err != nil {
				return nil, 0, err
			}
			if picture.Rect.Size() != common {
				differ.Store(true)
			}
		}
		if differ.Load() {
			return nil, 0, errors.New("the pictures differ in size")
		}
		return []*image.RGBA{picture}, noted, nil
	})
	if differ.Load() {
		return false, nil
	}
	return true, err
}

// inFolder returns the path of a picture in a folder.
func inFolder(root, name string) string { return filepath.Join(root, filepath.FromSlash(name)) }

// fill reads pictures into sets: for each of the names one for each set, as read returns them for its number, size×size, with
// the key of the example. Names whose broken is not nil are not read.
func fill(sets []*Set, names []string, broken []error, size int, options Options, read func(i int) ([]*image.RGBA, key, error)) error {
	channels := 3
	if options.Channels == 1 {
		channels = 1
	}
	for _, set := range sets {
		var err error
		if set.Pixels, err = newPixels(len(names), size, size, channels); err != nil {
			return err
		}
		set.Shape = []int{size, size, channels}
	}
	keys := make([]key, len(names))
	forEach(len(names), options.Progress, func(i int) {
		if broken[i] != nil {
			return
		}
		var pictures []*image.RGBA
		if pictures, keys[i], broken[i] = read(i); broken[i] != nil {
			return
		}
		for side, picture := range pictures {
			recolour(sets[side].picture(i), picture, channels)
		}
	})
	kept, skipped, err := withoutBroken(sets[0].Name, names, broken, options.SkipBroken)
	if err != nil {
		return err
	}
	for _, set := range sets {
		set.Names, set.Skipped = kept, skipped
		set.keep(keys, broken)
		if options.Channels == 0 && isGrey(set.Pixels) {
			set.dropColour()
		}
	}
	return nil
}

// picture returns the pixels of example i, to be read or written.
func (s *Set) picture(i int) []uint8 {
	size := s.exampleSize()
	return s.Pixels[i*size : (i+1)*size : (i+1)*size]
}

// keep moves the pictures that are not broken together, and takes their keys.
func (s *Set) keep(keys []key, broken []error) {
	s.keys = make([]key, 0, len(keys))
	for i := range keys {
		if broken[i] == nil {
			if kept := len(s.keys); kept < i {
				copy(s.picture(kept), s.picture(i))
			}
			s.keys = append(s.keys, keys[i])
		}
	}
	s.Pixels = s.Pixels[:len(s.keys)*s.exampleSize()]
}

// dropColour leaves the first of three equal channels.
func (s *Set) dropColour() {
	for i := range len(s.Pixels) / 3 {
		s.Pixels[i] = s.Pixels[3*i]
	}
	s.Pixels = slices.Clone(s.Pixels[:len(s.Pixels)/3])
	s.Shape = []int{s.Shape[0], s.Shape[1], 1}
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
// those that measure cannot measure.
func naturalSize(count int, broken []error, measure func(i int) (image.Point, error)) int {
	sizes := make([]image.Point, count)
	forEach(count, nil, func(i int) {
		if broken[i] == nil {
			sizes[i], broken[i] = measure(i)
		}
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

// headSize returns the size of the picture in a file, as its head has it.
func headSize(path string) (size image.Point, err error) {
	defer decoderFailed(&err)
	file, err := os.Open(path)
	if err != nil {
		return image.Point{}, err
	}
	defer file.Close()
	config, _, err := decodeConfig(file, maxPicture)
	return image.Pt(config.Width, config.Height), err
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
