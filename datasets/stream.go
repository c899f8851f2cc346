package datasets

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"image"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

// Stream is a folder of pictures that are decoded when they are asked for, so that the memory it takes does not grow with
// their number, but for their names and some bytes for each. Open one with OpenStream or OpenWithin.
type Stream struct {
	Name    string   // "folder:DIR".
	Shape   []int    // Of one picture: [height, width, channels].
	Labels  []int32  // The class of each picture, or nil.
	Classes []string // The names of the classes, or nil.
	Names   []string // The file of each picture, relative to the folder.
	Skipped []string // The broken pictures that Options.SkipBroken left out, relative to the folder, in order.

	// Recoloured is how many pictures are stored in grey and become coloured, as the others are.
	Recoloured int

	root string
	size int   // To which pictures are cropped and resized; 0: their own.
	keys []key // Of the pictures.
	hash string
	scan *scan
}

// OpenStream returns the pictures below a directory, "folder:DIR" or DIR alone, as Open finds, orders, labels and chooses
// them, without keeping them. All are read once, for their hash. What was found in a folder of 2,000 files or more is
// noted in CacheDir, so that the next time only files are read whose size or time of change is another.
//
// Unlike there, pictures with Options.Size 0 keep their own size, square or not, and it is an error if they have several: the
// line names the first that is not as most are.
func OpenStream(name string, options Options) (*Stream, error) {
	return openStream(name, options, commonSize)
}

// OpenWithin opens a data set for a program that has room for so many bytes of pictures. It returns a Set, as Open does, or
// the same pictures as a Stream if the data set is a folder whose pictures, decoded, take more; the other one is nil. With a
// budget of 0 every folder is a Stream, and with one below 0 none is.
func OpenWithin(name string, options Options, budget int64) (*Set, *Stream, error) {
	if !strings.HasPrefix(name, folderPrefix) || budget < 0 {
		set, err := Open(name, options)
		return set, nil, err
	}
	stream, err := openStream(name, options, squareSize)
	if err != nil {
		return nil, nil, err
	}
	if int64(stream.Len())*int64(stream.pictureSize()) > budget {
		return nil, stream, nil
	}
	set, err := stream.Set(options.Progress)
	return set, nil, err
}

// openStream is OpenStream. What natural returns is the size of pictures that are to be as they are: all have a size
// like that, or are cropped and resized to it.
func openStream(name string, options Options, natural func(*scan) (image.Point, error)) (*Stream, error) {
	if err := options.check(); err != nil {
		return nil, err
	}
	directory := strings.TrimPrefix(name, folderPrefix)
	root, names, err := findPictures(directory)
	if err != nil {
		return nil, err
	}
	classes, err := readLabels(options.Labels, root, names)
	if err != nil {
		return nil, err
	}
	s := &Stream{Name: folderPrefix + directory, root: root, size: options.Size}
	s.scan, s.Skipped, err = newScan(s.Name, root, names, options)
	if err != nil {
		return nil, err
	}
	size := image.Pt(s.size, s.size)
	if s.size == 0 {
		if size, err = natural(s.scan); err != nil {
			return nil, err
		}
		if s.scan.resizes(size) {
			s.size = size.X
		}
	}
	channels := options.Channels
	if channels == 0 {
		if channels, err = s.scan.channels(s.size, options.SkipBroken); err != nil {
			return nil, err
		}
	}
	s.scan.save()
	s.Shape = []int{size.Y, size.X, channels}
	s.Names = s.scan.names
	s.Labels, s.Classes = classify(s.Names, classes)
	return s, s.choose(options.View)
}

// choose leaves the pictures that the view takes, and notes of them what is asked for later.
func (s *Stream) choose(v View) error {
	pictures := s.scan.pictures
	if !v.takesAll() {
		all := viewed{name: s.Name, count: len(s.Names), labels: s.Labels, classes: s.Classes,
			key: func(i int) key { return pictures[i].key() }}
		numbers, err := all.take(v)
		if err != nil {
			return err
		}
		s.Names = gather(s.Names, 1, numbers)
		taken := make([]scanned, len(numbers))
		for i, number := range numbers {
			taken[i] = pictures[number]
		}
		pictures = taken
		if s.Labels != nil {
			s.Labels, s.Classes = renamed(gather(s.Labels, 1, numbers), s.Classes, v.Only)
		}
	}
	hash := sha256.New()
	_, _ = fmt.Fprintf(hash, "stream %v %d %d\n", s.Shape, len(pictures), len(s.Labels)) // Writing to a hash cannot fail.
	s.keys = make([]key, len(pictures))
	for i, picture := range pictures {
		s.keys[i] = picture.key()
		if picture.Grey && s.Shape[2] == 3 {
			s.Recoloured++
		}
		_, _ = hash.Write(picture.Hash[:])
	}
	_ = binary.Write(hash, binary.LittleEndian, s.Labels)
	s.hash = hex.EncodeToString(hash.Sum(nil))
	s.scan.names, s.scan.pictures = nil, nil
	return nil
}

// Len returns the number of pictures.
func (s *Stream) Len() int { return len(s.Names) }

// Hash returns the SHA-256 of the shape, the bytes of all files in order and their labels, in hexadecimal. It does not
// depend on the names of the files, and differs from the Hash of a Set of the same pictures.
func (s *Stream) Hash() string { return s.hash }

// Pictures returns the pictures with these numbers, one after another, uint8 of s.Shape. They are decoded at the same
// time, on all processors. It is an error if one cannot be read, or is no longer what it was.
func (s *Stream) Pictures(numbers []int) ([]uint8, error) {
	pixels := make([]uint8, len(numbers)*s.pictureSize())
	for i, err := range s.decodeAll(numbers, pixels, nil) {
		if err != nil {
			return nil, s.unreadable(numbers[i], err)
		}
	}
	return pixels, nil
}

// Draw returns n different pictures, or all of them if there are fewer, uint8 [n, height, width, channels]: those that
// Set.Draw draws by the same seed from a Set of the pictures. It panics if n is below 1.
func (s *Stream) Draw(n int, seed int64) (*tensors.Tensor, error) {
	numbers := drawNumbers(s.Len(), n, seed)
	pixels, err := s.Pictures(numbers)
	if err != nil {
		return nil, err
	}
	return tensors.FromFlatDataAndDimensions(pixels, append([]int{len(numbers)}, s.Shape...)...), nil
}

// Set decodes all pictures and returns them as a Set. Progress, if not nil, is called as Options.Progress is.
func (s *Stream) Set(progress func(done, total int)) (*Set, error) {
	pixels, err := newPixels(s.Len(), s.Shape[0], s.Shape[1], s.Shape[2])
	if err != nil {
		return nil, err
	}
	numbers := make([]int, s.Len())
	for i := range numbers {
		numbers[i] = i
	}
	broken := s.decodeAll(numbers, pixels, progress)
	if _, _, err := withoutBroken(s.Name, s.Names, broken, false); err != nil {
		return nil, err
	}
	return &Set{Name: s.Name, Shape: s.Shape, Pixels: pixels, Labels: s.Labels, Classes: s.Classes, Names: s.Names,
		Skipped: s.Skipped, keys: s.keys}, nil
}

// decodeAll writes the pictures with these numbers to pixels, and returns for each why it could not.
func (s *Stream) decodeAll(numbers []int, pixels []uint8, progress func(done, total int)) []error {
	size := s.pictureSize()
	broken := make([]error, len(numbers))
	forEach(len(numbers), progress, func(i int) {
		broken[i] = s.decode(numbers[i], pixels[i*size:(i+1)*size])
	})
	return broken
}

// decode writes the picture with the number to pixels.
func (s *Stream) decode(number int, pixels []uint8) error {
	var found key
	picture, err := readPicture(s.path(s.Names[number]), s.size, &found)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("it is gone since the folder was opened")
	case found == 0 && err != nil: // The file cannot be read.
		return err
	case found != s.keys[number]:
		s.scan.forget()
		return errors.New("it has changed since the folder was opened")
	case err != nil:
		return err
	}
	recolour(pixels, picture, s.Shape[2])
	return nil
}

// unreadable returns the error of a picture that cannot be decoded.
func (s *Stream) unreadable(number int, err error) error {
	return errors.Errorf("datasets: %s: the picture %q cannot be read, because: %v; mend or remove it", s.Name, s.Names[number], err)
}

func (s *Stream) path(name string) string { return filepath.Join(s.root, filepath.FromSlash(name)) }

// pictureSize returns the number of bytes of a picture.
func (s *Stream) pictureSize() int { return s.Shape[0] * s.Shape[1] * s.Shape[2] }
